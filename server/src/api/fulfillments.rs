use axum::Json;
use axum::extract::{Path, State};
use axum::response::Response;
use engine::model::{FulfillmentId, FulfillmentRow, FulfillmentView, Page};
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
