use engine::model::{OrderAction, OrderStatus};
use leptos::ev::SubmitEvent;
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use server_fn::ServerFn;

use crate::AppError;
use crate::admin::orders::{CancelDialog, Target, act_now, say_done, working};
use crate::calls::orders::{ActOnOrder, act_on_order};
use crate::components::{FormError, Keys, Toasts};
use crate::format;

/// What can be done with the order in its state. Plain forms, so that they work before the page is alive.
#[component]
pub fn Actions(
    target: Target,
    /// Units that have not left yet.
    units: i64,
    reload: impl Fn() + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let Target { id, status, .. } = target;
    let target = StoredValue::new(target);
    let toasts = expect_context::<Toasts>();
    // What went wrong when the form was sent before the page was alive.
    let before = ServerAction::<ActOnOrder>::new();
    let failed = RwSignal::new(None::<AppError>);
    let error = Signal::derive(move || {
        let before = || before.value().get().and_then(Result::err);
        failed.get().or_else(before)
    });
    let busy = RwSignal::new(None::<OrderAction>);
    let asks_cancel = RwSignal::new(false);
    let reason = NodeRef::<html::Input>::new();
    // By the time that the answer comes, news of the change may have made this part of the page anew: what is said
    // then must not depend on it.
    let act = move |what: OrderAction, reason: Option<String>| {
        if busy.get_untracked().is_some() {
            return;
        }
        busy.set(Some(what));
        failed.set(None);
        let target = target.get_value();
        spawn_local(async move {
            let result = act_on_order(id.to_string(), what, reason).await;
            let _ = busy.try_set(None);
            match result {
                Ok(()) => {
                    say_done(target, what, toasts, reload);
                    reload();
                }
                Err(error) => {
                    if let Some(Some(error)) = failed.try_set(Some(error)) {
                        toasts.say(error.to_string());
                    }
                }
            }
        });
    };
    if let Some(keys) = use_context::<Keys>() {
        let now = move |what| act_now(target.get_value(), what, toasts, reload);
        keys.bind("h", "Hold or release", move || {
            now(if status == OrderStatus::OnHold {
                OrderAction::Release
            } else {
                OrderAction::Hold
            });
        });
        keys.bind("r", "Re-route", move || now(OrderAction::Reroute));
        keys.bind("#", "Cancel…", move || {
            if status.allows(OrderAction::Cancel) {
                asks_cancel.set(true);
            }
        });
    }
    let button = move |what: OrderAction| {
        let submit = move |event: SubmitEvent| {
            event.prevent_default();
            let reason = (what == OrderAction::Hold)
                .then(|| reason.get_untracked())
                .flatten()
                .map(|input| input.value());
            act(what, reason);
        };
        status.allows(what).then(|| {
            view! {
                <form method="post" action=ActOnOrder::url() on:submit=submit>
                    <input type="hidden" name="id" value=id.to_string()/>
                    <input type="hidden" name="action" value=what.as_str()/>
                    {(what == OrderAction::Hold)
                        .then(|| {
                            view! {
                                <input
                                    node_ref=reason
                                    type="text"
                                    name="reason"
                                    class="reason"
                                    maxlength="500"
                                    placeholder="Reason (optional)"
                                    aria-label="Reason for holding the order"
                                />
                            }
                        })}
                    <button type="submit" class="button" disabled=move || busy.get().is_some()>
                        {move || if busy.get() == Some(what) { working(what) } else { what.label() }}
                    </button>
                </form>
            }
        })
    };
    view! {
        <div class="actions">
            {button(OrderAction::Release)}
            {button(OrderAction::Reroute)}
            {button(OrderAction::Hold)}
            {status
                .allows(OrderAction::Cancel)
                .then(|| {
                    view! {
                        <button type="button" class="button danger" on:click=move |_| asks_cancel.set(true)>
                            "Cancel order…"
                        </button>
                    }
                })}
        </div>
        <FormError error/>
        <CancelDialog
            open=asks_cancel
            title="Cancel the order"
            heading="Cancel the order?".to_owned()
            consequence=format!(
                "{} not shipped yet will be cancelled, and their stock is free again. This cannot be undone.",
                format::counted(units, "unit", "units"),
            )
            keep="Keep the order"
            confirm="Cancel the order"
            on_confirm=move |reason| act(OrderAction::Cancel, Some(reason))
        />
    }
    .into_any()
}
