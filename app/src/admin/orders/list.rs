use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use engine::model::{OrderId, OrderRow, Page, Permission, format_money};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use wasm_bindgen::JsCast;

use super::bulk::BulkBar;
use super::{Asked, OrdersQuery};
use crate::calls::orders::order_rows;
use crate::components::{Coalesced, Keys, Live, OrderBadge, Pager, When, may};
use crate::format;

/// What is selected, and what keys act on.
#[derive(Clone, Copy)]
pub struct Chosen {
    pub orders: RwSignal<BTreeSet<OrderId>>,
    /// Not only these, but all that the query finds.
    pub all_matching: RwSignal<bool>,
    /// The row that keys act on.
    pub at: RwSignal<Option<usize>>,
}

/// One page of orders. Values change in place when they change elsewhere; rows come and go only when asked for.
#[component]
pub fn OrderList(
    asked: Asked,
    rows: Page<OrderRow>,
    reload: impl Fn() + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let order: Vec<OrderId> = rows.items.iter().map(|row| row.id).collect();
    let total = rows.total.unwrap_or(order.len() as u64);
    let next = rows.next_cursor.clone();
    let shown = order.len() as u64;
    let rows: RwSignal<BTreeMap<OrderId, OrderRow>> =
        RwSignal::new(rows.items.into_iter().map(|row| (row.id, row)).collect());
    let fresh: RwSignal<BTreeSet<OrderId>> = RwSignal::new(BTreeSet::new());
    let chosen = Chosen {
        orders: RwSignal::new(BTreeSet::new()),
        all_matching: RwSignal::new(false),
        at: RwSignal::new(None),
    };
    let order = StoredValue::new(order);
    keep_live(&asked, rows, fresh);
    let query = StoredValue::new(asked.query.clone());
    bind_keys(order, chosen, query);
    let acts = may(Permission::ChangeOrders);
    let all_here = move || {
        let n = chosen.orders.with(BTreeSet::len);
        n > 0 && n == order.with_value(Vec::len)
    };
    let toggle_all = move |on: bool| {
        chosen.all_matching.set(false);
        chosen.orders.set(if on {
            order.with_value(|ids| ids.iter().copied().collect())
        } else {
            BTreeSet::new()
        });
    };
    let (list, place) = (asked.query.list_address(), asked.place);
    let further = next.map(|cursor| {
        // The address of the list may end in its question mark.
        let and = if list.ends_with('?') { "" } else { "&" };
        format!("{list}{and}cursor={cursor}&before={}", place.before + shown)
    });
    let first = place.cursor.is_some().then_some(list);
    let range = format::range(place.before, shown, total, "order", "orders");
    view! {
        <div class="list-head">
            <p class="muted" role="status">
                {range.clone()}
            </p>
            <Show when=move || !fresh.with(BTreeSet::is_empty)>
                <button type="button" class="pill" on:click=move |_| reload()>
                    {move || format::counted(fresh.with(BTreeSet::len), "new order", "new orders")}
                    " · Show"
                </button>
            </Show>
        </div>
        {acts.then(|| view! { <BulkBar chosen query=query total on_done=reload/> })}
        <table class="list orders">
            <thead>
                <tr>
                    {acts
                        .then(|| {
                            view! {
                                <th scope="col" class="select">
                                    <input
                                        type="checkbox"
                                        aria-label="Select all on this page"
                                        prop:checked=all_here
                                        on:change=move |event| toggle_all(event_target_checked(&event))
                                    />
                                </th>
                            }
                        })}
                    <th scope="col">"Order"</th>
                    <th scope="col">"Placed"</th>
                    <th scope="col">"Customer"</th>
                    <th scope="col" class="number">"Units"</th>
                    <th scope="col" class="number">"Total"</th>
                    <th scope="col">"State"</th>
                    <th scope="col">"Nodes"</th>
                    <th scope="col">"Note"</th>
                    <th scope="col">"Updated"</th>
                </tr>
            </thead>
            <tbody>
                {order
                    .get_value()
                    .into_iter()
                    .enumerate()
                    .map(|(i, id)| {
                        view! { <Row i id rows chosen acts query/> }
                    })
                    .collect_view()}
            </tbody>
        </table>
        <Pager first next=further range/>
    }
    .into_any()
}

#[component]
fn Row(
    i: usize,
    id: OrderId,
    rows: RwSignal<BTreeMap<OrderId, OrderRow>>,
    chosen: Chosen,
    acts: bool,
    query: StoredValue<OrdersQuery>,
) -> impl IntoView {
    // The row is there as long as the page is: it is changed, never taken out.
    let row = Memo::new(move |before: Option<&OrderRow>| {
        rows.with(|rows| rows.get(&id).cloned())
            .or_else(|| before.cloned())
            .expect("a row of this page")
    });
    let href = query.with_value(|query| query.order_address(id));
    let selected = move || chosen.orders.with(|all| all.contains(&id));
    let nodes = move || {
        row.with(|row| match row.nodes.as_slice() {
            [] => "–".to_owned(),
            [one] => one.clone(),
            [first, rest @ ..] => format!("{first} + {}", rest.len()),
        })
    };
    let all_nodes = move || row.with(|row| row.nodes.join(", "));
    view! {
        <tr class:selected=selected class:at=move || chosen.at.get() == Some(i)>
            {acts
                .then(|| {
                    view! {
                        <td class="select">
                            <input
                                type="checkbox"
                                aria-label=move || format!("Select order {}", row.with(|row| row.number))
                                prop:checked=selected
                                on:change=move |event| {
                                    chosen.all_matching.set(false);
                                    chosen
                                        .orders
                                        .update(|all| {
                                            if event_target_checked(&event) {
                                                all.insert(id);
                                            } else {
                                                all.remove(&id);
                                            }
                                        });
                                }
                            />
                        </td>
                    }
                })}
            <th scope="row" class="order-cell">
                <a id=format!("row-{i}") href=href>
                    {move || row.with(|row| format!("#{}", row.number))}
                </a>
                <span class="muted">{move || row.with(|row| row.channel.clone())}</span>
            </th>
            <td data-label="Placed"><When at=Signal::derive(move || row.with(|row| row.placed_at))/></td>
            <td data-label="Customer">
                {move || row.with(|row| row.customer_name.clone())}
                " "
                <span class="muted">{move || row.with(|row| row.destination.clone())}</span>
            </td>
            <td class="number" data-label="Units">{move || row.with(|row| format::count(row.units))}</td>
            <td class="number" data-label="Total">
                {move || row.with(|row| format_money(row.total, row.currency))}
            </td>
            <td class="state-cell"><OrderBadge status=Signal::derive(move || row.with(|row| row.status))/></td>
            <td data-label="Nodes" title=all_nodes>{nodes}</td>
            <td class="note-cell">
                {move || {
                    row.with(|row| {
                        row.note
                            .clone()
                            .or_else(|| {
                                (row.waiting_units > 0)
                                    .then(|| format!("{} wait", format::counted(row.waiting_units, "unit", "units")))
                            })
                    })
                }}
            </td>
            <td data-label="Updated"><When at=Signal::derive(move || row.with(|row| row.updated_at))/></td>
        </tr>
    }
    .into_any()
}

/// Asks for the rows of orders that something happened to: those on the page are changed in place, others that belong
/// on its top are counted.
fn keep_live(
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
    let on_top = asked.place.cursor.is_none() && query.sort == engine::model::OrderSort::Newest;
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

fn bind_keys(order: StoredValue<Vec<OrderId>>, chosen: Chosen, query: StoredValue<OrdersQuery>) {
    let Some(keys) = use_context::<Keys>() else {
        return;
    };
    let here = move || {
        let at = chosen.at.get_untracked()?;
        order.with_value(|ids| ids.get(at).copied())
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
    };
    for (key, label, by) in [
        ("j", "Next order", 1),
        ("k", "Previous order", -1),
        ("ArrowDown", "Next order", 1),
        ("ArrowUp", "Previous order", -1),
    ] {
        keys.bind(key, label, move || go(by));
    }
    let navigate = use_navigate();
    keys.bind("o", "Open the order", move || {
        if let Some(id) = here() {
            let address = query.with_value(|query| query.order_address(id));
            navigate(&address, NavigateOptions::default());
        }
    });
    if may(Permission::ChangeOrders) {
        keys.bind("x", "Select the order", move || {
            if let Some(id) = here() {
                chosen.all_matching.set(false);
                chosen.orders.update(|all| {
                    if !all.remove(&id) {
                        all.insert(id);
                    }
                });
            }
        });
    }
}
