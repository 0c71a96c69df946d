use axum::Json;
use axum::extract::{Path, State};
use axum::response::Response;
use chrono::{DateTime, Utc};
use engine::model::{BulkAction, OrderAction, OrderFilter, OrderId, OrderSort, OrderStatus, Page};
use http::StatusCode;
use orchestrator::Orchestrator;
use orchestrator::orders::bulk;
use serde::Deserialize;
use utoipa::ToSchema;

use super::fulfillments::Nothing;
use super::params::Params;
use crate::auth::{Call, Caller};
use crate::problem::Problem;

/// An action on every order that passes the filter.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewBulkAction {
    action: OrderAction,
    /// For the timelines and, with `hold`, for the people who look at the orders.
    #[serde(default)]
    reason: Option<String>,
    filter: BulkFilter,
}

/// Which orders. Everything that is given must hold; without anything it is every order.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BulkFilter {
    /// One of these orders, by `ord_…`; at most 200.
    #[serde(default)]
    order: Vec<OrderId>,
    /// In one of these states.
    #[serde(default)]
    status: Vec<OrderStatus>,
    /// From one of these channels.
    #[serde(default)]
    channel: Vec<String>,
    /// With a fulfillment, not void, at one of these nodes.
    #[serde(default)]
    node: Vec<String>,
    /// With this text in the number, external id, customer, e-mail, SKU or tracking number.
    #[serde(default)]
    q: Option<String>,
    /// Placed then or later.
    #[serde(default)]
    placed_from: Option<DateTime<Utc>>,
    /// Placed before then.
    #[serde(default)]
    placed_to: Option<DateTime<Utc>>,
}

impl From<BulkFilter> for OrderFilter {
    fn from(filter: BulkFilter) -> Self {
        OrderFilter {
            order: filter.order,
            status: filter.status,
            channel: filter.channel,
            node: filter.node,
            q: filter.q,
            placed_from: filter.placed_from,
            placed_to: filter.placed_to,
            sort: OrderSort::default(),
        }
    }
}

/// Act on all orders that pass a filter
///
/// Answers at once; the orders are held, released, cancelled or re-routed in the background, by number. Each is looked
/// at once and acted on if it passes the filter when its turn comes; orders that come in later are not looked at. How
/// far it is, is told here and by the events `bulk_action.started`, `.progressed`, `.done` and `.stopped`.
#[utoipa::path(post, path = "/bulk_actions", tag = "Orders", request_body = NewBulkAction,
    responses((status = 202, description = "The action has begun", body = BulkAction)))]
pub async fn start(
    State(orc): State<Orchestrator>,
    call: Call<NewBulkAction>,
) -> Result<Response, Problem> {
    let NewBulkAction {
        action,
        reason,
        filter,
    } = call.body.clone();
    let started = bulk::start(&orc, &call.actor, &filter.into(), action, reason).await?;
    Ok(call.answer(StatusCode::ACCEPTED, started))
}

/// How an action on many orders stands
#[utoipa::path(get, path = "/bulk_actions/{id}", tag = "Orders", params(("id", description = "`blk_…`")),
    responses((status = 200, description = "The action", body = BulkAction)))]
pub async fn show(
    State(orc): State<Orchestrator>,
    Caller(actor): Caller,
    Path(id): Path<String>,
) -> Result<Json<BulkAction>, Problem> {
    Ok(Json(bulk::get(&orc, &actor, &id).await?))
}

/// Actions on many orders, newest first
#[utoipa::path(get, path = "/bulk_actions", tag = "Orders",
    params(("limit" = Option<u64>, Query, description = "1 to 200, 50 unless told"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before")),
    responses((status = 200, description = "A page of actions", body = Page<BulkAction>)))]
pub async fn list(
    State(orc): State<Orchestrator>,
    Caller(actor): Caller,
    params: Params,
) -> Result<Json<Page<BulkAction>>, Problem> {
    let params = params.only(&["limit", "cursor"])?;
    Ok(Json(bulk::list(&orc, &actor, &params.page()?).await?))
}

/// Stop an action on many orders
///
/// What it has done stays. One that has ended stays as it is.
#[utoipa::path(post, path = "/bulk_actions/{id}/stop", tag = "Orders", params(("id", description = "`blk_…`")),
    request_body(content = Option<Nothing>), responses((status = 200, description = "The action", body = BulkAction)))]
pub async fn stop(
    State(orc): State<Orchestrator>,
    Path(id): Path<String>,
    call: Call<Nothing>,
) -> Result<Response, Problem> {
    let stopped = bulk::stop(&orc, &call.actor, &id).await?;
    Ok(call.answer(StatusCode::OK, stopped))
}
