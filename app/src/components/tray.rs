use std::collections::BTreeSet;

use leptos::prelude::*;

use super::Live;

/// Says on every screen that an action on many orders goes on, whoever has begun it; it leads to the orders.
#[component]
pub fn Tray() -> impl IntoView {
    let running = RwSignal::new(BTreeSet::<String>::new());
    if let Some(live) = use_context::<Live>() {
        live.listen(move |event| {
            let Some(what) = event.kind.strip_prefix("bulk_action.") else {
                return;
            };
            let goes_on = matches!(what, "started" | "progressed");
            running.update(|running| {
                if goes_on {
                    running.insert(event.subject.clone());
                } else {
                    running.remove(&event.subject);
                }
            });
        });
    }
    view! {
        <Show when=move || !running.with(BTreeSet::is_empty)>
            <a class="tray" href="/orders" title="An action on many orders goes on">
                <span class="tray-wheel" aria-hidden="true"></span>
                <span class="tray-text">"Acting on many orders"</span>
            </a>
        </Show>
    }
    .into_any()
}
