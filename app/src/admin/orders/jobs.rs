//! Actions on many orders that the reader has begun: how far each is, how it ended, and the way back.

use std::time::Duration;

use engine::model::{BulkAction, BulkSkip, OrderAction, OrderId};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::act::way_back;
use super::bulk::working;
use crate::AppError;
use crate::calls::orders::{Selection, act_on_orders, load_bulk_actions, stop_bulk_action};
use crate::components::{Coalesced, Toasts, when_it_happens};
use crate::format;

/// An action that was begun.
#[derive(Debug, Clone, PartialEq)]
struct Job {
    action: BulkAction,
    /// The orders, where they were selected one by one.
    orders: Vec<OrderId>,
}

/// Those that were begun in this tab, or before it was opened and still run. They stay while one looks at other
/// screens.
#[derive(Clone, Copy)]
pub struct Jobs(RwSignal<Vec<Job>>);

impl Jobs {
    pub fn provide() {
        provide_context(Jobs(RwSignal::new(Vec::new())));
    }

    /// Follows one more. What has ended with nothing left to do about it makes room.
    fn follow(self, action: BulkAction, orders: Vec<OrderId>) {
        let _ = self.0.try_update(|jobs| {
            let known = jobs.iter_mut().find(|job| job.action.id == action.id);
            if let Some(job) = known {
                if job.orders.is_empty() {
                    job.orders = orders;
                }
            } else {
                jobs.retain(|job| job.action.is_running() || job.action.skipped > 0);
                jobs.push(Job { action, orders });
            }
        });
    }

    fn dismiss(self, id: &str) {
        self.0.update(|jobs| jobs.retain(|job| job.action.id != id));
    }

    fn running(self) -> Vec<String> {
        let running = |jobs: &Vec<Job>| {
            let running = jobs.iter().filter(|job| job.action.is_running());
            running.map(|job| job.action.id.clone()).collect()
        };
        self.0.try_with_untracked(running).unwrap_or_default()
    }

    /// Keeps how one of them stands now, and hands it over when it has just ended.
    fn now(self, action: BulkAction) -> Option<Job> {
        let ended = self.0.try_update(|jobs| {
            let job = jobs.iter_mut().find(|job| job.action.id == action.id)?;
            let ended = job.action.is_running() && !action.is_running();
            job.action = action;
            ended.then(|| job.clone())
        });
        ended.flatten()
    }
}

/// Begins actions on many orders and follows them while the screen is there.
#[derive(Clone, Copy)]
pub struct Bulk {
    jobs: Jobs,
    soon: Coalesced,
    toasts: Toasts,
    /// Called when an action on all that match has ended: rows of the list may not belong there any more.
    reload: Callback<()>,
}

impl Bulk {
    pub fn new(reload: impl Fn() + Send + Sync + 'static) -> Self {
        let bulk = Bulk {
            jobs: expect_context::<Jobs>(),
            soon: Coalesced::new(Duration::from_millis(200)),
            toasts: expect_context::<Toasts>(),
            reload: Callback::new(move |()| reload()),
        };
        let about_actions =
            |event: &crate::components::Happened| event.kind.starts_with("bulk_action.");
        when_it_happens(Duration::from_millis(200), about_actions, move || {
            bulk.look();
        });
        // Whoever has paused the live stream still wants to see it end.
        let later = Coalesced::new(Duration::from_secs(2));
        Effect::new(move || {
            if bulk
                .jobs
                .0
                .with(|jobs| jobs.iter().any(|job| job.action.is_running()))
            {
                later.run(move || bulk.look());
            }
        });
        Effect::new(move || bulk.look());
        bulk
    }

    /// Begins the action.
    pub async fn begin(
        self,
        selection: Selection,
        action: OrderAction,
        why: Option<String>,
    ) -> Result<(), AppError> {
        let orders = match &selection {
            Selection::These(orders) => orders.clone(),
            Selection::Matching(_) => Vec::new(),
        };
        let begun = act_on_orders(selection, action, why).await?;
        self.jobs.follow(begun.open()?, orders);
        self.soon.run(move || self.look());
        Ok(())
    }

    /// The same, from where there is no other place to say that it failed.
    fn begin_here(self, orders: Vec<OrderId>, action: OrderAction) {
        spawn_local(async move {
            if let Err(error) = self.begin(Selection::These(orders), action, None).await {
                self.toasts.say(error.to_string());
            }
        });
    }

    /// Asks how those that run stand now.
    fn look(self) {
        spawn_local(async move {
            let now = load_bulk_actions(self.jobs.running()).await;
            let Ok(now) = now.and_then(|all| all.open::<Vec<BulkAction>>()) else {
                // Whoever waits for them to go on asks again.
                let _ = self.jobs.0.try_update(|_| ());
                return;
            };
            for action in now {
                self.jobs.follow(action.clone(), Vec::new());
                if let Some(job) = self.jobs.now(action) {
                    self.ended(job);
                }
            }
        });
    }

    fn ended(self, job: Job) {
        let text = done_text(&job.action);
        match job.undo() {
            Some((back, orders)) => self
                .toasts
                .say_with_undo(text, move || self.begin_here(orders.clone(), back)),
            None => self.toasts.say(text),
        }
        if job.orders.is_empty() {
            let _ = self.reload.try_run(());
        }
    }
}

impl Job {
    /// What takes it back, and from which orders.
    fn undo(&self) -> Option<(OrderAction, Vec<OrderId>)> {
        let back = way_back(self.action.action)?;
        let skipped = |id: &OrderId| self.action.skips.iter().any(|skip| skip.id == *id);
        let acted: Vec<_> = self
            .orders
            .iter()
            .copied()
            .filter(|id| !skipped(id))
            .collect();
        (!acted.is_empty()).then_some((back, acted))
    }
}

/// How the actions stand.
#[component]
pub fn JobCards(bulk: Bulk) -> impl IntoView {
    let jobs = bulk.jobs;
    view! {
        <For
            each=move || jobs.0.get()
            key=|job| (job.action.id.clone(), job.action.status.clone())
            let(job)
        >
            {if job.action.is_running() {
                view! { <Running jobs action=job.action/> }.into_any()
            } else {
                view! { <Ended bulk job/> }.into_any()
            }}
        </For>
    }
    .into_any()
}

#[component]
fn Running(jobs: Jobs, action: BulkAction) -> impl IntoView {
    let toasts = expect_context::<Toasts>();
    let id = StoredValue::new(action.id);
    let stopping = RwSignal::new(false);
    let of = move |figure: fn(&BulkAction) -> u64| {
        id.with_value(|id| {
            jobs.0.with(|jobs| {
                let job = jobs.iter().find(|job| job.action.id == *id);
                job.map_or(0, |job| figure(&job.action))
            })
        })
    };
    let looked_at = move || of(|action| action.done + action.skipped);
    let total = move || of(|action| action.total);
    let words = working(action.action);
    let stop = move |_| {
        stopping.set(true);
        spawn_local(async move {
            if let Err(error) = stop_bulk_action(id.get_value()).await {
                toasts.say(error.to_string());
                stopping.set(false);
            }
        });
    };
    view! {
        <section class="job" aria-label="Action on many orders">
            <label class="job-progress">
                <span>
                    {words} " "
                    {move || format!("{} of {}", format::count(looked_at()), format::counted(total(), "order", "orders"))}
                </span>
                <progress max=move || total().max(1) value=looked_at></progress>
            </label>
            <button type="button" class="button" disabled=move || stopping.get() on:click=stop>
                {move || if stopping.get() { "Stopping…" } else { "Stop" }}
            </button>
            <p class="muted">"It goes on when you leave this page."</p>
        </section>
    }
    .into_any()
}

#[component]
fn Ended(bulk: Bulk, job: Job) -> impl IntoView {
    let undo = job.undo();
    let Job { action, .. } = job;
    let (id, again) = (action.id.clone(), action.action);
    let skipped: Vec<OrderId> = action.skips.iter().map(|skip| skip.id).collect();
    let text = done_text(&action);
    let more = action.skipped.saturating_sub(skipped.len() as u64);
    let dismiss = {
        let id = id.clone();
        move |_| bulk.jobs.dismiss(&id)
    };
    // What was passed over, tried once more: its state may allow it by now.
    let retry = (!skipped.is_empty()).then(|| {
        let on_click = move |_| {
            bulk.jobs.dismiss(&id);
            bulk.begin_here(skipped.clone(), again);
        };
        view! {
            <button type="button" class="button" on:click=on_click>
                {if more > 0 { "Try these again" } else { "Try again" }}
            </button>
        }
    });
    let undo = undo.map(|(back, orders)| {
        let id = action.id.clone();
        let on_click = move |_| {
            bulk.jobs.dismiss(&id);
            bulk.begin_here(orders.clone(), back);
        };
        view! { <button type="button" class="button" on:click=on_click>"Undo"</button> }
    });
    let list = (!action.skips.is_empty()).then(|| {
        view! {
            <ul class="skipped">
                {action.skips.into_iter().map(|skip| view! { <Skip skip/> }).collect_view()}
                {(more > 0)
                    .then(|| view! { <li class="muted">{format!("and {} more", format::count(more))}</li> })}
            </ul>
        }
    });
    view! {
        <section class="job" aria-label="Action on many orders">
            <strong>{text}</strong>
            {undo}
            {retry}
            <button type="button" class="link" on:click=dismiss>"Dismiss"</button>
            {list}
        </section>
    }
    .into_any()
}

#[component]
fn Skip(skip: BulkSkip) -> impl IntoView {
    // The number stands in front already.
    let again = format!("order #{} ", skip.number);
    let reason = skip.reason.strip_prefix(&again).unwrap_or(&skip.reason);
    let reason = reason.to_owned();
    view! {
        <li>
            <a href=format!("/orders/{}", skip.id)>{format!("#{}", skip.number)}</a>
            " "
            {reason}
        </li>
    }
}

/// What became of it, such as "46 orders held, 2 skipped".
fn done_text(action: &BulkAction) -> String {
    let done = match action.action {
        OrderAction::Hold => "held",
        OrderAction::Release => "released",
        OrderAction::Cancel => "cancelled",
        OrderAction::Reroute => "sent to the router",
    };
    let mut text = format!("{} {done}", format::counted(action.done, "order", "orders"));
    if action.skipped > 0 {
        text.push_str(", ");
        text.push_str(&format::count(action.skipped));
        text.push_str(" skipped");
    }
    if action.status == "stopped" {
        text.push_str(", then stopped");
    }
    text
}
