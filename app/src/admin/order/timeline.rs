use engine::model::EventView;
use leptos::prelude::*;

use crate::components::When;
use crate::format;

/// Entries before the middle is folded away.
const SHOWN: usize = 6;

/// Everything that happened to the order, newest first.
#[component]
pub fn Timeline(events: Vec<EventView>) -> impl IntoView {
    let all = events.len();
    let open = RwSignal::new(all <= SHOWN + 2);
    let folded = all.saturating_sub(SHOWN + 1);
    let entry = |event: EventView| {
        view! {
            <p>
                <span class="what">{event.summary}</span>
                <span class="muted">
                    {event.actor} " · " <When at=event.at/>
                    <span class="seq" title="Number in the event log">{format!(" · event {}", event.seq)}</span>
                </span>
            </p>
        }
    };
    view! {
        <section class="card" aria-labelledby="timeline">
            <h2 id="timeline">
                "Timeline " <span class="muted">{format::counted(all, "event", "events")}</span>
            </h2>
            <ol class="timeline">
                {events
                    .into_iter()
                    .enumerate()
                    .map(|(i, event)| {
                        let middle = i >= SHOWN && i + 1 < all;
                        view! { <li class:folded=move || middle && !open.get()>{entry(event)}</li> }
                    })
                    .collect_view()}
            </ol>
            <Show when=move || !open.get()>
                <button type="button" class="link" on:click=move |_| open.set(true)>
                    {format!("Show {} more", format::count(folded))}
                </button>
            </Show>
        </section>
    }
    .into_any()
}
