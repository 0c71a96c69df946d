use chrono::NaiveDate;
use leptos::prelude::*;

use super::Icon;
use crate::format;

/// A list of dates that grows and shrinks.
#[component]
pub fn Dates(
    #[prop(into)] legend: String,
    /// Unlike any other on the page.
    id: &'static str,
    dates: RwSignal<Vec<NaiveDate>>,
    /// What stands where there are none.
    none: &'static str,
) -> impl IntoView {
    let new = RwSignal::new(String::new());
    let add = move || {
        if let Ok(date) = new.get_untracked().parse::<NaiveDate>() {
            dates.update(|dates| {
                if let Err(place) = dates.binary_search(&date) {
                    dates.insert(place, date);
                }
            });
            new.set(String::new());
        }
    };
    let one = move |date: NaiveDate| {
        let words = format!("{}, {}", format::day(date), chrono::Datelike::year(&date));
        let label = format!("Remove {words}");
        view! {
            <li class="chip">
                {words}
                <button
                    type="button"
                    class="icon-button small"
                    aria-label=label
                    on:click=move |_| dates.update(|dates| dates.retain(|other| *other != date))
                >
                    <Icon name="close"/>
                </button>
            </li>
        }
    };
    view! {
        <fieldset class="field">
            <legend>{legend}</legend>
            <ul class="chips">
                <For each=move || dates.get() key=|date| *date children=one/>
            </ul>
            {move || dates.with(Vec::is_empty).then(|| view! { <span class="muted">{none}</span> })}
            <div class="add-date">
                <label class="visually-hidden" for=id>
                    "A date to add"
                </label>
                <input
                    id=id
                    type="date"
                    prop:value=move || new.get()
                    on:input=move |event| new.set(event_target_value(&event))
                    on:keydown=move |event| {
                        if event.key() == "Enter" {
                            event.prevent_default();
                            add();
                        }
                    }
                />
                <button type="button" class="button" on:click=move |_| add()>
                    "Add the date"
                </button>
            </div>
        </fieldset>
    }
    .into_any()
}
