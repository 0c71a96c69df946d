use std::collections::BTreeMap;

use engine::model::{Currency, DecisionView, Together};
use engine::routing::{Candidate, Change, Cost, Split, Verdict};
use leptos::prelude::*;

use crate::components::{Badge, When};
use crate::format;

/// Rows of the candidate table before the rest is folded away.
const ROWS_SHOWN: usize = 12;

/// Why the order is fulfilled where it is: the newest decision at full length, those before it folded.
#[component]
pub fn Why(
    decisions: Vec<DecisionView>,
    node_names: BTreeMap<String, String>,
    currency: Currency,
) -> impl IntoView {
    let names = StoredValue::new(node_names);
    let mut decisions = decisions.into_iter();
    let newest = decisions.next();
    let earlier: Vec<_> = decisions.collect();
    view! {
        <section class="card" aria-labelledby="why">
            <h2 id="why">"Why here?"</h2>
            {newest.map(|decision| view! { <Decision decision names currency/> })}
            {(!earlier.is_empty())
                .then(|| {
                    view! {
                        <h3>"Earlier decisions"</h3>
                        {earlier
                            .into_iter()
                            .map(|decision| {
                                view! {
                                    <details class="earlier">
                                        <summary>
                                            {format!("Run {}: {} · ", decision.run, decision.trigger.label())}
                                            <When at=decision.decided_at/>
                                        </summary>
                                        <Decision decision names currency/>
                                    </details>
                                }
                            })
                            .collect_view()}
                    }
                })}
        </section>
    }
    .into_any()
}

#[component]
fn Decision(
    decision: DecisionView,
    names: StoredValue<BTreeMap<String, String>>,
    currency: Currency,
) -> impl IntoView {
    let DecisionView {
        run,
        trigger,
        decided_at,
        took_us,
        summary,
        plan,
        problem,
        ruled_out,
        explanation,
        together,
        ..
    } = decision;
    let cost = plan.cost;
    let packages = StoredValue::new(plan.packages.clone());
    let rank_of = |node: &str| {
        let feasible = explanation
            .candidates
            .iter()
            .filter(|candidate| candidate.verdict != Verdict::Excluded);
        feasible
            .enumerate()
            .find(|(_, candidate)| candidate.node == node)
            .map(|(rank, _)| rank + 1)
    };
    let rows: Vec<_> = explanation
        .candidates
        .iter()
        .map(|candidate| (candidate.clone(), rank_of(&candidate.node)))
        .collect();
    let more = rows.len().saturating_sub(ROWS_SHOWN);
    let open = RwSignal::new(false);
    let of_lines = problem.order.lines.len();
    let certain = if plan.optimal {
        "proved to be the cheapest".to_owned()
    } else {
        let gap = plan.gap.unwrap_or_default();
        format!(
            "the best that was found, at most {} above the cheapest",
            format::percent(gap)
        )
    };
    view! {
        <p class="summary">{summary}</p>
        {explanation
            .runner_up_costs_more
            .map(|gap| {
                view! { <p>{format!("The next best plan costs {} more.", format::cost(gap, currency))}</p> }
            })}
        {explanation.split.as_ref().map(|split| view! { <p>{single_package(split, names, currency)}</p> })}
        <dl class="facts">
            <div>
                <dt>"Decided"</dt>
                <dd><When at=decided_at/></dd>
            </div>
            <div>
                <dt>"Because of"</dt>
                <dd>{format!("{} (run {run})", trigger.label())}</dd>
            </div>
            <div>
                <dt>"Plan"</dt>
                <dd>{certain}</dd>
            </div>
            <div>
                <dt>"Took"</dt>
                <dd>
                    {format!(
                        "{} for {} at {}, {} looked at",
                        duration(took_us),
                        format::counted(of_lines, "line", "lines"),
                        format::counted(problem.nodes.len(), "node", "nodes"),
                        format::counted(plan.explored as i64, "partial plan", "partial plans"),
                    )}
                </dd>
            </div>
        </dl>
        {together.map(|together| with_others(&together, names, currency))}
        <table class="plain costs">
            <caption class="visually-hidden">"What the plan costs"</caption>
            <tbody>
                {parts(&cost)
                    .into_iter()
                    .filter(|(_, cost)| *cost != 0.0)
                    .map(|(name, cost)| {
                        view! {
                            <tr>
                                <th scope="row">{name}</th>
                                <td class="number">{format::cost(cost, currency)}</td>
                            </tr>
                        }
                    })
                    .collect_view()}
                <tr class="total">
                    <th scope="row">"Total"</th>
                    <td class="number">{format::cost(cost.total, currency)}</td>
                </tr>
            </tbody>
        </table>
        <table class="list candidates" id=format!("candidates-{run}")>
            <caption>"Every node that was considered"</caption>
            <thead>
                <tr>
                    <th scope="col">"Node"</th>
                    <th scope="col">"Verdict"</th>
                    <th scope="col" class="number">"Distance"</th>
                    <th scope="col" class="number">"Has"</th>
                    <th scope="col" class="number">"Cost"</th>
                    <th scope="col">"Because"</th>
                </tr>
            </thead>
            <tbody>
                {rows
                    .into_iter()
                    .enumerate()
                    .map(|(i, (candidate, rank))| {
                        let class = move || {
                            if i >= ROWS_SHOWN && !open.get() { "folded" } else { "" }
                        };
                        view! {
                            <tr class=class>
                                <CandidateCells candidate rank names packages currency/>
                            </tr>
                        }
                    })
                    .collect_view()}
            </tbody>
        </table>
        {(more > 0)
            .then(|| {
                view! {
                    <button
                        type="button"
                        class="link"
                        aria-expanded=move || open.get().to_string()
                        aria-controls=format!("candidates-{run}")
                        on:click=move |_| open.update(|open| *open = !*open)
                    >
                        {move || {
                            if open.get() { "Show fewer".to_owned() } else { format!("Show {} more", format::count(more)) }
                        }}
                    </button>
                }
            })}
        {(!ruled_out.is_empty())
            .then(|| {
                view! {
                    <details class="ruled-out">
                        <summary>
                            {format!(
                                "{} never came into question",
                                format::counted(ruled_out.len(), "node", "nodes"),
                            )}
                        </summary>
                        <ul>
                            {ruled_out
                                .into_iter()
                                .map(|out| {
                                    view! {
                                        <li>
                                            <a href=format!("/nodes/{}", out.node)>{name_of(names, &out.node)}</a>
                                            ": "
                                            {out.detail}
                                        </li>
                                    }
                                })
                                .collect_view()}
                        </ul>
                    </details>
                }
            })}
    }
    .into_any()
}

/// What planning it together with other orders saved, and what it left to them.
fn with_others(
    together: &Together,
    names: StoredValue<BTreeMap<String, String>>,
    currency: Currency,
) -> impl IntoView + use<> {
    let others = together.orders.saturating_sub(1);
    let told = format!(
        "Planned together with {} that waited, on the stock they share: all of them cost {} less than one by one.",
        format::counted(i64::from(others), "other order", "other orders"),
        format::cost(together.saves, currency),
    );
    let kept: Vec<_> = together
        .kept
        .iter()
        .map(|(node, units)| {
            let units: Vec<_> = units
                .iter()
                .map(|(sku, units)| format!("{} of {sku}", format::count(*units as usize)))
                .collect();
            format!("{} ({})", name_of(names, node), units.join(", "))
        })
        .collect();
    let kept = (!kept.is_empty()).then(|| {
        let kept = kept.join(", ");
        view! { <p>{format!("Left to the others, so not counted as available here: {kept}.")}</p> }
    });
    view! {
        <p>{told}</p>
        {kept}
    }
}

#[component]
fn CandidateCells(
    candidate: Candidate,
    rank: Option<usize>,
    names: StoredValue<BTreeMap<String, String>>,
    packages: StoredValue<Vec<engine::routing::Package>>,
    currency: Currency,
) -> impl IntoView {
    let (tone, glyph, verdict) = match candidate.verdict {
        Verdict::Chosen => ("good", "●", "Chosen"),
        Verdict::Feasible => ("info", "○", "Feasible"),
        Verdict::Excluded => ("quiet", "×", "Excluded"),
    };
    let chosen_cost = packages.with_value(|packages| {
        let of_node = packages
            .iter()
            .filter(|package| package.node == candidate.node);
        let costs = of_node.map(|package| package.cost.total());
        costs.sum::<f64>()
    });
    let gap = match candidate.verdict {
        Verdict::Chosen => format::cost(chosen_cost, currency),
        _ => candidate.cost_gap.map_or_else(
            || "–".to_owned(),
            |gap| format!("+{}", format::cost(gap, currency)),
        ),
    };
    let parts = candidate.gap_by_part.map(|gap| by_part(&gap, currency));
    let because = match (&candidate.verdict, candidate.excluded_because) {
        (_, Some(rule)) => rule,
        (Verdict::Chosen, _) => match candidate.cost_gap {
            Some(gap) => format!(
                "part of the cheapest plan; without it {} more",
                format::cost(gap, currency)
            ),
            None => "part of the cheapest plan".to_owned(),
        },
        (Verdict::Feasible, _) => match parts.filter(|parts| !parts.is_empty()) {
            Some(parts) => format!("the cheapest plan with it: {parts}"),
            None => "could send some of it".to_owned(),
        },
        (Verdict::Excluded, _) => String::new(),
    };
    let changes: Vec<String> = candidate
        .changes
        .iter()
        .map(|change| match change {
            Change::Cost { minor_units } => format!(
                "if a package from here cost {} less",
                format::cost(*minor_units as f64, currency)
            ),
            Change::Stock { sku, units } => {
                format!("if it had {} more of {sku}", format::count(*units as i64))
            }
            Change::Capacity { units } => format!(
                "if it could take {} more",
                format::counted(*units as i64, "unit", "units")
            ),
            Change::CutOff { service, minutes } => format!(
                "if the order had come {} sooner, before the cut-off for {service}",
                format::counted(*minutes, "minute", "minutes")
            ),
        })
        .collect();
    view! {
        <th scope="row">
            <a href=format!("/nodes/{}", candidate.node)>{name_of(names, &candidate.node)}</a>
        </th>
        <td>
            <Badge tone glyph word=verdict/>
            {rank.map(|rank| view! { <span class="muted">{format!(" {rank}.")}</span> })}
        </td>
        <td class="number" data-label="Distance">{format::km(candidate.distance_km)}</td>
        <td class="number" data-label="Has">
            {format!("{} of {}", format::count(candidate.units as i64), format::count(candidate.of_units as i64))}
        </td>
        <td class="number" data-label="Cost">{gap}</td>
        <td class="because">
            {because}
            {(!changes.is_empty())
                .then(|| view! { <p class="muted">{format!("It would be chosen {}.", changes.join(", or "))}</p> })}
        </td>
    }
    .into_any()
}

/// What a cost is made of.
fn parts(cost: &Cost) -> [(&'static str, f64); 6] {
    [
        ("Shipping", cost.shipping),
        ("Handling", cost.handling),
        ("Stock's worth elsewhere", cost.opportunity),
        ("Lateness", cost.late),
        ("Further packages", cost.extra_packages),
        ("Units that wait", cost.unfilled),
    ]
}

/// What is dearer and what is cheaper, the total left to its own column.
fn by_part(gap: &Cost, currency: Currency) -> String {
    let parts = parts(gap);
    let parts = parts.into_iter().filter(|(_, cost)| cost.abs() >= 0.5);
    let texts = parts.map(|(name, cost)| {
        let sign = if cost < 0.0 { "−" } else { "+" };
        let name = name.to_lowercase();
        format!("{name} {sign}{}", format::cost(cost.abs(), currency))
    });
    texts.collect::<Vec<_>>().join(", ")
}

/// What one package would have cost, and when it would have been there.
fn single_package(
    split: &Split,
    names: StoredValue<BTreeMap<String, String>>,
    currency: Currency,
) -> String {
    let single = &split.single;
    let waiting = match single.unfilled_units {
        0 => String::new(),
        units => format!(
            " and left {} waiting",
            format::counted(units as i64, "unit", "units")
        ),
    };
    format!(
        "In one package, from {} with {}, it would have cost {} more{waiting}: {} in transit instead of {}.",
        name_of(names, &single.node),
        single.service,
        format::cost(single.costs_more, currency),
        format::counted(i64::from(single.transit_days), "day", "days"),
        split.transit_days,
    )
}

fn name_of(names: StoredValue<BTreeMap<String, String>>, code: &str) -> String {
    names.with_value(|names| names.get(code).cloned().unwrap_or_else(|| code.to_owned()))
}

fn duration(us: i64) -> String {
    if us < 1_000 {
        format!("{us} µs")
    } else {
        format!("{:.1} ms", us as f64 / 1_000.0)
    }
}
