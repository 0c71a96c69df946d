use axum::Json;
use axum::extract::State;
use axum::response::Response;
use engine::model::{
    IncomingStock, Page, SafetyRule, StockAdjustment, StockCount, StockFilter, StockRow,
};
use http::StatusCode;
use orchestrator::{Orchestrator, stock};
use serde::Serialize;
use utoipa::ToSchema;

use super::params::Params;
use crate::auth::{Call, Caller};
use crate::problem::Problem;

/// What a count has done.
#[derive(Serialize, ToSchema)]
pub struct Counted {
    /// Rows that were counted.
    rows: usize,
    /// Rows among them whose level was another one.
    changed: usize,
    /// Rows where less was found than is reserved.
    short: Vec<ShortRow>,
}

/// A row where less was found than is reserved.
#[derive(Serialize, ToSchema)]
pub struct ShortRow {
    node: String,
    sku: String,
    on_hand: i64,
    reserved: i64,
}

/// Count stock
///
/// Up to 10,000 rows, all or nothing: what was counted is the truth about `on_hand`.
#[utoipa::path(put, path = "/stock", tag = "Stock", request_body = Vec<StockCount>,
    responses((status = 200, description = "All rows are counted", body = Counted)))]
pub async fn count_stock(
    State(orc): State<Orchestrator>,
    call: Call<Vec<StockCount>>,
) -> Result<Response, Problem> {
    let change = stock::count(&orc, &call.actor, call.body.clone()).await?;
    let short = change.short.into_iter().map(|row| ShortRow {
        node: row.node,
        sku: row.sku,
        on_hand: row.on_hand,
        reserved: row.reserved,
    });
    let counted = Counted {
        rows: change.rows,
        changed: change.changed,
        short: short.collect(),
    };
    Ok(call.answer(StatusCode::OK, counted))
}

/// Adjust stock
///
/// Changes with a reason, all or nothing. The answer has each row as it is now; `short` says how many units are
/// reserved that are not there.
#[utoipa::path(post, path = "/stock/adjustments", tag = "Stock", request_body = Vec<StockAdjustment>,
    responses((status = 200, description = "All rows are adjusted", body = Vec<StockRow>)))]
pub async fn adjust_stock(
    State(orc): State<Orchestrator>,
    call: Call<Vec<StockAdjustment>>,
) -> Result<Response, Problem> {
    let rows = stock::adjust(&orc, &call.actor, call.body.clone()).await?;
    Ok(call.answer(StatusCode::OK, rows))
}

/// Stock by SKU and node
#[utoipa::path(get, path = "/stock", tag = "Stock",
    params(("sku" = Option<String>, Query, description = "Only this SKU"), ("node" = Option<String>, Query, description = "Only this node"),
        ("q" = Option<String>, Query, description = "Text in the SKU or the product's name"),
        ("limit" = Option<u64>, Query, description = "1 to 200, 50 unless told"), ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
        ("total" = Option<bool>, Query, description = "Count all that match")),
    responses((status = 200, description = "A page of stock rows", body = Page<StockRow>)))]
pub async fn list_stock(
    State(orc): State<Orchestrator>,
    Caller(actor): Caller,
    params: Params,
) -> Result<Json<Page<StockRow>>, Problem> {
    let params = params.only(&["sku", "node", "q", "limit", "cursor", "total"])?;
    let text = |name| params.text(name).map(str::to_owned);
    let filter = StockFilter {
        sku: text("sku"),
        node: text("node"),
        q: text("q"),
        only: None,
    };
    Ok(Json(
        stock::list(&orc, &actor, &filter, &params.page()?).await?,
    ))
}

/// What new rules have changed.
#[derive(Serialize, ToSchema)]
pub struct NewRules {
    /// The rules as they are now.
    rules: Vec<SafetyRule>,
    /// Stock rows of which more or less is kept back than before.
    changed: usize,
}

/// Say how much stock is kept back
///
/// The whole list, all or nothing. Of the rules that fit a row the narrowest holds: a SKU is narrower than a category, and
/// then a node than a kind of node. What was said of a row itself with its count is narrower than every rule.
#[utoipa::path(put, path = "/stock/rules", tag = "Stock", request_body = Vec<SafetyRule>,
    responses((status = 200, description = "They hold from now on", body = NewRules)))]
pub async fn put_rules(
    State(orc): State<Orchestrator>,
    call: Call<Vec<SafetyRule>>,
) -> Result<Response, Problem> {
    let change = stock::put_rules(&orc, &call.actor, call.body.clone()).await?;
    let new = NewRules {
        rules: change.rules,
        changed: change.changed,
    };
    Ok(call.answer(StatusCode::OK, new))
}

/// How much stock is kept back
#[utoipa::path(get, path = "/stock/rules", tag = "Stock",
    responses((status = 200, description = "The rules", body = Vec<SafetyRule>)))]
pub async fn show_rules(
    State(orc): State<Orchestrator>,
    Caller(actor): Caller,
) -> Result<Json<Vec<SafetyRule>>, Problem> {
    Ok(Json(stock::rules(&orc, &actor).await?))
}

/// What saying what is on its way has done.
#[derive(Serialize, ToSchema)]
pub struct Expected {
    /// Rows that were said.
    rows: usize,
}

/// Say what is on its way
///
/// Of each row that is named, all of it; up to 10,000 rows, all or nothing. Promises count on it from its date on where
/// what is there does not do. When it has come, adjust the stock and say here what is still on its way.
#[utoipa::path(put, path = "/stock/incoming", tag = "Stock", request_body = Vec<IncomingStock>,
    responses((status = 200, description = "It is expected", body = Expected)))]
pub async fn expect_stock(
    State(orc): State<Orchestrator>,
    call: Call<Vec<IncomingStock>>,
) -> Result<Response, Problem> {
    let rows = stock::expect(&orc, &call.actor, call.body.clone()).await?;
    Ok(call.answer(StatusCode::OK, Expected { rows }))
}
