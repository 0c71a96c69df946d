//! What other people and the router do to the list while one looks at it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use engine::model::{OrderId, OrderRow, OrderSort};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::{Asked, OrdersQuery};
use crate::calls::orders::order_rows;
use crate::components::{Coalesced, Live};

/// Asks for the rows of orders that something happened to: those on the page are changed in place, others that belong
/// on its top are counted.
pub fn keep_live(
    asked: &Asked,
    rows: RwSignal<BTreeMap<OrderId, OrderRow>>,
    fresh: RwSignal<BTreeSet<OrderId>>,
) {
    let Some(live) = use_context::<Live>() else {
        return;
    };
    let changed: StoredValue<BTreeSet<OrderId>> = StoredValue::new(BTreeSet::new());
    let soon = Coalesced::new(Duration::from_millis(300));
    let query = asked.query.clone();
    let on_top = asked.place.cursor.is_none() && query.sort == OrderSort::Newest;
    live.listen(move |event| {
        let Ok(id) = event.subject.parse::<OrderId>() else {
            return;
        };
        if !on_top && !rows.with_untracked(|rows| rows.contains_key(&id)) {
            return;
        }
        changed.update_value(|all| {
            all.insert(id);
        });
        let query = query.clone();
        soon.run(move || {
            let ids: Vec<_> = std::mem::take(&mut *changed.write_value())
                .into_iter()
                .take(200)
                .collect();
            spawn_local(async move {
                // What fails here comes again with the next event.
                let Ok(now) = order_rows(ids).await else {
                    return;
                };
                apply(now, &query, on_top, rows, fresh);
            });
        });
    });
}

fn apply(
    now: Vec<OrderRow>,
    query: &OrdersQuery,
    on_top: bool,
    rows: RwSignal<BTreeMap<OrderId, OrderRow>>,
    fresh: RwSignal<BTreeSet<OrderId>>,
) {
    let newest = rows
        .try_with_untracked(|rows| rows.values().map(|row| row.number).max())
        .flatten()
        .unwrap_or(0);
    let (here, elsewhere): (Vec<_>, Vec<_>) = now.into_iter().partition(|row| {
        rows.try_with_untracked(|rows| rows.contains_key(&row.id))
            .unwrap_or(false)
    });
    if !here.is_empty() {
        let _ = rows.try_update(|rows| {
            for row in here {
                if rows[&row.id].version <= row.version {
                    rows.insert(row.id, row);
                }
            }
        });
    }
    if on_top && !elsewhere.is_empty() {
        let _ = fresh.try_update(|fresh| {
            for row in elsewhere {
                if row.number > newest && query.takes(&row) {
                    fresh.insert(row.id);
                } else {
                    fresh.remove(&row.id);
                }
            }
        });
    }
}
