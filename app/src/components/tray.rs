use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::{Happened, when_it_happens};
use crate::calls::orders::load_running;

/// What runs in the background, wherever one is; it leads to the list of orders.
#[component]
pub fn Tray() -> impl IntoView {
    let running = RwSignal::new(Vec::<String>::new());
    let look = move || {
        spawn_local(async move {
            if let Ok(now) = load_running().await {
                let _ = running.try_set(now);
            }
        });
    };
    Effect::new(look);
    let about_actions = |event: &Happened| event.kind.starts_with("bulk_action.");
    when_it_happens(Duration::from_millis(500), about_actions, look);
    view! {
        <Show when=move || !running.with(Vec::is_empty)>
            <a class="tray" href="/orders" title=move || running.get().join(", ")>
                <span class="tray-wheel" aria-hidden="true"></span>
                <span class="tray-text">{move || running.with(|all| all.join(", "))}</span>
            </a>
        </Show>
    }
    .into_any()
}
