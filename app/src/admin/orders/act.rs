use engine::model::{OrderAction, OrderId, OrderStatus};
use leptos::task::spawn_local;

use crate::calls::orders::act_on_order;
use crate::components::Toasts;

/// An order that something is to be done to, as it was then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    pub id: OrderId,
    pub status: OrderStatus,
    /// Why it is on hold, so that it can be held for the same reason again.
    pub hold_reason: Option<String>,
}

/// What takes the action back, if anything does. A route that was given up cannot be had back: its stock may be gone by
/// then.
pub fn way_back(action: OrderAction) -> Option<OrderAction> {
    match action {
        OrderAction::Hold => Some(OrderAction::Release),
        OrderAction::Release => Some(OrderAction::Hold),
        OrderAction::Reroute | OrderAction::Cancel => None,
    }
}

/// Does it at once, from a key or a button beside the list, and says so with the way back.
pub fn act_now(
    order: Target,
    action: OrderAction,
    toasts: Toasts,
    done: impl Fn() + Copy + Send + Sync + 'static,
) {
    if !order.status.allows(action) {
        toasts.say(format!(
            "Not while the order is “{}”",
            order.status.label().to_lowercase()
        ));
        return;
    }
    spawn_local(async move {
        match act_on_order(order.id.to_string(), action, None).await {
            Ok(()) => {
                say_done(order, action, toasts, done);
                done();
            }
            Err(error) => toasts.say(error.to_string()),
        }
    });
}

/// Says what was done to the order and offers the way back.
pub fn say_done(
    order: Target,
    action: OrderAction,
    toasts: Toasts,
    done: impl Fn() + Copy + Send + Sync + 'static,
) {
    let text = match action {
        OrderAction::Hold => "Order held",
        OrderAction::Release => "Order released",
        OrderAction::Cancel => "Order cancelled",
        OrderAction::Reroute => "Order sent to the router",
    };
    let Some(back) = way_back(action) else {
        toasts.say(text);
        return;
    };
    toasts.say_with_undo(text, move || {
        let order = order.clone();
        spawn_local(async move {
            let reason = order.hold_reason.filter(|_| back == OrderAction::Hold);
            if let Err(error) = act_on_order(order.id.to_string(), back, reason).await {
                toasts.say(error.to_string());
            }
            done();
        });
    });
}
