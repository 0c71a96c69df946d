use std::collections::{BTreeMap, BTreeSet};

use engine::model::{FulfillmentId, WorkItem, WorkStep};
use leptos::prelude::*;

use super::card::{Due, UrgencyBadge};
use super::desk::Desk;
use super::{Asked, may_work};
use crate::calls::work::Deed;
use crate::components::{Empty, FulfillmentBadge, Pager};
use crate::format;

/// What is to be done, by when it has to leave.
#[component]
pub fn WorkList(desk: Desk, asked: Memo<Asked>) -> impl IntoView {
    let chosen = RwSignal::new(BTreeSet::<FulfillmentId>::new());
    let listed = Memo::new(move |_| asked.with(|asked| desk.listed(&asked.filter)));
    // Work that leaves at the same time stands together.
    let groups = Memo::new(move |_| {
        let mut groups: Vec<(Option<String>, Vec<FulfillmentId>)> = Vec::new();
        for item in listed.get().into_iter().filter_map(|id| desk.item(id)) {
            let by = item.ship_by.map(format::machine);
            match groups.last_mut() {
                Some((last, ids)) if *last == by => ids.push(item.id),
                _ => groups.push((by, vec![item.id])),
            }
        }
        groups
    });
    let pager = move || {
        let next = desk.next.get();
        let asked = asked.get();
        let first = (asked.place.before > 0)
            .then(|| asked.at(asked.filter.node.clone(), asked.filter.step));
        let next = next.map(|cursor| asked.next_page(cursor));
        view! { <Pager first next/> }
    };
    view! {
        <div class="screen-head">
            <h1>"Work"</h1>
            <NodeChoice desk asked/>
        </div>
        <StepTabs desk asked/>
        <Show
            when=move || listed.with(|ids| !ids.is_empty())
            fallback=move || {
                let title = match asked.with(|asked| asked.filter.step) {
                    Some(step) => format!("Nothing {}", step.label().to_lowercase()),
                    None => "Nothing to do".to_owned(),
                };
                view! { <Empty title text="New work shows up here by itself."/> }
            }
        >
            <For each=move || groups.get() key=|(by, ids)| (by.clone(), ids.clone()) let((_, ids))>
                <section class="work-group">
                    {desk.item(ids[0]).map(|first| view! { <Due item=first/> })}
                    <ul class="work-cards">
                        <For each=move || ids.clone() key=|id| *id let(id)>
                            <Row id desk asked chosen/>
                        </For>
                    </ul>
                </section>
            </For>
        </Show>
        {pager}
        <BulkBar desk asked chosen/>
    }
    .into_any()
}

/// Which node's work it is, for those who see several.
#[component]
fn NodeChoice(desk: Desk, asked: Memo<Asked>) -> impl IntoView {
    let navigate = leptos_router::hooks::use_navigate();
    let choose = move |event| {
        let node = Some(event_target_value(&event)).filter(|node| !node.is_empty());
        let asked = asked.get_untracked();
        navigate(&asked.at(node, asked.filter.step), Default::default());
    };
    let chosen = move || asked.with(|asked| asked.filter.node.clone().unwrap_or_default());
    move || {
        let nodes = desk.nodes.get();
        if nodes.len() < 2 {
            let name = nodes.into_iter().next().map(|(_, name)| name);
            return name.map(|name| view! { <span class="muted">{name}</span> }.into_any());
        }
        let options = nodes
            .into_iter()
            .map(|(code, name)| {
                let value = code.clone();
                view! { <option value=code selected=move || chosen() == value>{name}</option> }
            })
            .collect_view();
        let select = view! {
            <label class="field work-node">
                <span class="visually-hidden">"Node"</span>
                <select on:change=choose.clone() prop:value=chosen>
                    <option value="">"All nodes"</option>
                    {options}
                </select>
            </label>
        };
        Some(select.into_any())
    }
}

#[component]
fn StepTabs(desk: Desk, asked: Memo<Asked>) -> impl IntoView {
    let tab = move |step: Option<WorkStep>, label: &'static str| {
        let address = move || {
            let asked = asked.get();
            asked.at(asked.filter.node.clone(), step)
        };
        let n = move || match step {
            Some(step) => desk
                .counts
                .with(|counts| counts.get(&step).copied().unwrap_or(0)),
            None => desk.counts.with(|counts| counts.values().sum()),
        };
        let current = move || {
            asked
                .with(|asked| asked.filter.step == step)
                .then_some("page")
        };
        view! {
            <li>
                <a href=address aria-current=current>
                    {label}
                    " "
                    <span class="tab-count">{move || format::count(n().cast_signed())}</span>
                </a>
            </li>
        }
    };
    let steps = WorkStep::ALL.iter();
    view! {
        <nav class="tabs" aria-label="Steps">
            <ul>
                {tab(None, "All")}
                {steps.map(|step| tab(Some(*step), step.label())).collect_view()}
            </ul>
        </nav>
    }
    .into_any()
}

/// One fulfillment in the list.
#[component]
fn Row(
    id: FulfillmentId,
    desk: Desk,
    asked: Memo<Asked>,
    chosen: RwSignal<BTreeSet<FulfillmentId>>,
) -> impl IntoView {
    let item = Memo::new(move |_| desk.item(id));
    move || {
        let item = item.get()?;
        let number = item.order_number;
        let address = asked.with(|asked| asked.with_open(&[id]));
        let choose = move |event| {
            let on = event_target_checked(&event);
            chosen.update(|chosen| {
                if on {
                    chosen.insert(id);
                } else {
                    chosen.remove(&id);
                }
            });
        };
        let many_nodes = desk.nodes.with(|nodes| nodes.len() > 1);
        let summary = summary(&item);
        let step = next_step(&item);
        let row = view! {
            <li class="work-card">
                {may_work()
                    .then(|| {
                        view! {
                            <label class="check work-check">
                                <span class="visually-hidden">{format!("Choose order {number}")}</span>
                                <input
                                    type="checkbox"
                                    prop:checked=move || chosen.with(|chosen| chosen.contains(&id))
                                    on:change=choose
                                />
                            </label>
                        }
                    })}
                <div class="work-what">
                    <p class="work-title">
                        <a href=address.clone()>{format!("#{number}")}</a>
                        " "
                        <FulfillmentBadge status=item.status/>
                        " "
                        <UrgencyBadge item=item.clone()/>
                    </p>
                    <p>{summary}</p>
                    {many_nodes.then(|| view! { <p class="muted">{item.node_name.clone()}</p> })}
                    {move || desk.refusal(id).map(|text| view! { <p class="form-error" role="alert">{text}</p> })}
                </div>
                <div class="work-do">
                    {match step {
                        Some(WorkStep::ToAccept) if may_work() => {
                            view! {
                                <button
                                    type="button"
                                    class="button primary"
                                    aria-label=format!("Accept order {number}")
                                    on:click=move |_| desk.act(id, Deed::Accept)
                                >
                                    "Accept"
                                </button>
                            }
                                .into_any()
                        }
                        Some(step) => {
                            view! {
                                <a
                                    class="button"
                                    href=address
                                    aria-label=format!("{} order {number}", verb(step))
                                >
                                    {verb(step)}
                                </a>
                            }
                                .into_any()
                        }
                        None => ().into_any(),
                    }}
                </div>
            </li>
        };
        Some(row)
    }
}

fn next_step(item: &WorkItem) -> Option<WorkStep> {
    WorkStep::of(item.status)
}

fn verb(step: WorkStep) -> &'static str {
    match step {
        WorkStep::ToAccept => "Open",
        WorkStep::ToPick => "Pick",
        WorkStep::ToHandOver => "Hand over",
        WorkStep::ToCollect => "Hand out",
    }
}

/// `3 units: Tea, Cup and 2 more`
fn summary(item: &WorkItem) -> String {
    let names: Vec<_> = item
        .lines
        .iter()
        .take(2)
        .map(|line| line.product_name.as_str())
        .collect();
    let more = item.lines.len().saturating_sub(2);
    let more = if more > 0 {
        format!(" and {more} more")
    } else {
        String::new()
    };
    let units = format::counted(item.units(), "unit", "units");
    format!("{units}: {}{more}", names.join(", "))
}

/// What can be done with those that are chosen.
#[component]
fn BulkBar(
    desk: Desk,
    asked: Memo<Asked>,
    chosen: RwSignal<BTreeSet<FulfillmentId>>,
) -> impl IntoView {
    let steps = Memo::new(move |_| {
        let chosen = chosen.get();
        let at = |step| (step, desk.at_step(&chosen, step));
        BTreeMap::from([at(WorkStep::ToAccept), at(WorkStep::ToPick)])
    });
    let accept = move |_| {
        for id in &steps.get_untracked()[&WorkStep::ToAccept] {
            desk.act(*id, Deed::Accept);
        }
    };
    move || {
        let n = chosen.with(BTreeSet::len);
        (n > 0).then(|| {
            let steps = steps.get();
            let to_accept = steps[&WorkStep::ToAccept].len();
            let to_pick = &steps[&WorkStep::ToPick];
            let pick = (!to_pick.is_empty()).then(|| asked.with(|asked| asked.with_open(to_pick)));
            view! {
                <div class="bulk" role="region" aria-label="Chosen work">
                    <strong role="status">{format!("{} chosen", format::count(n as i64))}</strong>
                    {(to_accept > 0)
                        .then(|| {
                            view! {
                                <button type="button" class="button primary" on:click=accept>
                                    {format!("Accept {to_accept}")}
                                </button>
                            }
                        })}
                    {pick
                        .map(|address| {
                            view! {
                                <a class="button" href=address>
                                    {format!("Pick {} together", to_pick.len())}
                                </a>
                            }
                        })}
                    <button type="button" class="button plain" on:click=move |_| chosen.set(BTreeSet::new())>
                        "Clear"
                    </button>
                </div>
            }
        })
    }
}
