use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use engine::model::{FulfillmentId, LineId, WorkFilter, WorkItem, WorkStep};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::deeds::{Kept, Store, new_key};
use crate::AppError;
use crate::calls::work::{Deed, Workload, do_work, load_work, load_work_items};
use crate::components::Toasts;

/// How often what waits is sent again.
const AGAIN: Duration = Duration::from_secs(4);

/// What this screen knows and has to do: the work, what was counted, and what the server has still to hear of.
#[derive(Clone, Copy)]
pub struct Desk {
    items: RwSignal<BTreeMap<FulfillmentId, WorkItem>>,
    pub counts: RwSignal<BTreeMap<WorkStep, u64>>,
    pub nodes: RwSignal<Vec<(String, String)>>,
    pub services: RwSignal<Vec<(String, String)>>,
    pub next: RwSignal<Option<String>>,
    /// Oldest first.
    kept: RwSignal<Vec<Kept>>,
    /// Why what is kept does not go out.
    pub stuck: RwSignal<Option<AppError>>,
    /// What the server would not do, by fulfillment.
    refused: RwSignal<BTreeMap<FulfillmentId, String>>,
    /// Units that were counted into the hand.
    picked: RwSignal<BTreeMap<(FulfillmentId, LineId), i64>>,
    sending: StoredValue<bool>,
    user: StoredValue<String>,
    toasts: Toasts,
}

impl Desk {
    pub fn provide(user: String) -> Self {
        let desk = Desk {
            items: RwSignal::default(),
            counts: RwSignal::default(),
            nodes: RwSignal::default(),
            services: RwSignal::default(),
            next: RwSignal::default(),
            kept: RwSignal::default(),
            stuck: RwSignal::default(),
            refused: RwSignal::default(),
            picked: RwSignal::default(),
            sending: StoredValue::new(false),
            user: StoredValue::new(user),
            toasts: expect_context(),
        };
        provide_context(desk);
        // What was kept when the page was left goes out now.
        Effect::new(move || {
            desk.kept.set(desk.store().read());
            desk.send();
            if let Ok(handle) = set_interval_with_handle(move || desk.send(), AGAIN) {
                on_cleanup(move || handle.clear());
            }
            let online = window_event_listener(leptos::ev::online, move |_| desk.send());
            on_cleanup(move || online.remove());
        });
        desk
    }

    fn store(self) -> Store {
        self.user.with_value(|user| Store::of(user))
    }

    /// Takes in what the server has told; work that is no longer in the list goes, unless it is open.
    pub fn take(self, page: Workload, open: &[FulfillmentId]) {
        let told = page.items.items.into_iter().chain(page.open);
        let told: BTreeMap<_, _> = told.map(|item| (item.id, item)).collect();
        self.items.update(|items| {
            items.retain(|id, _| open.contains(id));
            items.extend(told);
        });
        self.counts.set(page.counts);
        self.nodes.set(page.nodes);
        self.services.set(page.services);
        self.next.set(page.items.next_cursor);
    }

    /// Asks for the list again and puts it in the place of what is there, without moving anything else.
    pub fn refresh(self, filter: WorkFilter, cursor: Option<String>, open: Vec<FulfillmentId>) {
        spawn_local(async move {
            // What fails here comes again with the next event.
            let Ok(packed) = load_work(filter, cursor, open.clone()).await else {
                return;
            };
            if let Ok(page) = packed.open() {
                self.take(page, &open);
            }
        });
    }

    /// Asks for those that are not here.
    pub fn fetch(self, ids: Vec<FulfillmentId>) {
        let known = self.items.read_untracked();
        let missing: Vec<_> = ids
            .into_iter()
            .filter(|id| !known.contains_key(id))
            .collect();
        drop(known);
        if missing.is_empty() {
            return;
        }
        spawn_local(async move {
            let Ok(packed) = load_work_items(missing).await else {
                return;
            };
            if let Ok(found) = packed.open::<Vec<WorkItem>>() {
                self.items.update(|items| {
                    items.extend(found.into_iter().map(|item| (item.id, item)));
                });
            }
        });
    }

    pub fn is_empty(self) -> bool {
        self.items.with_untracked(BTreeMap::is_empty)
    }

    /// A fulfillment as it will be when the server has heard of everything.
    pub fn item(self, id: FulfillmentId) -> Option<WorkItem> {
        let mut item = self.items.with(|items| items.get(&id).cloned())?;
        self.kept.with(|kept| {
            let of_it = kept.iter().filter(|kept| kept.id == id);
            of_it.for_each(|kept| kept.deed.foresee(&mut item));
        });
        Some(item)
    }

    /// What the list shows, what has to leave first being first.
    pub fn listed(self, filter: &WorkFilter) -> Vec<FulfillmentId> {
        let ids: Vec<_> = self.items.with(|items| items.keys().copied().collect());
        let items = ids.into_iter().filter_map(|id| self.item(id));
        let mut items: Vec<_> = items
            .filter(|item| {
                let step = WorkStep::of(item.status);
                step.is_some()
                    && filter.step.is_none_or(|wanted| step == Some(wanted))
                    && filter.node.as_ref().is_none_or(|node| *node == item.node)
            })
            .collect();
        items.sort_by_key(|item| (item.ship_by.is_none(), item.ship_by, item.id));
        items.into_iter().map(|item| item.id).collect()
    }

    pub fn waiting(self) -> usize {
        self.kept.with(Vec::len)
    }

    pub fn refusal(self, id: FulfillmentId) -> Option<String> {
        self.refused.with(|refused| refused.get(&id).cloned())
    }

    pub fn picked(self, id: FulfillmentId, line: LineId) -> i64 {
        self.picked
            .with(|picked| picked.get(&(id, line)).copied().unwrap_or(0))
    }

    pub fn count(self, id: FulfillmentId, line: LineId, units: i64) {
        self.picked.update(|picked| {
            picked.insert((id, line), units);
        });
    }

    /// Does it: here at once, and on the server as soon as it is reached.
    pub fn act(self, id: FulfillmentId, deed: Deed) {
        self.refused.update(|refused| {
            refused.remove(&id);
        });
        let mut kept = self.store().read();
        // The same twice in a row is a finger that was too quick.
        if kept.iter().any(|kept| kept.id == id && kept.deed == deed) {
            return;
        }
        kept.push(Kept {
            key: new_key(),
            id,
            deed,
        });
        self.keep(kept);
        self.send();
    }

    fn keep(self, kept: Vec<Kept>) {
        self.store().write(&kept);
        self.kept.set(kept);
    }

    /// Sends what is kept, one after the other, until it is all gone or the server does not answer.
    fn send(self) {
        if self.sending.try_get_value() != Some(false) {
            return;
        }
        let mut next = self.store().read().into_iter().next();
        if next.is_none() {
            return;
        }
        self.sending.set_value(true);
        spawn_local(async move {
            while let Some(Kept { key, id, deed }) = next {
                let told = deed.told();
                match do_work(key.clone(), id, deed).await {
                    Ok(packed) => {
                        if let Ok(item) = packed.open::<WorkItem>() {
                            self.toasts
                                .say(format!("{told}: order #{}", item.order_number));
                            let _ = self.items.try_update(|items| items.insert(id, item));
                        }
                        self.stuck.set(None);
                        self.forget(|kept| kept.key == key);
                    }
                    Err(
                        error @ (AppError::Offline | AppError::Failed(_) | AppError::SignedOut),
                    ) => {
                        self.stuck.set(Some(error));
                        break;
                    }
                    Err(error) => {
                        self.stuck.set(None);
                        // What was to follow it makes no sense without it.
                        self.forget(|kept| kept.id == id);
                        self.refused.update(|refused| {
                            refused.insert(id, error.to_string());
                        });
                        self.refetch(id).await;
                    }
                }
                next = self.store().read().into_iter().next();
            }
            let _ = self.sending.try_set_value(false);
        });
    }

    fn forget(self, which: impl Fn(&Kept) -> bool) {
        let mut kept = self.store().read();
        kept.retain(|kept| !which(kept));
        self.keep(kept);
    }

    async fn refetch(self, id: FulfillmentId) {
        let Ok(packed) = load_work_items(vec![id]).await else {
            return;
        };
        if let Ok(found) = packed.open::<Vec<WorkItem>>() {
            let _ = self.items.try_update(|items| {
                items.extend(found.into_iter().map(|item| (item.id, item)));
            });
        }
    }

    /// Those of these that can be done next with `step`.
    pub fn at_step(self, ids: &BTreeSet<FulfillmentId>, step: WorkStep) -> Vec<FulfillmentId> {
        let items = ids.iter().filter_map(|id| self.item(*id));
        let at = items.filter(|item| item.status == step.status());
        at.map(|item| item.id).collect()
    }
}
