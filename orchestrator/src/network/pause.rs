//! What pausing a node touches, for whoever is about to do it.

use engine::model::{NodePause, NodeStatus, Permission};
use sea_orm::FromQueryResult;

use crate::store::sql::{self, values};
use crate::{Actor, Error, Orchestrator, Result};

/// Work that a node has not handed over.
pub(crate) const OPEN_WORK: &str = "('assigned', 'accepted', 'packed', 'ready_for_pickup')";

/// What pausing this node would leave with it, and what would be left without it.
pub async fn pausing(orc: &Orchestrator, actor: &Actor, code: &str) -> Result<NodePause> {
    #[derive(FromQueryResult)]
    struct Work {
        orders: i64,
        units: i64,
    }
    actor.check_at(Permission::ReadNetwork, code)?;
    let network = orc.network(actor.merchant).await?;
    let node = network
        .node(code)
        .ok_or_else(|| Error::not_found("node", code))?;
    let sql = format!(
        "SELECT count(DISTINCT order_id) AS orders, CAST(coalesce(sum(units), 0) AS BIGINT) AS units
         FROM fulfillments WHERE merchant_id = ? AND node = ? AND status IN {OPEN_WORK}"
    );
    let work: Option<Work> = sql::one(orc.reader(), &sql, values![actor.merchant.0, code]).await?;
    let work = work.ok_or_else(|| Error::Internal("no sums of work".to_owned()))?;

    let others = network.nodes.iter().map(|other| &other.node);
    let others = others.filter(|other| other.code != code && other.status == NodeStatus::Active);
    let here = &node.node.address;
    let near = |other: &&engine::model::Node| {
        (&other.address.country, &other.address.region) == (&here.country, &here.region)
    };
    let paused: Vec<_> = network
        .nodes
        .iter()
        .filter(|other| other.node.status == NodeStatus::Paused)
        .map(|other| other.node.code.as_str())
        .filter(|other| *other != code)
        .collect();
    Ok(NodePause {
        open_orders: work.orders.unsigned_abs(),
        open_units: work.units.unsigned_abs(),
        others: others.clone().count() as u64,
        others_near: others.filter(near).count() as u64,
        only_here: only_here(orc, actor, code, &paused).await?,
    })
}

/// SKUs that are available at this node and at no other that takes part.
async fn only_here(orc: &Orchestrator, actor: &Actor, code: &str, paused: &[&str]) -> Result<u64> {
    let elsewhere = if paused.is_empty() {
        String::new()
    } else {
        format!(" AND o.node NOT IN {}", sql::list(paused.len()))
    };
    let sql = format!(
        "SELECT count(*) AS n FROM stock s WHERE s.merchant_id = ? AND s.node = ?
         AND s.on_hand - s.reserved - s.safety_stock > 0
         AND NOT EXISTS (SELECT 1 FROM stock o WHERE o.merchant_id = s.merchant_id AND o.sku = s.sku
           AND o.node <> s.node AND o.on_hand - o.reserved - o.safety_stock > 0{elsewhere})"
    );
    let mut bound = values![actor.merchant.0, code];
    bound.extend(paused.iter().map(|other| sea_orm::Value::from(*other)));
    Ok(sql::number(orc.reader(), &sql, bound).await?.unsigned_abs())
}
