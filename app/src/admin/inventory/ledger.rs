use std::time::Duration;

use engine::model::{Permission, StockMovementView};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};

use super::adjust::AdjustForm;
use super::moves_stock;
use crate::calls::stock::{StockLedger, load_stock_ledger};
use crate::calls::{Answer, opened};
use crate::components::{ErrorState, Icon, Loading, Pager, When, may, when_it_happens};
use crate::format;
use crate::lazy::screen;
use crate::query::PagePlace;

screen!(
    /// `/inventory/{node}/{sku}`: one row and everything that moved it.
    LedgerPage = ledger_page: view
);

fn view() -> AnyView {
    let (params, query) = (use_params_map(), use_query_map());
    let asked = Memo::new(move |_| {
        let of = |key| params.with(|params| params.get(key).unwrap_or_default());
        let cursor = query.with(|query| PagePlace::read(query).cursor);
        (of("node"), of("sku"), cursor)
    });
    let data: Answer = Resource::new(
        move || asked.get(),
        |(node, sku, cursor)| load_stock_ledger(node, sku, cursor),
    );
    when_it_happens(Duration::from_millis(500), moves_stock, move || {
        data.refetch();
    });
    view! {
        <nav class="crumbs" aria-label="Inventory">
            <a href="/inventory">
                <Icon name="back"/>
                "Inventory"
            </a>
        </nav>
        <Transition fallback=|| view! { <Loading/> }>
            {move || Suspend::new(async move {
                let first = asked.with_untracked(|asked| asked.2.is_none());
                match opened::<StockLedger>(data).await {
                    Ok(ledger) => {
                        view! { <Ledger ledger first reload=move || data.refetch()/> }.into_any()
                    }
                    Err(error) => view! { <ErrorState error/> }.into_any(),
                }
            })}
        </Transition>
    }
    .into_any()
}

#[component]
fn Ledger(
    ledger: StockLedger,
    first: bool,
    reload: impl Fn() + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let StockLedger { row, movements } = ledger;
    let here = super::address_of(&row);
    let newest = (!first).then(|| here.clone());
    let next = movements
        .next_cursor
        .map(|cursor| format!("{here}?cursor={cursor}"));
    let none = movements.items.is_empty();
    let facts = [
        ("On hand", row.on_hand),
        ("Reserved", row.reserved),
        ("Safety", row.safety_stock),
        ("Available", row.available),
    ];
    view! {
        <Title text=format!("{} at {}", row.sku, row.node)/>
        <h1>{row.product_name.clone()}</h1>
        <p class="muted">
            {format!("{} at ", row.sku)} <a href=format!("/nodes/{}", row.node)>{row.node.clone()}</a>
        </p>
        <div class="columns detail">
            <section class="card" aria-labelledby="ledger">
                <h2 id="ledger">"Ledger"</h2>
                {none.then(|| view! { <p class="muted">"Nothing has moved this stock yet."</p> })}
                {(!none)
                    .then(|| {
                        view! {
                            <table class="list ledger">
                                <thead>
                                    <tr>
                                        <th scope="col">"When"</th>
                                        <th scope="col">"What"</th>
                                        <th scope="col" class="number">"On hand"</th>
                                        <th scope="col" class="number">"Reserved"</th>
                                        <th scope="col">"By"</th>
                                    </tr>
                                </thead>
                                <tbody>
                                    {movements
                                        .items
                                        .into_iter()
                                        .map(|movement| view! { <Movement movement/> })
                                        .collect_view()}
                                </tbody>
                            </table>
                            <Pager first=newest next first_label="Newest" next_label="Earlier"/>
                        }
                    })}
            </section>
            <aside class="stack" aria-label="Now">
                <section class="card" aria-labelledby="now">
                    <h2 id="now">"Now"</h2>
                    <dl class="figures">
                        {facts
                            .into_iter()
                            .map(|(name, n)| {
                                view! {
                                    <div>
                                        <dt>{name}</dt>
                                        <dd>{format::count(n)}</dd>
                                    </div>
                                }
                            })
                            .collect_view()}
                    </dl>
                    {(row.short > 0)
                        .then(|| {
                            view! {
                                <p class="form-error">
                                    {format!("{} are reserved that are not there.", format::counted(row.short, "unit", "units"))}
                                </p>
                            }
                        })}
                </section>
                {may(Permission::ChangeStock)
                    .then(|| {
                        view! {
                            <section class="card" aria-labelledby="adjust">
                                <h2 id="adjust">"Adjust"</h2>
                                <AdjustForm row=row.clone() on_done=reload/>
                            </section>
                        }
                    })}
            </aside>
        </div>
    }
    .into_any()
}

#[component]
fn Movement(movement: StockMovementView) -> impl IntoView {
    let what = match movement.cause.as_str() {
        "counted" => "Counted",
        "adjusted" => "Adjusted",
        "reserved" => "Reserved",
        "released" => "Released",
        "shipped" => "Shipped",
        "picked_up" => "Picked up",
        "short_pick" => "Not on the shelf",
        _ => "Moved",
    };
    let change = |delta: i64, after: i64| {
        let delta = (delta != 0).then(|| format::signed(delta));
        view! {
            {delta.map(|delta| view! { <strong>{delta}</strong> " " })}
            <span class="muted">{format!("→ {}", format::count(after))}</span>
        }
    };
    let order = movement.order_id.zip(movement.order_number);
    view! {
        <tr>
            <td><When at=movement.at/></td>
            <th scope="row">
                {what}
                {movement.reason.map(|reason| view! { <span class="muted">{format!(" · {reason}")}</span> })}
                {order
                    .map(|(id, number)| {
                        view! {
                            " "
                            <a href=format!("/orders/{id}")>{format!("#{number}")}</a>
                        }
                    })}
            </th>
            <td class="number" data-label="On hand">{change(movement.on_hand_delta, movement.on_hand_after)}</td>
            <td class="number" data-label="Reserved">{change(movement.reserved_delta, movement.reserved_after)}</td>
            <td data-label="By">{movement.actor}</td>
        </tr>
    }
    .into_any()
}
