//! What is done here, kept in this browser until the server has heard of it. Each deed has a key, so that one that is
//! sent twice is done once.

use engine::model::{FulfillmentId, FulfillmentStatus, WorkItem};
use serde::{Deserialize, Serialize};

use crate::calls::work::Deed;

/// A deed that the server has not answered yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    pub key: String,
    pub id: FulfillmentId,
    pub deed: Deed,
}

impl Deed {
    /// What has been done, in a few words.
    pub fn told(&self) -> &'static str {
        match self {
            Deed::Accept => "Accepted",
            Deed::Reject { .. } => "Rejected",
            Deed::ShortPick { .. } => "Reported short",
            Deed::Pack => "Packed",
            Deed::Ship { .. } => "Handed over",
            Deed::Ready => "Ready for pickup",
            Deed::HandOut { .. } => "Picked up",
        }
    }

    /// What the server will make of the fulfillment, as far as one can know.
    pub fn foresee(&self, item: &mut WorkItem) {
        match self {
            Deed::Accept => item.status = FulfillmentStatus::Accepted,
            Deed::Reject { .. } => item.status = FulfillmentStatus::Rejected,
            Deed::ShortPick { lines } => {
                for line in &mut item.lines {
                    if let Some(found) = lines.iter().find(|found| found.line == line.line) {
                        line.quantity = found.picked;
                    }
                }
                item.lines.retain(|line| line.quantity > 0);
                if item.lines.is_empty() {
                    item.status = FulfillmentStatus::Rejected;
                }
            }
            Deed::Pack => item.status = FulfillmentStatus::Packed,
            Deed::Ship {
                tracking_number, ..
            } => {
                item.status = FulfillmentStatus::Shipped;
                item.tracking_number.clone_from(tracking_number);
            }
            Deed::Ready => item.status = FulfillmentStatus::ReadyForPickup,
            // Whether the code is right only the server knows.
            Deed::HandOut { .. } => {}
        }
    }
}

/// The browser's own store, under the reader's name: what one person has done, another one on the same device does not
/// send.
pub struct Store(String);

impl Store {
    pub fn of(user: &str) -> Self {
        Store(format!("baton.work.{user}"))
    }

    pub fn read(&self) -> Vec<Kept> {
        let text = storage().and_then(|store| store.get_item(&self.0).ok().flatten());
        text.and_then(|text| serde_json::from_str(&text).ok())
            .unwrap_or_default()
    }

    pub fn write(&self, kept: &[Kept]) {
        let (Some(store), Ok(text)) = (storage(), serde_json::to_string(kept)) else {
            return;
        };
        let _ = if kept.is_empty() {
            store.remove_item(&self.0)
        } else {
            store.set_item(&self.0, &text)
        };
    }
}

fn storage() -> Option<web_sys::Storage> {
    leptos::prelude::window().local_storage().ok().flatten()
}

/// A key that no other deed has.
pub fn new_key() -> String {
    let part = || (js_sys::Math::random() * 1e15) as u64;
    format!("work-{}-{}-{}", js_sys::Date::now() as u64, part(), part())
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use engine::model::PickedLine;

    use super::*;

    #[test]
    fn a_short_pick_leaves_what_was_found() {
        let line = |n: u8, quantity: i64| {
            serde_json::json!({"line": format!("lin_{n:032}"), "sku": "A", "product_name": "A",
                "quantity": quantity, "bin": null, "barcode": null})
        };
        let mut item: WorkItem = serde_json::from_value(serde_json::json!({
            "id": format!("ful_{:032}", 1), "order": format!("ord_{:032}", 1), "order_number": 1, "node": "n",
            "node_name": "N", "status": "accepted", "service": null, "lines": [line(1, 3), line(2, 1)],
            "accept_by": null, "ship_by": null, "ship_by_local": null, "collect_by": null, "tracking_number": null,
            "created_at": "2026-11-24T12:00:00Z"}))
        .unwrap();
        let short = |found: &[i64]| Deed::ShortPick {
            lines: (1..)
                .zip(found)
                .map(|(n, picked)| PickedLine {
                    line: format!("lin_{n:032}").parse().unwrap(),
                    picked: *picked,
                })
                .collect(),
        };
        short(&[2, 0]).foresee(&mut item);
        assert_eq!((item.lines.len(), item.units()), (1, 2));
        assert_eq!(item.status, FulfillmentStatus::Accepted);
        short(&[0]).foresee(&mut item);
        assert_eq!(item.status, FulfillmentStatus::Rejected);
    }
}
