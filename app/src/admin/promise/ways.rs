use engine::model::{Currency, FieldError};
use engine::promise::{FallbackDays, PromiseSettings};
use leptos::prelude::*;

use crate::components::{Entry, visitor};
use crate::format;

/// What a way to get a basket costs, and what is said of it where no date can be computed.
#[derive(Clone, Copy)]
pub struct WayDraft {
    pub id: StoredValue<String>,
    price: RwSignal<String>,
    min: RwSignal<String>,
    max: RwSignal<String>,
}

impl WayDraft {
    pub fn of(id: &str, settings: &PromiseSettings, currency: Currency) -> Self {
        let days = settings.fallback.get(id);
        let text = |days: Option<u16>| RwSignal::new(days.map_or(String::new(), |n| n.to_string()));
        let price = settings.prices.get(id).copied().unwrap_or(0);
        WayDraft {
            id: StoredValue::new(id.to_owned()),
            price: RwSignal::new(format::amount(price.into(), currency)),
            min: text(days.map(|days| days.min)),
            max: text(days.map(|days| days.max)),
        }
    }

    /// Puts it into the settings, or says what is wrong with it.
    pub fn read(
        self,
        settings: &mut PromiseSettings,
        currency: Currency,
        errors: &mut Vec<FieldError>,
    ) {
        let id = self.id.get_value();
        let price = self.price.with_untracked(|text| {
            if text.trim().is_empty() {
                Some(0.0)
            } else {
                format::minor_units(text, currency)
            }
        });
        match price.filter(|price| (0.0..=1e9).contains(price) && price.fract() == 0.0) {
            Some(0.0) => {
                settings.prices.remove(&id);
            }
            Some(price) => {
                settings.prices.insert(id.clone(), price as u32);
            }
            None => {
                let pointer = format!("#/prices/{id}");
                errors.push(FieldError::new(
                    pointer,
                    "an amount is needed, such as 4.99",
                ));
            }
        }
        let (min, max) = (self.min.get_untracked(), self.max.get_untracked());
        if min.trim().is_empty() && max.trim().is_empty() {
            settings.fallback.remove(&id);
            return;
        }
        match (min.trim().parse(), max.trim().parse()) {
            (Ok(min), Ok(max)) => {
                settings.fallback.insert(id, FallbackDays { min, max });
            }
            (Err(_), _) => {
                let pointer = format!("#/fallback/{id}/min");
                errors.push(FieldError::new(
                    pointer,
                    "a number of days is needed, or none in both",
                ));
            }
            (_, Err(_)) => {
                let pointer = format!("#/fallback/{id}/max");
                errors.push(FieldError::new(
                    pointer,
                    "a number of days is needed, or none in both",
                ));
            }
        }
    }
}

/// The service table and the prices.
#[component]
pub fn WaysTable(ways: Vec<WayDraft>) -> impl IntoView {
    let code = visitor().viewer.merchant.currency.code().to_owned();
    let rows = ways.into_iter().enumerate().map(|(n, way)| {
        let id = way.id.get_value();
        let entry = move |label: &str, field: &str, pointer: String, value, mode: &'static str| {
            view! {
                <Entry
                    label=format!("{label} of {}", way.id.get_value())
                    id=format!("way-{n}-{field}")
                    value
                    pointer
                    inputmode=mode
                    in_table=true
                />
            }
        };
        view! {
            <tr>
                <th scope="row">{id.clone()}</th>
                <td data-label="Costs">
                    {entry("Price", "price", format!("#/prices/{id}"), way.price, "decimal")}
                </td>
                <td data-label="From, days">
                    {entry("Fewest days", "min", format!("#/fallback/{id}/min"), way.min, "numeric")}
                </td>
                <td data-label="To, days">
                    {entry("Most days", "max", format!("#/fallback/{id}/max"), way.max, "numeric")}
                </td>
            </tr>
        }
    });
    let rows = rows.collect_view();
    view! {
        <table class="list ways">
            <caption>
                "What customers pay, and the business days that are said where no date can be computed. Left empty, it is what the services state."
            </caption>
            <thead>
                <tr>
                    <th scope="col">"Option"</th>
                    <th scope="col">{format!("Costs, {code}")}</th>
                    <th scope="col">"From, days"</th>
                    <th scope="col">"To, days"</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}
