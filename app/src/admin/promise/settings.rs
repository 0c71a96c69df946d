use engine::model::Permission;
use engine::promise::PromiseSettings;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::AppError;
use crate::calls::promise::save_promise_settings;
use crate::components::{FormError, Toasts, may};

/// How promises are made. The service table and prices are set by API.
#[component]
pub fn SettingsCard(
    settings: PromiseSettings,
    saved: impl Fn() + Copy + Send + 'static,
) -> impl IntoView {
    let may_change = may(Permission::ChangeNetwork);
    let toasts = expect_context::<Toasts>();
    let draft = RwSignal::new(settings);
    let error = RwSignal::new(None::<AppError>);
    let busy = RwSignal::new(false);
    let save = move |settings: PromiseSettings, said: &'static str| {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        error.set(None);
        spawn_local(async move {
            let result = save_promise_settings(settings).await;
            let _ = busy.try_set(false);
            match result {
                Ok(_) => {
                    toasts.say(said);
                    saved();
                }
                Err(failed) => error.set(Some(failed)),
            }
        });
    };
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        save(
            draft.get_untracked(),
            "Promises are made this way from now on",
        );
    };
    let switch = move |_| {
        let mut settings = draft.get_untracked();
        settings.on = !settings.on;
        let said = if settings.on {
            "Promises are on again"
        } else {
            "Promises are off"
        };
        save(settings, said);
    };
    let number = move |label: &'static str,
                       help: &'static str,
                       (least, most): (u32, u32),
                       get: fn(&PromiseSettings) -> u32,
                       set: fn(&mut PromiseSettings, u32)| {
        view! {
            <label class="field">
                {label}
                <input
                    type="number"
                    min=least
                    max=most
                    required
                    disabled=!may_change
                    prop:value=move || draft.with(get).to_string()
                    on:input=move |event| {
                        if let Ok(value) = event_target_value(&event).parse::<u32>() {
                            draft.update(|draft| set(draft, value));
                        }
                    }
                />
                <span class="muted">{help}</span>
            </label>
        }
    };
    view! {
        <section class="card" aria-labelledby="promise-settings">
            <h2 id="promise-settings">"How dates are promised"</h2>
            <form class="fields" on:submit=submit>
                {number(
                    "Target, in 100",
                    "The date that is said is met by at least so many of 100 orders.",
                    (50, 99),
                    |s| (s.target * 100.0).round() as u32,
                    |s, n| s.target = f64::from(n) / 100.0,
                )}
                {number(
                    "A promise holds, in minutes",
                    "After that it is asked again.",
                    (1, 1_440),
                    |s| s.ttl_seconds / 60,
                    |s, n| s.ttl_seconds = n * 60,
                )}
                {number(
                    "Stock is held at the checkout, in minutes",
                    "For shops that ask for it.",
                    (1, 1_440),
                    |s| s.hold_seconds / 60,
                    |s, n| s.hold_seconds = n * 60,
                )}
                {number(
                    "Collection is offered within, in km",
                    "Of the shopper's postal code.",
                    (0, 1_000),
                    |s| u32::from(s.pickup_within_km),
                    |s, n| s.pickup_within_km = n.min(1_000) as u16,
                )}
                <label class="check">
                    <input
                        type="checkbox"
                        disabled=!may_change
                        prop:checked=move || draft.with(|draft| draft.guaranteed)
                        on:change=move |event| draft.update(|draft| draft.guaranteed = event_target_checked(&event))
                    />
                    "Dates are guaranteed, and not estimates"
                </label>
                <FormError error/>
                {may_change
                    .then(|| {
                        view! {
                            <div class="actions">
                                <button type="submit" class="button primary" disabled=move || busy.get()>
                                    {move || if busy.get() { "Saving…" } else { "Save" }}
                                </button>
                                <button type="button" class="button" disabled=move || busy.get() on:click=switch>
                                    {move || {
                                        if draft.with(|draft| draft.on) { "Hide all dates" } else { "Show dates again" }
                                    }}
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
