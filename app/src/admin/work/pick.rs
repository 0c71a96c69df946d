use engine::model::{FulfillmentId, FulfillmentStatus, LineId, WorkItem};
use leptos::prelude::*;

use super::card::OrderCard;
use super::desk::Desk;
use super::scan::{Heard, ScanField, Wanted, find};
use super::{Asked, may_work};
use crate::calls::work::Deed;
use crate::components::{Empty, Icon};
use crate::format;

/// One or several orders while they are picked, packed and handed over.
#[component]
pub fn PickSheet(desk: Desk, asked: Memo<Asked>) -> impl IntoView {
    let open = Memo::new(move |_| asked.with(|asked| asked.open.clone()));
    let items = Memo::new(move |_| {
        let items = open.get().into_iter().filter_map(|id| desk.item(id));
        items.collect::<Vec<_>>()
    });
    let back = move || asked.with(|asked| asked.with_open(&[]));
    let title = move || match items.get().as_slice() {
        [one] => format!("Order #{}", one.order_number),
        many => format::counted(many.len() as i64, "order", "orders"),
    };
    let known = Memo::new(move |_| {
        let items = items.get();
        items.into_iter().map(|item| item.id).collect::<Vec<_>>()
    });
    view! {
        <div class="crumbs">
            <a href=back>
                <Icon name="back"/>
                "Work"
            </a>
        </div>
        <h1>{title}</h1>
        <AcceptAll desk items/>
        <PickList desk items/>
        <Show
            when=move || known.with(|known| !known.is_empty())
            fallback=|| view! { <Empty title="This work is not here" text="Another node does it, or it was cancelled."/> }
        >
            <div class="work-orders">
                <For each=move || known.get() key=|id| *id let(id)>
                    <OrderCard id desk/>
                </For>
            </div>
        </Show>
    }
    .into_any()
}

/// Nothing is picked before the node has said that it does it.
#[component]
fn AcceptAll(desk: Desk, items: Memo<Vec<WorkItem>>) -> impl IntoView {
    let waiting = move || {
        let items = items.get().into_iter();
        let waiting = items.filter(|item| item.status == FulfillmentStatus::Assigned);
        waiting.map(|item| item.id).collect::<Vec<_>>()
    };
    move || {
        let waiting = waiting();
        (may_work() && !waiting.is_empty()).then(|| {
            let text = match waiting.len() {
                1 => "Accept".to_owned(),
                n => format!("Accept {n}"),
            };
            let accept = move |_| {
                for id in &waiting {
                    desk.act(*id, Deed::Accept);
                }
            };
            view! {
                <button type="button" class="button primary wide" on:click=accept>
                    {text}
                </button>
            }
        })
    }
}

/// What is to be picked for all of them, in the order in which it lies: by bin, and by name where there is none.
fn wanted(desk: Desk, items: &[WorkItem]) -> Vec<Wanted> {
    let accepted = items
        .iter()
        .filter(|item| item.status == FulfillmentStatus::Accepted);
    let mut wanted: Vec<Wanted> = accepted
        .flat_map(|item| {
            item.lines.iter().map(|line| {
                let picked = desk.picked(item.id, line.line).min(line.quantity);
                (item.clone(), line.clone(), picked)
            })
        })
        .collect();
    wanted.sort_by(|(a, one, _), (b, other, _)| {
        let place = |item: &WorkItem, line: &engine::model::WorkLine| {
            let bin = line.bin.clone();
            (
                bin.is_none(),
                bin,
                line.product_name.clone(),
                item.order_number,
                line.line,
            )
        };
        place(a, one).cmp(&place(b, other))
    });
    wanted
}

#[component]
fn PickList(desk: Desk, items: Memo<Vec<WorkItem>>) -> impl IntoView {
    let heard = RwSignal::new(None::<Heard>);
    let rows = Memo::new(move |_| {
        let wanted = items.with(|items| wanted(desk, items));
        let rows = wanted
            .into_iter()
            .map(|(item, line, _)| (item.id, line.line));
        rows.collect::<Vec<_>>()
    });
    let many = Memo::new(move |_| items.with(Vec::len) > 1);
    let scan = move |text: String| {
        let wanted = items.with_untracked(|items| untrack(|| wanted(desk, items)));
        let said = match find(&text, &wanted) {
            Ok((item, line, picked)) => {
                desk.count(item.id, line.line, picked + 1);
                let order = if many.get_untracked() {
                    format!(" for #{}", item.order_number)
                } else {
                    String::new()
                };
                Heard::Counted(format!(
                    "{}: {} of {}{order}",
                    line.product_name,
                    picked + 1,
                    line.quantity
                ))
            }
            Err(text) => Heard::Refused(text),
        };
        heard.set(Some(said));
    };
    let scan = StoredValue::new(scan);
    let total = move || {
        let wanted = items.with(|items| wanted(desk, items));
        let units: i64 = wanted.iter().map(|(_, line, _)| line.quantity).sum();
        let picked: i64 = wanted.iter().map(|(_, _, picked)| picked).sum();
        format!(
            "{} of {}",
            format::count(picked),
            format::counted(units, "unit", "units")
        )
    };
    view! {
        <Show when=move || rows.with(|rows| !rows.is_empty())>
            <section class="card pick" aria-labelledby="pick-list">
                <div class="screen-head">
                    <h2 id="pick-list">"Pick"</h2>
                    <span class="muted" role="status">{total}</span>
                </div>
                <ScanField heard on_scan=move |text| scan.with_value(|scan| scan(text))/>
                <ul class="pick-lines">
                    <For each=move || rows.get() key=|row| *row let((id, line))>
                        <PickLine id line desk many/>
                    </For>
                </ul>
            </section>
        </Show>
    }
    .into_any()
}

/// A line with its counter.
#[component]
fn PickLine(id: FulfillmentId, line: LineId, desk: Desk, many: Memo<bool>) -> impl IntoView {
    let found = move || {
        let item = desk.item(id)?;
        let found = item.lines.iter().find(|own| own.line == line)?.clone();
        Some((item.order_number, found))
    };
    let found = Memo::new(move |_| found());
    let most = move || found.with(|found| found.as_ref().map_or(0, |(_, line)| line.quantity));
    let picked = Memo::new(move |_| desk.picked(id, line).min(most()));
    let count = move |by: i64| {
        let now = picked.get_untracked();
        let most = untrack(most);
        desk.count(id, line, (now + by).clamp(0, most));
    };
    move || {
        let (number, line) = found.get()?;
        let name = line.product_name.clone();
        let row = view! {
            <li class="pick-line" class:is-done=move || picked.get() == line.quantity>
                {line.bin.clone().map(|bin| view! { <span class="bin">{bin}</span> })}
                <div class="work-what">
                    <p class="work-title">{name.clone()}</p>
                    <p class="muted">
                        {line.barcode.clone().unwrap_or_else(|| line.sku.clone())}
                        {many.get().then(|| format!(" · #{number}"))}
                    </p>
                </div>
                <div class="counter" role="group" aria-label=name.clone()>
                    <button
                        type="button"
                        class="button"
                        aria-label=format!("One less of {name}")
                        disabled=move || picked.get() == 0
                        on:click=move |_| count(-1)
                    >
                        "−"
                    </button>
                    <output aria-live="off">
                        {move || picked.get()} <span class="muted">{format!(" / {}", line.quantity)}</span>
                    </output>
                    <button
                        type="button"
                        class="button"
                        aria-label=format!("One more of {name}")
                        disabled=move || picked.get() == line.quantity
                        on:click=move |_| count(1)
                    >
                        "+"
                    </button>
                </div>
            </li>
        };
        Some(row)
    }
}
