use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use server_fn::ServerFn;

use crate::calls::session::SignIn;
use crate::components::FormError;

/// `/sign-in?next=…`
#[component]
pub fn SignInPage() -> impl IntoView {
    let query = use_query_map();
    // Holds what went wrong when the form leads back here.
    let action = ServerAction::<SignIn>::new();
    let error = Signal::derive(move || action.value().get().and_then(Result::err));
    let next = move || query.with(|query| query.get("next").unwrap_or_default());
    view! {
        <Title text="Sign in"/>
        <main class="public">
            <form class="card narrow" method="post" action=SignIn::url()>
                <p class="brand">"Baton"</p>
                <h1>"Sign in"</h1>
                <FormError error/>
                <input type="hidden" name="next" value=next/>
                <label class="field">
                    "E-mail"
                    <input type="email" name="email" autocomplete="username" required autofocus/>
                </label>
                <label class="field">
                    "Password"
                    <input type="password" name="password" autocomplete="current-password" required/>
                </label>
                <button type="submit" class="button primary wide">"Sign in"</button>
            </form>
        </main>
    }
    .into_any()
}
