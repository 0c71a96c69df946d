#[cfg(feature = "ssr")]
pub mod server_context;
use leptos::prelude::*;
#[component]
pub fn App() -> impl IntoView { leptos_meta::provide_meta_context(); view! { <p>"stub"</p> } }
pub fn shell(options: LeptosOptions) -> impl IntoView {
    view! { <!DOCTYPE html><html lang="en"><head><meta charset="utf-8"/><HydrationScripts options/></head><body><App/></body></html> }
}
