use leptos::ev;
use leptos::prelude::*;

/// What is offered while a form holds something that is not saved. It lies over the end of the page, so that nothing
/// moves when it comes.
#[component]
pub fn SaveBar(
    dirty: RwSignal<bool>,
    busy: RwSignal<bool>,
    /// Also on Ctrl S; the form's own submit calls it as well.
    on_save: impl Fn() + Copy + Send + Sync + 'static,
    on_discard: impl Fn() + Copy + Send + Sync + 'static,
) -> impl IntoView {
    Effect::new(move || {
        let key = window_event_listener(ev::keydown, move |event| {
            let saves = (event.ctrl_key() || event.meta_key()) && event.key() == "s";
            if saves && dirty.get_untracked() {
                event.prevent_default();
                if !busy.get_untracked() {
                    on_save();
                }
            }
        });
        on_cleanup(move || key.remove());
    });
    view! {
        <div class="save-bar" class:is-shown=move || dirty.get() role="group" aria-label="Changes">
            <Show when=move || dirty.get()>
                <span role="status">"Not saved yet"</span>
                <button type="button" class="button" disabled=move || busy.get() on:click=move |_| on_discard()>
                    "Discard"
                </button>
                <button
                    type="submit"
                    class="button primary"
                    aria-keyshortcuts="Control+S"
                    disabled=move || busy.get()
                >
                    {move || if busy.get() { "Saving…" } else { "Save" }}
                </button>
            </Show>
        </div>
    }
    .into_any()
}
