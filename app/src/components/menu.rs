use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

/// A button with more below it. Escape and a click elsewhere close it.
#[component]
pub fn Menu(
    #[prop(into)] label: String,
    /// What it is called where the label alone does not say enough.
    #[prop(optional, into)]
    name: Option<String>,
    children: Children,
) -> impl IntoView {
    let menu = NodeRef::<html::Details>::new();
    let close = move || {
        if let Some(menu) = menu.get_untracked() {
            menu.set_open(false);
        }
    };
    Effect::new(move || {
        let elsewhere = window_event_listener(leptos::ev::pointerdown, move |event| {
            let target = event
                .target()
                .and_then(|target| target.dyn_into::<web_sys::Node>().ok());
            let inside = menu
                .get_untracked()
                .is_some_and(|menu| menu.contains(target.as_ref()));
            if !inside {
                close();
            }
        });
        on_cleanup(move || elsewhere.remove());
    });
    let on_key = move |event: leptos::ev::KeyboardEvent| {
        let open = menu.get_untracked().is_some_and(|menu| menu.open());
        if event.key() == "Escape" && open {
            event.stop_propagation();
            close();
            let summary = menu
                .get_untracked()
                .and_then(|menu| menu.query_selector("summary").ok().flatten())
                .and_then(|summary| summary.dyn_into::<web_sys::HtmlElement>().ok());
            if let Some(summary) = summary {
                let _ = summary.focus();
            }
        }
    };
    view! {
        <details class="menu" node_ref=menu on:keydown=on_key>
            <summary class="button" aria-label=name>
                {label}
            </summary>
            <div class="menu-body">{children()}</div>
        </details>
    }
    .into_any()
}
