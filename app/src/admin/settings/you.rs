use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::AppError;
use crate::calls::access::change_password;
use crate::calls::session::Visit;
use crate::components::{FormError, SingleKeys, Toasts};

/// What everybody sets for themselves.
#[component]
pub fn YouSection() -> impl IntoView {
    let user = expect_context::<Visit>().viewer.user;
    view! {
        <div class="columns">
            <section class="card" aria-labelledby="you">
                <h2 id="you">"You"</h2>
                <dl class="facts column">
                    <div>
                        <dt>"Name"</dt>
                        <dd>{user.name}</dd>
                    </div>
                    <div>
                        <dt>"E-mail"</dt>
                        <dd>{user.email.clone()}</dd>
                    </div>
                    <div>
                        <dt>"Role"</dt>
                        <dd>{user.role.label()}</dd>
                    </div>
                </dl>
                <p class="muted">"An owner changes these, under People."</p>
            </section>
            <PasswordCard email=user.email/>
            <section class="card" aria-labelledby="keyboard">
                <h2 id="keyboard">"Keyboard"</h2>
                <SingleKeys/>
                <p class="muted">"The question mark in the bar at the top shows every shortcut of the open screen."</p>
            </section>
        </div>
    }
    .into_any()
}

#[component]
fn PasswordCard(email: String) -> impl IntoView {
    let toasts = expect_context::<Toasts>();
    let (current, new) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
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
            let result = change_password(current.get_untracked(), new.get_untracked()).await;
            let _ = busy.try_set(false);
            match result {
                Ok(()) => {
                    current.set(String::new());
                    new.set(String::new());
                    toasts.say("Password changed");
                }
                Err(failed) => error.set(Some(failed)),
            }
        });
    };
    view! {
        <section class="card" aria-labelledby="password">
            <h2 id="password">"Password"</h2>
            <form class="fields" on:submit=submit>
                <FormError error/>
                // Password managers want to know whose it is.
                <input type="hidden" autocomplete="username" value=email/>
                <label class="field">
                    "The one you have"
                    <input
                        type="password"
                        autocomplete="current-password"
                        required
                        prop:value=move || current.get()
                        on:input=move |event| current.set(event_target_value(&event))
                    />
                </label>
                <label class="field">
                    "A new one"
                    <input
                        type="password"
                        autocomplete="new-password"
                        minlength="12"
                        required
                        aria-describedby="new-password-help"
                        prop:value=move || new.get()
                        on:input=move |event| new.set(event_target_value(&event))
                    />
                    <span id="new-password-help" class="muted">
                        "12 characters or more. Your other browsers are signed out."
                    </span>
                </label>
                <div>
                    <button type="submit" class="button" disabled=move || busy.get()>
                        {move || if busy.get() { "Changing…" } else { "Change the password" }}
                    </button>
                </div>
            </form>
        </section>
    }
    .into_any()
}
