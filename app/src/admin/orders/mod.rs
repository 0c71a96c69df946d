//! The queue: every order of every channel.

mod act;
mod bulk;
mod cancel;
mod choose;
mod columns;
mod filters;
mod fresh;
mod jobs;
mod keys;
mod list;
mod peek;
mod query;
mod shown;
mod tabs;
mod views;

use std::time::Duration;

use engine::model::{OrderCounts, OrderId, OrderRow, Page, SavedView};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_navigate, use_query_map};

pub use act::{Target, act_now, say_done};
pub use bulk::working;
pub use cancel::CancelDialog;
#[cfg(feature = "ssr")]
pub use choose::columns_for;
pub use columns::Column;
pub use jobs::Jobs;
pub use query::{OrdersQuery, View};
pub use shown::Shown;

use crate::calls::network::{Choices, load_choices};
use crate::calls::orders::{load_order_counts, orders_page};
use crate::calls::personal::load_views;
use crate::calls::{Answer, opened};
use crate::components::{Empty, ErrorState, Happened, Loading, when_it_happens};
use crate::lazy::screen;
use crate::query::{self as address, PagePlace};
use choose::{ColumnMenu, columns_of};
use filters::Filters;
use jobs::{Bulk, JobCards};
use list::OrderList;
use peek::Peek;
use tabs::Tabs;
use views::{NameDialog, ViewActions};

/// The page of orders that the address asks for.
#[derive(Debug, Clone, PartialEq)]
struct Asked {
    query: OrdersQuery,
    place: PagePlace,
}

/// Where one is: a page of a list that is shown in some way.
#[derive(Debug, Clone, PartialEq)]
struct Place {
    shown: Shown,
    page: PagePlace,
}

impl Place {
    /// The address of the same with a look at this order beside it.
    fn address(&self, peek: Option<OrderId>) -> String {
        let [cursor, before] = self.page.pairs();
        let peek = ("peek", peek.map(|id| id.to_string()));
        self.shown.list_address(&[cursor, before, peek])
    }
}

screen!(
    /// `/orders`
    OrdersPage = orders_page: view
);

fn view() -> AnyView {
    let params = use_query_map();
    let place = Memo::new(move |_| {
        params.with(|params| Place {
            shown: Shown::read(params),
            page: PagePlace::read(params),
        })
    });
    let shown = Memo::new(move |_| place.with(|place| place.shown.clone()));
    // What is only shown differently is not asked for again.
    let asked = Memo::new(move |_| {
        place.with(|place| Asked {
            query: place.shown.query.clone(),
            place: place.page.clone(),
        })
    });
    let peek = Memo::new(move |_| params.with(|params| address::text(params, "peek")));
    let columns = columns_of(shown);
    let page: Answer = Resource::new(
        move || asked.get(),
        |asked| orders_page(asked.query, asked.place.cursor),
    );
    let counts: Answer = Resource::new(|| (), |()| load_order_counts());
    let choices: Answer = Resource::new(|| (), |()| load_choices());
    let views: Answer = Resource::new(|| (), |()| load_views());
    let moves_order = |event: &Happened| {
        event.kind.starts_with("order.") || event.kind.starts_with("fulfillment.")
    };
    when_it_happens(Duration::from_secs(2), moves_order, move || {
        counts.refetch();
    });
    let bulk = Bulk::new(move || page.refetch());
    let naming = RwSignal::new(None);
    let reload_views = move || views.refetch();
    // The way back of a toast outlives the buttons beside the title, and even the screen.
    let navigate = StoredValue::new(use_navigate());
    let go = move |address: String| {
        let options = NavigateOptions {
            replace: true,
            scroll: false,
            ..NavigateOptions::default()
        };
        let _ = navigate.try_with_value(|navigate| navigate(&address, options));
    };
    view! {
        <Title text=move || shown.with(Shown::name)/>
        <div class="screen-head">
            <h1>"Orders"</h1>
            <div class="actions">
                <Transition fallback=|| ()>
                    {move || Suspend::new(async move {
                        let views = opened::<Vec<SavedView>>(views).await.unwrap_or_default();
                        view! { <ViewActions shown columns views naming go reload=reload_views/> }
                    })}
                </Transition>
                <ColumnMenu shown columns/>
                <a
                    class="button"
                    href=move || export_address(&shown.get(), &columns.get())
                    download=""
                    title="Every order of this list with these columns, as a CSV file"
                >
                    "Export"
                </a>
            </div>
        </div>
        <Transition fallback=|| {
            view! { <div class="tabs"></div> }
        }>
            {move || Suspend::new(async move {
                let counts = opened::<OrderCounts>(counts).await.unwrap_or_default();
                let views = opened::<Vec<SavedView>>(views).await.unwrap_or_default();
                view! { <Tabs shown counts views/> }
            })}
        </Transition>
        <Transition fallback=|| {
            view! { <div class="filters"></div> }
        }>
            {move || Suspend::new(async move {
                let choices = opened::<Choices>(choices).await.unwrap_or_default();
                view! { <Filters shown choices/> }
            })}
        </Transition>
        <JobCards bulk/>
        <Transition fallback=|| view! { <Loading rows=12/> }>
            {move || Suspend::new(async move {
                let rows = opened::<Page<OrderRow>>(page).await;
                let asked = asked.get_untracked();
                match rows {
                    Ok(rows) if rows.items.is_empty() => {
                        let shown = shown.get_untracked();
                        view! { <NoOrders asked shown/> }.into_any()
                    }
                    Ok(rows) => {
                        view! {
                            <OrderList asked rows place columns peek bulk reload=move || page.refetch()/>
                        }
                            .into_any()
                    }
                    Err(error) => view! { <ErrorState error/> }.into_any(),
                }
            })}
        </Transition>
        <Peek place id=peek/>
        <NameDialog naming shown columns go reload=reload_views/>
    }
    .into_any()
}

/// The file of all orders of the list, with the columns that are shown.
fn export_address(shown: &Shown, columns: &[Column]) -> String {
    let columns = Column::names(columns).join(",");
    let mut pairs = shown.query.pairs().to_vec();
    pairs.push(("cols", Some(columns)));
    format!("/orders.csv?{}", address::written(pairs))
}

#[component]
fn NoOrders(asked: Asked, shown: Shown) -> impl IntoView {
    if asked.query.is_narrowed() || asked.place.cursor.is_some() {
        let all = shown.widened().list_address(&[]);
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
