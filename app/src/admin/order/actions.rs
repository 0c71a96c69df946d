use engine::model::{OrderAction, OrderId, OrderStatus};
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::admin::orders::{CancelDialog, working};
use crate::calls::orders::{ActOnOrder, act_on_order};
use crate::components::{FormError, Keys, Toasts, after};
use crate::format;

/// What can be done with the order in its state. Plain forms, so that they work before the page is alive.
#[component]
pub fn Actions(
    id: OrderId,
    status: OrderStatus,
    /// Units that have not left yet.
    units: i64,
    reload: impl Fn() + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let action = ServerAction::<ActOnOrder>::new();
    let toasts = expect_context::<Toasts>();
    let error = Signal::derive(move || action.value().get().and_then(Result::err));
    let asks_cancel = RwSignal::new(false);
    let running = move || {
        action
            .input()
            .with(|input| input.as_ref().map(|input| input.action))
    };
    after(action, move |()| reload());
    // From the keyboard the reversible ones happen at once and offer the way back.
    let by_key = move |what: OrderAction, back: Option<OrderAction>, text: &'static str| {
        if !status.allows(what) {
            toasts.say(format!(
                "Not while the order is “{}”",
                status.label().to_lowercase()
            ));
            return;
        }
        spawn_local(async move {
            match act_on_order(id.to_string(), what, None).await {
                Ok(()) => {
                    match back {
                        Some(back) => toasts.say_with_undo(text, move || {
                            spawn_local(async move {
                                if let Err(error) = act_on_order(id.to_string(), back, None).await {
                                    toasts.say(error.to_string());
                                }
                                reload();
                            });
                        }),
                        None => toasts.say(text),
                    }
                    reload();
                }
                Err(error) => toasts.say(error.to_string()),
            }
        });
    };
    if let Some(keys) = use_context::<Keys>() {
        keys.bind("h", "Hold or release", move || {
            if status == OrderStatus::OnHold {
                by_key(
                    OrderAction::Release,
                    Some(OrderAction::Hold),
                    "Order released",
                );
            } else {
                by_key(OrderAction::Hold, Some(OrderAction::Release), "Order held");
            }
        });
        keys.bind("r", "Re-route", move || {
            by_key(OrderAction::Reroute, None, "Order sent to the router");
        });
        keys.bind("#", "Cancel…", move || {
            if status.allows(OrderAction::Cancel) {
                asks_cancel.set(true);
            }
        });
    }
    let button = move |what: OrderAction| {
        status.allows(what).then(|| {
            let running = move || action.pending().get() && running() == Some(what);
            view! {
                <ActionForm action>
                    <input type="hidden" name="id" value=id.to_string()/>
                    <input type="hidden" name="action" value=what.as_str()/>
                    {(what == OrderAction::Hold)
                        .then(|| {
                            view! {
                                <input
                                    type="text"
                                    name="reason"
                                    class="reason"
                                    maxlength="500"
                                    placeholder="Reason (optional)"
                                    aria-label="Reason for holding the order"
                                />
                            }
                        })}
                    <button type="submit" class="button" disabled=move || action.pending().get()>
                        {move || if running() { working(what) } else { what.label() }}
                    </button>
                </ActionForm>
            }
        })
    };
    let cancel = move |reason| {
        action.dispatch(ActOnOrder {
            id: id.to_string(),
            action: OrderAction::Cancel,
            reason: Some(reason),
        });
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
            on_confirm=cancel
        />
    }
    .into_any()
}
