use std::time::Duration;

use engine::model::Permission;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

use super::pause::Pause;
use super::{Load, NextCutoff, NodeBadge, NodeTabs};
use crate::calls::network::{NodeDetail, load_node_detail};
use crate::calls::{Answer, opened};
use crate::components::{ErrorState, FulfillmentBadge, Icon, Loading, When, may, when_it_happens};
use crate::format;
use crate::lazy::screen;

screen!(
    /// `/nodes/{code}`
    NodePage = node_page: view
);

fn view() -> AnyView {
    let params = use_params_map();
    let data: Answer = Resource::new(
        move || params.with(|params| params.get("code").unwrap_or_default()),
        load_node_detail,
    );
    when_it_happens(Duration::from_secs(1), |_| true, move || data.refetch());
    view! {
        <nav class="crumbs" aria-label="Nodes">
            <a href="/nodes">
                <Icon name="back"/>
                "Nodes"
            </a>
        </nav>
        <Transition fallback=|| view! { <Loading/> }>
            {move || Suspend::new(async move {
                match opened::<NodeDetail>(data).await {
                    Ok(detail) => {
                        view! { <Detail detail reload=move || data.refetch()/> }.into_any()
                    }
                    Err(error) => view! { <ErrorState error/> }.into_any(),
                }
            })}
        </Transition>
    }
    .into_any()
}

#[component]
fn Detail(detail: NodeDetail, reload: impl Fn() + Copy + Send + Sync + 'static) -> impl IntoView {
    let (node, load) = (detail.node.node.clone(), detail.node.load.clone());
    let address = [
        node.address.line1.clone(),
        node.address.city.clone(),
        format!("{} {}", node.address.region, node.address.postal_code),
        node.address.country.clone(),
    ];
    let offers = node
        .offers
        .iter()
        .map(|offer| match offer {
            engine::model::NodeOffer::Ship => "ships",
            engine::model::NodeOffer::Pickup => "pickup",
        })
        .collect::<Vec<_>>()
        .join(", ");
    let zone = node.time_zone.clone().unwrap_or_else(|| "UTC".to_owned());
    view! {
        <Title text=node.name.clone()/>
        <div class="page-head">
            <h1>
                {node.name.clone()} " " <NodeBadge status=node.status open_now=load.open_now/>
            </h1>
            <p class="muted">{format!("{} · {} · {zone}", node.code, node.kind.label())}</p>
            {may(Permission::ChangeNetwork)
                .then(|| {
                    view! { <Pause code=node.code.clone() status=node.status reload/> }
                })}
        </div>
        <NodeTabs code=node.code.clone()/>
        <div class="columns detail">
            <div class="stack">
                <section class="card" aria-labelledby="work">
                    <h2 id="work">
                        "To hand over " <span class="muted">{format::count(load.open_fulfillments)}</span>
                    </h2>
                    <Work detail=detail.clone()/>
                </section>
                <Calendar detail=detail.clone() zone=zone.clone()/>
            </div>
            <aside class="stack" aria-label="About the node">
                <section class="card" aria-labelledby="load">
                    <h2 id="load">"Today"</h2>
                    <dl class="facts column">
                        <div>
                            <dt>"Units assigned"</dt>
                            <dd><Load load=load.clone()/></dd>
                        </div>
                        <div>
                            <dt>"Next cut-off there"</dt>
                            <dd><NextCutoff load=load.clone()/></dd>
                        </div>
                        <div>
                            <dt>"Units on hand"</dt>
                            <dd>
                                <a href=format!("/inventory?node={}", node.code)>{format::count(load.on_hand)}</a>
                            </dd>
                        </div>
                    </dl>
                </section>
                <section class="card" aria-labelledby="facts">
                    <h2 id="facts">"Facts"</h2>
                    <dl class="facts column">
                        <div>
                            <dt>"Address"</dt>
                            <dd>
                                <address class="lines">
                                    {address
                                        .into_iter()
                                        .filter(|line| !line.trim().is_empty())
                                        .map(|line| view! { <span>{line}</span> })
                                        .collect_view()}
                                </address>
                            </dd>
                        </div>
                        <div>
                            <dt>"Offers"</dt>
                            <dd>{offers}</dd>
                        </div>
                        {(!node.provides.is_empty())
                            .then(|| {
                                view! {
                                    <div>
                                        <dt>"Can handle"</dt>
                                        <dd>{node.provides.join(", ")}</dd>
                                    </div>
                                }
                            })}
                        <div>
                            <dt>"Capacity"</dt>
                            <dd>
                                {node
                                    .daily_capacity
                                    .map_or_else(
                                        || "No limit".to_owned(),
                                        |units| format!("{} a day", format::counted(units, "unit", "units")),
                                    )}
                            </dd>
                        </div>
                    </dl>
                </section>
            </aside>
        </div>
    }
    .into_any()
}

#[component]
fn Work(detail: NodeDetail) -> impl IntoView {
    if detail.work.is_empty() {
        return view! { <p class="muted">"Nothing waits here."</p> }.into_any();
    }
    let more = detail.node.load.open_fulfillments - detail.work.len() as i64;
    let sees_orders = may(Permission::ReadOrders);
    view! {
        <table class="list work">
            <thead>
                <tr>
                    <th scope="col">"Order"</th>
                    <th scope="col">"State"</th>
                    <th scope="col" class="number">"Units"</th>
                    <th scope="col">"Service"</th>
                    <th scope="col">"Hand over by"</th>
                </tr>
            </thead>
            <tbody>
                {detail
                    .work
                    .into_iter()
                    .map(|row| {
                        let units: i64 = row.fulfillment.lines.iter().map(|line| line.quantity).sum();
                        let number = format!("#{}", row.order_number);
                        let order = if sees_orders {
                            view! { <a href=format!("/orders/{}", row.order)>{number}</a> }.into_any()
                        } else {
                            number.into_any()
                        };
                        view! {
                            <tr>
                                <th scope="row">{order}</th>
                                <td class="state-cell"><FulfillmentBadge status=row.fulfillment.status/></td>
                                <td class="number" data-label="Units">{format::count(units)}</td>
                                <td data-label="Service">
                                    {row.fulfillment.service.unwrap_or_else(|| "Pickup".to_owned())}
                                </td>
                                <td data-label="By">
                                    {row.fulfillment.ship_by_local}
                                    " "
                                    {row.fulfillment.ship_by.map(|at| view! { <span class="muted"><When at/></span> })}
                                </td>
                            </tr>
                        }
                    })
                    .collect_view()}
            </tbody>
        </table>
        {(more > 0).then(|| view! { <p class="muted">{format!("and {} more", format::count(more))}</p> })}
    }
    .into_any()
}

#[component]
fn Calendar(detail: NodeDetail, zone: String) -> impl IntoView {
    view! {
        <section class="card" aria-labelledby="calendar">
            <h2 id="calendar">"The next 14 days"</h2>
            <table class="plain calendar">
                <caption class="muted">{format!("Times at the node ({zone}); for you, on the right")}</caption>
                <thead>
                    <tr>
                        <th scope="col">"Day"</th>
                        <th scope="col">"Open"</th>
                        <th scope="col">"Cut-off"</th>
                        <th scope="col">"For you"</th>
                    </tr>
                </thead>
                <tbody>
                    {detail
                        .calendar
                        .into_iter()
                        .map(|day| {
                            let hours = day
                                .open
                                .zip(day.close)
                                .map_or_else(|| "Closed".to_owned(), |(open, close)| format!("{open} to {close}"));
                            view! {
                                <tr>
                                    <th scope="row">{format!("{}, {}", day.weekday, format::day(day.date))}</th>
                                    <td>
                                        {hours}
                                        {day.note.map(|note| view! { <span class="muted">{format!(" {note}")}</span> })}
                                    </td>
                                    <td>{day.cutoff}</td>
                                    <td>{day.cutoff_at.map(|at| view! { <When at/> })}</td>
                                </tr>
                            }
                        })
                        .collect_view()}
                </tbody>
            </table>
        </section>
    }
    .into_any()
}
