//! The queue: every order of every channel.

mod bulk;
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
pub use filters::send_form_of;
pub use query::{OrdersQuery, View, encoded};

use crate::AppError;
use crate::calls::Packed;
use crate::calls::network::{Choices, load_choices};
use crate::calls::orders::{load_order_counts, orders_page};
use crate::components::{Coalesced, Empty, ErrorState, Live, Loading};
use crate::format;
use filters::Filters;
use list::OrderList;

/// `/orders`
pub struct OrdersPage;

struct OrdersData {
    asked: Memo<Asked>,
    page: Resource<Result<Packed, AppError>>,
    counts: Resource<Result<Packed, AppError>>,
    choices: Resource<Result<Packed, AppError>>,
}

/// The page that the address asks for.
#[derive(Debug, Clone, PartialEq)]
struct Asked {
    query: OrdersQuery,
    cursor: Option<String>,
    /// Rows before this page.
    before: u64,
}

impl OrdersData {
    fn load() -> Self {
        let params = use_query_map();
        let asked = Memo::new(move |_| {
            params.with(|params| Asked {
                query: OrdersQuery::read(params),
                cursor: params.get("cursor").filter(|cursor| !cursor.is_empty()),
                before: params
                    .get("before")
                    .and_then(|n| n.parse().ok())
                    .unwrap_or(0),
            })
        });
        OrdersData {
            asked,
            page: Resource::new(
                move || asked.get(),
                |asked| orders_page(asked.query, asked.cursor),
            ),
            counts: Resource::new(|| (), |()| load_order_counts()),
            choices: Resource::new(|| (), |()| load_choices()),
        }
    }
}

#[lazy_route]
impl LazyRoute for OrdersPage {
    fn data() -> Self {
        OrdersPage
    }

    fn view(this: Self) -> AnyView {
        let OrdersPage = this;
        let OrdersData {
            asked,
            page,
            counts,
            choices,
        } = OrdersData::load();
        let soon = Coalesced::new(Duration::from_secs(2));
        if let Some(live) = use_context::<Live>() {
            live.listen(move |event| {
                if event.kind.starts_with("order.") || event.kind.starts_with("fulfillment.") {
                    soon.run(move || counts.refetch());
                }
            });
        }
        view! {
            <Title text="Orders"/>
            <h1>"Orders"</h1>
            <Transition fallback=|| {
                view! { <div class="tabs"></div> }
            }>
                {move || Suspend::new(async move {
                    let counts = counts.await.and_then(|packed| packed.open::<OrderCounts>()).unwrap_or_default();
                    view! { <Tabs asked counts/> }
                })}
            </Transition>
            <Transition fallback=|| {
                view! { <div class="filters"></div> }
            }>
                {move || Suspend::new(async move {
                    let choices = choices.await.and_then(|packed| packed.open::<Choices>()).unwrap_or_default();
                    view! { <Filters asked choices/> }
                })}
            </Transition>
            <Transition fallback=|| view! { <Loading rows=12/> }>
                {move || Suspend::new(async move {
                    let rows = page.await.and_then(|packed| packed.open::<Page<OrderRow>>());
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
        .write();
        let current = move || {
            asked
                .with(|asked| asked.query.view == view)
                .then_some("page")
        };
        view! {
            <li>
                <a href=format!("/orders?{address}") aria-current=current>
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
    if asked.query.is_narrowed() || asked.cursor.is_some() {
        let all = OrdersQuery {
            view: asked.query.view,
            ..OrdersQuery::default()
        };
        view! {
            <Empty title="No orders match">
                <a class="button" href=format!("/orders?{}", all.write())>"Clear filters"</a>
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
