use crate::admin::OrdersQuery;
#[cfg(feature = "ssr")]
use engine::model::{BulkAction, OrderFilter};
use engine::model::{DecisionView, EventView, OrderAction, OrderId, OrderRow, OrderView};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use server_fn::codec::Json;

use super::Packed;
use crate::AppError;

/// Rows of a page of orders.
#[cfg(feature = "ssr")]
const ROWS: u64 = 50;

/// One page of the orders that pass the filter, with how many there are.
#[server(input = Json)]
pub async fn orders_page(query: OrdersQuery, cursor: Option<String>) -> Result<Packed, AppError> {
    let (orc, actor) = super::backend()?;
    let filter = query.filter(&super::time_zone()?);
    let page = orchestrator::PageRequest {
        limit: ROWS,
        cursor,
        with_total: true,
    };
    Packed::new(&orchestrator::orders::list(&orc, &actor, &filter, &page).await?)
}

/// How many orders stand in each state.
#[server]
pub async fn load_order_counts() -> Result<Packed, AppError> {
    let (orc, actor) = super::backend()?;
    Packed::new(&orchestrator::orders::counts(&orc, &actor).await?)
}

/// These orders as they are now: what a list shows after it heard that they changed.
#[server(input = Json)]
pub async fn order_rows(ids: Vec<OrderId>) -> Result<Vec<OrderRow>, AppError> {
    let (orc, actor) = super::backend()?;
    Ok(orchestrator::orders::rows(&orc, &actor, &ids).await?)
}

/// An order, whole, with what happened to it and how it was decided.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OrderDetail {
    pub order: OrderView,
    /// Newest first.
    pub timeline: Vec<EventView>,
    /// Newest first.
    pub decisions: Vec<DecisionView>,
    /// Names of the nodes that the decisions speak of, by code.
    pub node_names: std::collections::BTreeMap<String, String>,
}

/// One order.
#[server]
pub async fn load_order_detail(id: String) -> Result<Packed, AppError> {
    use orchestrator::{orders, routing};
    let (orc, actor) = super::backend()?;
    let order = orders::get(&orc, &actor, &id).await?;
    let reference = order.id.to_string();
    let timeline = orders::timeline(&orc, &actor, order.id).await?;
    let decisions = routing::decisions(&orc, &actor, &reference).await?;
    let named: std::collections::BTreeSet<&str> = decisions
        .iter()
        .flat_map(|d| {
            let candidates = d.explanation.candidates.iter().map(|c| c.node.as_str());
            candidates.chain(d.ruled_out.iter().map(|r| r.node.as_str()))
        })
        .collect();
    let mut node_names = super::network::node_names(&orc, &actor, usize::MAX).await?;
    node_names.retain(|(code, _)| named.contains(code.as_str()));
    Packed::new(&OrderDetail {
        order,
        timeline,
        decisions,
        node_names: node_names.into_iter().collect(),
    })
}

/// The orders before and after this one in the list that led here.
#[server(input = Json)]
pub async fn order_neighbours(id: OrderId, query: OrdersQuery) -> Result<Packed, AppError> {
    let (orc, actor) = super::backend()?;
    let filter = query.filter(&super::time_zone()?);
    Packed::new(&orchestrator::orders::neighbours(&orc, &actor, id, &filter).await?)
}

/// Holds, releases, cancels or re-routes one order.
#[server]
pub async fn act_on_order(
    id: String,
    action: OrderAction,
    reason: Option<String>,
) -> Result<(), AppError> {
    let (orc, actor) = super::backend()?;
    let reason = reason.filter(|reason| !reason.trim().is_empty());
    orchestrator::orders::act(&orc, &actor, &id, action, reason).await?;
    Ok(())
}

/// Which orders an action on many means.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Selection {
    These(Vec<OrderId>),
    /// All that pass the filter.
    Matching(OrdersQuery),
}

/// Begins the same on many orders; it goes on in the background, whoever looks.
#[server(input = Json)]
pub async fn act_on_orders(
    selection: Selection,
    action: OrderAction,
    reason: Option<String>,
) -> Result<Packed, AppError> {
    let (orc, actor) = super::backend()?;
    let filter = match selection {
        // An empty list of orders would mean all of them.
        Selection::These(order) if order.is_empty() => {
            return Err(AppError::Conflict("no order is selected".to_owned()));
        }
        Selection::These(order) => OrderFilter {
            order,
            ..OrderFilter::default()
        },
        Selection::Matching(query) => query.filter(&super::time_zone()?),
    };
    let reason = reason.filter(|reason| !reason.trim().is_empty());
    Packed::new(&orchestrator::orders::bulk::start(&orc, &actor, &filter, action, reason).await?)
}

/// How an action on many orders stands.
#[server]
pub async fn load_bulk_action(id: String) -> Result<Packed, AppError> {
    let (orc, actor) = super::backend()?;
    Packed::new(&orchestrator::orders::bulk::get(&orc, &actor, &id).await?)
}

/// The reader's actions on many orders that are running.
#[server]
pub async fn load_bulk_actions() -> Result<Packed, AppError> {
    let (orc, actor) = super::backend()?;
    let mut running = running(&orc, &actor).await?;
    running.retain(|action| action.by == actor.label());
    Packed::new(&running)
}

/// Everybody's actions on many orders that are running, each in a few words.
#[server]
pub async fn load_running() -> Result<Vec<String>, AppError> {
    let (orc, actor) = super::backend()?;
    let texts = running(&orc, &actor).await?.into_iter().map(|action| {
        let looked_at = crate::format::count(action.done + action.skipped);
        let total = crate::format::counted(action.total, "order", "orders");
        format!("{}: {looked_at} of {total}", action.action.label())
    });
    Ok(texts.collect())
}

#[cfg(feature = "ssr")]
async fn running(
    orc: &orchestrator::Orchestrator,
    actor: &orchestrator::Actor,
) -> orchestrator::Result<Vec<BulkAction>> {
    let newest = orchestrator::PageRequest::first(50);
    let mut newest = orchestrator::orders::bulk::list(orc, actor, &newest).await?;
    newest.items.retain(BulkAction::is_running);
    Ok(newest.items)
}

/// Ends an action on many orders early; what it has done stays.
#[server]
pub async fn stop_bulk_action(id: String) -> Result<(), AppError> {
    let (orc, actor) = super::backend()?;
    orchestrator::orders::bulk::stop(&orc, &actor, &id).await?;
    Ok(())
}
