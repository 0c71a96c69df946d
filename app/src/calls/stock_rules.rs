use engine::model::{AllocationRule, Channel, IncomingStock, SafetyRule, StockImport};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use server_fn::codec::Json;

use super::Packed;
use crate::AppError;

/// Past this a list of nodes to choose from is of no use; a field takes any code all the same.
#[cfg(feature = "ssr")]
const ENOUGH_NODES: usize = 1_000;
/// Rows of a page.
#[cfg(feature = "ssr")]
const ROWS: u64 = 50;
/// Problems of a file that are sent to the page; the rest is counted.
#[cfg(feature = "ssr")]
const MOST_PROBLEMS: usize = 500;

/// The rules of safety stock, and the nodes that they may be about.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SafetyDesk {
    pub rules: Vec<SafetyRule>,
    pub nodes: Vec<(String, String)>,
}

/// How much is kept back from sale.
#[server]
pub async fn load_safety_rules() -> Result<Packed, AppError> {
    let (orc, actor) = super::backend()?;
    Packed::new(&SafetyDesk {
        rules: orchestrator::stock::rules(&orc, &actor).await?,
        nodes: super::network::node_names(&orc, &actor, ENOUGH_NODES).await?,
    })
}

/// Replaces the rules; answers with how many stock rows they have changed.
#[server(input = Json)]
pub async fn save_safety_rules(rules: Vec<SafetyRule>) -> Result<usize, AppError> {
    let (orc, actor) = super::backend()?;
    let change = orchestrator::stock::put_rules(&orc, &actor, rules).await?;
    Ok(change.changed)
}

/// The rules that divide stock, with the channels and nodes that they may be about.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChannelDesk {
    pub rules: Vec<AllocationRule>,
    pub channels: Vec<Channel>,
    pub nodes: Vec<(String, String)>,
}

/// What is set aside for channels.
#[server]
pub async fn load_channel_rules() -> Result<Packed, AppError> {
    let (orc, actor) = super::backend()?;
    Packed::new(&ChannelDesk {
        rules: orchestrator::stock::allocations(&orc, &actor).await?,
        channels: orchestrator::network::channels(&orc, &actor).await?,
        nodes: super::network::node_names(&orc, &actor, ENOUGH_NODES).await?,
    })
}

/// Replaces the rules that divide stock.
#[server(input = Json)]
pub async fn save_channel_rules(rules: Vec<AllocationRule>) -> Result<(), AppError> {
    let (orc, actor) = super::backend()?;
    orchestrator::stock::put_allocations(&orc, &actor, rules).await?;
    Ok(())
}

/// A page of what is on its way, soonest first.
#[server(input = Json)]
pub async fn expected_page(
    node: Option<String>,
    q: Option<String>,
    cursor: Option<String>,
) -> Result<Packed, AppError> {
    let (orc, actor) = super::backend()?;
    let page = orchestrator::PageRequest {
        limit: ROWS,
        cursor,
        with_total: true,
    };
    let (node, q) = (node.as_deref(), q.as_deref());
    Packed::new(&orchestrator::stock::expected(&orc, &actor, node, q, &page).await?)
}

/// All that is on its way of one SKU to one node.
#[server]
pub async fn load_incoming(node: String, sku: String) -> Result<Packed, AppError> {
    let (orc, actor) = super::backend()?;
    Packed::new(&orchestrator::stock::incoming_of(&orc, &actor, &node, &sku).await?)
}

/// Says what is on its way of one SKU to one node, all of it.
#[server(input = Json)]
pub async fn save_incoming(incoming: IncomingStock) -> Result<(), AppError> {
    let (orc, actor) = super::backend()?;
    orchestrator::stock::expect(&orc, &actor, vec![incoming]).await?;
    Ok(())
}

/// What became of a file, or would, with as many of its problems as a page can show.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ImportReport {
    pub report: StockImport,
    /// Problems in all.
    pub problems: usize,
    /// Rows below what is reserved, in all.
    pub short: usize,
}

/// Counts what a CSV file says, or in a dry run only looks at it.
#[server(input = Json)]
pub async fn import_stock_file(csv: String, dry_run: bool) -> Result<Packed, AppError> {
    let (orc, actor) = super::backend()?;
    let mut report = orchestrator::stock::import(&orc, &actor, csv.as_bytes(), dry_run).await?;
    let (problems, short) = (report.problems.len(), report.short.len());
    report.problems.truncate(MOST_PROBLEMS);
    report.short.truncate(MOST_PROBLEMS);
    Packed::new(&ImportReport {
        report,
        problems,
        short,
    })
}
