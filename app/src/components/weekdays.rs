use leptos::prelude::*;

use super::Wrong;
use crate::week::{Days, NAMES};

/// Days of the week to choose from.
#[component]
pub fn Weekdays(
    #[prop(into)] legend: String,
    days: RwSignal<Days>,
    /// Where they are in what is sent.
    #[prop(optional, into)]
    pointer: String,
    /// In a table the column says what they are.
    #[prop(optional)]
    in_table: bool,
) -> impl IntoView {
    let wrong = use_context::<Wrong>();
    let detail = move || wrong.and_then(|wrong| wrong.at(&pointer));
    let boxes = NAMES.into_iter().enumerate().map(|(day, name)| {
        view! {
            <label class="weekday">
                <input
                    type="checkbox"
                    checked=days.get_untracked()[day]
                    prop:checked=move || days.get()[day]
                    on:change=move |event| days.update(|days| days[day] = event_target_checked(&event))
                />
                {name}
            </label>
        }
    });
    view! {
        <fieldset class="field">
            <legend class:visually-hidden=in_table>{legend}</legend>
            <div class="weekdays">{boxes.collect_view()}</div>
            <span class="field-error">{detail}</span>
        </fieldset>
    }
    .into_any()
}
