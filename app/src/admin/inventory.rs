//! Stock by node and SKU: what is there, what of it is promised, and what moved it.

mod adjust;
mod ledger;

use std::time::Duration;

use engine::model::{Page, Permission, StockFilter, StockOnly, StockRow};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::components::Form;
use leptos_router::hooks::use_query_map;
use leptos_router::params::ParamsMap;
use leptos_router::{LazyRoute, lazy_route};

pub use ledger::LedgerPage;

use super::orders::encoded;
use crate::AppError;
use crate::calls::Packed;
use crate::calls::network::{Choices, load_choices};
use crate::calls::stock::stock_page;
use crate::components::{Coalesced, Empty, ErrorState, Live, Loading, When, may};
use crate::format;
use adjust::AdjustDialog;

/// `/inventory`
pub struct InventoryPage;

struct InventoryData {
    asked: Memo<Asked>,
    page: Resource<Result<Packed, AppError>>,
    choices: Resource<Result<Packed, AppError>>,
}

#[derive(Debug, Clone, Default, PartialEq)]
struct Asked {
    filter: StockFilter,
    cursor: Option<String>,
    /// Rows before this page.
    before: u64,
}

impl Asked {
    fn read(params: &ParamsMap) -> Self {
        let text = |key: &str| {
            params
                .get(key)
                .map(|value| value.trim().to_owned())
                .filter(|value| !value.is_empty())
        };
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
            cursor: text("cursor"),
            before: text("before").and_then(|n| n.parse().ok()).unwrap_or(0),
        }
    }

    /// The address of the same rows from the first one on.
    fn first_page(&self) -> String {
        let only = self.filter.only.map(only_name);
        let pairs = [
            ("sku", self.filter.sku.as_deref()),
            ("node", self.filter.node.as_deref()),
            ("q", self.filter.q.as_deref()),
            ("only", only),
        ];
        let pairs: Vec<_> = pairs
            .into_iter()
            .filter_map(|(key, value)| Some(format!("{key}={}", encoded(value?))))
            .collect();
        format!("/inventory?{}", pairs.join("&"))
    }
}

fn only_name(only: StockOnly) -> &'static str {
    match only {
        StockOnly::OutOfStock => "out_of_stock",
        StockOnly::Reserved => "reserved",
    }
}

impl InventoryData {
    fn load() -> Self {
        let params = use_query_map();
        let asked = Memo::new(move |_| params.with(Asked::read));
        InventoryData {
            asked,
            page: Resource::new(
                move || asked.get(),
                |asked| stock_page(asked.filter, asked.cursor),
            ),
            choices: Resource::new(|| (), |()| load_choices()),
        }
    }
}

#[lazy_route]
impl LazyRoute for InventoryPage {
    fn data() -> Self {
        InventoryPage
    }

    fn view(this: Self) -> AnyView {
        let InventoryPage = this;
        let InventoryData {
            asked,
            page,
            choices,
        } = InventoryData::load();
        let soon = Coalesced::new(Duration::from_secs(1));
        let adjusting = RwSignal::new(None::<StockRow>);
        if let Some(live) = use_context::<Live>() {
            live.listen(move |event| {
                if moves_stock(&event.kind) {
                    soon.run(move || page.refetch());
                }
            });
        }
        view! {
            <Title text="Inventory"/>
            <h1>"Inventory"</h1>
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
                    let rows = page.await.and_then(|packed| packed.open::<Page<StockRow>>());
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
}

/// Whether an event of this kind can have changed a stock row.
fn moves_stock(kind: &str) -> bool {
    ["stock.", "order.", "fulfillment."]
        .iter()
        .any(|start| kind.starts_with(start))
}

#[component]
fn Filters(asked: Memo<Asked>, choices: Choices) -> impl IntoView {
    let filter = move || asked.with(|asked| asked.filter.clone());
    let submit = super::orders::send_form_of;
    let nodes = choices.nodes;
    view! {
        <Form method="GET" action="/inventory">
            <div class="filters" role="search">
                <label class="field grow">
                    <span class="visually-hidden">"Search stock"</span>
                    <input
                        type="search"
                        name="q"
                        data-search=""
                        placeholder="SKU or product"
                        value=move || filter().q.unwrap_or_default()
                    />
                </label>
                <label class="field">
                    <span class="field-name">"Node"</span>
                    <select name="node" on:change=submit>
                        <option value="">"Any"</option>
                        {move || {
                            let chosen = filter().node;
                            nodes
                                .iter()
                                .map(|(code, name)| {
                                    view! {
                                        <option value=code.clone() selected=chosen.as_deref() == Some(&**code)>
                                            {name.clone()}
                                        </option>
                                    }
                                })
                                .collect_view()
                        }}
                    </select>
                </label>
                <label class="field">
                    <span class="field-name">"Show"</span>
                    <select name="only" on:change=submit>
                        <option value="">"All rows"</option>
                        <option
                            value="out_of_stock"
                            selected=move || filter().only == Some(StockOnly::OutOfStock)
                        >
                            "Nothing available"
                        </option>
                        <option value="reserved" selected=move || filter().only == Some(StockOnly::Reserved)>
                            "Something reserved"
                        </option>
                    </select>
                </label>
                <button type="submit" class="button">"Apply"</button>
                {move || {
                    (filter() != StockFilter::default())
                        .then(|| {
                            view! {
                                <a class="button plain" href="/inventory">
                                    "Clear filters"
                                </a>
                            }
                        })
                }}
            </div>
        </Form>
    }
    .into_any()
}

#[component]
fn NoStock(asked: Asked) -> impl IntoView {
    if asked.filter == StockFilter::default() && asked.cursor.is_none() {
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
    let range = format!(
        "{}–{} of {}",
        format::count(asked.before + 1),
        format::count(asked.before + shown),
        format::counted(total, "row", "rows")
    );
    let first = asked.first_page();
    let next = rows.next_cursor.map(|cursor| {
        let before = asked.before + shown;
        format!("{first}&cursor={cursor}&before={before}")
    });
    let is_first = asked.cursor.is_none();
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
        <nav class="pager" aria-label="Pages">
            {(!is_first).then(|| view! { <a class="button" href=first>"First page"</a> })}
            <span class="muted">{range}</span>
            {next.map(|address| view! { <a class="button" rel="next" href=address>"Next page"</a> })}
        </nav>
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
