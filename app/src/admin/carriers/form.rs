use engine::model::{Permission, Service};
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::draft::Draft;
use super::zones::ZonesTable;
use crate::AppError;
use crate::calls::carriers::{CarrierDesk, change_service, load_carrier};
use crate::components::{Dates, Entry, FormError, SaveBar, Toasts, Weekdays, Wrong, may, visitor};

/// Everything of a service that the merchant says.
#[component]
pub fn ServiceForm(
    desk: RwSignal<CarrierDesk>,
    draft: RwSignal<Draft>,
    /// Whether it holds something that is not saved.
    dirty: RwSignal<bool>,
) -> impl IntoView {
    let may_change = may(Permission::ChangeNetwork);
    let currency = visitor().viewer.merchant.currency;
    let toasts = expect_context::<Toasts>();
    let wrong = Wrong::provide();
    let busy = RwSignal::new(false);
    let before = move || desk.with(|desk| desk.service.clone());
    let now = Memo::new(move |_| draft.get().read(&before()));
    Effect::new(move || {
        let changed = now.with(|now| now.as_ref() != Ok(&before()));
        dirty.set(changed);
    });
    let save = move || {
        if busy.get_untracked() || !dirty.get_untracked() {
            return;
        }
        let service: Service = match now.get_untracked() {
            Ok(service) => service,
            Err(errors) => return wrong.set(Some(AppError::Invalid(errors))),
        };
        busy.set(true);
        wrong.set(None);
        let before = untrack(before);
        spawn_local(async move {
            let result = change_service(Some(before), service.clone()).await;
            let _ = busy.try_set(false);
            match result {
                Ok(()) => {
                    toasts.say("Service saved");
                    let _ = desk.try_update(|desk| desk.service = service);
                }
                Err(failed) => wrong.set(Some(failed)),
            }
        });
    };
    // What somebody else has changed meanwhile comes with it.
    let discard = move || {
        wrong.set(None);
        draft.set(Draft::of(&untrack(before), currency));
        spawn_local(async move {
            let code = desk.with_untracked(|desk| desk.service.code.clone());
            let found = load_carrier(code).await;
            if let Ok(found) = found.and_then(|packed| packed.open::<CarrierDesk>())
                && dirty.try_get_untracked() == Some(false)
            {
                draft.set(Draft::of(&found.service, currency));
                desk.set(found);
            }
        });
    };
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        save();
    };
    let nodes = StoredValue::new(desk.with_untracked(|desk| desk.nodes.clone()));
    let fields = move || {
        let draft = draft.get();
        view! {
            <section class="card" aria-labelledby="zones">
                <h2 id="zones">"Zones and prices"</h2>
                <p class="muted">
                    "A destination is in the first zone that reaches it, in a straight line from the node. Prices are what the carrier takes; transit is in days of delivery."
                </p>
                <ZonesTable zones=draft.zones currency/>
            </section>
            <div class="columns">
                <section class="card" aria-labelledby="service-days">
                    <h2 id="service-days">"Days"</h2>
                    <div class="fields">
                        <Weekdays legend="Collects on" days=draft.collects pointer="#/pickups"/>
                        <Weekdays legend="Delivers on" days=draft.delivers pointer="#/delivers_on"/>
                        <Dates
                            legend="Dates on which it does neither, beside public holidays"
                            id="service-closed"
                            dates=draft.closed_on
                            none="None."
                        />
                        <WorksOn text=draft.works_on/>
                    </div>
                </section>
                <section class="card" aria-labelledby="service-facts">
                    <h2 id="service-facts">"Facts"</h2>
                    <div class="fields">
                        <Entry label="Carrier" id="service-carrier" value=draft.carrier pointer="#/carrier" required=true/>
                        <Entry
                            label="Level"
                            id="service-level"
                            value=draft.level
                            pointer="#/level"
                            required=true
                            help="What orders and promises call it: standard, express, …"
                        />
                        <HasIt draft nodes/>
                    </div>
                </section>
            </div>
        }
    };
    view! {
        <form class="stack" on:submit=submit novalidate>
            <FormError error=Signal::derive(move || wrong.get())/>
            <fieldset class="whole" disabled=!may_change>
                <legend class="visually-hidden">"The service"</legend>
                {fields}
            </fieldset>
            {(!may_change)
                .then(|| view! { <p class="muted">"Your role reads this, and does not change it."</p> })}
            <SaveBar dirty busy on_save=save on_discard=discard/>
        </form>
    }
    .into_any()
}

/// Public holidays on which it moves all the same.
#[component]
fn WorksOn(text: RwSignal<String>) -> impl IntoView {
    let wrong = expect_context::<Wrong>();
    let detail = move || wrong.below("#/works_on");
    view! {
        <div class="field">
            <label for="service-works-on">"Public holidays on which it works"</label>
            <textarea
                id="service-works-on"
                rows="2"
                aria-describedby="service-works-on-help service-works-on-wrong"
                prop:value=move || text.get()
                on:input=move |event| text.set(event_target_value(&event))
            >
                {text.get_untracked()}
            </textarea>
            <span class="muted" id="service-works-on-help">
                "A country a line, such as US: Columbus Day, Veterans Day. A star stands for all: DE: *"
            </span>
            <span class="field-error" id="service-works-on-wrong">
                {detail}
            </span>
        </div>
    }
    .into_any()
}

/// The nodes that send with it.
#[component]
fn HasIt(draft: Draft, nodes: StoredValue<Vec<(String, String)>>) -> impl IntoView {
    let all = draft.at_all_nodes;
    let one = move |(code, name): (String, String)| {
        let (of, changed) = (code.clone(), code.clone());
        let first = draft.nodes.with_untracked(|nodes| nodes.contains(&code));
        view! {
            <label class="check">
                <input
                    type="checkbox"
                    checked=first
                    prop:checked=move || draft.nodes.with(|nodes| nodes.contains(&of))
                    on:change=move |event| {
                        let is_in = event_target_checked(&event);
                        draft
                            .nodes
                            .update(|nodes| {
                                if is_in { nodes.insert(changed.clone()) } else { nodes.remove(&changed) };
                            });
                    }
                />
                <span>{name} " " <span class="muted">{code}</span></span>
            </label>
        }
    };
    view! {
        <fieldset class="field">
            <legend>"Nodes that send with it"</legend>
            <div class="options">
                <label class="check">
                    <input
                        type="checkbox"
                        checked=all.get_untracked()
                        prop:checked=move || all.get()
                        on:change=move |event| all.set(event_target_checked(&event))
                    />
                    "All of them"
                </label>
            </div>
            <Show when=move || !all.get()>
                <div class="options scrolls">{nodes.get_value().into_iter().map(one).collect_view()}</div>
            </Show>
        </fieldset>
    }
    .into_any()
}
