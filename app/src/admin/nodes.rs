//! The places that fulfill: where they are, how busy they are, and when they work.

mod calendar;
mod detail;
mod map;
mod pause;

use std::time::Duration;

use engine::model::{NodeLoad, NodeStatus, NodeView};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_location;

pub use calendar::NodeCalendarPage;
pub use detail::NodePage;

use crate::calls::network::nodes;
use crate::calls::{Answer, opened};
use crate::components::{Badge, Empty, ErrorState, Loading, When, when_it_happens};
use crate::format;
use crate::lazy::screen;
use crate::query::encoded;
use map::NodeMap;

screen!(
    /// `/nodes`
    NodesPage = nodes_page: view
);

fn view() -> AnyView {
    let data: Answer = Resource::new(|| (), |()| nodes());
    when_it_happens(Duration::from_secs(2), |_| true, move || data.refetch());
    view! {
        <Title text="Nodes"/>
        <h1>"Nodes"</h1>
        <Transition fallback=|| view! { <Loading rows=12/> }>
            {move || Suspend::new(async move {
                match opened::<Vec<NodeView>>(data).await {
                    Ok(nodes) if nodes.is_empty() => {
                        view! {
                            <Empty
                                title="No nodes yet"
                                text="Warehouses, stores, third parties and vendors that fulfill. Bring them in with baton import nodes nodes.csv."
                            >
                                <a class="button primary" rel="external" href="/docs#nodes">"Read how"</a>
                            </Empty>
                        }
                            .into_any()
                    }
                    Ok(nodes) => {
                        view! {
                            <NodeMap nodes=nodes.clone()/>
                            <NodeTable nodes/>
                        }
                            .into_any()
                    }
                    Err(error) => view! { <ErrorState error/> }.into_any(),
                }
            })}
        </Transition>
    }
    .into_any()
}

#[component]
fn NodeTable(nodes: Vec<NodeView>) -> impl IntoView {
    let total = format::counted(nodes.len(), "node", "nodes");
    view! {
        <p class="muted" role="status">{total}</p>
        <table class="list nodes">
            <thead>
                <tr>
                    <th scope="col">"Node"</th>
                    <th scope="col">"Kind"</th>
                    <th scope="col">"Place"</th>
                    <th scope="col">"State"</th>
                    <th scope="col">"Load today"</th>
                    <th scope="col" class="number">"To hand over"</th>
                    <th scope="col" class="number">"Units on hand"</th>
                    <th scope="col">"Next cut-off there"</th>
                </tr>
            </thead>
            <tbody>
                {nodes
                    .into_iter()
                    .map(|NodeView { node, load }| {
                        let place = [node.address.city.clone(), node.address.region.clone()]
                            .into_iter()
                            .filter(|part| !part.is_empty())
                            .collect::<Vec<_>>()
                            .join(", ");
                        let place = if place.is_empty() { node.address.postal_code.clone() } else { place };
                        view! {
                            <tr>
                                <th scope="row">
                                    <a href=format!("/nodes/{}", node.code)>{node.name.clone()}</a>
                                    " "
                                    <span class="muted">{node.code.clone()}</span>
                                </th>
                                <td data-label="Kind">{node.kind.label()}</td>
                                <td data-label="Place">{place}</td>
                                <td class="state-cell"><NodeBadge status=node.status open_now=load.open_now/></td>
                                <td data-label="Load"><Load load=load.clone()/></td>
                                <td class="number" data-label="To hand over">
                                    {format::count(load.open_fulfillments)}
                                </td>
                                <td class="number" data-label="On hand">{format::count(load.on_hand)}</td>
                                <td data-label="Cut-off"><NextCutoff load/></td>
                            </tr>
                        }
                    })
                    .collect_view()}
            </tbody>
        </table>
    }
    .into_any()
}

/// The way between a node's screens.
#[component]
fn NodeTabs(code: String) -> impl IntoView {
    let here = use_location().pathname;
    let address = format!("/nodes/{}", encoded(&code));
    let tabs = [
        (address.clone(), "Overview"),
        (format!("{address}/calendar"), "Calendar and capacity"),
    ];
    let tab = |(address, words): (String, &'static str)| {
        let to = address.clone();
        view! {
            <li>
                <a href=to aria-current=move || (here.get() == address).then_some("page")>
                    {words}
                </a>
            </li>
        }
    };
    view! {
        <nav class="tabs" aria-label="Of the node">
            <ul>{tabs.map(tab).collect_view()}</ul>
        </nav>
    }
    .into_any()
}

/// Whether a node takes part, and whether somebody is there now.
#[component]
fn NodeBadge(status: NodeStatus, open_now: bool) -> impl IntoView {
    let (tone, glyph, word) = match (status, open_now) {
        (NodeStatus::Paused, _) => ("warn", "‖", "Paused"),
        (NodeStatus::Active, true) => ("good", "●", "Open"),
        (NodeStatus::Active, false) => ("quiet", "○", "Closed now"),
    };
    view! { <Badge tone glyph word/> }
}

/// Units assigned today, against what the node can do.
#[component]
fn Load(load: NodeLoad) -> impl IntoView {
    match load.daily_capacity {
        Some(capacity) => {
            let text = format!(
                "{} of {}",
                format::count(load.assigned_today),
                format::count(capacity)
            );
            view! {
                <meter
                    min="0"
                    max=capacity.max(1)
                    high=f64::from(capacity) * 0.85
                    optimum="0"
                    value=load.assigned_today
                    aria-label="Load today"
                >
                    {text.clone()}
                </meter>
                <span class="meter-text">{text}</span>
            }
            .into_any()
        }
        None => view! {
            {format::count(load.assigned_today)}
            <span class="muted">" (no limit)"</span>
        }
        .into_any(),
    }
}

#[component]
fn NextCutoff(load: NodeLoad) -> impl IntoView {
    match load.next_cutoff.zip(load.next_cutoff_local) {
        Some((at, there)) => view! {
            {there}
            " "
            <span class="muted"><When at/></span>
        }
        .into_any(),
        None => view! { <span class="muted">"none in 14 days"</span> }.into_any(),
    }
}
