use chrono::NaiveDate;
use engine::model::{DeliveryMethod, OrderPromise, OrderView, Permission};
use leptos::prelude::*;

use super::link::CustomerLink;
use crate::components::{Badge, CopyButton, When, may};
use crate::format;

/// What supports the order: who gets it, how, and under which names it is known.
#[component]
pub fn Side(order: OrderView) -> impl IntoView {
    let json = serde_json::to_string_pretty(&order).unwrap_or_default();
    let delivery = match order.delivery.method {
        DeliveryMethod::Ship => format!(
            "Shipped, {}",
            order.delivery.level.as_deref().unwrap_or("standard")
        ),
        DeliveryMethod::Pickup => format!(
            "Collected at {}",
            order.delivery.node.as_deref().unwrap_or("a store")
        ),
    };
    let promise = order.promise.clone().map(promised);
    let sees_customers = may(Permission::ReadCustomers);
    let customer = order.customer.clone();
    let link = sees_customers.then(|| (order.id, order.tracking_url.clone()));
    let address = order.ship_to.clone().map(|to| {
        let street = to.line2.map_or_else(
            || to.line1.clone(),
            |line2| format!("{}, {line2}", to.line1),
        );
        let place = format!("{} {} {}", to.city, to.region, to.postal_code);
        let lines = [to.name, street, place, to.country];
        lines
            .into_iter()
            .map(|line| line.trim().to_owned())
            .filter(|line| !line.is_empty())
            .map(|line| view! { <span>{line}</span> })
            .collect_view()
    });
    view! {
        <aside class="stack" aria-label="About the order">
            <section class="card" aria-labelledby="customer">
                <h2 id="customer">"Customer"</h2>
                {if sees_customers {
                    view! {
                        <p>{if customer.name.is_empty() { "No name given".to_owned() } else { customer.name }}</p>
                        {customer.email.map(|email| view! { <p>{email}</p> })}
                        {customer.phone.map(|phone| view! { <p>{phone}</p> })}
                    }
                        .into_any()
                } else {
                    view! { <p class="muted">"Your role does not see names and streets."</p> }.into_any()
                }}
                <h3>"Delivery"</h3>
                <p>{delivery}</p>
                {address.map(|address| view! { <address class="lines">{address}</address> })}
                {promise}
                {link.map(|(id, url)| view! { <CustomerLink id url/> })}
            </section>
            <section class="card" aria-labelledby="references">
                <h2 id="references">"References"</h2>
                <dl class="facts column">
                    <div>
                        <dt>"Channel"</dt>
                        <dd>{order.channel.clone()}</dd>
                    </div>
                    <div>
                        <dt>"Its number there"</dt>
                        <dd>
                            <code>{order.external_id.clone()}</code>
                        </dd>
                    </div>
                    <div>
                        <dt>"Id"</dt>
                        <dd>
                            <code>{order.id.to_string()}</code>
                        </dd>
                    </div>
                    <div>
                        <dt>"Received"</dt>
                        <dd><When at=order.received_at/></dd>
                    </div>
                    <div>
                        <dt>"Last change"</dt>
                        <dd><When at=order.updated_at/></dd>
                    </div>
                </dl>
            </section>
            <section class="card" aria-labelledby="raw">
                <h2 id="raw">"Raw JSON"</h2>
                <details>
                    <summary>"As the API gives it"</summary>
                    <CopyButton text=json.clone() what="JSON"/>
                    <pre tabindex="0">{json}</pre>
                </details>
            </section>
        </aside>
    }
    .into_any()
}

/// What the customer was told, and what becomes of it.
fn promised(promise: OrderPromise) -> impl IntoView + use<> {
    let date = |date: NaiveDate| date.format("%a, %b %-d").to_string();
    let told = promise.by.map(|by| {
        let sure = promise.confidence.unwrap_or_default() * 100.0;
        format!("By {}, sure to {sure:.0} in 100", date(by))
    });
    let (tone, glyph, word) = match (promise.outcome.as_deref(), promise.routed_within) {
        (Some("kept"), _) => ("good", "●", "Kept"),
        (Some(_), _) => ("bad", "×", "Late"),
        (None, Some(true)) => ("good", "○", "Within it"),
        (None, Some(false)) => ("warn", "!", "Not within it"),
        (None, None) => ("quiet", "○", "Not planned yet"),
    };
    let arrived = promise.delivered_on.map(|day| {
        let late = promise.days_late.unwrap_or_default();
        let late = (late > 0).then(|| format!(", {} late", format::counted(late, "day", "days")));
        format!("Arrived {}{}", date(day), late.unwrap_or_default())
    });
    view! {
        <h3>"Promised"</h3>
        {told.map(|told| view! { <p>{told}</p> })}
        <p><Badge tone glyph word/></p>
        {arrived.map(|arrived| view! { <p>{arrived}</p> })}
        {promise.why_not.map(|why| view! { <p class="muted">{why}</p> })}
    }
}
