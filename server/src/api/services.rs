use axum::Json;
use axum::extract::{Path, State};
use axum::response::Response;
use engine::model::{Page, Service};
use orchestrator::{Orchestrator, network};

use super::params::Params;
use super::products::{made_or_changed, same_code};
use crate::auth::{Call, Caller};
use crate::problem::Problem;

/// Make or change a carrier service
#[utoipa::path(put, path = "/services/{code}", tag = "Services", params(("code", description = "The merchant's code for it")),
    request_body = Service, responses((status = 201, description = "It is new", body = Service), (status = 200, description = "It was there before", body = Service)))]
pub async fn put_service(
    State(orc): State<Orchestrator>,
    Path(code): Path<String>,
    call: Call<Service>,
) -> Result<Response, Problem> {
    same_code("code", &code, &call.body.code)?;
    let put = network::put_service(&orc, &call.actor, &code, call.body.clone()).await?;
    Ok(call.answer(made_or_changed(put.created), put.value))
}

/// One carrier service
#[utoipa::path(get, path = "/services/{code}", tag = "Services", params(("code", description = "The merchant's code for it")),
    responses((status = 200, description = "The service", body = Service)))]
pub async fn get_service(
    State(orc): State<Orchestrator>,
    Caller(actor): Caller,
    Path(code): Path<String>,
) -> Result<Json<Service>, Problem> {
    Ok(Json(network::service(&orc, &actor, &code).await?))
}

/// Services by code
#[utoipa::path(get, path = "/services", tag = "Services",
    params(("limit" = Option<u64>, Query, description = "1 to 200, 50 unless told"), ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before")),
    responses((status = 200, description = "A page of services", body = Page<Service>)))]
pub async fn list_services(
    State(orc): State<Orchestrator>,
    Caller(actor): Caller,
    params: Params,
) -> Result<Json<Page<Service>>, Problem> {
    let params = params.only(&["limit", "cursor"])?;
    Ok(Json(
        network::services(&orc, &actor, &params.page()?).await?,
    ))
}
