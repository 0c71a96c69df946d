use std::collections::{BTreeMap, BTreeSet};

use engine::model::{OrderId, OrderRow, Page, Permission};
use leptos::prelude::*;

use super::bulk::BulkBar;
use super::fresh::keep_live;
use super::jobs::Bulk;
use super::keys::{Listed, bind_keys};
use super::{Asked, Column, Place};
use crate::components::{Icon, Pager, may};
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
    place: Memo<Place>,
    columns: Memo<Vec<Column>>,
    /// The order that is peeked at.
    peek: Memo<Option<String>>,
    bulk: Bulk,
    reload: impl Fn() + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let order: Vec<OrderId> = rows.items.iter().map(|row| row.id).collect();
    let total = rows.total.unwrap_or(order.len() as u64);
    let next = rows.next_cursor.clone();
    let shown = order.len() as u64;
    let rows: RwSignal<BTreeMap<OrderId, OrderRow>> =
        RwSignal::new(rows.items.into_iter().map(|row| (row.id, row)).collect());
    let fresh: RwSignal<BTreeSet<OrderId>> = RwSignal::new(BTreeSet::new());
    let peeked = peek.get_untracked();
    let chosen = Chosen {
        orders: RwSignal::new(BTreeSet::new()),
        all_matching: RwSignal::new(false),
        at: RwSignal::new(order.iter().position(|id| Some(id.to_string()) == peeked)),
    };
    let listed = Listed {
        order: StoredValue::new(order),
        rows,
        chosen,
        place,
        peek,
    };
    keep_live(&asked, rows, fresh);
    let query = StoredValue::new(asked.query.clone());
    bind_keys(listed);
    let acts = may(Permission::ChangeOrders);
    let range = format::range(asked.place.before, shown, total, "order", "orders");
    let page = move |cursor: Option<String>, before: u64| {
        let before = (before > 0).then(|| before.to_string());
        let pairs = [("cursor", cursor), ("before", before)];
        place.with_untracked(|place| place.shown.list_address(&pairs))
    };
    let further = next.map(|cursor| page(Some(cursor), asked.place.before + shown));
    let first = asked.place.cursor.is_some().then(|| page(None, 0));
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
        {acts.then(|| view! { <BulkBar listed query=query total bulk/> })}
        <table class="list orders">
            <thead>
                <tr>
                    {acts.then(|| view! { <SelectAll listed/> })}
                    <th scope="col">"Order"</th>
                    {move || columns.get().into_iter().map(Column::head).collect_view()}
                    <th scope="col" class="peek-cell">
                        <span class="visually-hidden">"Peek"</span>
                    </th>
                </tr>
            </thead>
            <tbody>
                {listed
                    .order
                    .get_value()
                    .into_iter()
                    .enumerate()
                    .map(|(i, id)| view! { <Row i id listed columns acts/> })
                    .collect_view()}
            </tbody>
        </table>
        <Pager first next=further range/>
    }
    .into_any()
}

#[component]
fn SelectAll(listed: Listed) -> impl IntoView {
    let Listed { order, chosen, .. } = listed;
    let all_here = move || {
        let n = chosen.orders.with(BTreeSet::len);
        n > 0 && n == order.with_value(Vec::len)
    };
    let toggle = move |on: bool| {
        chosen.all_matching.set(false);
        chosen.orders.set(if on {
            order.with_value(|ids| ids.iter().copied().collect())
        } else {
            BTreeSet::new()
        });
    };
    view! {
        <th scope="col" class="select">
            <input
                type="checkbox"
                aria-label="Select all on this page"
                prop:checked=all_here
                on:change=move |event| toggle(event_target_checked(&event))
            />
        </th>
    }
    .into_any()
}

#[component]
fn Row(
    i: usize,
    id: OrderId,
    listed: Listed,
    columns: Memo<Vec<Column>>,
    acts: bool,
) -> impl IntoView {
    let Listed {
        rows,
        chosen,
        place,
        peek,
        ..
    } = listed;
    // The row is there as long as the page is: it is changed, never taken out.
    let row = Memo::new(move |before: Option<&OrderRow>| {
        rows.with(|rows| rows.get(&id).cloned())
            .or_else(|| before.cloned())
            .expect("a row of this page")
    });
    let selected = move || chosen.orders.with(|all| all.contains(&id));
    let select = move |on: bool| {
        chosen.all_matching.set(false);
        chosen.orders.update(|all| {
            if on {
                all.insert(id);
            } else {
                all.remove(&id);
            }
        });
    };
    let peeked = Memo::new(move |_| peek.with(|peek| *peek == Some(id.to_string())));
    let peek_at = move || place.with(|place| place.address((!peeked.get()).then_some(id)));
    let peek_label = move || {
        let number = row.with(|row| row.number);
        if peeked.get() {
            format!("Close the peek at order {number}")
        } else {
            format!("Peek at order {number}")
        }
    };
    view! {
        <tr
            class:selected=selected
            class:peeked=move || peeked.get()
            class:at=move || chosen.at.get() == Some(i)
        >
            {acts
                .then(|| {
                    view! {
                        <td class="select">
                            <input
                                type="checkbox"
                                aria-label=move || format!("Select order {}", row.with(|row| row.number))
                                prop:checked=selected
                                on:change=move |event| select(event_target_checked(&event))
                            />
                        </td>
                    }
                })}
            <th scope="row" class="order-cell">
                <a id=format!("row-{i}") href=move || place.with(|place| place.shown.order_address(id))>
                    {move || row.with(|row| format!("#{}", row.number))}
                </a>
                <span class="muted">{move || row.with(|row| row.channel.clone())}</span>
            </th>
            {move || columns.get().into_iter().map(|column| column.cell(row)).collect_view()}
            <td class="peek-cell">
                <a
                    class="icon-button small"
                    href=peek_at
                    data-noscroll=""
                    title="Peek (Space)"
                    aria-label=peek_label
                    on:click=move |_| chosen.at.set(Some(i))
                >
                    <Icon name="peek"/>
                </a>
            </td>
        </tr>
    }
    .into_any()
}
