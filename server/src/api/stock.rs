use axum::Json;
use axum::extract::State;
use axum::response::Response;
use engine::model::{
    AllocationRule, ChannelUnits, IncomingStock, Page, SafetyRule, ShortStock, StockAdjustment,
    StockBin, StockCount, StockFilter, StockImport, StockRow,
};
use http::StatusCode;
use orchestrator::{Orchestrator, stock};
use serde::Serialize;
use utoipa::ToSchema;

use super::params::Params;
use crate::auth::{Call, Caller, CsvCall};
use crate::problem::Problem;

/// What a count has done.
#[derive(Serialize, ToSchema)]
pub struct Counted {
    /// Rows that were counted.
    rows: usize,
    /// Rows among them whose level was another one.
    changed: usize,
    /// Rows where less was found than is reserved.
    short: Vec<ShortStock>,
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
    let counted = Counted {
        rows: change.rows,
        changed: change.changed,
        short: change.short,
    };
    Ok(call.answer(StatusCode::OK, counted))
}

/// Count stock with a CSV file
///
/// The columns `node`, `sku`, `on_hand` and, where it is wanted, `safety_stock`, in any order and with a header. With
/// `dry_run=true` nothing is written: the answer lists every problem with its line and column, and counts what would
/// change. Without it a file with problems is refused, each pointed to as `#/LINE/COLUMN`.
#[utoipa::path(post, path = "/stock/imports", tag = "Stock",
    params(("dry_run" = Option<bool>, Query, description = "Only look; `false` unless told")),
    request_body(content = String, content_type = "text/csv", example = "node,sku,on_hand,safety_stock\ndc-east,1082185,400,20\n"),
    responses((status = 200, description = "What was done, or would be", body = StockImport)))]
pub async fn import_stock(
    State(orc): State<Orchestrator>,
    params: Params,
    CsvCall(call): CsvCall,
) -> Result<Response, Problem> {
    let params = params.only(&["dry_run"])?;
    let dry_run = params.one::<bool>("dry_run")?.unwrap_or(false);
    let report = stock::import(&orc, &call.actor, &call.body, dry_run).await?;
    if !dry_run && !report.problems.is_empty() {
        return Err(Problem::rows(&report.problems));
    }
    Ok(call.answer(StatusCode::OK, report))
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

/// What new rules have changed.
#[derive(Serialize, ToSchema)]
pub struct NewAllocations {
    /// The rules as they are now.
    rules: Vec<AllocationRule>,
    /// Whether they are other ones than before.
    changed: bool,
}

/// Divide stock among channels
///
/// The whole list, all or nothing. Of a channel's rules that fit a row the narrowest holds: a SKU is narrower than a
/// category, and then a node than a kind of node. Fixed units are set aside first, then shares, in the order of the list
/// and of what is for sale at the node (on hand − safety stock). What is nobody's own is common: channels without a
/// rule take of it, and those that spill over once their own is used up. What is reserved already stays.
#[utoipa::path(put, path = "/stock/allocations", tag = "Stock", request_body = Vec<AllocationRule>,
    responses((status = 200, description = "They hold from now on", body = NewAllocations)))]
pub async fn put_allocations(
    State(orc): State<Orchestrator>,
    call: Call<Vec<AllocationRule>>,
) -> Result<Response, Problem> {
    let change = stock::put_allocations(&orc, &call.actor, call.body.clone()).await?;
    let new = NewAllocations {
        rules: change.rules,
        changed: change.changed,
    };
    Ok(call.answer(StatusCode::OK, new))
}

/// How stock is divided among channels
#[utoipa::path(get, path = "/stock/allocations", tag = "Stock",
    responses((status = 200, description = "The rules", body = Vec<AllocationRule>)))]
pub async fn show_allocations(
    State(orc): State<Orchestrator>,
    Caller(actor): Caller,
) -> Result<Json<Vec<AllocationRule>>, Problem> {
    Ok(Json(stock::allocations(&orc, &actor).await?))
}

/// What each channel may take of a row
///
/// Empty where no rule divides it.
#[utoipa::path(get, path = "/stock/channels", tag = "Stock",
    params(("sku" = String, Query, description = "The SKU"), ("node" = String, Query, description = "The node")),
    responses((status = 200, description = "By channel", body = Vec<ChannelUnits>)))]
pub async fn show_channels(
    State(orc): State<Orchestrator>,
    Caller(actor): Caller,
    params: Params,
) -> Result<Json<Vec<ChannelUnits>>, Problem> {
    let params = params.only(&["sku", "node"])?;
    let needed = |name: &str| {
        let text = params.text(name);
        text.ok_or_else(|| Problem::field(format!("#/{name}"), format!("'{name}' is needed")))
    };
    let (node, sku) = (needed("node")?, needed("sku")?);
    Ok(Json(stock::divided(&orc, &actor, node, sku).await?))
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

/// What saying where things lie has done.
#[derive(Serialize, ToSchema)]
pub struct Placed {
    /// Rows that were named.
    rows: usize,
}

/// Say where things lie
///
/// The bin of each product at a node, up to 10,000 rows, all or nothing. Pick lists are in the order of the bins.
#[utoipa::path(put, path = "/stock/bins", tag = "Stock", request_body = Vec<StockBin>,
    responses((status = 200, description = "It is known", body = Placed)))]
pub async fn put_bins(
    State(orc): State<Orchestrator>,
    call: Call<Vec<StockBin>>,
) -> Result<Response, Problem> {
    let rows = stock::put_bins(&orc, &call.actor, call.body.clone()).await?;
    Ok(call.answer(StatusCode::OK, Placed { rows }))
}
