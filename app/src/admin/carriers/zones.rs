use engine::model::Currency;
use leptos::prelude::*;

use super::draft::ZoneDraft;
use crate::components::{Entry, Icon, Wrong};

/// The zones, to be changed in place.
#[component]
pub fn ZonesTable(zones: RwSignal<Vec<ZoneDraft>>, currency: Currency) -> impl IntoView {
    let wrong = use_context::<Wrong>();
    let all = move || wrong.and_then(|wrong| wrong.at("#/zones"));
    let add = move |_| {
        zones.update(|zones| {
            let id = zones.iter().map(|zone| zone.id + 1).max().unwrap_or(0);
            zones.push(ZoneDraft::empty(id));
        });
    };
    let code = currency.code().to_owned();
    view! {
        <table class="list zones">
            <thead>
                <tr>
                    <th scope="col">"Zone"</th>
                    <th scope="col">"Up to, km"</th>
                    <th scope="col">{format!("Each package, {code}")}</th>
                    <th scope="col">{format!("Each kg, {code}")}</th>
                    <th scope="col">"Transit, days"</th>
                    <th scope="col"><span class="visually-hidden">"Actions"</span></th>
                </tr>
            </thead>
            <tbody>
                <For each=move || zones.get() key=|zone| zone.id let(zone)>
                    <Row zones zone/>
                </For>
            </tbody>
        </table>
        <span class="field-error">{all}</span>
        <div>
            <button type="button" class="button" on:click=add>"Add a zone"</button>
        </div>
    }
    .into_any()
}

#[component]
fn Row(zones: RwSignal<Vec<ZoneDraft>>, zone: ZoneDraft) -> impl IntoView {
    let n = move || {
        zones.with(|zones| {
            zones
                .iter()
                .position(|other| other.id == zone.id)
                .unwrap_or(0)
        })
    };
    let field = move |label: &'static str, name: &'static str, mode: &'static str, value| {
        let pointer = Signal::derive(move || format!("#/zones/{}/{name}", n()));
        view! {
            <td data-label=label>
                <Entry
                    label=format!("{label} of zone {}", zone.id + 1)
                    id=format!("zone-{}-{name}", zone.id)
                    value
                    pointer
                    inputmode=mode
                    in_table=true
                />
            </td>
        }
    };
    view! {
        <tr>
            <th scope="row">{move || format!("Zone {}", n() + 1)}</th>
            {field("Up to, km", "up_to_km", "decimal", zone.up_to_km)}
            {field("Each package", "per_package", "decimal", zone.per_package)}
            {field("Each kg", "per_kg", "decimal", zone.per_kg)}
            {field("Transit, days", "transit_days", "numeric", zone.transit_days)}
            <td class="row-action">
                <button
                    type="button"
                    class="icon-button small"
                    aria-label=move || format!("Remove zone {}", n() + 1)
                    on:click=move |_| zones.update(|zones| zones.retain(|other| other.id != zone.id))
                >
                    <Icon name="close"/>
                </button>
            </td>
        </tr>
    }
    .into_any()
}
