//! What one does with the exceptions that are chosen, by keys and by buttons.

use std::collections::BTreeSet;

use chrono::Duration;
use engine::model::{ExceptionAction, ExceptionId, Permission};
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use wasm_bindgen::JsCast;

use super::Asked;
use crate::AppError;
use crate::calls::exceptions::act_on_exceptions;
use crate::components::{Clock, Dialog, FormError, Keys, Toasts, may};
use crate::format;

/// For how long an exception is put off.
const SNOOZE_HOURS: [(i64, &str); 3] = [(1, "1 hour"), (4, "4 hours"), (24, "1 day")];

/// Which exceptions are meant.
#[derive(Clone, Copy)]
pub struct Chosen {
    pub ids: RwSignal<BTreeSet<ExceptionId>>,
    /// The row that one stands on.
    pub at: RwSignal<Option<usize>>,
    pub open: Memo<Option<ExceptionId>>,
    pub asked: Memo<Asked>,
    /// Those of the page, in their order.
    order: StoredValue<Vec<ExceptionId>>,
    /// Those whose end is being asked for.
    pub resolving: RwSignal<Option<Vec<ExceptionId>>>,
    pub error: RwSignal<Option<AppError>>,
    /// Which fix the detail was asked to apply, by its number from 1.
    pub fix: RwSignal<Option<usize>>,
}

impl Chosen {
    pub fn new(asked: Memo<Asked>, open: Memo<Option<ExceptionId>>) -> Self {
        Chosen {
            ids: RwSignal::new(BTreeSet::new()),
            at: RwSignal::new(None),
            open,
            asked,
            order: StoredValue::new(Vec::new()),
            resolving: RwSignal::new(None),
            error: RwSignal::new(None),
            fix: RwSignal::new(None),
        }
    }

    /// The page has these now; what is gone is no longer chosen.
    pub fn listed(self, ids: impl Iterator<Item = ExceptionId>) {
        let ids: Vec<_> = ids.collect();
        self.order.set_value(ids.clone());
        if self
            .ids
            .with_untracked(|chosen| chosen.iter().any(|id| !ids.contains(id)))
        {
            self.ids
                .update(|chosen| chosen.retain(|id| ids.contains(id)));
        }
    }

    pub fn toggle(self, id: ExceptionId) {
        self.ids.update(|ids| {
            if !ids.remove(&id) {
                ids.insert(id);
            }
        });
    }

    /// What an action is about: what is selected, or else what is open, or else where one stands.
    pub fn meant(self) -> Vec<ExceptionId> {
        let selected: Vec<_> = self.ids.with_untracked(|ids| ids.iter().copied().collect());
        if !selected.is_empty() {
            return selected;
        }
        let here = self.at.get_untracked();
        let here = here.and_then(|at| self.order.with_value(|ids| ids.get(at).copied()));
        self.open.get_untracked().or(here).into_iter().collect()
    }
}

/// Does it with what is meant, and says so.
pub fn act(
    chosen: Chosen,
    action: ExceptionAction,
    toasts: Toasts,
    done: impl Fn() + Copy + Send + Sync + 'static,
) {
    let ids = chosen.meant();
    act_on(chosen, ids, action, toasts, done);
}

pub fn act_on(
    chosen: Chosen,
    ids: Vec<ExceptionId>,
    action: ExceptionAction,
    toasts: Toasts,
    done: impl Fn() + Copy + Send + Sync + 'static,
) {
    if ids.is_empty() {
        return;
    }
    leptos::task::spawn_local(async move {
        let word = match &action {
            ExceptionAction::Snooze { .. } => "snoozed",
            ExceptionAction::Wake => "back in the inbox",
            ExceptionAction::AssignToMe => "taken over",
            ExceptionAction::Unassign => "given back",
            ExceptionAction::Resolve { .. } => "resolved",
        };
        let undo = match &action {
            ExceptionAction::Snooze { .. } => Some(ExceptionAction::Wake),
            ExceptionAction::AssignToMe => Some(ExceptionAction::Unassign),
            _ => None,
        };
        match act_on_exceptions(ids.clone(), action).await {
            Ok(n) => {
                chosen.error.set(None);
                chosen.ids.update(BTreeSet::clear);
                let text = format!(
                    "{} {word}",
                    format::counted(n as i64, "exception", "exceptions")
                );
                match undo {
                    Some(undo) => toasts.say_with_undo(text, move || {
                        act_on(chosen, ids.clone(), undo.clone(), toasts, done);
                    }),
                    None => toasts.say(text),
                }
                done();
            }
            Err(error) => chosen.error.set(Some(error)),
        }
    });
}

/// Binds the keys of the inbox while it is there.
pub fn bind_keys(chosen: Chosen, done: impl Fn() + Copy + Send + Sync + 'static) {
    let Some(keys) = use_context::<Keys>() else {
        return;
    };
    let toasts = expect_context::<Toasts>();
    let clock = expect_context::<Clock>();
    let navigate = StoredValue::new(use_navigate());
    let show = move |id: Option<ExceptionId>| {
        let options = NavigateOptions {
            replace: true,
            scroll: false,
            ..NavigateOptions::default()
        };
        let address = chosen.asked.with_untracked(|asked| asked.address(id));
        navigate.with_value(|navigate| navigate(&address, options));
    };
    let go = move |by: isize| {
        let last = chosen.order.with_value(Vec::len).saturating_sub(1);
        let next = match chosen.at.get_untracked() {
            None => 0,
            Some(at) => at.saturating_add_signed(by).min(last),
        };
        chosen.at.set(Some(next));
        let link = document().get_element_by_id(&format!("row-{next}"));
        if let Some(link) = link.and_then(|link| link.dyn_into::<web_sys::HtmlElement>().ok()) {
            let _ = link.focus();
        }
        let id = chosen.order.with_value(|ids| ids.get(next).copied());
        if chosen.open.with_untracked(Option::is_some) || by == 0 {
            show(id);
        }
    };
    keys.bind("j", "Next exception", move || go(1));
    keys.bind("k", "Previous exception", move || go(-1));
    keys.bind("o", "Open the exception", move || go(0));
    keys.bind("Escape", "Close the exception", move || show(None));
    if !may(Permission::ChangeOrders) {
        return;
    }
    keys.bind("x", "Select the exception", move || {
        let here = chosen.at.get_untracked();
        if let Some(id) = here.and_then(|at| chosen.order.with_value(|ids| ids.get(at).copied())) {
            chosen.toggle(id);
        }
    });
    keys.bind("e", "Resolve with a reason", move || {
        let ids = chosen.meant();
        if !ids.is_empty() {
            chosen.resolving.set(Some(ids));
        }
    });
    keys.bind("z", "Snooze for 4 hours", move || {
        let until = clock.now() + Duration::hours(4);
        act(chosen, ExceptionAction::Snooze { until }, toasts, done);
    });
    keys.bind("a", "Assign to me", move || {
        act(chosen, ExceptionAction::AssignToMe, toasts, done);
    });
    for (key, label, n) in [
        ("1", "Apply the first fix", 1),
        ("2", "Apply the second fix", 2),
        ("3", "Apply the third fix", 3),
        ("4", "Apply the fourth fix", 4),
        ("5", "Apply the fifth fix", 5),
    ] {
        keys.bind(key, label, move || chosen.fix.set(Some(n)));
    }
}

/// Buttons for what is selected.
#[component]
pub fn BulkBar(chosen: Chosen) -> impl IntoView {
    let toasts = expect_context::<Toasts>();
    let clock = expect_context::<Clock>();
    let is_idle = move || chosen.ids.with(BTreeSet::is_empty);
    let done = move || chosen.ids.update(BTreeSet::clear);
    view! {
        <div class="bulk" role="toolbar" aria-label="With the selected exceptions">
            <span role="status">
                {move || {
                    chosen.ids.with(|ids| format!("{} selected", format::count(ids.len() as i64)))
                }}
            </span>
            {SNOOZE_HOURS
                .map(|(hours, words)| {
                    view! {
                        <button
                            type="button"
                            class="button small"
                            disabled=is_idle
                            on:click=move |_| {
                                let until = clock.now() + Duration::hours(hours);
                                act(chosen, ExceptionAction::Snooze { until }, toasts, done);
                            }
                        >
                            {format!("Snooze {words}")}
                        </button>
                    }
                })}
            <button
                type="button"
                class="button small"
                disabled=is_idle
                on:click=move |_| act(chosen, ExceptionAction::AssignToMe, toasts, done)
            >
                "Assign to me"
            </button>
            <button
                type="button"
                class="button small"
                disabled=is_idle
                on:click=move |_| chosen.resolving.set(Some(chosen.meant()))
            >
                "Resolve"
            </button>
        </div>
        <FormError error=chosen.error/>
    }
    .into_any()
}

/// Asks how it ended.
#[component]
pub fn ResolveDialog(
    chosen: Chosen,
    done: impl Fn() + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let toasts = expect_context::<Toasts>();
    let open = crate::components::open_about(chosen.resolving);
    let reason = RwSignal::new(String::new());
    let send = move || {
        let text = reason.get_untracked().trim().to_owned();
        let ids = chosen.resolving.get_untracked().unwrap_or_default();
        if text.is_empty() {
            return;
        }
        open.set(false);
        reason.set(String::new());
        act_on(
            chosen,
            ids,
            ExceptionAction::Resolve { reason: text },
            toasts,
            done,
        );
    };
    view! {
        <Dialog open title="Resolve".to_owned()>
            <form on:submit=move |event| {
                event.prevent_default();
                send();
            }>
                <h2>"How did it end?"</h2>
                <label class="field">
                    "Reason (for the timeline)"
                    <input
                        type="text"
                        required
                        autofocus
                        maxlength="500"
                        prop:value=move || reason.get()
                        on:input=move |event| reason.set(event_target_value(&event))
                    />
                </label>
                <div class="dialog-actions">
                    <button type="button" class="button" on:click=move |_| open.set(false)>
                        "Cancel"
                    </button>
                    <button type="submit" class="button primary">"Resolve"</button>
                </div>
            </form>
        </Dialog>
    }
    .into_any()
}
