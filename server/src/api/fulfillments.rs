use axum::Json;
use axum::extract::{Path, State};
use axum::response::Response;
use engine::model::{
    FulfillmentId, FulfillmentRow, FulfillmentView, Page, PickedLine, RejectCause, WorkSettings,
};
use http::StatusCode;
use orchestrator::Orchestrator;
use orchestrator::fulfillments::{self, FulfillmentAction};
use serde::Deserialize;
use utoipa::ToSchema;

use super::params::Params;
use crate::auth::{Call, Caller};
use crate::problem::Problem;

/// The work of nodes, oldest first
#[utoipa::path(get, path = "/fulfillments", tag = "Fulfillments",
    params(("node" = Option<String>, Query, description = "Only of this node"), ("status" = Option<String>, Query, description = "Only in this state"),
        ("limit" = Option<u64>, Query, description = "1 to 200, 50 unless told"), ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before")),
    responses((status = 200, description = "A page of fulfillments", body = Page<FulfillmentRow>)))]
pub async fn list_fulfillments(
    State(orc): State<Orchestrator>,
    Caller(actor): Caller,
    params: Params,
) -> Result<Json<Page<FulfillmentRow>>, Problem> {
    let params = params.only(&["node", "status", "limit", "cursor"])?;
    let status = params.one("status")?;
    Ok(Json(
        fulfillments::list(&orc, &actor, params.text("node"), status, &params.page()?).await?,
    ))
}

/// A body without content.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

/// Why a node does not do it.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Reject {
    /// 1 to 500 characters.
    reason: String,
    /// The same in one word.
    #[serde(default)]
    cause: Option<RejectCause>,
}

/// What was found.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ShortPick {
    /// Lines that are left out are whole.
    lines: Vec<PickedLine>,
}

/// What the customer has named.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PickedUp {
    /// Capitals or not, with spaces or without.
    code: String,
}

/// How it travels.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Ship {
    /// Code of the carrier service; the planned one when left out.
    #[serde(default)]
    service: Option<String>,
    #[serde(default)]
    tracking_number: Option<String>,
}

/// Accept the work
#[utoipa::path(post, path = "/fulfillments/{id}/accept", tag = "Fulfillments", params(("id", description = "`ful_…`")),
    request_body(content = Option<Nothing>), responses((status = 200, description = "The fulfillment as it is now", body = FulfillmentView)))]
pub async fn accept(
    orc: State<Orchestrator>,
    id: Path<String>,
    call: Call<Nothing>,
) -> Result<Response, Problem> {
    act(orc, id, call, |_| FulfillmentAction::Accept).await
}

/// Reject the work: it is planned again, elsewhere
#[utoipa::path(post, path = "/fulfillments/{id}/reject", tag = "Fulfillments", params(("id", description = "`ful_…`")),
    request_body = Reject, responses((status = 200, description = "The fulfillment as it is now", body = FulfillmentView)))]
pub async fn reject(
    orc: State<Orchestrator>,
    id: Path<String>,
    call: Call<Reject>,
) -> Result<Response, Problem> {
    act(orc, id, call, |body| FulfillmentAction::Reject {
        reason: body.reason,
        cause: body.cause,
    })
    .await
}

/// Say that not all of it is there
///
/// The fulfillment goes on with what was picked; when that is nothing, it is rejected. What is missing is planned again,
/// elsewhere, and is taken off what the node has on hand.
#[utoipa::path(post, path = "/fulfillments/{id}/short_pick", tag = "Fulfillments", params(("id", description = "`ful_…`")),
    request_body = ShortPick, responses((status = 200, description = "The fulfillment as it is now", body = FulfillmentView)))]
pub async fn short_pick(
    orc: State<Orchestrator>,
    id: Path<String>,
    call: Call<ShortPick>,
) -> Result<Response, Problem> {
    act(orc, id, call, |body| FulfillmentAction::ShortPick {
        lines: body.lines,
    })
    .await
}

/// Say that it is packed
#[utoipa::path(post, path = "/fulfillments/{id}/pack", tag = "Fulfillments", params(("id", description = "`ful_…`")),
    request_body(content = Option<Nothing>), responses((status = 200, description = "The fulfillment as it is now", body = FulfillmentView)))]
pub async fn pack(
    orc: State<Orchestrator>,
    id: Path<String>,
    call: Call<Nothing>,
) -> Result<Response, Problem> {
    act(orc, id, call, |_| FulfillmentAction::Pack).await
}

/// Say that the carrier has it
#[utoipa::path(post, path = "/fulfillments/{id}/ship", tag = "Fulfillments", params(("id", description = "`ful_…`")),
    request_body(content = Option<Ship>), responses((status = 200, description = "The fulfillment as it is now", body = FulfillmentView)))]
pub async fn ship(
    orc: State<Orchestrator>,
    id: Path<String>,
    call: Call<Ship>,
) -> Result<Response, Problem> {
    act(orc, id, call, |body| FulfillmentAction::Ship {
        service: body.service,
        tracking_number: body.tracking_number,
    })
    .await
}

/// Say that the customer has it
#[utoipa::path(post, path = "/fulfillments/{id}/deliver", tag = "Fulfillments", params(("id", description = "`ful_…`")),
    request_body(content = Option<Nothing>), responses((status = 200, description = "The fulfillment as it is now", body = FulfillmentView)))]
pub async fn deliver(
    orc: State<Orchestrator>,
    id: Path<String>,
    call: Call<Nothing>,
) -> Result<Response, Problem> {
    act(orc, id, call, |_| FulfillmentAction::Deliver).await
}

/// Say that the customer can collect it
///
/// From now on it is kept for them, and handed out to whoever names the code. Those who may see customers find it in
/// `pickup_code`, for the message to the customer.
#[utoipa::path(post, path = "/fulfillments/{id}/ready_for_pickup", tag = "Fulfillments", params(("id", description = "`ful_…`")),
    request_body(content = Option<Nothing>), responses((status = 200, description = "The fulfillment as it is now", body = FulfillmentView)))]
pub async fn ready_for_pickup(
    orc: State<Orchestrator>,
    id: Path<String>,
    call: Call<Nothing>,
) -> Result<Response, Problem> {
    act(orc, id, call, |_| FulfillmentAction::ReadyForPickup).await
}

/// Say that the customer has collected it
///
/// A wrong code is counted; after five of them in a row the next try has to wait for 15 minutes.
#[utoipa::path(post, path = "/fulfillments/{id}/picked_up", tag = "Fulfillments", params(("id", description = "`ful_…`")),
    request_body = PickedUp, responses((status = 200, description = "The fulfillment as it is now", body = FulfillmentView)))]
pub async fn picked_up(
    orc: State<Orchestrator>,
    id: Path<String>,
    call: Call<PickedUp>,
) -> Result<Response, Problem> {
    act(orc, id, call, |body| FulfillmentAction::PickedUp {
        code: body.code,
    })
    .await
}

/// How long nodes may take
#[utoipa::path(get, path = "/work_settings", tag = "Fulfillments",
    responses((status = 200, description = "The settings", body = WorkSettings)))]
pub async fn show_settings(
    State(orc): State<Orchestrator>,
    Caller(actor): Caller,
) -> Result<Json<WorkSettings>, Problem> {
    Ok(Json(fulfillments::settings(&orc, &actor).await?))
}

/// Change how long nodes may take
///
/// Work that is made from now on follows it. Times run only while a node is open.
#[utoipa::path(put, path = "/work_settings", tag = "Fulfillments", request_body = WorkSettings,
    responses((status = 200, description = "The settings as they are now", body = WorkSettings)))]
pub async fn put_settings(
    State(orc): State<Orchestrator>,
    call: Call<WorkSettings>,
) -> Result<Response, Problem> {
    let settings = fulfillments::put_settings(&orc, &call.actor, call.body.clone()).await?;
    Ok(call.answer(StatusCode::OK, settings))
}

async fn act<T: Clone>(
    State(orc): State<Orchestrator>,
    Path(id): Path<String>,
    call: Call<T>,
    action: impl FnOnce(T) -> FulfillmentAction,
) -> Result<Response, Problem> {
    let id: FulfillmentId = id
        .parse()
        .map_err(|error: engine::model::IdError| Problem::not_found(error.to_string()))?;
    let fulfillment = fulfillments::act(&orc, &call.actor, id, action(call.body.clone())).await?;
    Ok(call.answer(StatusCode::OK, fulfillment))
}
