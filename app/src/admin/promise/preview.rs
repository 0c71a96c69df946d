use chrono::{DateTime, TimeDelta, Utc};
use engine::model::{NewPromise, PromiseChoice, PromiseDestination, PromiseLine, PromiseView};
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::AppError;
use crate::calls::promise::preview_promise;
use crate::components::{FormError, When};
use crate::format;

/// The slider's reach and step, in minutes.
const FARTHEST: i64 = 72 * 60;
const STEP: i64 = 15;

const LOCALES: [(&str, &str); 3] = [
    ("en-US", "English"),
    ("de-DE", "German"),
    ("es-ES", "Spanish"),
];

/// What a shopper would be told, now or at a time to come.
#[component]
pub fn Preview(sku: String, country: String, postal: String) -> impl IntoView {
    let (sku, postal) = (RwSignal::new(sku), RwSignal::new(postal));
    let country = RwSignal::new(country);
    let quantity = RwSignal::new(1_u32);
    let locale = RwSignal::new(LOCALES[0].0.to_owned());
    let later = RwSignal::new(0_i64);
    let answer = RwSignal::new(None::<(Option<DateTime<Utc>>, PromiseView)>);
    let error = RwSignal::new(None::<AppError>);
    // Only the last question's answer counts.
    let asked = StoredValue::new(0_u32);
    let ask = move || {
        let minutes = later.get_untracked();
        let at = (minutes > 0).then(|| Utc::now() + TimeDelta::minutes(minutes));
        let basket = NewPromise {
            lines: vec![PromiseLine {
                sku: sku.get_untracked().trim().to_owned(),
                quantity: quantity.get_untracked(),
            }],
            destination: PromiseDestination {
                country: country.get_untracked().trim().to_uppercase(),
                postal_code: Some(postal.get_untracked())
                    .filter(|postal| !postal.trim().is_empty()),
            },
            channel: None,
            locale: Some(locale.get_untracked()),
            currency: None,
            hints: true,
            hold: false,
            option: None,
        };
        let mine = asked.get_value() + 1;
        asked.set_value(mine);
        spawn_local(async move {
            let result = preview_promise(basket, at).await;
            if asked.try_get_value() != Some(mine) {
                return;
            }
            match result {
                Ok(view) => {
                    error.set(None);
                    answer.set(Some((at, view)));
                }
                Err(failed) => error.set(Some(failed)),
            }
        });
    };
    Effect::new(move |_| {
        if !sku.get_untracked().is_empty() {
            ask();
        }
    });
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        ask();
    };
    let moment = move || match later.get() {
        0 => "now".to_owned(),
        minutes if minutes < 60 => format!("in {minutes} min"),
        minutes => format!("in {} h {} min", minutes / 60, minutes % 60),
    };
    view! {
        <section class="card" aria-labelledby="preview">
            <h2 id="preview">"What shoppers are told"</h2>
            <form class="fields" on:submit=submit>
                <label class="field">
                    "SKU"
                    <input
                        type="text"
                        required
                        prop:value=move || sku.get()
                        on:input=move |event| sku.set(event_target_value(&event))
                    />
                </label>
                <label class="field">
                    "Units"
                    <input
                        type="number"
                        min="1"
                        max="100000"
                        required
                        prop:value=move || quantity.get().to_string()
                        on:input=move |event| {
                            if let Ok(units) = event_target_value(&event).parse() {
                                quantity.set(units);
                            }
                        }
                    />
                </label>
                <div class="field-row">
                    <label class="field">
                        "Country"
                        <input
                            type="text"
                            maxlength="2"
                            required
                            autocomplete="off"
                            autocapitalize="characters"
                            value=country.get_untracked()
                            prop:value=move || country.get()
                            on:input=move |event| country.set(event_target_value(&event))
                        />
                    </label>
                    <label class="field">
                        "Postal code"
                        <input
                            type="text"
                            autocomplete="off"
                            value=postal.get_untracked()
                            prop:value=move || postal.get()
                            on:input=move |event| postal.set(event_target_value(&event))
                        />
                    </label>
                </div>
                <label class="field">
                    "Language"
                    <select on:change=move |event| {
                        locale.set(event_target_value(&event));
                        ask();
                    }>
                        {LOCALES.map(|(code, name)| view! { <option value=code>{name}</option> })}
                    </select>
                </label>
                <label class="field">
                    {move || format!("Ordered {}", moment())}
                    <input
                        type="range"
                        min="0"
                        max=FARTHEST
                        step=STEP
                        prop:value=move || later.get().to_string()
                        aria-valuetext=moment
                        on:input=move |event| later.set(event_target_value(&event).parse().unwrap_or(0))
                        on:change=move |_| ask()
                    />
                </label>
                <FormError error/>
                <div>
                    <button type="submit" class="button">"Ask"</button>
                </div>
            </form>
            <div role="status" class="told">
                {move || answer.get().map(|(at, view)| view! { <Told at view/> })}
            </div>
        </section>
    }
    .into_any()
}

#[component]
fn Told(at: Option<DateTime<Utc>>, view: PromiseView) -> impl IntoView {
    let currency = view.options.first().map(|option| option.price.currency);
    let text = (!view.text.is_empty()).then(|| view! { <p>{view.text.clone()}</p> });
    let nothing = (view.options.is_empty() && view.text.is_empty())
        .then(|| view! { <p>"Nothing is shown: the shop's own text stays."</p> });
    let unknown = (!view.unknown.is_empty()).then(
        || view! { <p class="muted">{format!("Not known: {}", view.unknown.join(", "))}</p> },
    );
    let options = view
        .options
        .into_iter()
        .map(|choice| view! { <Choice choice/> });
    view! {
        {at.map(|at| view! { <p class="muted">"As it would be at " <When at/></p> })}
        {text}
        {nothing}
        {unknown}
        {currency
            .map(|_| {
                view! {
                    <table class="list">
                        <thead>
                            <tr>
                                <th scope="col">"What it says"</th>
                                <th scope="col" class="number">"Sure to"</th>
                                <th scope="col" class="number">"Price"</th>
                                <th scope="col">"From"</th>
                                <th scope="col">"Until"</th>
                            </tr>
                        </thead>
                        <tbody>{options.collect_view()}</tbody>
                    </table>
                }
            })}
    }
    .into_any()
}

#[component]
fn Choice(choice: PromiseChoice) -> impl IntoView {
    let nodes: Vec<_> = choice.hints.iter().map(|hint| hint.node.clone()).collect();
    let nodes = if nodes.is_empty() {
        "service table".to_owned()
    } else {
        nodes.join(", ")
    };
    let sure = choice.date.map_or_else(
        || "–".to_owned(),
        |_| format!("{:.0} %", choice.confidence * 100.0),
    );
    view! {
        <tr>
            <th scope="row">
                {choice.text.sentence.clone()}
                " "
                <span class="muted">{choice.id.clone()}</span>
            </th>
            <td class="number" data-label="Sure to">{sure}</td>
            <td class="number" data-label="Price">
                {format::cost(choice.price.amount as f64, choice.price.currency)}
            </td>
            <td data-label="From">{nodes}</td>
            <td data-label="Until">
                {match choice.cutoff_at {
                    Some(at) => view! { <When at/> }.into_any(),
                    None => view! { <span class="muted">"–"</span> }.into_any(),
                }}
            </td>
        </tr>
    }
    .into_any()
}
