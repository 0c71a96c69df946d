use engine::model::{
    ExceptionCounts, ExceptionRow, ExceptionState, Page, Permission, format_money,
};
use leptos::prelude::*;

use super::Asked;
use super::acts::{BulkBar, Chosen};
use crate::components::{Badge, Empty, Pager, When, may};
use crate::format;

#[component]
pub fn List(
    asked: Asked,
    page: Page<ExceptionRow>,
    counts: ExceptionCounts,
    chosen: Chosen,
) -> impl IntoView {
    if page.items.is_empty() {
        return view! { <Nothing asked counts/> }.into_any();
    }
    let shown = page.items.len() as u64;
    let before = asked.place.before;
    let total = page.total.unwrap_or(shown);
    let range = format::range(before, shown, total, "exception", "exceptions");
    let first = Asked {
        place: crate::query::PagePlace::default(),
        ..asked.clone()
    };
    let first_address = first.address(None);
    let next = page.next_cursor.map(|cursor| {
        let place = crate::query::PagePlace {
            cursor: Some(cursor),
            before: before + shown,
        };
        Asked {
            place,
            ..asked.clone()
        }
        .address(None)
    });
    let first = asked.place.cursor.is_some().then_some(first_address);
    let selects = asked.state() == ExceptionState::Open && may(Permission::ChangeOrders);
    let closed = !matches!(
        asked.state(),
        ExceptionState::Open | ExceptionState::Repairing
    );
    view! {
        <p class="muted" role="status">{range.clone()}</p>
        {selects.then(|| view! { <BulkBar chosen/> })}
        <table class="list exceptions">
            <thead>
                <tr>
                    {selects.then(|| view! { <th scope="col"><span class="visually-hidden">"Select"</span></th> })}
                    <th scope="col">"What happened"</th>
                    <th scope="col">"Kind"</th>
                    <th scope="col" class="number">"At stake"</th>
                    <th scope="col">{if closed { "Ended" } else { "Due" }}</th>
                    <th scope="col">"Owner"</th>
                    <th scope="col">"Raised"</th>
                </tr>
            </thead>
            <tbody>
                {page
                    .items
                    .into_iter()
                    .enumerate()
                    .map(|(i, row)| view! { <Row i row asked=asked.clone() chosen selects/> })
                    .collect_view()}
            </tbody>
        </table>
        <Pager first next range/>
    }
    .into_any()
}

#[component]
fn Row(i: usize, row: ExceptionRow, asked: Asked, chosen: Chosen, selects: bool) -> impl IntoView {
    let id = row.id;
    let address = asked.address(Some(id));
    let label = format!("Select: {}", row.cause);
    let stake = format_money(row.at_stake, row.currency);
    let due = row.closed_at.or(row.due_at);
    let ended = row.resolution.clone();
    view! {
        <tr
            class:is-selected=move || chosen.ids.with(|ids| ids.contains(&id))
            class:is-open=move || chosen.open.get() == Some(id)
        >
            {selects
                .then(|| {
                    view! {
                        <td class="select">
                            <input
                                type="checkbox"
                                aria-label=label
                                prop:checked=move || chosen.ids.with(|ids| ids.contains(&id))
                                on:change=move |_| chosen.toggle(id)
                            />
                        </td>
                    }
                })}
            <th scope="row">
                <a
                    id=format!("row-{i}")
                    href=address
                    on:focus=move |_| chosen.at.set(Some(i))
                    aria-current=move || (chosen.open.get() == Some(id)).then_some("true")
                >
                    {row.cause}
                </a>
                {ended.map(|how| view! { <div class="muted">{how}</div> })}
            </th>
            <td data-label="Kind"><Badge tone=tone(row.state) glyph=glyph(row.state) word=row.kind.label()/></td>
            <td class="number" data-label="At stake">{stake}</td>
            <td data-label="Due">
                {match due {
                    Some(at) => view! { <When at/> }.into_any(),
                    None => view! { <span class="muted">"–"</span> }.into_any(),
                }}
            </td>
            <td data-label="Owner">{row.assigned_name.unwrap_or_else(|| "–".to_owned())}</td>
            <td data-label="Raised"><When at=row.raised_at/></td>
        </tr>
    }
    .into_any()
}

fn tone(state: ExceptionState) -> &'static str {
    match state {
        ExceptionState::Repairing => "info",
        ExceptionState::Open => "warn",
        ExceptionState::Automatic | ExceptionState::Resolved => "good",
    }
}

fn glyph(state: ExceptionState) -> &'static str {
    match state {
        ExceptionState::Repairing => "◔",
        ExceptionState::Open => "!",
        ExceptionState::Automatic | ExceptionState::Resolved => "●",
    }
}

#[component]
fn Nothing(asked: Asked, counts: ExceptionCounts) -> impl IntoView {
    if asked.place.cursor.is_none() && asked.filter == Asked::default().filter {
        let done = format::count(counts.automatic_today);
        let automatic = asked.with(|filter| filter.state = Some(ExceptionState::Automatic));
        return view! {
            <Empty title="Inbox clear" text="Nothing needs you.">
                <a class="button" href=automatic.address(None)>
                    {format!("{done} handled automatically today")}
                </a>
            </Empty>
        }
        .into_any();
    }
    view! {
        <Empty title="No exceptions here">
            <a class="button" href="/exceptions">"Show the inbox"</a>
        </Empty>
    }
    .into_any()
}
