use engine::model::{Page, StockFilter, StockMovementView, StockRow};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use server_fn::codec::Json;

use super::Packed;
use crate::AppError;

/// Rows of a page of the inventory.
#[cfg(feature = "ssr")]
const ROWS: u64 = 50;

/// One page of the stock rows that pass the filter, with how many there are.
#[server(input = Json)]
pub async fn stock_page(filter: StockFilter, cursor: Option<String>) -> Result<Packed, AppError> {
    let (orc, actor) = super::backend()?;
    let page = orchestrator::PageRequest {
        limit: ROWS,
        cursor,
        with_total: true,
    };
    Packed::new(&orchestrator::stock::list(&orc, &actor, &filter, &page).await?)
}

/// One stock row with a page of its ledger.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StockLedger {
    pub row: StockRow,
    pub movements: Page<StockMovementView>,
}

/// The stock of one SKU at one node, and what moved it.
#[server]
pub async fn load_stock_ledger(
    node: String,
    sku: String,
    cursor: Option<String>,
) -> Result<Packed, AppError> {
    let (orc, actor) = super::backend()?;
    let filter = StockFilter {
        sku: Some(sku.clone()),
        node: Some(node.clone()),
        ..StockFilter::default()
    };
    let one = orchestrator::PageRequest::first(1);
    let row = orchestrator::stock::list(&orc, &actor, &filter, &one)
        .await?
        .items
        .pop()
        .ok_or_else(|| {
            AppError::NotFound(format!("there is no stock of '{sku}' at the node '{node}'"))
        })?;
    let page = orchestrator::PageRequest {
        limit: ROWS,
        cursor,
        with_total: false,
    };
    let movements = orchestrator::stock::ledger(&orc, &actor, &node, &sku, &page).await?;
    Packed::new(&StockLedger { row, movements })
}

/// Changes a level by `delta` units and answers with what it is now.
#[server]
pub async fn adjust_stock(
    node: String,
    sku: String,
    delta: i64,
    reason: String,
) -> Result<StockRow, AppError> {
    let (orc, actor) = super::backend()?;
    let adjustment = engine::model::StockAdjustment {
        node,
        sku,
        delta,
        reason,
    };
    let mut rows = orchestrator::stock::adjust(&orc, &actor, vec![adjustment]).await?;
    rows.pop()
        .ok_or_else(|| AppError::Failed("the stock row is gone".to_owned()))
}
