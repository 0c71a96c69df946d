use std::time::Duration;

use engine::model::{OrderAction, OrderView, Permission, format_money};
use leptos::prelude::*;

use super::act::{Target, act_now};
use super::{Place, working};
use crate::calls::orders::{OrderDetail, load_order_detail};
use crate::calls::{Answer, opened};
use crate::components::{
    ErrorState, FulfillmentBadge, Happened, Icon, Loading, OrderBadge, Toasts, When, may,
    when_it_happens,
};
use crate::format;

/// An order beside the list: enough to decide whether to open it, without leaving the list.
#[component]
pub fn Peek(
    place: Memo<Place>,
    /// The order that is peeked at.
    id: Memo<Option<String>>,
) -> impl IntoView {
    view! {
        <Show when=move || id.with(Option::is_some)>
            <Panel place id=Memo::new(move |_| id.get().unwrap_or_default())/>
        </Show>
    }
    .into_any()
}

#[component]
fn Panel(place: Memo<Place>, id: Memo<String>) -> impl IntoView {
    let detail: Answer = Resource::new(move || id.get(), load_order_detail);
    let is_it = move |event: &Happened| id.with_untracked(|id| *id == event.subject);
    when_it_happens(Duration::from_millis(200), is_it, move || detail.refetch());
    let close = move || place.with(|place| place.address(None));
    view! {
        <aside class="peek" aria-label="Peek">
            <a
                class="icon-button peek-close"
                href=close
                data-noscroll=""
                aria-label="Close the peek"
                title="Close (Esc)"
            >
                <Icon name="close"/>
            </a>
            <Transition fallback=|| view! { <Loading rows=5/> }>
                {move || Suspend::new(async move {
                    match opened::<OrderDetail>(detail).await {
                        Ok(now) => {
                            view! { <Summary place detail=now reload=move || detail.refetch()/> }.into_any()
                        }
                        Err(error) => view! { <ErrorState error/> }.into_any(),
                    }
                })}
            </Transition>
        </aside>
    }
    .into_any()
}

#[component]
fn Summary(
    place: Memo<Place>,
    detail: OrderDetail,
    reload: impl Fn() + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let OrderDetail {
        order, decisions, ..
    } = detail;
    let (id, currency) = (order.id, order.currency);
    let href = move || place.with(|place| place.shown.order_address(id));
    let verdict = decisions.into_iter().next();
    let to = order.ship_to.as_ref().map(|to| {
        let place = format!("{} {} {}", to.city, to.region, to.postal_code);
        place.trim().to_owned()
    });
    let customer = order.customer.name.clone();
    let units: i64 = order.lines.iter().map(|line| line.quantity).sum();
    view! {
        <header>
            <h2>
                <a href=href>{format!("#{}", order.number)}</a>
                " "
                <OrderBadge status=order.status/>
            </h2>
            <p class="muted">
                {format!("{} {} · ", order.channel, order.external_id)} <When at=order.placed_at/>
            </p>
        </header>
        {may(Permission::ChangeOrders).then(|| view! { <Buttons order=order.clone() reload/> })}
        <dl class="facts column">
            {(!customer.is_empty())
                .then(|| {
                    view! {
                        <div>
                            <dt>"Customer"</dt>
                            <dd>{customer}</dd>
                        </div>
                    }
                })}
            {to.map(|to| {
                view! {
                    <div>
                        <dt>"To"</dt>
                        <dd>{to}</dd>
                    </div>
                }
            })}
            <div>
                <dt>"Total"</dt>
                <dd>
                    {format_money(order.total, currency)} " "
                    <span class="muted">{format::counted(units, "unit", "units")}</span>
                </dd>
            </div>
        </dl>
        {verdict
            .map(|decision| {
                view! {
                    <section class="verdict" aria-label="Why here?">
                        <h3>"Why here?"</h3>
                        <p>{decision.summary}</p>
                        <p class="muted">
                            {format!("{} · ", decision.trigger.label())} <When at=decision.decided_at/>
                        </p>
                    </section>
                }
            })}
        <Packages order/>
        <a class="button" href=href>
            "Open the order"
        </a>
    }
    .into_any()
}

#[component]
fn Packages(order: OrderView) -> impl IntoView {
    let hold = order
        .hold_reason
        .as_ref()
        .map(|reason| format!("Held: {reason}"));
    let name = |sku: &str| {
        let line = order.lines.iter().find(|line| line.sku == sku);
        line.map_or_else(|| sku.to_owned(), |line| line.product_name.clone())
    };
    let waiting: Vec<_> = order
        .waiting
        .iter()
        .map(|waiting| {
            let line = order.lines.iter().find(|line| line.id == waiting.line);
            let sku = line.map(|line| line.sku.as_str()).unwrap_or_default();
            (waiting.quantity, name(sku), waiting.reason.clone())
        })
        .collect();
    let live = order.fulfillments.iter().filter(|f| !f.status.is_void());
    view! {
        <section class="peek-packages" aria-label="Shipments and plan">
            {live
                .map(|fulfillment| {
                    let service = fulfillment.service.clone().unwrap_or_else(|| "Pickup".to_owned());
                    let by = fulfillment.ship_by_local.clone();
                    view! {
                        <article class="package">
                            <header>
                                <h3>{fulfillment.node_name.clone()}</h3>
                                <FulfillmentBadge status=fulfillment.status/>
                            </header>
                            <p class="muted">
                                {service} {by.map(|by| format!(" · hand over by {by}"))}
                            </p>
                            <ul class="package-lines">
                                {fulfillment
                                    .lines
                                    .iter()
                                    .map(|line| {
                                        view! {
                                            <li>
                                                <strong>{format!("{} × ", format::count(line.quantity))}</strong>
                                                {line.product_name.clone()}
                                            </li>
                                        }
                                    })
                                    .collect_view()}
                            </ul>
                        </article>
                    }
                })
                .collect_view()}
            {(!waiting.is_empty())
                .then(|| {
                    view! {
                        <article class="package is-waiting">
                            <h3>"Not allocated"</h3>
                            {hold.map(|hold| view! { <p>{hold}</p> })}
                            <ul class="package-lines">
                                {waiting
                                    .into_iter()
                                    .map(|(quantity, name, reason)| {
                                        view! {
                                            <li>
                                                <strong>{format!("{} × ", format::count(quantity))}</strong>
                                                {name}
                                                <span class="reason">{format::waiting_reason(&reason)}</span>
                                            </li>
                                        }
                                    })
                                    .collect_view()}
                            </ul>
                        </article>
                    }
                })}
        </section>
    }
    .into_any()
}

#[component]
fn Buttons(order: OrderView, reload: impl Fn() + Copy + Send + Sync + 'static) -> impl IntoView {
    let toasts = expect_context::<Toasts>();
    let busy = RwSignal::new(None::<OrderAction>);
    let target = Target {
        id: order.id,
        status: order.status,
        hold_reason: order.hold_reason,
    };
    let button = move |action: OrderAction| {
        let target = target.clone();
        let act = move |_| {
            busy.set(Some(action));
            act_now(target.clone(), action, toasts, move || {
                let _ = busy.try_set(None);
                reload();
            });
        };
        order.status.allows(action).then(|| {
            view! {
                <button
                    type="button"
                    class="button small"
                    disabled=move || busy.get().is_some()
                    on:click=act
                >
                    {move || if busy.get() == Some(action) { working(action) } else { action.label() }}
                </button>
            }
        })
    };
    view! {
        <div class="actions">
            {button(OrderAction::Release)} {button(OrderAction::Hold)} {button(OrderAction::Reroute)}
        </div>
    }
    .into_any()
}
