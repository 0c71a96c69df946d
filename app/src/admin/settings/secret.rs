use leptos::prelude::*;

use crate::calls::access::WithSecret;
use crate::components::{CopyButton, Dialog, open_about};

/// A secret that is shown this once.
#[derive(Debug, Clone, PartialEq)]
pub struct Revealed {
    pub of: WithSecret,
    pub heading: &'static str,
    /// What to do with it.
    pub advice: &'static str,
    /// What it is called, for the note that it was copied.
    pub what: &'static str,
}

/// Shows a secret until it is closed; then nobody can have it any more.
#[component]
pub fn SecretDialog(revealed: RwSignal<Option<Revealed>>) -> impl IntoView {
    let open = open_about(revealed);
    let show = move |Revealed {
                         of,
                         heading,
                         advice,
                         what,
                     }: Revealed| {
        view! {
            <h2>{heading}</h2>
            <p>
                <strong>{of.name}</strong>
                ". "
                {advice}
            </p>
            <p class="secret">
                <code>{of.secret.clone()}</code>
                <CopyButton text=of.secret what/>
            </p>
            <p class="muted">"It is not shown again."</p>
            <div class="dialog-actions">
                <button type="button" class="button primary" on:click=move |_| open.set(false)>
                    "Done"
                </button>
            </div>
        }
    };
    view! {
        <Dialog open title="Shown this once".to_owned()>
            {move || revealed.get().map(show)}
        </Dialog>
    }
    .into_any()
}
