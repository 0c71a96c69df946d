//! The HTTP API, version 1. A handler calls one use case and formats its answer.

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post, put};
use axum::{Json, Router};
use engine::model::{
    FulfillmentId, FulfillmentStatus, NewOrder, Node, OrderAction, OrderFilter, OrderStatus,
    Product, Service, StockAdjustment, StockCount, StockFilter,
};
use orchestrator::fulfillments::FulfillmentAction;
use orchestrator::{
    Error, Orchestrator, PageRequest, events, fulfillments, network, orders, routing, stock,
};
use serde::Deserialize;
use serde_json::json;

use crate::problem::Problem;
use crate::request::{Call, Caller, answer};

type Answer = Result<Response, Problem>;

/// Everything under one router.
pub fn router(orc: Orchestrator) -> Router {
    Router::new()
        .route("/healthz", get(async || Json(json!({ "status": "ok" }))))
        .route("/readyz", get(ready))
        .route("/api/v1/products", get(products))
        .route("/api/v1/products/{sku}", put(put_product).get(product))
        .route("/api/v1/nodes", get(nodes))
        .route("/api/v1/nodes/{code}", put(put_node).get(node))
        .route("/api/v1/services", get(services))
        .route("/api/v1/services/{code}", put(put_service).get(service))
        .route("/api/v1/stock", put(count_stock).get(list_stock))
        .route("/api/v1/stock/adjustments", post(adjust_stock))
        .route("/api/v1/orders", post(place_order).get(list_orders))
        .route("/api/v1/orders/{id}", get(order))
        .route("/api/v1/orders/{id}/decisions", get(decisions))
        .route("/api/v1/orders/{id}/{action}", post(act_on_order))
        .route("/api/v1/fulfillments", get(list_fulfillments))
        .route(
            "/api/v1/fulfillments/{id}/{action}",
            post(act_on_fulfillment),
        )
        .route("/api/v1/events", get(list_events))
        .fallback(async || Problem::new(StatusCode::NOT_FOUND, "there is nothing at this path"))
        .method_not_allowed_fallback(async || {
            Problem::new(
                StatusCode::METHOD_NOT_ALLOWED,
                "this path does not take this method",
            )
        })
        .layer(axum::extract::DefaultBodyLimit::disable())
        .with_state(orc)
}

async fn ready(State(orc): State<Orchestrator>) -> Answer {
    orc.ping().await?;
    Ok(axum::response::IntoResponse::into_response(Json(
        json!({ "status": "ready" }),
    )))
}

#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
struct ListQuery {
    limit: Option<u64>,
    cursor: Option<String>,
    q: Option<String>,
    status: Option<String>,
    channel: Option<String>,
    node: Option<String>,
    sku: Option<String>,
    after: Option<i64>,
}

impl ListQuery {
    fn page(&self) -> PageRequest {
        PageRequest {
            limit: self.limit.unwrap_or(50),
            cursor: self.cursor.clone(),
            with_total: false,
        }
    }
}

type List = Result<Query<ListQuery>, axum::extract::rejection::QueryRejection>;

fn query(list: List) -> Result<ListQuery, Problem> {
    list.map(|Query(query)| query)
        .map_err(|error| Problem::field("#", error.body_text()))
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "it ends handlers, whose answers are results"
)]
fn ok(caller: &Caller, value: &impl serde::Serialize) -> Answer {
    Ok(answer(StatusCode::OK, &caller.0, value))
}

fn put_status(created: bool) -> StatusCode {
    if created {
        StatusCode::CREATED
    } else {
        StatusCode::OK
    }
}

async fn put_product(
    State(orc): State<Orchestrator>,
    Path(sku): Path<String>,
    call: Call<Product>,
) -> Answer {
    let put = network::put_product(&orc, &call.actor, &sku, call.body).await?;
    Ok(answer(put_status(put.created), &call.actor, &put.value))
}

async fn product(
    State(orc): State<Orchestrator>,
    Path(sku): Path<String>,
    caller: Caller,
) -> Answer {
    ok(&caller, &network::product(&orc, &caller.0, &sku).await?)
}

async fn products(State(orc): State<Orchestrator>, caller: Caller, list: List) -> Answer {
    let list = query(list)?;
    ok(
        &caller,
        &network::products(&orc, &caller.0, list.q.as_deref(), &list.page()).await?,
    )
}

async fn put_node(
    State(orc): State<Orchestrator>,
    Path(code): Path<String>,
    call: Call<Node>,
) -> Answer {
    let put = network::put_node(&orc, &call.actor, &code, call.body).await?;
    Ok(answer(put_status(put.created), &call.actor, &put.value))
}

async fn node(State(orc): State<Orchestrator>, Path(code): Path<String>, caller: Caller) -> Answer {
    ok(&caller, &network::node(&orc, &caller.0, &code).await?)
}

async fn nodes(State(orc): State<Orchestrator>, caller: Caller, list: List) -> Answer {
    ok(
        &caller,
        &network::nodes(&orc, &caller.0, &query(list)?.page()).await?,
    )
}

async fn put_service(
    State(orc): State<Orchestrator>,
    Path(code): Path<String>,
    call: Call<Service>,
) -> Answer {
    let put = network::put_service(&orc, &call.actor, &code, call.body).await?;
    Ok(answer(put_status(put.created), &call.actor, &put.value))
}

async fn service(
    State(orc): State<Orchestrator>,
    Path(code): Path<String>,
    caller: Caller,
) -> Answer {
    ok(&caller, &network::service(&orc, &caller.0, &code).await?)
}

async fn services(State(orc): State<Orchestrator>, caller: Caller, list: List) -> Answer {
    ok(
        &caller,
        &network::services(&orc, &caller.0, &query(list)?.page()).await?,
    )
}

async fn count_stock(State(orc): State<Orchestrator>, call: Call<Vec<StockCount>>) -> Answer {
    let change = stock::count(&orc, &call.actor, call.body).await?;
    Ok(answer(StatusCode::OK, &call.actor, &change))
}

async fn adjust_stock(State(orc): State<Orchestrator>, call: Call<Vec<StockAdjustment>>) -> Answer {
    let rows = stock::adjust(&orc, &call.actor, call.body).await?;
    Ok(answer(
        StatusCode::OK,
        &call.actor,
        &json!({ "items": rows }),
    ))
}

async fn list_stock(State(orc): State<Orchestrator>, caller: Caller, list: List) -> Answer {
    let list = query(list)?;
    let page = list.page();
    let filter = StockFilter {
        sku: list.sku,
        node: list.node,
        q: list.q,
        only: None,
    };
    ok(
        &caller,
        &stock::list(&orc, &caller.0, &filter, &page).await?,
    )
}

async fn place_order(State(orc): State<Orchestrator>, call: Call<NewOrder>) -> Answer {
    let placed = orders::place(&orc, &call.actor, call.body).await?;
    Ok(answer(
        put_status(placed.created),
        &call.actor,
        &placed.order,
    ))
}

async fn order(State(orc): State<Orchestrator>, Path(id): Path<String>, caller: Caller) -> Answer {
    ok(&caller, &orders::get(&orc, &caller.0, &id).await?)
}

async fn list_orders(State(orc): State<Orchestrator>, caller: Caller, list: List) -> Answer {
    let list = query(list)?;
    let page = list.page();
    let mut status = Vec::new();
    for name in list.status.iter().flat_map(|names| names.split(',')) {
        status.push(
            name.parse::<OrderStatus>()
                .map_err(|detail| Problem::field("#/status", detail))?,
        );
    }
    let filter = OrderFilter {
        status,
        channel: list.channel.into_iter().collect(),
        node: list.node.into_iter().collect(),
        q: list.q,
        ..OrderFilter::default()
    };
    ok(
        &caller,
        &orders::list(&orc, &caller.0, &filter, &page).await?,
    )
}

async fn decisions(
    State(orc): State<Orchestrator>,
    Path(id): Path<String>,
    caller: Caller,
) -> Answer {
    let items = routing::decisions(&orc, &caller.0, &id).await?;
    ok(&caller, &json!({ "items": items, "next_cursor": null }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReasonBody {
    #[serde(default)]
    reason: Option<String>,
}

async fn act_on_order(
    State(orc): State<Orchestrator>,
    Path((id, action)): Path<(String, String)>,
    call: Call<ReasonBody>,
) -> Answer {
    let action: OrderAction = action
        .parse()
        .map_err(|detail: String| Problem::new(StatusCode::NOT_FOUND, detail))?;
    let order = orders::act(&orc, &call.actor, &id, action, call.body.reason).await?;
    Ok(answer(StatusCode::OK, &call.actor, &order))
}

async fn list_fulfillments(State(orc): State<Orchestrator>, caller: Caller, list: List) -> Answer {
    let list = query(list)?;
    let status = list
        .status
        .as_deref()
        .map(str::parse::<FulfillmentStatus>)
        .transpose();
    let status = status.map_err(|detail| Problem::field("#/status", detail))?;
    ok(
        &caller,
        &fulfillments::list(&orc, &caller.0, list.node.as_deref(), status, &list.page()).await?,
    )
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FulfillmentBody {
    #[serde(default)]
    reason: Option<String>,
    #[serde(default)]
    service: Option<String>,
    #[serde(default)]
    tracking_number: Option<String>,
}

async fn act_on_fulfillment(
    State(orc): State<Orchestrator>,
    Path((id, action)): Path<(String, String)>,
    call: Call<FulfillmentBody>,
) -> Answer {
    let FulfillmentBody {
        reason,
        service,
        tracking_number,
    } = call.body;
    let action = match action.as_str() {
        "accept" => FulfillmentAction::Accept,
        "reject" => FulfillmentAction::Reject {
            reason: reason.unwrap_or_default(),
        },
        "pack" => FulfillmentAction::Pack,
        "ship" => FulfillmentAction::Ship {
            service,
            tracking_number,
        },
        "deliver" => FulfillmentAction::Deliver,
        other => {
            return Err(Problem::new(
                StatusCode::NOT_FOUND,
                format!("'{other}' is no action of a fulfillment"),
            ));
        }
    };
    let missing = |_| Error::NotFound {
        what: "fulfillment",
        id: id.clone(),
    };
    let id: FulfillmentId = id.parse().map_err(missing)?;
    let view = fulfillments::act(&orc, &call.actor, id, action).await?;
    Ok(answer(StatusCode::OK, &call.actor, &view))
}

async fn list_events(State(orc): State<Orchestrator>, caller: Caller, list: List) -> Answer {
    let list = query(list)?;
    let limit = list.limit.unwrap_or(50).clamp(1, 200);
    let items = events::list(&orc, &caller.0, list.after.unwrap_or(0), limit).await?;
    ok(&caller, &json!({ "items": items, "next_cursor": null }))
}
