use axum::Json;
use axum::extract::{Path, State};
use axum::response::Response;
use engine::model::{
    ExceptionAction, ExceptionCounts, ExceptionFilter, ExceptionFix, ExceptionId, ExceptionRow,
    Page, RepairSettings,
};
use http::StatusCode;
use orchestrator::{Orchestrator, exceptions, repair};
use serde::Deserialize;
use utoipa::ToSchema;

use super::params::Params;
use crate::auth::{Call, Caller};
use crate::problem::Problem;

/// Trouble with orders, by when it starts to cost
#[utoipa::path(get, path = "/exceptions", tag = "Exceptions",
    params(("state" = Option<String>, Query, description = "`open` (unless told), `repairing`, `automatic` or `resolved`"),
        ("kind" = Option<String>, Query, description = "Only of this kind"), ("order" = Option<String>, Query, description = "Only of this order, `ord_…`"),
        ("snoozed" = Option<bool>, Query, description = "Those that are snoozed, instead of those that are not"),
        ("limit" = Option<u64>, Query, description = "1 to 200, 50 unless told"), ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before")),
    responses((status = 200, description = "A page of exceptions", body = Page<ExceptionRow>)))]
pub async fn list(
    State(orc): State<Orchestrator>,
    Caller(actor): Caller,
    params: Params,
) -> Result<Json<Page<ExceptionRow>>, Problem> {
    let params = params.only(&["state", "kind", "order", "snoozed", "limit", "cursor"])?;
    let filter = ExceptionFilter {
        state: params.one("state")?,
        kind: params.one("kind")?,
        order: params.one("order")?,
        mine: false,
        snoozed: params.one("snoozed")?.unwrap_or(false),
        closed_from: None,
    };
    Ok(Json(
        exceptions::list(&orc, &actor, &filter, &params.page()?).await?,
    ))
}

/// How many exceptions there are
#[utoipa::path(get, path = "/exceptions/counts", tag = "Exceptions",
    responses((status = 200, description = "By state and kind", body = ExceptionCounts)))]
pub async fn counts(
    State(orc): State<Orchestrator>,
    Caller(actor): Caller,
) -> Result<Json<ExceptionCounts>, Problem> {
    Ok(Json(exceptions::counts(&orc, &actor).await?))
}

/// What to do with which exceptions.
#[derive(Clone, Deserialize, ToSchema)]
pub struct ActOnExceptions {
    /// 1 to 200 of them, `exc_…`.
    exceptions: Vec<ExceptionId>,
    #[serde(flatten)]
    action: ExceptionAction,
}

/// Snooze, take over or resolve exceptions, all of them or none
#[utoipa::path(post, path = "/exceptions", tag = "Exceptions", request_body = ActOnExceptions,
    responses((status = 200, description = "The exceptions as they are now", body = Vec<ExceptionRow>)))]
pub async fn act(
    State(orc): State<Orchestrator>,
    call: Call<ActOnExceptions>,
) -> Result<Response, Problem> {
    let ActOnExceptions { exceptions, action } = call.body.clone();
    let rows = exceptions::act(&orc, &call.actor, exceptions, action).await?;
    Ok(call.answer(StatusCode::OK, rows))
}

/// What would end an exception, the best first
#[utoipa::path(get, path = "/exceptions/{id}/fixes", tag = "Exceptions", params(("id", description = "`exc_…`")),
    responses((status = 200, description = "Fixes with their effect; none for what has ended", body = Vec<ExceptionFix>)))]
pub async fn fixes(
    State(orc): State<Orchestrator>,
    Caller(actor): Caller,
    Path(id): Path<String>,
) -> Result<Json<Vec<ExceptionFix>>, Problem> {
    Ok(Json(exceptions::fixes(&orc, &actor, parse(&id)?).await?))
}

/// Which fix.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ApplyFix {
    /// `id` of one of the exception's fixes.
    fix: String,
}

/// Apply a fix
#[utoipa::path(post, path = "/exceptions/{id}/fixes", tag = "Exceptions", params(("id", description = "`exc_…`")),
    request_body = ApplyFix, responses((status = 200, description = "The exception as it is now", body = ExceptionRow)))]
pub async fn apply(
    State(orc): State<Orchestrator>,
    Path(id): Path<String>,
    call: Call<ApplyFix>,
) -> Result<Response, Problem> {
    let fix = call.body.fix.clone();
    let row = exceptions::apply(&orc, &call.actor, parse(&id)?, &fix).await?;
    Ok(call.answer(StatusCode::OK, row))
}

fn parse(id: &str) -> Result<ExceptionId, Problem> {
    id.parse()
        .map_err(|error: engine::model::IdError| Problem::not_found(error.to_string()))
}

/// How trouble is repaired
#[utoipa::path(get, path = "/exceptions/settings", tag = "Exceptions",
    responses((status = 200, description = "The settings", body = RepairSettings)))]
pub async fn show_settings(
    State(orc): State<Orchestrator>,
    Caller(actor): Caller,
) -> Result<Json<RepairSettings>, Problem> {
    Ok(Json(repair::settings(&orc, &actor).await?))
}

/// Change how trouble is repaired
#[utoipa::path(put, path = "/exceptions/settings", tag = "Exceptions", request_body = RepairSettings,
    responses((status = 200, description = "The settings as they are now", body = RepairSettings)))]
pub async fn put_settings(
    State(orc): State<Orchestrator>,
    call: Call<RepairSettings>,
) -> Result<Response, Problem> {
    let settings = repair::put_settings(&orc, &call.actor, call.body.clone()).await?;
    Ok(call.answer(StatusCode::OK, settings))
}
