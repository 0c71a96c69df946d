use leptos::prelude::*;

use crate::components::Dialog;

const MOST_WITHOUT_TYPING: u64 = 100;

/// Asks before orders are cancelled, with the numbers, and for the reason. The safe way out has the focus.
#[component]
pub fn CancelDialog(
    open: RwSignal<bool>,
    title: &'static str,
    #[prop(into)] heading: Signal<String>,
    #[prop(into)] consequence: String,
    /// The words of the way out.
    keep: &'static str,
    /// The words of what cannot be undone.
    confirm: &'static str,
    /// How many orders it is about: past a few, their number is to be typed.
    #[prop(optional, into)]
    orders: Signal<u64>,
    /// Gets the reason.
    on_confirm: impl Fn(String) + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let consequence = StoredValue::new(consequence);
    view! {
        <Dialog open title=title.to_owned()>
            <h2>{move || heading.get()}</h2>
            <p>{consequence.get_value()}</p>
            <Answer
                orders=orders.get_untracked()
                keep
                confirm
                on_keep=move || open.set(false)
                on_confirm=move |reason| {
                    open.set(false);
                    on_confirm(reason);
                }
            />
        </Dialog>
    }
    .into_any()
}

#[component]
fn Answer(
    orders: u64,
    keep: &'static str,
    confirm: &'static str,
    on_keep: impl Fn() + 'static,
    on_confirm: impl Fn(String) + 'static,
) -> impl IntoView {
    let reason = RwSignal::new(String::new());
    let typed = RwSignal::new(String::new());
    let is_sure = move || orders <= MOST_WITHOUT_TYPING || typed.get().trim() == orders.to_string();
    view! {
        <label class="field">
            "Reason (for the timeline)"
            <input
                type="text"
                maxlength="500"
                prop:value=move || reason.get()
                on:input=move |event| reason.set(event_target_value(&event))
            />
        </label>
        {(orders > MOST_WITHOUT_TYPING)
            .then(|| {
                view! {
                    <label class="field">
                        {format!("Type {orders} to go on")}
                        <input
                            type="text"
                            inputmode="numeric"
                            autocomplete="off"
                            on:input=move |event| typed.set(event_target_value(&event))
                        />
                    </label>
                }
            })}
        <div class="dialog-actions">
            <button type="button" class="button" autofocus on:click=move |_| on_keep()>
                {keep}
            </button>
            <button
                type="button"
                class="button danger"
                disabled=move || !is_sure()
                on:click=move |_| on_confirm(reason.get_untracked())
            >
                {confirm}
            </button>
        </div>
    }
    .into_any()
}
