use engine::model::WEEKDAYS;
use leptos::prelude::*;

use super::draft::Draft;
use crate::components::Entry;

const NAMES: [&str; 7] = [
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
];

/// Opening hours and the cut-off of each weekday.
#[component]
pub fn HoursTable(draft: Draft) -> impl IntoView {
    let always = draft.always_open;
    view! {
        <label class="check">
            <input
                type="checkbox"
                checked=always.get_untracked()
                prop:checked=move || always.get()
                on:change=move |event| always.set(event_target_checked(&event))
            />
            "Always open, and every day counts until midnight"
        </label>
        <table class="list hours" class:is-off=move || always.get()>
            <thead>
                <tr>
                    <th scope="col">"Day"</th>
                    <th scope="col">"Open"</th>
                    <th scope="col">"From"</th>
                    <th scope="col">"To"</th>
                    <th scope="col">"Cut-off"</th>
                </tr>
            </thead>
            <tbody>{(0..7).map(|day| view! { <Day draft day/> }).collect_view()}</tbody>
        </table>
        <p class="muted">"Orders known by the cut-off count for the day; left empty, it is when the node closes. 24:00 is the end of the day."</p>
    }
    .into_any()
}

#[component]
fn Day(draft: Draft, day: usize) -> impl IntoView {
    let hours = draft.hours[day];
    let off = Signal::derive(move || draft.always_open.get() || !hours.is_open.get());
    let name = NAMES[day];
    let code = WEEKDAYS[day];
    let time = move |label: &'static str, field: &'static str, value| {
        view! {
            <td data-label=label>
                <Entry
                    label=format!("{label} on {name}")
                    id=format!("{code}-{field}")
                    value
                    pointer=format!("#/week/{code}/{field}")
                    placeholder="HH:MM"
                    disabled=off
                    in_table=true
                />
            </td>
        }
    };
    view! {
        <tr>
            <th scope="row">{name}</th>
            <td data-label="Open">
                <input
                    type="checkbox"
                    aria-label=format!("Open on {name}")
                    checked=hours.is_open.get_untracked()
                    prop:checked=move || hours.is_open.get()
                    prop:disabled=move || draft.always_open.get()
                    on:change=move |event| hours.is_open.set(event_target_checked(&event))
                />
            </td>
            {time("From", "open", hours.open)}
            {time("To", "close", hours.close)}
            {time("Cut-off", "cutoff", hours.cutoff)}
        </tr>
    }
    .into_any()
}
