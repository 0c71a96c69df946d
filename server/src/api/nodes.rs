use axum::Json;
use axum::extract::{Path, State};
use axum::response::Response;
use engine::model::{Node, Page};
use orchestrator::{Orchestrator, network};

use super::params::Params;
use super::products::{made_or_changed, same_code};
use crate::auth::{Call, Caller};
use crate::problem::Problem;

/// Make or change a node
#[utoipa::path(put, path = "/nodes/{code}", tag = "Nodes", params(("code", description = "The merchant's code for it")),
    request_body = Node, responses((status = 201, description = "It is new", body = Node), (status = 200, description = "It was there before", body = Node)))]
pub async fn put_node(
    State(orc): State<Orchestrator>,
    Path(code): Path<String>,
    call: Call<Node>,
) -> Result<Response, Problem> {
    same_code("code", &code, &call.body.code)?;
    let put = network::put_node(&orc, &call.actor, &code, call.body.clone()).await?;
    Ok(call.answer(made_or_changed(put.created), put.value))
}

/// One node
#[utoipa::path(get, path = "/nodes/{code}", tag = "Nodes", params(("code", description = "The merchant's code for it")),
    responses((status = 200, description = "The node", body = Node)))]
pub async fn get_node(
    State(orc): State<Orchestrator>,
    Caller(actor): Caller,
    Path(code): Path<String>,
) -> Result<Json<Node>, Problem> {
    Ok(Json(network::node(&orc, &actor, &code).await?))
}

/// Nodes by code
#[utoipa::path(get, path = "/nodes", tag = "Nodes",
    params(("limit" = Option<u64>, Query, description = "1 to 200, 50 unless told"), ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before")),
    responses((status = 200, description = "A page of nodes", body = Page<Node>)))]
pub async fn list_nodes(
    State(orc): State<Orchestrator>,
    Caller(actor): Caller,
    params: Params,
) -> Result<Json<Page<Node>>, Problem> {
    let params = params.only(&["limit", "cursor"])?;
    Ok(Json(network::nodes(&orc, &actor, &params.page()?).await?))
}
