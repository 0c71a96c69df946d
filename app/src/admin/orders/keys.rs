use std::collections::BTreeMap;

use engine::model::{OrderAction, OrderId, OrderRow, OrderStatus, Permission};
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use wasm_bindgen::JsCast;

use super::Place;
use super::act::{Target, act_now};
use super::list::Chosen;
use crate::components::{Keys, Toasts, may};

/// What keys need to know of the list.
#[derive(Clone, Copy)]
pub struct Listed {
    pub order: StoredValue<Vec<OrderId>>,
    pub rows: RwSignal<BTreeMap<OrderId, OrderRow>>,
    pub chosen: Chosen,
    pub place: Memo<Place>,
    /// The order that is peeked at.
    pub peek: Memo<Option<String>>,
}

impl Listed {
    /// The order that keys act on.
    fn here(self) -> Option<OrderId> {
        let at = self.chosen.at.get_untracked()?;
        self.order.with_value(|ids| ids.get(at).copied())
    }
}

/// Binds the keys of the list while it is there.
pub fn bind_keys(listed: Listed) {
    let Some(keys) = use_context::<Keys>() else {
        return;
    };
    let Listed {
        order,
        chosen,
        place,
        peek,
        ..
    } = listed;
    let navigate = StoredValue::new(use_navigate());
    let show = move |id: Option<OrderId>, replace: bool| {
        let options = NavigateOptions {
            replace,
            scroll: false,
            ..NavigateOptions::default()
        };
        let address = place.with_untracked(|place| place.address(id));
        navigate.with_value(|navigate| navigate(&address, options));
    };
    let go = move |by: isize| {
        let last = order.with_value(Vec::len).saturating_sub(1);
        let next = match chosen.at.get_untracked() {
            None => 0,
            Some(at) => at.saturating_add_signed(by).min(last),
        };
        chosen.at.set(Some(next));
        let link = document().get_element_by_id(&format!("row-{next}"));
        if let Some(link) = link.and_then(|link| link.dyn_into::<web_sys::HtmlElement>().ok()) {
            let _ = link.focus();
        }
        if peek.with_untracked(Option::is_some) {
            show(listed.here(), true);
        }
    };
    for (key, label, by) in [
        ("j", "Next order", 1),
        ("k", "Previous order", -1),
        ("ArrowDown", "Next order", 1),
        ("ArrowUp", "Previous order", -1),
    ] {
        keys.bind(key, label, move || go(by));
    }
    keys.bind("o", "Open the order", move || {
        if let Some(id) = listed.here() {
            let address = place.with_untracked(|place| place.shown.order_address(id));
            navigate.with_value(|navigate| navigate(&address, NavigateOptions::default()));
        }
    });
    keys.bind(" ", "Peek at the order, or close the peek", move || {
        if chosen.at.get_untracked().is_none() {
            go(0);
        }
        let here = listed.here();
        let shown = peek.get_untracked();
        if here.map(|id| id.to_string()) == shown {
            show(None, true);
        } else {
            show(here, shown.is_some());
        }
    });
    keys.bind("Escape", "Close the peek", move || {
        if peek.with_untracked(Option::is_some) {
            show(None, true);
        }
    });
    if may(Permission::ChangeOrders) {
        bind_selecting(keys, listed, go);
    }
}

fn bind_selecting(keys: Keys, listed: Listed, go: impl Fn(isize) + Copy + Send + Sync + 'static) {
    let chosen = listed.chosen;
    let select = move |also: bool| {
        if let Some(id) = listed.here() {
            chosen.all_matching.set(false);
            chosen.orders.update(|all| {
                if also || !all.remove(&id) {
                    all.insert(id);
                }
            });
        }
    };
    keys.bind("x", "Select the order", move || select(false));
    for (key, label, by) in [
        ("J", "Select this one and the next", 1),
        ("K", "Select this one and the one before", -1),
    ] {
        keys.bind(key, label, move || {
            select(true);
            go(by);
            select(true);
        });
    }
}

/// Does something to the order that one stands on: what a key does while nothing is selected.
pub fn act_here(listed: Listed, toasts: Toasts, of: fn(OrderStatus) -> OrderAction) {
    let row = listed
        .here()
        .and_then(|id| listed.rows.with_untracked(|rows| rows.get(&id).cloned()));
    let Some(row) = row else {
        return;
    };
    let held = row.status == OrderStatus::OnHold;
    let target = Target {
        id: row.id,
        status: row.status,
        // A held order's note is the reason, or this word where none was given.
        hold_reason: row.note.filter(|note| held && note != "Held"),
    };
    act_now(target, of(row.status), toasts, || ());
}

/// What the key for holding does to an order in this state.
pub fn hold_or_release(status: OrderStatus) -> OrderAction {
    if status == OrderStatus::OnHold {
        OrderAction::Release
    } else {
        OrderAction::Hold
    }
}
