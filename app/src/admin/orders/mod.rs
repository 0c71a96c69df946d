//! The queue: every order of every channel.

mod bulk;
mod cancel;
mod filters;
mod list;
mod query;

use std::time::Duration;

use engine::model::{OrderCounts, OrderRow, Page};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use leptos_router::{LazyRoute, lazy_route};

pub use bulk::working;
pub use cancel::CancelDialog;
pub use query::{OrdersQuery, View};

use crate::calls::network::{Choices, load_choices};
use crate::calls::orders::{load_order_counts, orders_page};
use crate::calls::{Answer, opened};
use crate::components::{Empty, ErrorState, Happened, Loading, when_it_happens};
use crate::format;
use crate::query::PagePlace;
use filters::Filters;
use list::OrderList;

/// `/orders`
pub struct OrdersPage;

/// The page that the address asks for.
#[derive(Debug, Clone, PartialEq)]
struct Asked {
    query: OrdersQuery,
    place: PagePlace,
}

#[lazy_route]
impl LazyRoute for OrdersPage {
    fn data() -> Self {
        OrdersPage
    }

    fn view(this: Self) -> AnyView {
        let OrdersPage = this;
        let params = use_query_map();
        let asked = Memo::new(move |_| {
            params.with(|params| Asked {
                query: OrdersQuery::read(params),
                place: PagePlace::read(params),
            })
        });
        let page: Answer = Resource::new(
            move || asked.get(),
            |asked| orders_page(asked.query, asked.place.cursor),
        );
        let counts: Answer = Resource::new(|| (), |()| load_order_counts());
        let choices: Answer = Resource::new(|| (), |()| load_choices());
        let moves_order = |event: &Happened| {
            event.kind.starts_with("order.") || event.kind.starts_with("fulfillment.")
        };
        when_it_happens(Duration::from_secs(2), moves_order, move || {
            counts.refetch();
        });
        view! {
            <Title text="Orders"/>
            <h1>"Orders"</h1>
            <Transition fallback=|| {
                view! { <div class="tabs"></div> }
            }>
                {move || Suspend::new(async move {
                    let counts = opened::<OrderCounts>(counts).await.unwrap_or_default();
                    view! { <Tabs asked counts/> }
                })}
            </Transition>
            <Transition fallback=|| {
                view! { <div class="filters"></div> }
            }>
                {move || Suspend::new(async move {
                    let choices = opened::<Choices>(choices).await.unwrap_or_default();
                    view! { <Filters asked choices/> }
                })}
            </Transition>
            <Transition fallback=|| view! { <Loading rows=12/> }>
                {move || Suspend::new(async move {
                    let rows = opened::<Page<OrderRow>>(page).await;
                    let asked = asked.get_untracked();
                    match rows {
                        Ok(rows) if rows.items.is_empty() => view! { <NoOrders asked/> }.into_any(),
                        Ok(rows) => view! { <OrderList asked rows reload=move || page.refetch()/> }.into_any(),
                        Err(error) => view! { <ErrorState error/> }.into_any(),
                    }
                })}
            </Transition>
        }
        .into_any()
    }
}

#[component]
fn Tabs(asked: Memo<Asked>, counts: OrderCounts) -> impl IntoView {
    let tab = move |view: View| {
        let n: u64 = match view.statuses() {
            [] => counts.total(),
            statuses => statuses.iter().map(|status| counts.of(*status)).sum(),
        };
        let address = OrdersQuery {
            view,
            ..OrdersQuery::default()
        }
        .list_address();
        let current = move || {
            asked
                .with(|asked| asked.query.view == view)
                .then_some("page")
        };
        view! {
            <li>
                <a href=address aria-current=current>
                    {view.label()}
                    <span class="tab-count">{format::count(n)}</span>
                </a>
            </li>
        }
    };
    view! {
        <nav class="tabs" aria-label="Views">
            <ul>{View::ALL.into_iter().map(tab).collect_view()}</ul>
        </nav>
    }
    .into_any()
}

#[component]
fn NoOrders(asked: Asked) -> impl IntoView {
    if asked.query.is_narrowed() || asked.place.cursor.is_some() {
        let all = asked.query.widened().list_address();
        view! {
            <Empty title="No orders match">
                <a class="button" href=all>"Clear filters"</a>
            </Empty>
        }
        .into_any()
    } else if asked.query.view == View::All {
        view! {
            <Empty title="No orders yet" text="They come from your channels through the API.">
                <a class="button primary" rel="external" href="/docs#orders">"Connect a shop"</a>
            </Empty>
        }
        .into_any()
    } else {
        view! {
            <Empty title="Nothing here" text="No order is in this state now.">
                <a class="button" href="/orders">"Show all orders"</a>
            </Empty>
        }
        .into_any()
    }
}
