use leptos::prelude::*;

use super::{Dialog, open_about};

/// What is asked before it is done.
#[derive(Clone)]
pub struct Question {
    pub heading: String,
    /// What follows from it.
    pub consequence: String,
    /// The words of doing it.
    pub confirm: &'static str,
}

/// Asks before something is done that hurts; the safe way out has the focus.
#[component]
pub fn Confirm<T: Clone + Send + Sync + 'static>(
    /// What is asked about, while it is.
    about: RwSignal<Option<T>>,
    question: impl Fn(&T) -> Question + Send + Sync + 'static,
    on_confirm: impl Fn(T) + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let open = open_about(about);
    let question = StoredValue::new(question);
    let ask = move |thing: T| {
        let Question {
            heading,
            consequence,
            confirm,
        } = question.with_value(|question| question(&thing));
        view! {
            <h2>{heading}</h2>
            <p>{consequence}</p>
            <div class="dialog-actions">
                <button type="button" class="button" autofocus on:click=move |_| open.set(false)>
                    "Cancel"
                </button>
                <button
                    type="button"
                    class="button danger"
                    on:click=move |_| {
                        open.set(false);
                        on_confirm(thing.clone());
                    }
                >
                    {confirm}
                </button>
            </div>
        }
    };
    view! {
        <Dialog open title="Are you sure?".to_owned()>
            {move || about.get().map(ask)}
        </Dialog>
    }
    .into_any()
}
