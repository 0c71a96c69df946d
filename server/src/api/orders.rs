use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use engine::model::{
    DecisionView, NewOrder, OrderAction, OrderFilter, OrderMove, OrderRow, OrderSort, OrderView,
    Page,
};
use http::StatusCode;
use orchestrator::{Actor, Orchestrator, orders, routing, tracking};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::params::Params;
use super::products::made_or_changed;
use crate::auth::{Call, Caller};
use crate::problem::Problem;
use crate::state::AppState;

/// Take an order in
///
/// The router plans it a moment later. The same `channel` and `external_id` again answers with the order that exists
/// when the content is the same (200), and with a conflict when it is not (409).
#[utoipa::path(post, path = "/orders", tag = "Orders", request_body = NewOrder,
    responses((status = 201, description = "The order is taken", body = OrderView), (status = 200, description = "The order was there before", body = OrderView)))]
pub async fn place_order(
    State(state): State<AppState>,
    call: Call<NewOrder>,
) -> Result<Response, Problem> {
    let placed = orders::place(&state.orchestrator, &call.actor, call.body.clone()).await?;
    let order = with_link(&state, &call.actor, placed.order).await?;
    Ok(call.answer(made_or_changed(placed.created), order))
}

/// The order with the address of its page for the customer. The address has a secret, so it is in no stored answer.
async fn with_link(
    state: &AppState,
    actor: &Actor,
    mut order: OrderView,
) -> Result<OrderView, Problem> {
    let path = tracking::page_link(&state.orchestrator, actor, order.id).await?;
    order.tracking_url = path.map(|path| format!("{}{path}", state.config.base_url()));
    Ok(order)
}

/// One order
#[utoipa::path(get, path = "/orders/{id}", tag = "Orders", params(("id", description = "`ord_…` or `channel:external_id`")),
    responses((status = 200, description = "The order", body = OrderView)))]
pub async fn get_order(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path(id): Path<String>,
) -> Result<Json<OrderView>, Problem> {
    let order = orders::get(&state.orchestrator, &actor, &id).await?;
    Ok(Json(with_link(&state, &actor, order).await?))
}

/// Orders
#[utoipa::path(get, path = "/orders", tag = "Orders",
    params(("status" = Option<String>, Query, description = "In one of these states, with commas between them"),
        ("channel" = Option<String>, Query, description = "From one of these channels"),
        ("node" = Option<String>, Query, description = "With a fulfillment at one of these nodes"),
        ("q" = Option<String>, Query, description = "Text in the number, external id, customer, e-mail, SKU or tracking number"),
        ("placed_from" = Option<String>, Query, description = "Placed then or later (RFC 3339)"),
        ("placed_to" = Option<String>, Query, description = "Placed before then (RFC 3339)"),
        ("sort" = Option<String>, Query, description = "`newest` (unless told) or `oldest`"),
        ("limit" = Option<u64>, Query, description = "1 to 200, 50 unless told"), ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
        ("total" = Option<bool>, Query, description = "Count all that match")),
    responses((status = 200, description = "A page of orders", body = Page<OrderRow>)))]
pub async fn list_orders(
    State(orc): State<Orchestrator>,
    Caller(actor): Caller,
    params: Params,
) -> Result<Json<Page<OrderRow>>, Problem> {
    let params = params.only(&[
        "status",
        "channel",
        "node",
        "q",
        "placed_from",
        "placed_to",
        "sort",
        "limit",
        "cursor",
        "total",
    ])?;
    Ok(Json(
        orders::list(&orc, &actor, &filter(&params)?, &params.page()?).await?,
    ))
}

fn filter(params: &Params) -> Result<OrderFilter, Problem> {
    let sort = match params.text("sort") {
        None | Some("newest") => OrderSort::Newest,
        Some("oldest") => OrderSort::Oldest,
        Some(other) => {
            return Err(Problem::field(
                "#/sort",
                format!("'{other}' is none of newest, oldest"),
            ));
        }
    };
    Ok(OrderFilter {
        order: Vec::new(),
        status: params.list("status")?,
        channel: params.list("channel")?,
        node: params.list("node")?,
        q: params.text("q").map(str::to_owned),
        placed_from: params.one("placed_from")?,
        placed_to: params.one("placed_to")?,
        sort,
    })
}

/// How an order was routed
///
/// Each decision, newest first, with the inputs as seen, the plan, and the alternatives with their cost gap or the
/// rule that ruled them out.
#[utoipa::path(get, path = "/orders/{id}/decisions", tag = "Orders", params(("id", description = "`ord_…` or `channel:external_id`")),
    responses((status = 200, description = "The decisions", body = Decisions)))]
pub async fn list_decisions(
    State(orc): State<Orchestrator>,
    Caller(actor): Caller,
    Path(id): Path<String>,
) -> Result<Json<Decisions>, Problem> {
    Ok(Json(Decisions {
        items: routing::decisions(&orc, &actor, &id).await?,
        next_cursor: None,
    }))
}

/// Every decision about an order.
#[derive(Serialize, ToSchema)]
pub struct Decisions {
    items: Vec<DecisionView>,
    /// There is no further page.
    next_cursor: Option<String>,
}

/// Why.
#[derive(Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Reason {
    /// For the timeline and, with `hold`, for the people who look at it.
    #[serde(default)]
    reason: Option<String>,
}

/// Where to, and whether only to try it out.
#[derive(Clone, Deserialize, ToSchema)]
pub struct Move {
    #[serde(flatten)]
    to: OrderMove,
    /// Only say what it would do.
    #[serde(default)]
    dry_run: bool,
}

/// Move what has not been packed yet to other nodes or services
///
/// With `dry_run` nothing is written, and the answer says what it would cost and when it would arrive; otherwise it is the
/// order, which is planned again within what was said.
#[utoipa::path(post, path = "/orders/{id}/move", tag = "Orders", params(("id", description = "`ord_…` or `channel:external_id`")),
    request_body = Move, responses((status = 200, description = "What it would do, or the order as it is now", body = OrderView)))]
pub async fn move_order(
    State(orc): State<Orchestrator>,
    Path(id): Path<String>,
    call: Call<Move>,
) -> Result<Response, Problem> {
    let Move { to, dry_run } = call.body.clone();
    if dry_run {
        let preview = orders::try_move(&orc, &call.actor, &id, to).await?;
        return Ok(Json(preview).into_response());
    }
    let order = orders::move_to(&orc, &call.actor, &id, to).await?;
    Ok(call.answer(StatusCode::OK, order))
}

/// Hold, release, cancel or re-route an order
///
/// An action that the state does not allow is a conflict; repeated in the state that it led to it changes nothing.
#[utoipa::path(post, path = "/orders/{id}/{action}", tag = "Orders",
    params(("id", description = "`ord_…` or `channel:external_id`"), ("action" = OrderAction, Path, description = "What to do")),
    request_body(content = Option<Reason>), responses((status = 200, description = "The order as it is now", body = OrderView)))]
pub async fn act_on_order(
    State(state): State<AppState>,
    Path((id, action)): Path<(String, String)>,
    call: Call<Reason>,
) -> Result<Response, Problem> {
    let action: OrderAction = action.parse().map_err(Problem::not_found)?;
    let (orc, reason) = (&state.orchestrator, call.body.reason.clone());
    let order = orders::act(orc, &call.actor, &id, action, reason).await?;
    let order = with_link(&state, &call.actor, order).await?;
    Ok(call.answer(StatusCode::OK, order))
}
