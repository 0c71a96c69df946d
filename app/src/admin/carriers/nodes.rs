use engine::model::Service;
use leptos::prelude::*;

use crate::calls::carriers::{CarrierDesk, NodeTimes};
use crate::format;
use crate::query::encoded;
use crate::week;

/// Rows that are shown; the rest is counted.
const MOST: usize = 100;

/// Cut-offs and pickups, which nodes have of their own.
#[component]
pub fn AtNodes(desk: CarrierDesk) -> impl IntoView {
    let CarrierDesk {
        service,
        nodes,
        times,
    } = desk;
    let having = having(&service, nodes.len());
    let others = having.saturating_sub(times.len());
    let unseen = times.len().saturating_sub(MOST);
    let rest = format!(
        "{} of their own: the carrier collects when they close, and the cut-off is that of the week.",
        if times.is_empty() {
            format!(
                "{} no times",
                format::counted(others, "node has", "nodes have")
            )
        } else {
            format!(
                "{} no times",
                format::counted(others, "further node has", "further nodes have")
            )
        }
    );
    let rows = times
        .into_iter()
        .take(MOST)
        .map(|node| view! { <Row node/> });
    let rows = rows.collect_view();
    let some = !rows.is_empty();
    view! {
        <section class="card" aria-labelledby="service-nodes">
            <h2 id="service-nodes">"Cut-offs and pickups at nodes"</h2>
            {some
                .then(|| {
                    view! {
                        <table class="list">
                            <thead>
                                <tr>
                                    <th scope="col">"Node"</th>
                                    <th scope="col">"Order by"</th>
                                    <th scope="col">"Carrier comes"</th>
                                </tr>
                            </thead>
                            <tbody>{rows}</tbody>
                        </table>
                    }
                })}
            {(unseen > 0)
                .then(|| view! { <p class="muted">{format!("and {} more with times of their own", format::count(unseen))}</p> })}
            {(others > 0).then(|| view! { <p class="muted">{rest}</p> })}
            {(having == 0).then(|| view! { <p class="muted">"No node sends with it."</p> })}
        </section>
    }
    .into_any()
}

fn having(service: &Service, all: usize) -> usize {
    service.nodes.as_ref().map_or(all, Vec::len)
}

#[component]
fn Row(node: NodeTimes) -> impl IntoView {
    let lines = |groups: Vec<(week::Days, String)>, none: &str| {
        if groups.is_empty() {
            return view! { <span class="muted">{none.to_owned()}</span> }.into_any();
        }
        let lines = groups
            .into_iter()
            .map(|(days, at)| view! { <span>{format!("{} {at}", week::words(days))}</span> });
        view! { <span class="lines">{lines.collect_view()}</span> }.into_any()
    };
    let pickups = week::grouped(&node.pickups)
        .into_iter()
        .map(|(days, times)| (days, times.join(" and ")));
    view! {
        <tr>
            <th scope="row">
                <a href=format!("/nodes/{}", encoded(&node.code))>{node.name}</a>
                " "
                <span class="muted">{node.code.clone()}</span>
            </th>
            <td data-label="Order by">{lines(week::grouped(&node.cutoffs), "as the week says")}</td>
            <td data-label="Comes">{lines(pickups.collect(), "when it closes")}</td>
        </tr>
    }
    .into_any()
}
