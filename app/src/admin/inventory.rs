//! Stock by node and SKU: what is there, what of it is promised, and what moved it.

mod adjust;
mod channels;
mod import;
mod incoming;
mod ledger;
mod safety;
mod scope;
mod sections;

use std::time::Duration;

use engine::model::{Page, Permission, StockFilter, StockOnly, StockRow};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_location, use_query_map};
use leptos_router::params::ParamsMap;

pub use ledger::LedgerPage;
pub use sections::StockSectionsPage;

use crate::calls::network::{Choices, load_choices};
use crate::calls::stock::stock_page;
use crate::calls::{Answer, opened};
use crate::components::{
    Choice, Empty, ErrorState, FilterBar, Happened, Loading, Pager, When, may, when_it_happens,
};
use crate::format;
use crate::lazy::screen;
use crate::query::{self, PagePlace, encoded};
use adjust::AdjustDialog;

#[derive(Debug, Clone, Default, PartialEq)]
struct Asked {
    filter: StockFilter,
    place: PagePlace,
}

impl Asked {
    fn read(params: &ParamsMap) -> Self {
        let text = |key| query::text(params, key);
        Asked {
            filter: StockFilter {
                sku: text("sku"),
                node: text("node"),
                q: text("q"),
                only: match text("only").as_deref() {
                    Some("out_of_stock") => Some(StockOnly::OutOfStock),
                    Some("reserved") => Some(StockOnly::Reserved),
                    _ => None,
                },
            },
            place: PagePlace::read(params),
        }
    }

    /// The address of the same rows from the first one on.
    fn first_page(&self) -> String {
        let filter = self.filter.clone();
        let only = filter.only.map(|only| only_name(only).to_owned());
        let pairs = [
            ("sku", filter.sku),
            ("node", filter.node),
            ("q", filter.q),
            ("only", only),
        ];
        format!("/inventory?{}", query::written(pairs))
    }
}

fn only_name(only: StockOnly) -> &'static str {
    match only {
        StockOnly::OutOfStock => "out_of_stock",
        StockOnly::Reserved => "reserved",
    }
}

screen!(
    /// `/inventory`
    InventoryPage = inventory_page: view
);

fn view() -> AnyView {
    let params = use_query_map();
    let asked = Memo::new(move |_| params.with(Asked::read));
    let page: Answer = Resource::new(
        move || asked.get(),
        |asked| stock_page(asked.filter, asked.place.cursor),
    );
    let choices: Answer = Resource::new(|| (), |()| load_choices());
    when_it_happens(Duration::from_secs(1), moves_stock, move || page.refetch());
    let adjusting = RwSignal::new(None::<StockRow>);
    view! {
        <Title text="Inventory"/>
        <h1>"Inventory"</h1>
        <InventoryTabs/>
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
                let rows = opened::<Page<StockRow>>(page).await;
                let asked = asked.get_untracked();
                match rows {
                    Ok(rows) if rows.items.is_empty() => view! { <NoStock asked/> }.into_any(),
                    Ok(rows) => view! { <StockTable asked rows adjusting/> }.into_any(),
                    Err(error) => view! { <ErrorState error/> }.into_any(),
                }
            })}
        </Transition>
        <AdjustDialog adjusting on_done=move || page.refetch()/>
    }
    .into_any()
}

/// The way between the inventory's screens.
#[component]
fn InventoryTabs() -> impl IntoView {
    let here = use_location().pathname;
    let tab = |(address, words): (&'static str, &'static str)| {
        view! {
            <li>
                <a href=address aria-current=move || (here.get() == address).then_some("page")>
                    {words}
                </a>
            </li>
        }
    };
    let all = [
        ("/inventory", "Stock"),
        ("/inventory/incoming", "Incoming"),
        ("/inventory/safety", "Safety stock"),
        ("/inventory/channels", "Channels"),
        ("/inventory/import", "Count from a file"),
    ];
    view! {
        <nav class="tabs" aria-label="Of the inventory">
            <ul>{all.map(tab).collect_view()}</ul>
        </nav>
    }
    .into_any()
}

/// Whether an event can have changed a stock row.
fn moves_stock(event: &Happened) -> bool {
    ["stock.", "order.", "fulfillment."]
        .iter()
        .any(|start| event.kind.starts_with(start))
}

#[component]
fn Filters(asked: Memo<Asked>, choices: Choices) -> impl IntoView {
    let filter = move || asked.with(|asked| asked.filter.clone());
    let clear = move || (filter() != StockFilter::default()).then(|| "/inventory".to_owned());
    let only = [
        ("", "All rows"),
        (only_name(StockOnly::OutOfStock), "Nothing available"),
        (only_name(StockOnly::Reserved), "Something reserved"),
    ];
    let only = only.map(|(value, words)| (value.to_owned(), words.to_owned()));
    view! {
        <FilterBar
            action="/inventory"
            label="Search stock"
            placeholder="SKU or product"
            q=Signal::derive(move || filter().q.unwrap_or_default())
            clear=Signal::derive(clear)
        >
            <Choice
                label="Node"
                name="node"
                chosen=Signal::derive(move || filter().node.unwrap_or_default())
                options=choices.nodes_or_any()
            />
            <Choice
                label="Show"
                name="only"
                chosen=Signal::derive(move || filter().only.map(only_name).unwrap_or_default().to_owned())
                options=only.into()
            />
        </FilterBar>
    }
    .into_any()
}

#[component]
fn NoStock(asked: Asked) -> impl IntoView {
    if asked.filter == StockFilter::default() && asked.place.cursor.is_none() {
        view! {
            <Empty
                title="No stock yet"
                text="Count it with baton import stock stock.csv, or let your ERP send it to PUT /api/v1/stock."
            >
                <a class="button primary" rel="external" href="/docs#stock">"Read how"</a>
            </Empty>
        }
        .into_any()
    } else {
        view! {
            <Empty title="No stock rows match">
                <a class="button" href="/inventory">"Clear filters"</a>
            </Empty>
        }
        .into_any()
    }
}

#[component]
fn StockTable(
    asked: Asked,
    rows: Page<StockRow>,
    adjusting: RwSignal<Option<StockRow>>,
) -> impl IntoView {
    let changes = may(Permission::ChangeStock);
    let shown = rows.items.len() as u64;
    let total = rows.total.unwrap_or(shown);
    let before = asked.place.before;
    let range = format::range(before, shown, total, "row", "rows");
    let first = asked.first_page();
    let next = rows
        .next_cursor
        .map(|cursor| format!("{first}&cursor={cursor}&before={}", before + shown));
    let first = asked.place.cursor.is_some().then_some(first);
    view! {
        <p class="muted" role="status">{range.clone()}</p>
        <table class="list stock">
            <thead>
                <tr>
                    <th scope="col">"Product"</th>
                    <th scope="col">"Node"</th>
                    <th scope="col" class="number">"On hand"</th>
                    <th scope="col" class="number">"Reserved"</th>
                    <th scope="col" class="number">"Safety"</th>
                    <th scope="col" class="number">"Available"</th>
                    <th scope="col">"Incoming"</th>
                    <th scope="col">"Updated"</th>
                    {changes.then(|| view! { <th scope="col"><span class="visually-hidden">"Actions"</span></th> })}
                </tr>
            </thead>
            <tbody>
                {rows
                    .items
                    .into_iter()
                    .map(|row| view! { <Row row changes adjusting/> })
                    .collect_view()}
            </tbody>
        </table>
        <Pager first next range/>
    }
    .into_any()
}

#[component]
fn Row(row: StockRow, changes: bool, adjusting: RwSignal<Option<StockRow>>) -> impl IntoView {
    let ledger = address_of(&row);
    let name = row.product_name.clone();
    let adjusted = row.clone();
    let incoming = row.incoming.first().cloned().map(|next| {
        let all: i64 = row.incoming.iter().map(|incoming| incoming.quantity).sum();
        view! { {format!("{} from ", format::count(all))} <When at=next.expected_at/> }
    });
    view! {
        <tr class:is-short=row.short != 0>
            <th scope="row">
                <a href=ledger>{name}</a>
                " "
                <span class="muted">{row.sku.clone()}</span>
            </th>
            <td data-label="Node">
                <a href=format!("/nodes/{}", row.node)>{row.node.clone()}</a>
            </td>
            <td class="number" data-label="On hand">{format::count(row.on_hand)}</td>
            <td class="number" data-label="Reserved">{format::count(row.reserved)}</td>
            <td class="number" data-label="Safety">{format::count(row.safety_stock)}</td>
            <td class="number" data-label="Available">
                <strong>{format::count(row.available)}</strong>
                {(row.short > 0)
                    .then(|| {
                        view! { <span class="badge badge-bad">{format!("{} short", format::count(row.short))}</span> }
                    })}
            </td>
            <td data-label="Incoming">{incoming}</td>
            <td data-label="Updated"><When at=row.updated_at/></td>
            {changes
                .then(|| {
                    let label = format!("Adjust {} at {}", row.sku, row.node);
                    view! {
                        <td class="row-action">
                            <button
                                type="button"
                                class="button small"
                                aria-label=label
                                on:click=move |_| adjusting.set(Some(adjusted.clone()))
                            >
                                "Adjust"
                            </button>
                        </td>
                    }
                })}
        </tr>
    }
    .into_any()
}

/// The page with the ledger of a row.
fn address_of(row: &StockRow) -> String {
    format!("/inventory/{}/{}", encoded(&row.node), encoded(&row.sku))
}
