use engine::model::{FulfillmentView, OrderView};
use leptos::prelude::*;

use crate::components::{FulfillmentBadge, When};
use crate::format;

/// What each node does for the order, and what nobody does yet.
#[component]
pub fn Plan(order: OrderView) -> impl IntoView {
    let (void, live): (Vec<_>, Vec<_>) = order
        .fulfillments
        .iter()
        .cloned()
        .partition(|fulfillment| fulfillment.status.is_void());
    let packages = live.len();
    let none = live.is_empty() && order.waiting.is_empty();
    let past = (!void.is_empty()).then(|| {
        let n = void.len();
        view! {
            <details class="past">
                <summary>{format!("{} that no longer count", format::count(n))}</summary>
                {void.into_iter().map(|fulfillment| view! { <Package fulfillment order=order.clone()/> }).collect_view()}
            </details>
        }
    });
    view! {
        <section class="card" aria-labelledby="plan">
            <h2 id="plan">
                "Shipments and plan "
                <span class="muted">{format::counted(packages, "package", "packages")}</span>
            </h2>
            {none.then(|| view! { <p class="muted">"Nothing is left to send."</p> })}
            {live
                .into_iter()
                .map(|fulfillment| view! { <Package fulfillment order=order.clone()/> })
                .collect_view()}
            {(!order.waiting.is_empty()).then(|| view! { <WaitingCard order=order.clone()/> })}
            {past}
        </section>
    }
    .into_any()
}

#[component]
fn Package(fulfillment: FulfillmentView, order: OrderView) -> impl IntoView {
    let label = format!("Package from {}", fulfillment.node_name);
    let ship_by = fulfillment.ship_by_local.clone().zip(fulfillment.ship_by);
    view! {
        <article class="package" aria-label=label>
            <header>
                <h3>
                    <a href=format!("/nodes/{}", fulfillment.node)>{fulfillment.node_name}</a>
                </h3>
                <FulfillmentBadge status=fulfillment.status/>
            </header>
            <dl class="facts">
                <div>
                    <dt>"Service"</dt>
                    <dd>{fulfillment.service.unwrap_or_else(|| "Pickup".to_owned())}</dd>
                </div>
                {ship_by
                    .map(|(there, at)| {
                        view! {
                            <div>
                                <dt>"Hand over by"</dt>
                                <dd title="Time at the node">
                                    {there}
                                    " "
                                    <span class="muted">"for you " <When at/></span>
                                </dd>
                            </div>
                        }
                    })}
                {fulfillment
                    .transit_days
                    .map(|days| {
                        view! {
                            <div>
                                <dt>"In transit"</dt>
                                <dd>{format::counted(days, "day", "days")}</dd>
                            </div>
                        }
                    })}
                <div>
                    <dt>"Cost in the plan"</dt>
                    <dd>{format::cost(fulfillment.cost, order.currency)}</dd>
                </div>
                {fulfillment
                    .tracking_number
                    .map(|number| {
                        view! {
                            <div>
                                <dt>"Tracking number"</dt>
                                <dd>
                                    <code>{number}</code>
                                </dd>
                            </div>
                        }
                    })}
                {fulfillment
                    .reason
                    .map(|reason| {
                        view! {
                            <div>
                                <dt>"Reason"</dt>
                                <dd>{reason}</dd>
                            </div>
                        }
                    })}
            </dl>
            <ul class="package-lines">
                {fulfillment
                    .lines
                    .into_iter()
                    .map(|line| {
                        view! {
                            <li>
                                <strong>{format!("{} × ", format::count(line.quantity))}</strong>
                                {line.product_name}
                                " "
                                <span class="muted">{line.sku}</span>
                            </li>
                        }
                    })
                    .collect_view()}
            </ul>
            {fulfillment
                .decision
                .map(|_| {
                    view! {
                        <a class="why-link" href="#why">
                            "Why here?"
                        </a>
                    }
                })}
        </article>
    }
    .into_any()
}

#[component]
fn WaitingCard(order: OrderView) -> impl IntoView {
    let hold_reason = order.hold_reason.clone();
    view! {
        <article class="package is-waiting" aria-label="Not allocated">
            <header>
                <h3>"Not allocated"</h3>
            </header>
            {hold_reason.map(|reason| view! { <p>{format!("Held: {reason}")}</p> })}
            <ul class="package-lines">
                {order
                    .waiting
                    .iter()
                    .map(|waiting| {
                        let line = order.lines.iter().find(|line| line.id == waiting.line);
                        let (name, sku) = line
                            .map(|line| (line.product_name.clone(), line.sku.clone()))
                            .unwrap_or_default();
                        view! {
                            <li>
                                <strong>{format!("{} × ", format::count(waiting.quantity))}</strong>
                                {name}
                                " "
                                <span class="muted">{sku}</span>
                                <span class="reason">{format::waiting_reason(&waiting.reason)}</span>
                            </li>
                        }
                    })
                    .collect_view()}
            </ul>
        </article>
    }
    .into_any()
}
