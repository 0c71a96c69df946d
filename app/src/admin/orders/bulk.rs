use engine::model::{BulkOutcome, OrderAction, OrderId};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::act::way_back;
use super::keys::{Listed, act_here, hold_or_release};
use super::{CancelDialog, OrdersQuery};
use crate::AppError;
use crate::calls::orders::{Selection, act_on_orders};
use crate::components::{FormError, Keys, Toasts};
use crate::format;

/// What one does to many orders at once.
#[component]
pub fn BulkBar(
    listed: Listed,
    query: StoredValue<OrdersQuery>,
    /// How many orders the query finds.
    total: u64,
    on_done: impl Fn() + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let toasts = expect_context::<Toasts>();
    let chosen = listed.chosen;
    let busy = RwSignal::new(None::<OrderAction>);
    let error = RwSignal::new(None::<AppError>);
    let outcome = RwSignal::new(None::<BulkOutcome>);
    let asks_cancel = RwSignal::new(false);
    let how_many = move || {
        if chosen.all_matching.get() {
            total
        } else {
            chosen.orders.with(|orders| orders.len() as u64)
        }
    };
    let act = move |action: OrderAction, why: Option<String>| {
        if busy.get_untracked().is_some() || how_many() == 0 {
            return;
        }
        let selection = if chosen.all_matching.get_untracked() {
            Selection::Matching(query.get_value())
        } else {
            Selection::These(
                chosen
                    .orders
                    .with_untracked(|orders| orders.iter().copied().collect()),
            )
        };
        busy.set(Some(action));
        error.set(None);
        outcome.set(None);
        spawn_local(async move {
            let result = act_on_orders(selection.clone(), action, why).await;
            let _ = busy.try_set(None);
            match result {
                Ok(result) => {
                    let text = done_text(action, &result);
                    let ids = match &selection {
                        Selection::These(ids) => Some(ids.clone()),
                        Selection::Matching(_) => None,
                    };
                    match way_back(action).zip(ids) {
                        Some((back, ids)) if result.done > 0 => {
                            let skipped: Vec<OrderId> =
                                result.skipped.iter().map(|s| s.id).collect();
                            let ids: Vec<_> =
                                ids.into_iter().filter(|id| !skipped.contains(id)).collect();
                            toasts.say_with_undo(text, move || undo(back, ids.clone(), toasts));
                        }
                        _ => toasts.say(text),
                    }
                    chosen
                        .orders
                        .set(result.skipped.iter().map(|skip| skip.id).collect());
                    chosen.all_matching.set(false);
                    outcome.set((!result.skipped.is_empty()).then_some(result));
                    if matches!(selection, Selection::Matching(_)) {
                        on_done();
                    }
                }
                Err(failed) => error.set(Some(failed)),
            }
        });
    };
    if let Some(keys) = use_context::<Keys>() {
        // With nothing selected, keys act on the order that one stands on.
        keys.bind(
            "h",
            "Hold what is selected, or hold or release the order",
            move || {
                if how_many() > 0 {
                    act(OrderAction::Hold, None);
                } else {
                    act_here(listed, toasts, hold_or_release);
                }
            },
        );
        keys.bind("r", "Re-route what is selected, or the order", move || {
            if how_many() > 0 {
                act(OrderAction::Reroute, None);
            } else {
                act_here(listed, toasts, |_| OrderAction::Reroute);
            }
        });
        keys.bind("#", "Cancel what is selected", move || {
            if how_many() > 0 {
                asks_cancel.set(true);
            }
        });
    }
    let button = move |action: OrderAction| {
        view! {
            <button
                type="button"
                class="button"
                disabled=move || busy.get().is_some()
                on:click=move |_| act(action, None)
            >
                {move || if busy.get() == Some(action) { working(action) } else { action.label() }}
            </button>
        }
    };
    view! {
        <Show when=move || how_many() != 0>
            <div class="bulk" role="toolbar" aria-label="With the selected orders">
                <strong>{move || format!("{} selected", format::count(how_many()))}</strong>
                {button(OrderAction::Hold)}
                {button(OrderAction::Release)}
                {button(OrderAction::Reroute)}
                <button
                    type="button"
                    class="button danger"
                    disabled=move || busy.get().is_some()
                    on:click=move |_| asks_cancel.set(true)
                >
                    "Cancel orders…"
                </button>
                <Show when=move || {
                    !chosen.all_matching.get() && total > chosen.orders.with(|orders| orders.len() as u64)
                }>
                    <button type="button" class="link" on:click=move |_| chosen.all_matching.set(true)>
                        {format!("Select all {} that match", format::count(total))}
                    </button>
                </Show>
                <button
                    type="button"
                    class="link"
                    on:click=move |_| {
                        chosen.all_matching.set(false);
                        chosen.orders.update(std::collections::BTreeSet::clear);
                    }
                >
                    "Clear selection"
                </button>
            </div>
        </Show>
        <FormError error/>
        {move || {
            outcome
                .get()
                .map(|outcome| {
                    view! {
                        <details class="skipped" open>
                            <summary>
                                {format!(
                                    "{} done, {} skipped",
                                    format::count(outcome.done),
                                    format::count(outcome.skipped.len()),
                                )}
                            </summary>
                            <ul>
                                {outcome
                                    .skipped
                                    .into_iter()
                                    .take(50)
                                    .map(|skip| {
                                        view! {
                                            <li>
                                                <a href=format!("/orders/{}", skip.id)>{format!("#{}", skip.number)}</a>
                                                " "
                                                {skip.reason}
                                            </li>
                                        }
                                    })
                                    .collect_view()}
                            </ul>
                        </details>
                    }
                })
        }}
        <CancelDialog
            open=asks_cancel
            title="Cancel orders"
            heading=Signal::derive(move || {
                format!("Cancel {}?", format::counted(how_many(), "order", "orders"))
            })
            consequence="What has not been shipped is cancelled and its stock is free again. This cannot be undone. Shipped orders are skipped."
            keep="Keep the orders"
            confirm="Cancel orders"
            on_confirm=move |reason| act(OrderAction::Cancel, Some(reason))
        />
    }
    .into_any()
}

fn undo(back: OrderAction, ids: Vec<OrderId>, toasts: Toasts) {
    spawn_local(async move {
        match act_on_orders(Selection::These(ids), back, None).await {
            Ok(outcome) => toasts.say(done_text(back, &outcome)),
            Err(error) => toasts.say(error.to_string()),
        }
    });
}

fn done_text(action: OrderAction, outcome: &BulkOutcome) -> String {
    let done = match action {
        OrderAction::Hold => "held",
        OrderAction::Release => "released",
        OrderAction::Cancel => "cancelled",
        OrderAction::Reroute => "sent to the router",
    };
    let mut text = format!(
        "{} {done}",
        format::counted(outcome.done, "order", "orders")
    );
    if !outcome.skipped.is_empty() {
        text.push_str(", ");
        text.push_str(&format::count(outcome.skipped.len()));
        text.push_str(" skipped");
    }
    text
}

/// The button's words while it happens.
pub fn working(action: OrderAction) -> &'static str {
    match action {
        OrderAction::Hold => "Holding…",
        OrderAction::Release => "Releasing…",
        OrderAction::Cancel => "Cancelling…",
        OrderAction::Reroute => "Re-routing…",
    }
}
