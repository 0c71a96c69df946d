use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use server_fn::ServerFn;

use crate::calls::session::SetUp;
use crate::components::FormError;
use crate::server_context::SetupGate;

/// `/setup?token=…`, which the log of an empty installation shows.
#[component]
pub fn SetUpPage() -> impl IntoView {
    let query = use_query_map();
    let action = ServerAction::<SetUp>::new();
    let error = Signal::derive(move || action.value().get().and_then(Result::err));
    let token = query.with_untracked(|query| query.get("token").unwrap_or_default());
    let good = use_context::<SetupGate>().is_some_and(|gate| gate.check(&token));
    let token = move || query.with(|query| query.get("token").unwrap_or_default());
    let form = move || {
        view! {
            <form class="card narrow" method="post" action=SetUp::url()>
                <p class="brand">"Baton"</p>
                <h1>"Set up your merchant"</h1>
                <p class="muted">"Once. Further people and API keys come under Settings."</p>
                <FormError error/>
                <input type="hidden" name="token" value=token/>
                <label class="field">
                    "Merchant's name"
                    <input type="text" name="merchant_name" autocomplete="organization" maxlength="200" required autofocus/>
                </label>
                <div class="field-row">
                    <label class="field">
                        "Currency"
                        <input
                            type="text"
                            name="currency"
                            value="USD"
                            pattern="[A-Z]{3}"
                            title="Three capital letters, such as USD"
                            maxlength="3"
                            required
                        />
                    </label>
                    <label class="field">
                        "Time zone"
                        <input type="text" name="time_zone" value="America/New_York" list="zones" required/>
                        <datalist id="zones">
                            {ZONES.map(|zone| view! { <option value=zone></option> }).collect_view()}
                        </datalist>
                    </label>
                </div>
                <label class="field">
                    "Your name"
                    <input type="text" name="owner_name" autocomplete="name" maxlength="200" required/>
                </label>
                <label class="field">
                    "Your e-mail"
                    <input type="email" name="owner_email" autocomplete="username" required/>
                </label>
                <label class="field">
                    "A password"
                    <input
                        type="password"
                        name="owner_password"
                        autocomplete="new-password"
                        minlength="12"
                        aria-describedby="password-help"
                        required
                    />
                    <span id="password-help" class="muted">"12 characters or more"</span>
                </label>
                <button type="submit" class="button primary wide">"Create the merchant"</button>
            </form>
        }
    };
    let refused = || {
        view! {
            <div class="card narrow">
                <h1>"This link is not good"</h1>
                <p>
                    "The link in the server's log works once, and until the server starts again. Look for the newest one. If the merchant exists already, sign in."
                </p>
                <a class="button" href="/sign-in">"Sign in"</a>
            </div>
        }
    };
    view! {
        <Title text="Set up"/>
        <main class="public">
            {if good { form().into_any() } else { refused().into_any() }}
        </main>
    }
    .into_any()
}

/// Suggestions; any IANA name does.
const ZONES: [&str; 10] = [
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Los_Angeles",
    "Europe/London",
    "Europe/Berlin",
    "Europe/Madrid",
    "Asia/Tokyo",
    "Australia/Sydney",
    "UTC",
];
