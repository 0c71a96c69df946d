use engine::model::{CalendarDay, NodeChange};
use leptos::prelude::*;

use crate::components::Moment;
use crate::format;

/// What a change moves, in words: of the orders and of what shoppers were told.
pub fn moves(change: &NodeChange) -> Vec<String> {
    let (orders, told) = (change.orders, change.promises);
    let later = |moved: u64, later: u64| match later {
        0 => String::new(),
        all if all == moved => ", later".to_owned(),
        some => format!(", {} of them later", format::count(some as i64)),
    };
    let mut lines = Vec::new();
    if orders.moved > 0 {
        lines.push(format!(
            "{} of {} here would leave at another time{}.",
            format::count(orders.moved as i64),
            format::counted(orders.of as i64, "open order", "open orders"),
            later(orders.moved, orders.later)
        ));
    }
    if told.moved > 0 {
        lines.push(format!(
            "{} of {} in the last 7 days that this node answers would now be told another date{}.",
            format::count(told.moved as i64),
            format::counted(told.of as i64, "shopper's question", "shoppers' questions"),
            later(told.moved, told.later)
        ));
    }
    lines
}

/// What was reckoned, in words, where nothing moves.
fn moves_nothing(change: &NodeChange) -> String {
    format!(
        "This moves nothing: looked at {} and {} of the last 7 days.",
        format::counted(change.orders.of as i64, "open order", "open orders"),
        format::counted(
            change.promises.of as i64,
            "shopper's question",
            "shoppers' questions"
        )
    )
}

/// The coming working days, and what the change moves.
#[component]
pub fn Preview(change: NodeChange, dirty: RwSignal<bool>) -> impl IntoView {
    let lines = moves(&change);
    let quiet = lines.is_empty();
    let nothing = moves_nothing(&change);
    let lines = StoredValue::new(lines);
    let said = move || {
        if !dirty.get() {
            return ().into_any();
        }
        if quiet {
            return view! { <p class="muted">{nothing.clone()}</p> }.into_any();
        }
        let lines = lines
            .get_value()
            .into_iter()
            .map(|line| view! { <li>{line}</li> });
        view! {
            <div class="notice">
                <h3>"This moves promises"</h3>
                <ul>{lines.collect_view()}</ul>
                <p>"What has been told stays stored as it was told."</p>
            </div>
        }
        .into_any()
    };
    view! {
        <div role="status">{said}</div>
        <Days days=change.days/>
    }
    .into_any()
}

/// The coming days with their hours and cut-offs.
#[component]
pub fn Days(days: Vec<CalendarDay>) -> impl IntoView {
    if days.iter().all(|day| day.open.is_none()) {
        return view! { <p class="form-error">"The node would not work on any of the next 90 days."</p> }
            .into_any();
    }
    let rows = days.into_iter().map(|day| {
        let hours = day.open.zip(day.close).map_or_else(
            || "Closed".to_owned(),
            |(open, close)| format!("{open} to {close}"),
        );
        view! {
            <tr>
                <th scope="row">{format!("{}, {}", day.weekday, format::day(day.date))}</th>
                <td>
                    {hours}
                    {day.note.map(|note| view! { <span class="second muted">{note}</span> })}
                </td>
                <td>{day.cutoff}</td>
                <td>{day.cutoff_at.map(|at| view! { <Moment at/> })}</td>
            </tr>
        }
    });
    view! {
        <table class="plain calendar">
            <caption class="muted">"Cut-offs at the node, and in your own time"</caption>
            <thead>
                <tr>
                    <th scope="col">"Day"</th>
                    <th scope="col">"Open"</th>
                    <th scope="col">"Cut-off"</th>
                    <th scope="col">"For you"</th>
                </tr>
            </thead>
            <tbody>{rows.collect_view()}</tbody>
        </table>
    }
    .into_any()
}
