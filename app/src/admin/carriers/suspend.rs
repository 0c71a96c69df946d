use chrono::Days;
use engine::model::{FieldError, Service};
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::AppError;
use crate::calls::carriers::suspend_service;
use crate::components::{
    Clock, Dialog, Entry, FormError, Moment, Toasts, Wrong, local_field, moment_of,
};

/// Sends nothing with the service until a time, or sends with it again.
#[component]
pub fn Suspend(
    service: Service,
    open: RwSignal<bool>,
    reload: impl Fn() + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let toasts = expect_context::<Toasts>();
    let now = expect_context::<Clock>().now_untracked();
    let code = StoredValue::new(service.code.clone());
    let resume = move |_| {
        spawn_local(async move {
            match suspend_service(code.get_value(), None).await {
                Ok(()) => {
                    toasts.say("Service in use again");
                    reload();
                }
                Err(error) => toasts.say(error.to_string()),
            }
        });
    };
    if let Some(until) = service
        .suspended_until
        .filter(|_| service.is_suspended(now))
    {
        return view! {
            <div class="actions">
                <button type="button" class="button" on:click=resume>
                    "Use it again"
                </button>
                <span class="muted">"Nothing is sent or promised with it until " <Moment at=until/></span>
            </div>
        }
        .into_any();
    }
    view! {
        <div class="actions">
            <button type="button" class="button" on:click=move |_| open.set(true)>
                "Suspend until…"
            </button>
        </div>
    }
    .into_any()
}

/// Asks until when.
#[component]
pub fn SuspendDialog(
    code: StoredValue<String>,
    open: RwSignal<bool>,
    reload: impl Fn() + Copy + Send + Sync + 'static,
) -> impl IntoView {
    view! {
        <Dialog open title="Suspend the service".to_owned()>
            <Form code open reload/>
        </Dialog>
    }
    .into_any()
}

#[component]
fn Form(
    code: StoredValue<String>,
    open: RwSignal<bool>,
    reload: impl Fn() + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let toasts = expect_context::<Toasts>();
    let wrong = Wrong::provide();
    let busy = RwSignal::new(false);
    let tomorrow = expect_context::<Clock>().now_untracked() + Days::new(1);
    let until = RwSignal::new(local_field(tomorrow));
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        let Some(at) = moment_of(&until.get_untracked()) else {
            let error = FieldError::new("#/suspended_until", "a day and a time are needed");
            return wrong.set(Some(AppError::Invalid(vec![error])));
        };
        busy.set(true);
        wrong.set(None);
        spawn_local(async move {
            let result = suspend_service(code.get_value(), Some(at)).await;
            let _ = busy.try_set(false);
            match result {
                Ok(()) => {
                    toasts.say("Service suspended");
                    open.set(false);
                    reload();
                }
                Err(failed) => wrong.set(Some(failed)),
            }
        });
    };
    view! {
        <form on:submit=submit novalidate>
            <h2>"Suspend the service?"</h2>
            <p>
                "Nothing new is sent or promised with it until then. Orders that could go no other way wait, and go on by themselves when the time is over. What is at nodes already stays there."
            </p>
            <FormError error=Signal::derive(move || wrong.get())/>
            <Entry
                label="Until"
                id="suspend-until"
                kind="datetime-local"
                value=until
                pointer="#/suspended_until"
                help="In your own time."
            />
            <div class="dialog-actions">
                <button type="button" class="button" on:click=move |_| open.set(false)>
                    "Keep it in use"
                </button>
                <button type="submit" class="button danger" disabled=move || busy.get()>
                    "Suspend the service"
                </button>
            </div>
        </form>
    }
    .into_any()
}
