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
    let mut order = orders::get(&orc, &actor, &id).await?;
    let link = orchestrator::tracking::page_link(&orc, &actor, order.id).await?;
    order.tracking_url = link.map(|path| super::absolute(&path));
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

/// How these actions on many orders stand, and those of the reader that are running.
#[server(input = Json)]
pub async fn load_bulk_actions(ids: Vec<String>) -> Result<Packed, AppError> {
    use orchestrator::{PageRequest, orders::bulk};
    let (orc, actor) = super::backend()?;
    let mut actions = Vec::new();
    for id in ids.iter().take(50) {
        actions.push(bulk::get(&orc, &actor, id).await?);
    }
    let newest = bulk::list(&orc, &actor, &PageRequest::first(50)).await?;
    let of_reader = |action: &BulkAction| action.is_running() && action.by == actor.label();
    actions.extend(
        newest
            .items
            .into_iter()
            .filter(|action| of_reader(action) && !ids.contains(&action.id)),
    );
    Packed::new(&actions)
}

/// Ends an action on many orders early; what it has done stays.
#[server]
pub async fn stop_bulk_action(id: String) -> Result<(), AppError> {
    let (orc, actor) = super::backend()?;
    orchestrator::orders::bulk::stop(&orc, &actor, &id).await?;
    Ok(())
}
