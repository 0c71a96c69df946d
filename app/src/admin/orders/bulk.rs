use std::collections::BTreeSet;

use engine::model::OrderAction;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::jobs::Bulk;
use super::keys::{Listed, act_here, hold_or_release};
use super::{CancelDialog, OrdersQuery};
use crate::AppError;
use crate::calls::orders::Selection;
use crate::components::{FormError, Keys, Toasts};
use crate::format;

/// What one does to many orders at once.
#[component]
pub fn BulkBar(
    listed: Listed,
    query: StoredValue<OrdersQuery>,
    /// How many orders the query finds.
    total: u64,
    bulk: Bulk,
) -> impl IntoView {
    let toasts = expect_context::<Toasts>();
    let chosen = listed.chosen;
    let busy = RwSignal::new(None::<OrderAction>);
    let error = RwSignal::new(None::<AppError>);
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
        spawn_local(async move {
            let result = bulk.begin(selection, action, why).await;
            let _ = busy.try_set(None);
            match result {
                Ok(()) => {
                    let _ = chosen.orders.try_update(BTreeSet::clear);
                    let _ = chosen.all_matching.try_set(false);
                }
                Err(failed) => {
                    let _ = error.try_set(Some(failed));
                }
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
                        chosen.orders.update(BTreeSet::clear);
                    }
                >
                    "Clear selection"
                </button>
            </div>
        </Show>
        <FormError error/>
        <CancelDialog
            open=asks_cancel
            title="Cancel orders"
            heading=Signal::derive(move || {
                format!("Cancel {}?", format::counted(how_many(), "order", "orders"))
            })
            consequence="What has not been shipped is cancelled and its stock is free again. This cannot be undone. Shipped orders are skipped."
            orders=Signal::derive(how_many)
            keep="Keep the orders"
            confirm="Cancel orders"
            on_confirm=move |reason| act(OrderAction::Cancel, Some(reason))
        />
    }
    .into_any()
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
