use engine::model::Service;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::hooks::use_navigate;

use super::address_of;
use super::draft::ZoneDraft;
use crate::AppError;
use crate::calls::carriers::change_service;
use crate::components::{Dialog, Entry, FormError, Wrong, visitor};

/// Asks for as much of a new service as it cannot be without; its screen has the rest.
#[component]
pub fn AddDialog(open: RwSignal<bool>) -> impl IntoView {
    view! {
        <Dialog open title="A new service".to_owned()>
            <AddForm/>
        </Dialog>
    }
    .into_any()
}

#[component]
fn AddForm() -> impl IntoView {
    let currency = visitor().viewer.merchant.currency;
    let wrong = Wrong::provide();
    let busy = RwSignal::new(false);
    let text = || RwSignal::new(String::new());
    let (code, carrier, level) = (text(), text(), RwSignal::new("standard".to_owned()));
    let zone = ZoneDraft::empty(0);
    let navigate = use_navigate();
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        let zone = match untrack(|| zone.read(0, currency)) {
            Ok(zone) => zone,
            Err(errors) => return wrong.set(Some(AppError::Invalid(errors))),
        };
        let service = Service {
            code: code.get_untracked().trim().to_owned(),
            carrier: carrier.get_untracked().trim().to_owned(),
            level: level.get_untracked().trim().to_owned(),
            zones: vec![zone],
            pickups: crate::week::codes_of([true; 7]),
            delivers_on: crate::week::codes_of([true; 7]),
            closed_on: Vec::new(),
            works_on: std::collections::BTreeMap::new(),
            nodes: None,
            suspended_until: None,
        };
        busy.set(true);
        wrong.set(None);
        let (address, navigate) = (address_of(&service.code), navigate.clone());
        spawn_local(async move {
            let result = change_service(None, service).await;
            let _ = busy.try_set(false);
            match result {
                Ok(()) => navigate(&address, leptos_router::NavigateOptions::default()),
                Err(failed) => wrong.set(Some(failed)),
            }
        });
    };
    let code_word = currency.code().to_owned();
    view! {
        <form on:submit=submit novalidate>
            <h2>"Add a service"</h2>
            <FormError error=Signal::derive(move || wrong.get())/>
            <Entry label="Code" id="new-code" value=code pointer="#/code" required=true help="Your own short name for it; it does not change later."/>
            <div class="field-row">
                <Entry label="Carrier" id="new-carrier" value=carrier pointer="#/carrier" required=true/>
                <Entry label="Level" id="new-level" value=level pointer="#/level" required=true/>
            </div>
            <p class="muted">"Its first zone; further ones and the days on which it moves come on its own screen."</p>
            <div class="field-row">
                <Entry label="Up to, km" id="new-km" value=zone.up_to_km pointer="#/zones/0/up_to_km" inputmode="decimal"/>
                <Entry label="Transit, days" id="new-days" value=zone.transit_days pointer="#/zones/0/transit_days" inputmode="numeric"/>
            </div>
            <div class="field-row">
                <Entry
                    label=format!("Each package, {code_word}")
                    id="new-package"
                    value=zone.per_package
                    pointer="#/zones/0/per_package"
                    inputmode="decimal"
                />
                <Entry label=format!("Each kg, {code_word}") id="new-kg" value=zone.per_kg pointer="#/zones/0/per_kg" inputmode="decimal"/>
            </div>
            <div class="dialog-actions">
                <button type="submit" class="button primary" disabled=move || busy.get()>
                    {move || if busy.get() { "Adding…" } else { "Add the service" }}
                </button>
            </div>
        </form>
    }
    .into_any()
}
