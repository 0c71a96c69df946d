use leptos::prelude::*;

use super::Toasts;

/// Copies a text.
#[component]
pub fn CopyButton(
    text: String,
    /// What it is, for the note that it was copied.
    #[prop(into)]
    what: String,
) -> impl IntoView {
    let toasts = expect_context::<Toasts>();
    let copy = move |_| {
        // Browsers give pages without TLS no clipboard.
        let navigator = window().navigator();
        let has = js_sys::Reflect::get(&navigator, &"clipboard".into());
        if has.is_ok_and(|clipboard| !clipboard.is_undefined()) {
            let _ = navigator.clipboard().write_text(&text);
            toasts.say(format!("{what} copied"));
        } else {
            toasts.say("Select it and copy: this page has no clipboard without HTTPS");
        }
    };
    view! {
        <button type="button" class="button small" on:click=copy>
            "Copy"
        </button>
    }
    .into_any()
}
