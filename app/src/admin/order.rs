//! One order: what is planned and why, what it is made of, what happened, and what can be done about it.

mod actions;
mod link;
mod plan;
mod side;
mod timeline;
mod why;

use std::time::Duration;

use engine::model::{Neighbours, OrderId, Permission, format_money};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_navigate, use_params_map, use_query_map};

use super::orders::{Shown, Target};
use crate::calls::orders::{OrderDetail, load_order_detail, order_neighbours};
use crate::calls::{Answer, opened};
use crate::components::{
    ErrorState, Happened, Icon, Keys, Loading, OrderBadge, When, may, when_it_happens,
};
use crate::format;
use crate::lazy::screen;
use crate::query::encoded;
use actions::Actions;
use plan::Plan;
use side::Side;
use timeline::Timeline;
use why::Why;

screen!(
    /// `/orders/{id}`
    OrderPage = order_page: view
);

fn view() -> AnyView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id").unwrap_or_default()));
    let detail: Answer = Resource::new(move || id.get(), load_order_detail);
    let is_it = move |event: &Happened| id.with_untracked(|id| *id == event.subject);
    when_it_happens(Duration::from_millis(200), is_it, move || detail.refetch());
    view! {
        <Transition fallback=|| {
            view! {
                <h1>"Order"</h1>
                <Loading/>
            }
        }>
            {move || Suspend::new(async move {
                match opened::<OrderDetail>(detail).await {
                    Ok(detail_now) => {
                        view! { <Order detail=detail_now reload=move || detail.refetch()/> }.into_any()
                    }
                    Err(error) => {
                        view! {
                            <Title text="Order"/>
                            <ErrorState error/>
                        }
                            .into_any()
                    }
                }
            })}
        </Transition>
    }
    .into_any()
}

#[component]
fn Order(detail: OrderDetail, reload: impl Fn() + Copy + Send + Sync + 'static) -> impl IntoView {
    let OrderDetail {
        order,
        timeline,
        decisions,
        node_names,
    } = detail;
    let title = format!("Order #{}", order.number);
    let currency = order.currency;
    let sees_why = !decisions.is_empty();
    view! {
        <Title text=title.clone()/>
        <div class="page-head">
            <Neighbourhood id=order.id/>
            <h1>
                {title}
                " "
                <OrderBadge status=order.status/>
            </h1>
            <p class="muted">
                {format!("{} {} · placed ", order.channel, order.external_id)}
                <When at=order.placed_at/>
                {format!(" · {}", format_money(order.total, currency))}
            </p>
            {may(Permission::ChangeOrders)
                .then(|| {
                    let units = open_units(&order);
                    let target = Target {
                        id: order.id,
                        status: order.status,
                        hold_reason: order.hold_reason.clone(),
                    };
                    view! { <Actions target units reload/> }
                })}
        </div>
        <div class="columns detail">
            <div class="stack">
                <Plan order=order.clone()/>
                {sees_why.then(|| view! { <Why decisions node_names currency/> })}
                <section class="card" aria-labelledby="items">
                    <h2 id="items">"Items"</h2>
                    <table class="list items">
                        <thead>
                            <tr>
                                <th scope="col">"Item"</th>
                                <th scope="col" class="number">"Ordered"</th>
                                <th scope="col" class="number">"Allocated"</th>
                                <th scope="col" class="number">"Shipped"</th>
                                <th scope="col" class="number">"Cancelled"</th>
                                <th scope="col" class="number">"Price"</th>
                            </tr>
                        </thead>
                        <tbody>
                            {order
                                .lines
                                .iter()
                                .map(|line| {
                                    view! {
                                        <tr>
                                            <th scope="row">
                                                {line.product_name.clone()}
                                                " "
                                                <a class="muted" href=format!("/inventory?q={}", encoded(&line.sku))>
                                                    {line.sku.clone()}
                                                </a>
                                            </th>
                                            <td class="number" data-label="Ordered">{format::count(line.quantity)}</td>
                                            <td class="number" data-label="Allocated">{format::count(line.allocated)}</td>
                                            <td class="number" data-label="Shipped">{format::count(line.shipped)}</td>
                                            <td class="number" data-label="Cancelled">{format::count(line.cancelled)}</td>
                                            <td class="number" data-label="Price">
                                                {format_money(line.unit_price, currency)}
                                            </td>
                                        </tr>
                                    }
                                })
                                .collect_view()}
                        </tbody>
                    </table>
                </section>
                <Timeline events=timeline/>
            </div>
            <Side order/>
        </div>
    }
    .into_any()
}

/// Units that have not left yet.
fn open_units(order: &engine::model::OrderView) -> i64 {
    order
        .lines
        .iter()
        .map(|line| line.quantity - line.cancelled - line.shipped)
        .sum()
}

/// The way back to the list, and to the orders before and after this one in it.
#[component]
fn Neighbourhood(id: OrderId) -> impl IntoView {
    let params = use_query_map();
    let shown = Memo::new(move |_| params.with(Shown::read));
    let around: Answer = Resource::new(
        move || shown.with(|shown| shown.query.clone()),
        move |query| order_neighbours(id, query),
    );
    let address = move |id| shown.with_untracked(|shown| shown.order_address(id));
    let list = move || shown.with(|shown| shown.list_address(&[]));
    let name = move || shown.with(Shown::name);
    if let Some(keys) = use_context::<Keys>() {
        let go = move |next: bool| {
            let around = around
                .get_untracked()?
                .and_then(|packed| packed.open::<Neighbours>())
                .ok()?;
            let id = if next { around.next } else { around.previous }?;
            Some(address(id))
        };
        let (forth, back) = (use_navigate(), use_navigate());
        keys.bind("j", "Next order of the list", move || {
            if let Some(path) = go(true) {
                forth(&path, NavigateOptions::default());
            }
        });
        keys.bind("k", "Previous order of the list", move || {
            if let Some(path) = go(false) {
                back(&path, NavigateOptions::default());
            }
        });
    }
    let step = move |to: Option<OrderId>, icon: &'static str, label: &'static str| match to {
        Some(id) => view! {
            <a class="icon-button" href=address(id) aria-label=label title=label>
                <Icon name=icon/>
            </a>
        }
        .into_any(),
        None => view! {
            <span class="icon-button is-off" aria-hidden="true">
                <Icon name=icon/>
            </span>
        }
        .into_any(),
    };
    view! {
        <nav class="crumbs" aria-label="List">
            <a href=list>
                <Icon name="back"/>
                {move || format!("Orders: {}", name())}
            </a>
            <Transition fallback=|| ()>
                {move || Suspend::new(async move {
                    let around = opened::<Neighbours>(around).await.unwrap_or_default();
                    view! {
                        {step(around.previous, "back", "Previous order (k)")}
                        {step(around.next, "next", "Next order (j)")}
                    }
                })}
            </Transition>
        </nav>
    }
    .into_any()
}
