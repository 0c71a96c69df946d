use axum::Json;
use axum::extract::{Path, State};
use axum::response::Response;
use engine::model::{Page, Product};
use http::StatusCode;
use orchestrator::{Orchestrator, network};

use super::params::Params;
use crate::auth::{Call, Caller};
use crate::problem::Problem;

/// Make or change a product
#[utoipa::path(put, path = "/products/{sku}", tag = "Products", params(("sku", description = "The merchant's code for it")),
    request_body = Product, responses((status = 201, description = "It is new", body = Product), (status = 200, description = "It was there before", body = Product)))]
pub async fn put_product(
    State(orc): State<Orchestrator>,
    Path(sku): Path<String>,
    call: Call<Product>,
) -> Result<Response, Problem> {
    same_code("sku", &sku, &call.body.sku)?;
    let put = network::put_product(&orc, &call.actor, &sku, call.body.clone()).await?;
    Ok(call.answer(made_or_changed(put.created), put.value))
}

/// One product
#[utoipa::path(get, path = "/products/{sku}", tag = "Products", params(("sku", description = "The merchant's code for it")),
    responses((status = 200, description = "The product", body = Product)))]
pub async fn get_product(
    State(orc): State<Orchestrator>,
    Caller(actor): Caller,
    Path(sku): Path<String>,
) -> Result<Json<Product>, Problem> {
    Ok(Json(network::product(&orc, &actor, &sku).await?))
}

/// Products by SKU
#[utoipa::path(get, path = "/products", tag = "Products",
    params(("q" = Option<String>, Query, description = "Text in the SKU, the name or the barcode"),
        ("limit" = Option<u64>, Query, description = "1 to 200, 50 unless told"), ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
        ("total" = Option<bool>, Query, description = "Count all that match")),
    responses((status = 200, description = "A page of products", body = Page<Product>)))]
pub async fn list_products(
    State(orc): State<Orchestrator>,
    Caller(actor): Caller,
    params: Params,
) -> Result<Json<Page<Product>>, Problem> {
    let params = params.only(&["q", "limit", "cursor", "total"])?;
    Ok(Json(
        network::products(&orc, &actor, params.text("q"), &params.page()?).await?,
    ))
}

/// The code is in the address; the body may repeat it, but not contradict.
pub(super) fn same_code(field: &str, path: &str, body: &str) -> Result<(), Problem> {
    if body.is_empty() || body == path {
        return Ok(());
    }
    Err(Problem::field(
        format!("#/{field}"),
        format!("'{body}' is not '{path}', which the address says; leave it out"),
    ))
}

pub(super) fn made_or_changed(created: bool) -> StatusCode {
    if created {
        StatusCode::CREATED
    } else {
        StatusCode::OK
    }
}
