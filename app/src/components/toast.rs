use std::sync::Arc;
use std::time::Duration;

use leptos::prelude::*;

/// What one can still do about what a toast says.
type Undo = Arc<dyn Fn() + Send + Sync>;

#[derive(Clone)]
struct Toast {
    id: u64,
    text: String,
    undo: Option<Undo>,
}

/// Short notes on what has just been done. Whatever fails is said where it failed, not here.
#[derive(Clone, Copy)]
pub struct Toasts {
    list: RwSignal<Vec<Toast>>,
    next: StoredValue<u64>,
}

impl Toasts {
    pub fn provide() -> Self {
        let toasts = Toasts {
            list: RwSignal::new(Vec::new()),
            next: StoredValue::new(0),
        };
        provide_context(toasts);
        toasts
    }

    /// Says it for 5 s.
    pub fn say(&self, text: impl Into<String>) {
        self.add(text.into(), None, Duration::from_secs(5));
    }

    /// Says it for 10 s, with a way back.
    pub fn say_with_undo(&self, text: impl Into<String>, undo: impl Fn() + Send + Sync + 'static) {
        self.add(text.into(), Some(Arc::new(undo)), Duration::from_secs(10));
    }

    /// Takes back what the newest toast offers to take back.
    pub fn undo_last(&self) {
        let last = self.list.with_untracked(|list| {
            list.iter()
                .rev()
                .find(|toast| toast.undo.is_some())
                .cloned()
        });
        if let Some(Toast {
            id,
            undo: Some(undo),
            ..
        }) = last
        {
            undo();
            self.remove(id);
        }
    }

    fn add(&self, text: String, undo: Option<Undo>, stays: Duration) {
        let id = self.next.get_value();
        self.next.set_value(id + 1);
        self.list.update(|list| {
            list.push(Toast { id, text, undo });
            if list.len() > 3 {
                list.remove(0);
            }
        });
        let toasts = *self;
        set_timeout(move || toasts.remove(id), stays);
    }

    fn remove(&self, id: u64) {
        // The page may be gone by then.
        let _ = self
            .list
            .try_update(|list| list.retain(|toast| toast.id != id));
    }
}

/// Where toasts show.
#[component]
pub fn ToastRack() -> impl IntoView {
    let toasts = expect_context::<Toasts>();
    view! {
        <div class="toasts" role="status">
            <For each=move || toasts.list.get() key=|toast| toast.id let(toast)>
                <div class="toast">
                    <span>{toast.text}</span>
                    {toast
                        .undo
                        .map(|undo| {
                            view! {
                                <button
                                    type="button"
                                    class="link"
                                    on:click=move |_| {
                                        undo();
                                        toasts.remove(toast.id);
                                    }
                                >
                                    "Undo"
                                </button>
                            }
                        })}
                </div>
            </For>
        </div>
    }
    .into_any()
}
