use engine::model::{FieldError, Permission};
use engine::promise::PromiseSettings;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::ways::{WayDraft, WaysTable};
use crate::AppError;
use crate::calls::promise::save_promise_settings;
use crate::components::{Entry, FormError, Toasts, Wrong, may, visitor};

/// What of the settings is entered as text.
#[derive(Clone, Copy)]
struct Draft {
    target: RwSignal<String>,
    /// In minutes, with decimals: promises may hold for less than one.
    ttl: RwSignal<String>,
    hold: RwSignal<String>,
    km: RwSignal<String>,
    guaranteed: RwSignal<bool>,
    ways: StoredValue<Vec<WayDraft>>,
}

impl Draft {
    fn of(settings: &PromiseSettings, levels: &[String]) -> Self {
        let currency = visitor().viewer.merchant.currency;
        let mut ids: Vec<&String> = levels.iter().collect();
        ids.extend(settings.fallback.keys().chain(settings.prices.keys()));
        let mut ways: Vec<WayDraft> = Vec::new();
        for id in ids {
            if ways.iter().all(|known| known.id.get_value() != *id) {
                ways.push(WayDraft::of(id, settings, currency));
            }
        }
        Draft {
            target: RwSignal::new(format!("{:.0}", settings.target * 100.0)),
            ttl: RwSignal::new(minutes(settings.ttl_seconds)),
            hold: RwSignal::new(minutes(settings.hold_seconds)),
            km: RwSignal::new(settings.pickup_within_km.to_string()),
            guaranteed: RwSignal::new(settings.guaranteed),
            ways: StoredValue::new(ways),
        }
    }

    /// The settings as they would be; what the form does not have stays as it is.
    fn read(self, before: &PromiseSettings) -> Result<PromiseSettings, Vec<FieldError>> {
        let mut errors = Vec::new();
        let mut settings = before.clone();
        let mut number = |field: &str, text: RwSignal<String>, unit: &str| {
            let number = text.with_untracked(|text| text.trim().replace(',', ".").parse::<f64>());
            number
                .ok()
                .filter(|n| (0.0..1e6).contains(n))
                .unwrap_or_else(|| {
                    errors.push(FieldError::new(
                        format!("#/{field}"),
                        format!("a number of {unit} is needed"),
                    ));
                    0.0
                })
        };
        settings.target = number("target", self.target, "orders in 100").round() / 100.0;
        settings.ttl_seconds = (number("ttl_seconds", self.ttl, "minutes") * 60.0).round() as u32;
        settings.hold_seconds =
            (number("hold_seconds", self.hold, "minutes") * 60.0).round() as u32;
        settings.pickup_within_km =
            number("pickup_within_km", self.km, "kilometers").min(1_000.0) as u16;
        settings.guaranteed = self.guaranteed.get_untracked();
        let currency = visitor().viewer.merchant.currency;
        for way in self.ways.get_value() {
            way.read(&mut settings, currency, &mut errors);
        }
        if errors.is_empty() {
            Ok(settings)
        } else {
            Err(errors)
        }
    }
}

/// `10`, or for less than a minute and for parts of one `0.5`.
fn minutes(seconds: u32) -> String {
    let minutes = (f64::from(seconds) / 60.0 * 100.0).round() / 100.0;
    minutes.to_string()
}

/// How promises are made.
#[component]
pub fn SettingsCard(
    settings: PromiseSettings,
    /// The levels that services have.
    levels: Vec<String>,
    /// Whether shops show dates, as far as is known here.
    on: RwSignal<bool>,
) -> impl IntoView {
    let may_change = may(Permission::ChangeNetwork);
    let toasts = expect_context::<Toasts>();
    let wrong = Wrong::provide();
    let draft = Draft::of(&settings, &levels);
    // As they are stored, whatever the form holds.
    let stored = StoredValue::new(settings);
    let busy = RwSignal::new(false);
    let save = move |settings: PromiseSettings, said: &'static str| {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        wrong.set(None);
        spawn_local(async move {
            let result = save_promise_settings(settings).await;
            let _ = busy.try_set(false);
            match result {
                Ok(settings) => {
                    let _ = on.try_set(settings.on);
                    let _ = stored.try_set_value(settings);
                    toasts.say(said);
                }
                Err(failed) => wrong.set(Some(failed)),
            }
        });
    };
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        match draft.read(&stored.get_value()) {
            Ok(settings) => save(settings, "Promises are made this way from now on"),
            Err(errors) => wrong.set(Some(AppError::Invalid(errors))),
        }
    };
    // The switch is for emergencies: it saves nothing else of what is being entered.
    let switch = move |_| {
        let mut settings = stored.get_value();
        settings.on = !settings.on;
        let said = if settings.on {
            "Promises are on again"
        } else {
            "Promises are off"
        };
        save(settings, said);
    };
    view! {
        <section class="card" aria-labelledby="promise-settings">
            <h2 id="promise-settings">"How dates are promised"</h2>
            <form class="fields" on:submit=submit novalidate>
                <fieldset class="whole" disabled=!may_change>
                    <legend class="visually-hidden">"Settings of promises"</legend>
                    <div class="field-row">
                        <Entry
                            label="Target, in 100"
                            id="promise-target"
                            value=draft.target
                            pointer="#/target"
                            inputmode="numeric"
                            help="The date that is said is met by at least so many of 100 orders."
                        />
                        <Entry
                            label="Collection is offered within, km"
                            id="promise-km"
                            value=draft.km
                            pointer="#/pickup_within_km"
                            inputmode="numeric"
                            help="Of the shopper's postal code."
                        />
                        <Entry
                            label="A promise holds, minutes"
                            id="promise-ttl"
                            value=draft.ttl
                            pointer="#/ttl_seconds"
                            inputmode="decimal"
                            help="After that it is asked again. 0.5 is half a minute."
                        />
                        <Entry
                            label="Stock is held at the checkout, minutes"
                            id="promise-hold"
                            value=draft.hold
                            pointer="#/hold_seconds"
                            inputmode="decimal"
                            help="For shops that ask for it."
                        />
                    </div>
                    <label class="check">
                        <input
                            type="checkbox"
                            checked=draft.guaranteed.get_untracked()
                            prop:checked=move || draft.guaranteed.get()
                            on:change=move |event| draft.guaranteed.set(event_target_checked(&event))
                        />
                        "Dates are guaranteed, and not estimates"
                    </label>
                    <WaysTable ways=draft.ways.get_value()/>
                </fieldset>
                <FormError error=Signal::derive(move || wrong.get())/>
                {may_change
                    .then(|| {
                        view! {
                            <div class="actions">
                                <button type="submit" class="button primary" disabled=move || busy.get()>
                                    {move || if busy.get() { "Saving…" } else { "Save" }}
                                </button>
                                <button type="button" class="button" disabled=move || busy.get() on:click=switch>
                                    {move || if on.get() { "Hide all dates" } else { "Show dates again" }}
                                </button>
                            </div>
                        }
                    })}
                {(!may_change)
                    .then(|| view! { <p class="muted">"Your role reads these, and does not change them."</p> })}
            </form>
        </section>
    }
    .into_any()
}
