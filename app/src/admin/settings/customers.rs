use engine::model::TrackingSettings;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::AppError;
use crate::calls::customers::{load_tracking_settings, save_tracking_settings};
use crate::calls::{Answer, opened};
use crate::components::{ErrorState, FormError, Loading, Toasts};

/// How customers see their orders, and whether they are written to.
#[component]
pub fn CustomersSection() -> impl IntoView {
    let settings: Answer = Resource::new(|| (), |()| load_tracking_settings());
    view! {
        <Transition fallback=|| view! { <Loading rows=6/> }>
            {move || Suspend::new(async move {
                match opened::<TrackingSettings>(settings).await {
                    Ok(settings) => view! { <Form settings/> }.into_any(),
                    Err(error) => view! { <ErrorState error/> }.into_any(),
                }
            })}
        </Transition>
    }
    .into_any()
}

#[component]
fn Form(settings: TrackingSettings) -> impl IntoView {
    let toasts = expect_context::<Toasts>();
    let draft = RwSignal::new(settings);
    let error = RwSignal::new(None::<AppError>);
    let busy = RwSignal::new(false);
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        error.set(None);
        spawn_local(async move {
            let result = save_tracking_settings(draft.get_untracked()).await;
            let _ = busy.try_set(false);
            match result {
                Ok(()) => toasts.say("Customers see it this way from now on"),
                Err(failed) => error.set(Some(failed)),
            }
        });
    };
    let text = move |label: &'static str,
                     help: &'static str,
                     kind: &'static str,
                     get: fn(&TrackingSettings) -> &String,
                     set: fn(&mut TrackingSettings, String)| {
        view! {
            <label class="field">
                {label}
                <input
                    type=kind
                    prop:value=move || draft.with(|draft| get(draft).clone())
                    on:input=move |event| draft.update(|draft| set(draft, event_target_value(&event)))
                />
                <span class="muted">{help}</span>
            </label>
        }
    };
    let check = move |label: &'static str,
                      get: fn(&TrackingSettings) -> bool,
                      set: fn(&mut TrackingSettings, bool)| {
        view! {
            <label class="check">
                <input
                    type="checkbox"
                    prop:checked=move || draft.with(get)
                    on:change=move |event| draft.update(|draft| set(draft, event_target_checked(&event)))
                />
                {label}
            </label>
        }
    };
    view! {
        <section class="card" aria-labelledby="customers">
            <h2 id="customers">"What customers see"</h2>
            <form class="fields" on:submit=submit>
                {text(
                    "Name",
                    "On pages and messages; the merchant’s own where this is empty.",
                    "text",
                    |s| &s.name,
                    |s, value| s.name = value,
                )}
                {text(
                    "Address of the logo",
                    "A picture about 32 pixels high, https://…",
                    "url",
                    |s| &s.logo_url,
                    |s, value| s.logo_url = value,
                )}
                {text("Color", "Of the bar at the top and of buttons.", "color", |s| &s.color, |s, value| s.color = value)}
                {text(
                    "Contact",
                    "An e-mail address or https://…, where customers turn to.",
                    "text",
                    |s| &s.contact,
                    |s, value| s.contact = value,
                )}
                <label class="field">
                    "Hours until a package that the carrier has not scanned counts as delayed"
                    <input
                        type="number"
                        min="1"
                        max="240"
                        required
                        prop:value=move || draft.with(|draft| draft.first_scan_hours.to_string())
                        on:input=move |event| {
                            if let Ok(hours) = event_target_value(&event).parse::<u32>() {
                                draft.update(|draft| draft.first_scan_hours = hours);
                            }
                        }
                    />
                </label>
                {check("Pages say which place a package comes from", |s| s.show_origin, |s, on| s.show_origin = on)}
                {check("Customers are written to", |s| s.messages_on, |s, on| s.messages_on = on)}
                <FormError error/>
                <div class="actions">
                    <button type="submit" class="button primary" disabled=move || busy.get()>
                        {move || if busy.get() { "Saving…" } else { "Save" }}
                    </button>
                    <a class="button" href="/demo/mailbox" rel="external" target="_blank">
                        "Mailbox"
                    </a>
                </div>
            </form>
        </section>
    }
    .into_any()
}
