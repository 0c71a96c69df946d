use std::time::Duration;

use engine::model::{CalendarDay, HolidayView, Node, NodeChange, Permission};
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::draft::Draft;
use super::hours::HoursTable;
use super::preview::{Days, Preview, moves};
use super::service_times::ServiceTimes;
use crate::AppError;
use crate::calls::nodes::{change_node, preview_node};
use crate::components::{Dates, Dialog, Entry, FormError, SaveBar, Toasts, Wrong, may, open_about};
use crate::format;

/// How long nobody types before it is reckoned what the change would move.
const PAUSE: Duration = Duration::from_millis(400);

/// Everything of a node that says when it works and how much it can do.
#[component]
pub fn CalendarForm(
    /// As it is stored.
    node: RwSignal<Node>,
    draft: RwSignal<Draft>,
    /// Whether it holds something that is not saved.
    dirty: RwSignal<bool>,
    refresh: impl Fn() + Copy + Send + Sync + 'static,
    /// What it looks like as it is, for who may change it.
    change: Option<NodeChange>,
    /// The coming days, for who may not.
    days: Vec<CalendarDay>,
    services: Vec<String>,
    countries: Vec<String>,
) -> impl IntoView {
    let may_change = may(Permission::ChangeNetwork);
    let toasts = expect_context::<Toasts>();
    let wrong = Wrong::provide();
    let busy = RwSignal::new(false);
    let change = RwSignal::new(change);
    let asking = RwSignal::new(None::<(Node, Vec<String>)>);
    let now = Memo::new(move |_| node.with(|before| draft.get().read(before)));
    Effect::new(move || {
        let changed = now.with(|now| node.with(|before| now.as_ref() != Ok(before)));
        dirty.set(changed);
    });
    if may_change {
        keep_reckoned(now, change, wrong);
    }

    let store = move |changed: Node| {
        busy.set(true);
        wrong.set(None);
        let before = node.get_untracked();
        spawn_local(async move {
            let result = change_node(before, changed.clone()).await;
            let _ = busy.try_set(false);
            match result {
                Ok(()) => {
                    toasts.say("Node saved");
                    let _ = node.try_set(changed);
                }
                Err(failed) => wrong.set(Some(failed)),
            }
        });
    };
    let save = move || {
        if busy.get_untracked() || !dirty.get_untracked() {
            return;
        }
        let changed = match now.get_untracked() {
            Ok(changed) => changed,
            Err(errors) => return wrong.set(Some(AppError::Invalid(errors))),
        };
        busy.set(true);
        wrong.set(None);
        // What it moves is reckoned once more: orders have come in since.
        spawn_local(async move {
            let result = preview_node(changed.clone()).await;
            let result = result.and_then(|change| change.open::<NodeChange>());
            let _ = busy.try_set(false);
            match result {
                Ok(found) if found.moves_anything() => asking.set(Some((changed, moves(&found)))),
                Ok(_) => store(changed),
                Err(failed) => wrong.set(Some(failed)),
            }
        });
    };
    let discard = move || {
        wrong.set(None);
        draft.set(node.with_untracked(Draft::of));
        // What somebody else has changed meanwhile comes with it.
        dirty.set(false);
        refresh();
    };
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        save();
    };
    let services = services.into_iter().map(|code| (code.clone(), code));
    let pickups: Vec<_> = services.collect();
    let mut cutoffs = pickups.clone();
    cutoffs.push(("pickup".to_owned(), "Collection by the customer".to_owned()));
    let (pickups, cutoffs) = (StoredValue::new(pickups), StoredValue::new(cutoffs));
    let countries = StoredValue::new(countries);
    let holidays = Memo::new(move |_| {
        change.with(|change| {
            change
                .as_ref()
                .map(|change| change.holidays.clone())
                .unwrap_or_default()
        })
    });
    let fields = move || {
        let draft = draft.get();
        view! {
            <section class="card" aria-labelledby="week">
                <h2 id="week">"Weekly hours"</h2>
                <HoursTable draft/>
            </section>
            <section class="card" aria-labelledby="own-cutoffs">
                <h2 id="own-cutoffs">"Cut-offs of single services"</h2>
                <ServiceTimes
                    field="cutoffs"
                    what="Cut-off"
                    rows=draft.cutoffs
                    services=cutoffs
                    none="Every service has the cut-off of the week."
                />
            </section>
            <section class="card" aria-labelledby="pickups">
                <h2 id="pickups">"When carriers collect"</h2>
                <ServiceTimes
                    field="pickups"
                    what="Pickup"
                    rows=draft.pickups
                    services=pickups
                    none="Every carrier collects when the node closes."
                />
                <p class="muted">"A service that is listed collects at these times only; one that is not collects when the node closes."</p>
            </section>
            <section class="card" aria-labelledby="closed">
                <h2 id="closed">"Days closed"</h2>
                <Dates legend="Dates on which nobody works" id="node-closed" dates=draft.closed_on none="None beside holidays."/>
                <HolidayFields draft countries holidays/>
            </section>
            <section class="card" aria-labelledby="capacity">
                <h2 id="capacity">"Capacity and pace"</h2>
                <div class="field-row">
                    <Entry
                        label="Units a day"
                        id="node-capacity"
                        value=draft.capacity
                        pointer="#/daily_capacity"
                        inputmode="numeric"
                        help="Left empty: no limit."
                    />
                    <Entry
                        label="Working days to hand over"
                        id="node-handling"
                        value=draft.handling_days
                        pointer="#/handling_days"
                        inputmode="numeric"
                        help="0 is the same day."
                    />
                    <Entry
                        label="Minutes to pack"
                        id="node-pack"
                        value=draft.pack_minutes
                        pointer="#/pack_minutes"
                        inputmode="numeric"
                        help="From the cut-off until the last package is ready."
                    />
                    <Entry
                        label="Minutes until collection"
                        id="node-collect"
                        value=draft.collect_minutes
                        pointer="#/collect_minutes"
                        inputmode="numeric"
                        help="Of opening time, until a customer can collect."
                    />
                </div>
            </section>
        }
    };
    let preview = move || change.get().map(|change| view! { <Preview change dirty/> });
    view! {
        <form class="stack" on:submit=submit novalidate>
            <FormError error=Signal::derive(move || wrong.get())/>
            <div class="columns detail">
                <fieldset class="whole" disabled=!may_change>
                    <legend class="visually-hidden">"The node's calendar and capacity"</legend>
                    {fields}
                </fieldset>
                <aside class="stack beside" aria-label="What follows from it">
                    <section class="card" aria-labelledby="coming">
                        <h2 id="coming">"The next 14 working days"</h2>
                        {preview}
                        {(!may_change)
                            .then(|| {
                                view! {
                                    <Days days/>
                                    <p class="muted">"Your role reads this, and does not change it."</p>
                                }
                            })}
                    </section>
                </aside>
            </div>
            <SaveBar dirty busy on_save=save on_discard=discard/>
        </form>
        <AskDialog asking store/>
    }
    .into_any()
}

/// Asks for what follows whenever the form can be read and nobody types; what the server finds wrong shows at once.
fn keep_reckoned(
    now: Memo<Result<Node, Vec<engine::model::FieldError>>>,
    change: RwSignal<Option<NodeChange>>,
    wrong: Wrong,
) {
    let asked = StoredValue::new(0_u32);
    Effect::new(move |before: Option<()>| {
        let node = now.get();
        let mine = asked.get_value() + 1;
        asked.set_value(mine);
        let Ok(node) = node else { return };
        // How it looks as it is has come with the page.
        if before.is_none() {
            return;
        }
        set_timeout(
            move || {
                if asked.try_get_value() != Some(mine) {
                    return;
                }
                spawn_local(async move {
                    let result = preview_node(node).await;
                    if asked.try_get_value() != Some(mine) {
                        return;
                    }
                    match result.and_then(|packed| packed.open::<NodeChange>()) {
                        Ok(found) => {
                            wrong.set(None);
                            change.set(Some(found));
                        }
                        Err(failed) => wrong.set(Some(failed)),
                    }
                });
            },
            PAUSE,
        );
    });
}

/// Whose holidays are kept, and which of them are worked all the same.
#[component]
fn HolidayFields(
    draft: Draft,
    countries: StoredValue<Vec<String>>,
    holidays: Memo<Vec<HolidayView>>,
) -> impl IntoView {
    let worked = move |day: HolidayView| {
        let (of, changed) = (day.name.clone(), day.name.clone());
        view! {
            <label class="check">
                <input
                    type="checkbox"
                    prop:checked=move || {
                        draft.works_on.with(|names| names.contains(&of) || names.contains("*"))
                    }
                    on:change=move |event| {
                        let is_worked = event_target_checked(&event);
                        draft
                            .works_on
                            .update(|names| {
                                if is_worked { names.insert(changed.clone()) } else { names.remove(&changed) };
                            });
                    }
                />
                <span>
                    {day.name}
                    " "
                    <span class="muted">{format::day(day.date)}</span>
                </span>
            </label>
        }
    };
    let options = countries.with_value(|countries| {
        let option = |code: &String| view! { <option value=code.clone()></option> };
        countries.iter().map(option).collect_view()
    });
    view! {
        <div class="field-row">
            <Entry
                label="Public holidays of"
                id="node-country"
                value=draft.country
                pointer="#/holidays/country"
                list="holiday-countries"
                help="Two letters, such as US. Left empty: none are kept."
            />
            <Entry
                label="And of its part"
                id="node-region"
                value=draft.region
                pointer="#/holidays/region"
                help="BY for Bavaria; may be empty."
            />
        </div>
        <datalist id="holiday-countries">{options}</datalist>
        <Show when=move || !holidays.with(Vec::is_empty)>
            <fieldset class="field">
                <legend>"Worked all the same"</legend>
                <div class="options scrolls" tabindex="0" role="group" aria-label="Holidays of the coming year">
                    <For each=move || unique(holidays.get()) key=|day| (day.name.clone(), day.date) children=worked/>
                </div>
            </fieldset>
        </Show>
    }
    .into_any()
}

/// Each name once, with its next date.
fn unique(days: Vec<HolidayView>) -> Vec<HolidayView> {
    let mut once: Vec<HolidayView> = Vec::new();
    for day in days {
        if once.iter().all(|known| known.name != day.name) {
            once.push(day);
        }
    }
    once
}

/// Says what the change moves before it is saved.
#[component]
fn AskDialog(
    asking: RwSignal<Option<(Node, Vec<String>)>>,
    store: impl Fn(Node) + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let open = open_about(asking);
    let body = move |(node, lines): (Node, Vec<String>)| {
        let lines = lines.into_iter().map(|line| view! { <li>{line}</li> });
        view! {
            <h2>"This moves promises"</h2>
            <ul>{lines.collect_view()}</ul>
            <p class="muted">"What has been told stays stored as it was told; from now on dates follow the new calendar."</p>
            <div class="dialog-actions">
                <button type="button" class="button" autofocus on:click=move |_| open.set(false)>
                    "Keep editing"
                </button>
                <button
                    type="button"
                    class="button primary"
                    on:click=move |_| {
                        open.set(false);
                        store(node.clone());
                    }
                >
                    "Save all the same"
                </button>
            </div>
        }
    };
    view! {
        <Dialog open title="This moves promises".to_owned()>
            {move || asking.get().map(body)}
        </Dialog>
    }
    .into_any()
}
