use engine::model::{
    FulfillmentId, FulfillmentStatus, PickedLine, RejectCause, Urgency, WorkItem, WorkStep,
};
use leptos::prelude::*;

use super::desk::Desk;
use super::may_work;
use crate::calls::work::Deed;
use crate::components::{Badge, Clock, FulfillmentBadge, When};

/// Says when there is little time left, or none.
#[component]
pub fn UrgencyBadge(item: WorkItem) -> impl IntoView {
    let clock = expect_context::<Clock>();
    move || match item.urgency(clock.now()) {
        Urgency::OnTime => None,
        Urgency::AtRisk => Some(view! { <Badge tone="warn" glyph="!" word="At risk"/> }),
        Urgency::Late => Some(view! { <Badge tone="bad" glyph="!" word="Late"/> }),
    }
}

/// By when a group of work has to leave.
#[component]
pub fn Due(item: WorkItem) -> impl IntoView {
    match item.ship_by.zip(item.ship_by_local) {
        Some((by, local)) => view! {
            <h2 class="due">
                "Due "
                {local}
                " "
                <span class="muted"><When at=by/></span>
            </h2>
        }
        .into_any(),
        None => view! { <h2 class="due">"No time set"</h2> }.into_any(),
    }
}

/// One order and what comes next for it.
#[component]
pub fn OrderCard(id: FulfillmentId, desk: Desk) -> impl IntoView {
    let item = Memo::new(move |_| desk.item(id));
    let status = Memo::new(move |_| item.get().map(|item| item.status));
    let head = move || {
        let item = item.get()?;
        let slip = format!("/work/slip/{id}");
        let head = view! {
            <header class="work-head">
                <h2>
                    {format!("#{}", item.order_number)}
                    " "
                    <FulfillmentBadge status=item.status/>
                    " "
                    <UrgencyBadge item=item.clone()/>
                </h2>
                <a class="button small" href=slip target="_blank" rel="external">"Packing slip"</a>
            </header>
            <Due item=item.clone()/>
            {item
                .accept_by
                .filter(|_| item.status == FulfillmentStatus::Assigned)
                .map(|by| view! { <p class="muted">"To be accepted " <When at=by/></p> })}
        };
        Some(head)
    };
    // Made anew only when the state changes, so that what is being typed stays.
    let next = move || match status.get()? {
        _ if !may_work() => None,
        FulfillmentStatus::Assigned => Some(view! { <RejectForm id desk/> }.into_any()),
        FulfillmentStatus::Accepted => Some(
            view! {
                <Picked id desk item/>
                <RejectForm id desk/>
            }
            .into_any(),
        ),
        FulfillmentStatus::Packed => Some(view! { <HandOver id desk item/> }.into_any()),
        FulfillmentStatus::ReadyForPickup => Some(view! { <HandOut id desk item/> }.into_any()),
        FulfillmentStatus::Rejected => {
            Some(view! { <p>"It is planned again, elsewhere."</p> }.into_any())
        }
        status => WorkStep::of(status)
            .is_none()
            .then(|| view! { <p class="muted">"Done here."</p> }.into_any()),
    };
    view! {
        <section class="card work-order">
            {head}
            {move || desk.refusal(id).map(|text| view! { <p class="form-error" role="alert">{text}</p> })}
            {next}
        </section>
    }
    .into_any()
}

/// Packs what was picked, or says that some of it was not there.
#[component]
fn Picked(id: FulfillmentId, desk: Desk, item: Memo<Option<WorkItem>>) -> impl IntoView {
    let lines = move || {
        let lines = item.get().map(|item| item.lines).unwrap_or_default();
        let lines = lines.into_iter();
        let counted = lines.map(|line| {
            let picked = desk.picked(id, line.line).min(line.quantity);
            (line.line, picked, line.quantity)
        });
        counted.collect::<Vec<_>>()
    };
    let lines = Memo::new(move |_| lines());
    let missing = Memo::new(move |_| {
        lines.with(|lines| {
            lines
                .iter()
                .map(|(_, picked, all)| all - picked)
                .sum::<i64>()
        })
    });
    let collected = move || item.with(|item| item.as_ref().is_some_and(|i| i.service.is_none()));
    let all_there = move |_| {
        for (line, _, all) in lines.get_untracked() {
            desk.count(id, line, all);
        }
    };
    let short = move |_| {
        let lines = lines.get_untracked().into_iter();
        let lines = lines.map(|(line, picked, _)| PickedLine { line, picked });
        desk.act(
            id,
            Deed::ShortPick {
                lines: lines.collect(),
            },
        );
    };
    let pack = move |_| {
        let deed = if untrack(collected) {
            Deed::Ready
        } else {
            Deed::Pack
        };
        desk.act(id, deed);
    };
    move || {
        if missing.get() == 0 {
            let word = if collected() {
                "Ready for pickup"
            } else {
                "Packed"
            };
            return view! {
                <button type="button" class="button primary wide" on:click=pack>
                    {word}
                </button>
            }
            .into_any();
        }
        let missing = missing.get();
        view! {
            <div class="actions">
                <button type="button" class="button" on:click=all_there>"All there"</button>
                <button type="button" class="button danger" on:click=short>
                    {format!("{missing} not found")}
                </button>
            </div>
            <p class="muted">
                "Count what you find. What is missing is sent from elsewhere, and no longer sold here."
            </p>
        }
        .into_any()
    }
}

/// Gives it back, with the reason.
#[component]
fn RejectForm(id: FulfillmentId, desk: Desk) -> impl IntoView {
    let cause = RwSignal::new(RejectCause::Busy);
    let more = RwSignal::new(String::new());
    let reject = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let cause = cause.get_untracked();
        let more = more.get_untracked();
        let reason = match more.trim() {
            "" => cause.label().to_owned(),
            more => more.to_owned(),
        };
        desk.act(id, Deed::Reject { cause, reason });
    };
    let options = RejectCause::ALL.iter().map(|option| {
        let option = *option;
        let chosen = move || cause.get() == option;
        view! { <option value=option.as_str() selected=chosen>{option.label()}</option> }
    });
    view! {
        <details class="reject">
            <summary>"We cannot do this one"</summary>
            <form class="fields" on:submit=reject>
                <label class="field">
                    "Why"
                    <select on:change=move |event| {
                        if let Ok(chosen) = event_target_value(&event).parse() {
                            cause.set(chosen);
                        }
                    }>{options.collect_view()}</select>
                </label>
                <label class="field">
                    "More about it (optional)"
                    <input
                        type="text"
                        maxlength="200"
                        autocomplete="off"
                        on:input=move |event| more.set(event_target_value(&event))
                    />
                </label>
                <button type="submit" class="button danger">"Reject the order"</button>
            </form>
        </details>
    }
    .into_any()
}

/// Hands it over to the carrier.
#[component]
fn HandOver(id: FulfillmentId, desk: Desk, item: Memo<Option<WorkItem>>) -> impl IntoView {
    let planned = item.with_untracked(|item| item.as_ref().and_then(|item| item.service.clone()));
    let service = RwSignal::new(planned);
    let number = RwSignal::new(String::new());
    let ship = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let number = number.get_untracked().trim().to_owned();
        desk.act(
            id,
            Deed::Ship {
                service: service.get_untracked(),
                tracking_number: Some(number).filter(|number| !number.is_empty()),
            },
        );
    };
    let options = move || {
        let services = desk.services.get().into_iter();
        let options = services.map(|(code, words)| {
            let value = code.clone();
            let chosen = move || service.with(|service| service.as_ref() == Some(&value));
            view! { <option value=code selected=chosen>{words}</option> }
        });
        options.collect_view()
    };
    view! {
        <form class="fields" on:submit=ship>
            <label class="field">
                "Carrier"
                <select on:change=move |event| service.set(Some(event_target_value(&event)))>
                    {options}
                </select>
            </label>
            <label class="field">
                "Tracking number"
                <input
                    type="text"
                    required
                    maxlength="100"
                    autocomplete="off"
                    autocapitalize="characters"
                    spellcheck="false"
                    on:input=move |event| number.set(event_target_value(&event))
                />
            </label>
            <button type="submit" class="button primary wide">"Hand over to the carrier"</button>
        </form>
    }
    .into_any()
}

/// Hands it out to the customer who names the code.
#[component]
fn HandOut(id: FulfillmentId, desk: Desk, item: Memo<Option<WorkItem>>) -> impl IntoView {
    let code = RwSignal::new(String::new());
    let hand_out = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let code = code.get_untracked();
        desk.act(id, Deed::HandOut { code });
    };
    let until = item.with_untracked(|item| item.as_ref().and_then(|item| item.collect_by));
    view! {
        {until.map(|until| view! { <p class="muted">"Kept for the customer until " <When at=until/></p> })}
        <form class="fields" on:submit=hand_out>
            <label class="field">
                "The customer's code"
                <input
                    type="text"
                    required
                    class="pickup-code"
                    maxlength="12"
                    autocomplete="off"
                    autocapitalize="characters"
                    spellcheck="false"
                    on:input=move |event| code.set(event_target_value(&event))
                />
            </label>
            <button type="submit" class="button primary wide">"Hand out"</button>
        </form>
    }
    .into_any()
}
