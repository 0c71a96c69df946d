use std::time::Duration;

use engine::model::{ExpectedRow, FieldError, Incoming, IncomingStock, Page, Permission};
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::hooks::use_query_map;

use crate::AppError;
use crate::calls::network::{Choices, load_choices};
use crate::calls::stock_rules::{expected_page, load_incoming, save_incoming};
use crate::calls::{Answer, opened};
use crate::components::{
    Badge, Choice, Clock, Dialog, Empty, Entry, ErrorState, FilterBar, FormError, Icon, Loading,
    Pager, Toasts, When, Wrong, local_field, may, moment_of, open_about, when_it_happens,
};
use crate::format;
use crate::query::{self, PagePlace, encoded};

/// What the address asks for: a node, text, and the place in the list.
type Asked = (Option<String>, Option<String>, PagePlace);

/// Which row is edited; both empty for one that is yet to be named.
type About = (String, String);

/// What is on its way, soonest first.
#[component]
pub fn IncomingSection() -> impl IntoView {
    let params = use_query_map();
    let asked = Memo::new(move |_| {
        params.with(|params| -> Asked {
            (
                query::text(params, "node"),
                query::text(params, "q"),
                PagePlace::read(params),
            )
        })
    });
    let data: Answer = Resource::new(
        move || asked.get(),
        |(node, q, place)| expected_page(node, q, place.cursor),
    );
    let choices: Answer = Resource::new(|| (), |()| load_choices());
    when_it_happens(
        Duration::from_secs(1),
        |event| event.kind.starts_with("stock."),
        move || data.refetch(),
    );
    let editing = RwSignal::new(None::<About>);
    let changes = may(Permission::ChangeStock);
    let filtered = move || asked.with(|(node, q, _)| node.is_some() || q.is_some());
    view! {
        <Transition fallback=|| {
            view! { <div class="filters"></div> }
        }>
            {move || Suspend::new(async move {
                let choices = opened::<Choices>(choices).await.unwrap_or_default();
                view! {
                    <FilterBar
                        action="/inventory/incoming"
                        label="Search incoming stock"
                        placeholder="SKU or product"
                        q=Signal::derive(move || asked.with(|(_, q, _)| q.clone().unwrap_or_default()))
                        clear=Signal::derive(move || filtered().then(|| "/inventory/incoming".to_owned()))
                    >
                        <Choice
                            label="Node"
                            name="node"
                            chosen=Signal::derive(move || asked.with(|(node, ..)| node.clone().unwrap_or_default()))
                            options=choices.nodes_or_any()
                        />
                    </FilterBar>
                }
            })}
        </Transition>
        {changes
            .then(|| {
                view! {
                    <div>
                        <button
                            type="button"
                            class="button primary"
                            on:click=move |_| editing.set(Some(About::default()))
                        >
                            "Add incoming stock"
                        </button>
                    </div>
                }
            })}
        <Transition fallback=|| view! { <Loading rows=8/> }>
            {move || Suspend::new(async move {
                let page = opened::<Page<ExpectedRow>>(data).await;
                let asked = asked.get_untracked();
                match page {
                    Ok(page) if page.items.is_empty() => {
                        if asked.0.is_some() || asked.1.is_some() {
                            view! {
                                <Empty title="Nothing that matches is on its way">
                                    <a class="button" href="/inventory/incoming">"Clear filters"</a>
                                </Empty>
                            }
                                .into_any()
                        } else {
                            view! {
                                <Empty
                                    title="Nothing is on its way"
                                    text="What a node expects can be promised from the day it is there. Your ERP can send it to PUT /api/v1/stock/incoming."
                                />
                            }
                                .into_any()
                        }
                    }
                    Ok(page) => view! { <Table page asked editing changes/> }.into_any(),
                    Err(error) => view! { <ErrorState error/> }.into_any(),
                }
            })}
        </Transition>
        <EditDialog editing on_done=move || data.refetch()/>
    }
    .into_any()
}

#[component]
fn Table(
    page: Page<ExpectedRow>,
    asked: Asked,
    editing: RwSignal<Option<About>>,
    changes: bool,
) -> impl IntoView {
    let (node, q, place) = asked;
    let shown = page.items.len() as u64;
    let total = page.total.unwrap_or(shown);
    let range = format::range(place.before, shown, total, "delivery", "deliveries");
    let first = format!(
        "/inventory/incoming?{}",
        query::written([("node", node), ("q", q)])
    );
    let next = page
        .next_cursor
        .map(|cursor| format!("{first}&cursor={cursor}&before={}", place.before + shown));
    let first = place.cursor.is_some().then_some(first);
    let now = expect_context::<Clock>().now_untracked();
    let rows = page.items.into_iter().map(|row| {
        let about = (row.node.clone(), row.sku.clone());
        let label = format!("Change what is on its way of {} to {}", row.sku, row.node);
        let late = row.expected_at < now;
        view! {
            <tr>
                <th scope="row">
                    <a href=format!("/inventory/{}/{}", encoded(&row.node), encoded(&row.sku))>
                        {row.product_name.clone()}
                    </a>
                    " "
                    <span class="muted">{row.sku.clone()}</span>
                </th>
                <td data-label="Node">
                    <a href=format!("/nodes/{}", encoded(&row.node))>{row.node.clone()}</a>
                </td>
                <td class="number" data-label="Units">{format::count(row.quantity)}</td>
                <td data-label="Expected">
                    <When at=row.expected_at/>
                    {late
                        .then(|| view! { " " <Badge tone="warn" glyph="!" word="Overdue"/> })}
                </td>
                {changes
                    .then(|| {
                        view! {
                            <td class="row-action">
                                <button
                                    type="button"
                                    class="button small"
                                    aria-label=label
                                    on:click=move |_| editing.set(Some(about.clone()))
                                >
                                    "Change"
                                </button>
                            </td>
                        }
                    })}
            </tr>
        }
    });
    view! {
        <p class="muted" role="status">{range.clone()}</p>
        <table class="list">
            <thead>
                <tr>
                    <th scope="col">"Product"</th>
                    <th scope="col">"Node"</th>
                    <th scope="col" class="number">"Units"</th>
                    <th scope="col">"Expected"</th>
                    {changes.then(|| view! { <th scope="col"><span class="visually-hidden">"Actions"</span></th> })}
                </tr>
            </thead>
            <tbody>{rows.collect_view()}</tbody>
        </table>
        <Pager first next range/>
    }
    .into_any()
}

#[component]
fn EditDialog(
    editing: RwSignal<Option<About>>,
    on_done: impl Fn() + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let open = open_about(editing);
    view! {
        <Dialog open title="Incoming stock".to_owned()>
            {move || {
                editing
                    .get()
                    .map(|(node, sku)| {
                        let close = move || {
                            open.set(false);
                            on_done();
                        };
                        if node.is_empty() {
                            view! { <Which editing/> }.into_any()
                        } else {
                            view! { <Deliveries node sku close/> }.into_any()
                        }
                    })
            }}
        </Dialog>
    }
    .into_any()
}

/// Asks which row it is about.
#[component]
fn Which(editing: RwSignal<Option<About>>) -> impl IntoView {
    let (node, sku) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let about = (
            node.get_untracked().trim().to_owned(),
            sku.get_untracked().trim().to_owned(),
        );
        if !about.0.is_empty() && !about.1.is_empty() {
            editing.set(Some(about));
        }
    };
    view! {
        <form on:submit=submit>
            <h2>"Add incoming stock"</h2>
            <div class="field-row">
                <Entry label="Node" id="incoming-node" value=node pointer=String::new() required=true/>
                <Entry label="SKU" id="incoming-sku" value=sku pointer=String::new() required=true/>
            </div>
            <div class="dialog-actions">
                <button type="submit" class="button primary">"Go on"</button>
            </div>
        </form>
    }
    .into_any()
}

#[derive(Clone, Copy, PartialEq, Eq)]
struct DeliveryDraft {
    id: usize,
    units: RwSignal<String>,
    /// In the reader's own time, as the browser's field has it.
    at: RwSignal<String>,
}

/// What is on its way of one row, all of it.
#[component]
fn Deliveries(
    node: String,
    sku: String,
    close: impl Fn() + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let toasts = expect_context::<Toasts>();
    let wrong = Wrong::provide();
    let busy = RwSignal::new(true);
    let rows = RwSignal::new(Vec::<DeliveryDraft>::new());
    let about = StoredValue::new((node.clone(), sku.clone()));
    spawn_local(async move {
        let (node, sku) = about.get_value();
        let found = load_incoming(node, sku).await;
        let found = found.and_then(|packed| packed.open::<IncomingStock>());
        let _ = busy.try_set(false);
        match found {
            Ok(found) => {
                let known = found.incoming.into_iter().enumerate();
                let drafts = known.map(|(id, incoming)| DeliveryDraft {
                    id,
                    units: RwSignal::new(incoming.quantity.to_string()),
                    at: RwSignal::new(local_field(incoming.expected_at)),
                });
                let mut drafts: Vec<_> = drafts.collect();
                if drafts.is_empty() {
                    drafts.push(empty(0));
                }
                let _ = rows.try_set(drafts);
            }
            Err(failed) => wrong.set(Some(failed)),
        }
    });
    let add = move |_| {
        rows.update(|rows| {
            let id = rows.iter().map(|row| row.id + 1).max().unwrap_or(0);
            rows.push(empty(id));
        });
    };
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        let (mut incoming, mut errors) = (Vec::new(), Vec::new());
        for (n, row) in rows.get_untracked().into_iter().enumerate() {
            let quantity = row.units.get_untracked().trim().replace(',', "").parse();
            let at = moment_of(&row.at.get_untracked());
            if quantity.is_err() {
                let pointer = format!("#/0/incoming/{n}/quantity");
                errors.push(FieldError::new(
                    pointer,
                    "a number of units is needed, such as 40",
                ));
            }
            if at.is_none() {
                let pointer = format!("#/0/incoming/{n}/expected_at");
                errors.push(FieldError::new(pointer, "a day and a time are needed"));
            }
            if let (Ok(quantity), Some(expected_at)) = (quantity, at) {
                incoming.push(Incoming {
                    quantity,
                    expected_at,
                });
            }
        }
        if !errors.is_empty() {
            return wrong.set(Some(AppError::Invalid(errors)));
        }
        busy.set(true);
        wrong.set(None);
        let (node, sku) = about.get_value();
        spawn_local(async move {
            let result = save_incoming(IncomingStock {
                node,
                sku,
                incoming,
            })
            .await;
            let _ = busy.try_set(false);
            match result {
                Ok(()) => {
                    toasts.say("Incoming stock saved");
                    close();
                }
                Err(failed) => wrong.set(Some(failed)),
            }
        });
    };
    let one = move |row: DeliveryDraft| {
        let n = row.id + 1;
        let at = move || {
            rows.with(|rows| {
                rows.iter()
                    .position(|other| other.id == row.id)
                    .unwrap_or(0)
            })
        };
        let units = Signal::derive(move || format!("#/0/incoming/{}/quantity", at()));
        let expected = Signal::derive(move || format!("#/0/incoming/{}/expected_at", at()));
        view! {
            <li class="delivery">
                <Entry label=format!("Units of delivery {n}") id=format!("delivery-{}-units", row.id) value=row.units pointer=units inputmode="numeric"/>
                <Entry label=format!("Expected, delivery {n}") id=format!("delivery-{}-at", row.id) value=row.at pointer=expected kind="datetime-local"/>
                <button
                    type="button"
                    class="icon-button small"
                    aria-label=format!("Remove delivery {n}")
                    on:click=move |_| rows.update(|rows| rows.retain(|other| other.id != row.id))
                >
                    <Icon name="close"/>
                </button>
            </li>
        }
    };
    view! {
        <form on:submit=submit novalidate>
            <h2>"Incoming stock"</h2>
            <p class="muted">{format!("{sku} at {node}; times are your own")}</p>
            <FormError error=Signal::derive(move || wrong.get())/>
            <ul class="deliveries">
                <For each=move || rows.get() key=|row| row.id children=one/>
            </ul>
            {move || {
                (!busy.get() && rows.with(Vec::is_empty))
                    .then(|| view! { <p class="muted">"Nothing is on its way any more."</p> })
            }}
            <div>
                <button type="button" class="button" on:click=add>"Add a delivery"</button>
            </div>
            <div class="dialog-actions">
                <button type="submit" class="button primary" disabled=move || busy.get()>
                    "Save"
                </button>
            </div>
        </form>
    }
    .into_any()
}

fn empty(id: usize) -> DeliveryDraft {
    DeliveryDraft {
        id,
        units: RwSignal::new(String::new()),
        at: RwSignal::new(String::new()),
    }
}
