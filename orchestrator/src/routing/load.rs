//! Everything that planning a batch needs, read in a few statements.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use engine::model::{Delivery, MerchantId, OrderId, Trigger, Trouble};
use sea_orm::prelude::Uuid;
use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, Value};
use serde::{Deserialize, Serialize};

use super::workload::Workload;
use crate::network::Network;
use crate::promises::{self, Deadline, HeldUnits};
use crate::repair;
use crate::stock::{Divisions, divisions};
use crate::store::sql::{self, values};
use crate::store::tables::{order_lines, orders};
use crate::{Error, Orchestrator, Result};

/// Orders to plan, and the world that they share.
pub(super) struct Batch {
    /// The most urgent first.
    pub orders: Vec<DueOrder>,
    /// On hand less reserved and safety stock, by SKU and node; below 0 where less is there than was taken, so that an
    /// order that gives back what it holds of it is not told that it is free again.
    pub available: HashMap<String, BTreeMap<String, i64>>,
    /// Of rows that are divided among channels, what each may take.
    pub divided: Divisions,
    pub assigned: Workload,
    pub products: HashMap<String, ProductFacts>,
}

#[derive(Clone)]
pub(super) struct DueOrder {
    pub order: orders::Model,
    pub id: OrderId,
    pub trigger: Trigger,
    pub delivery: Delivery,
    /// SKUs that nodes are not asked for again by this order yet, and why, by node.
    pub excluded: HashMap<String, Vec<(String, Trouble)>>,
    /// Where a person has said that it goes.
    pub placed: Option<Placement>,
    /// Whether a faster service than was bought may be taken to keep the promise.
    pub may_be_faster: bool,
    pub lines: Vec<order_lines::Model>,
    /// What it has at nodes and gives up for a better plan: all of it when it is re-routed by hand, otherwise what is in
    /// trouble.
    pub movable: Vec<Held>,
    /// The number of its next decision.
    pub run: i64,
    /// What was held for it at the checkout, and is its own until it is planned.
    pub kept: Vec<Held>,
    /// The date that it was promised.
    pub deadline: Option<Deadline>,
}

impl DueOrder {
    /// The level of the services in question; none for all of them.
    pub fn level(&self) -> Option<&str> {
        let any = self
            .placed
            .as_ref()
            .is_some_and(|placed| placed.any_service);
        self.delivery.level.as_deref().filter(|_| !any)
    }

    /// Units that are taken for this order, and for nobody else, until it is planned.
    pub fn its_own(&self) -> impl Iterator<Item = &Held> {
        self.movable.iter().chain(&self.kept)
    }
}

/// Units of a line that a fulfillment, not yet packed, has at a node.
#[derive(Clone, FromQueryResult)]
pub(super) struct Held {
    pub order_id: Uuid,
    pub fulfillment_id: Uuid,
    pub node: String,
    pub service: Option<String>,
    pub work_day: Option<String>,
    pub line_id: Uuid,
    pub sku: String,
    pub quantity: i64,
    pub trouble: Option<String>,
    /// For which channel it is taken.
    pub channel: String,
}

impl From<HeldUnits> for Held {
    fn from(units: HeldUnits) -> Self {
        Held {
            order_id: units.order_id,
            fulfillment_id: Uuid::nil(),
            node: units.node,
            service: None,
            work_day: units.work_day,
            line_id: Uuid::nil(),
            sku: units.sku,
            quantity: units.quantity,
            trouble: None,
            channel: units.channel,
        }
    }
}

/// What a person has said of where an order goes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Placement {
    /// The only node that may send a SKU.
    #[serde(default)]
    pub nodes: BTreeMap<String, String>,
    /// Whether every service may be used, and not only those of the level that was bought.
    #[serde(default)]
    pub any_service: bool,
}

pub(super) struct ProductFacts {
    pub weight_g: i64,
    pub requires: Vec<String>,
}

/// Those of the orders that are due.
pub(super) async fn load(
    orc: &Orchestrator,
    merchant: MerchantId,
    network: &Network,
    ids: &[OrderId],
) -> Result<Batch> {
    let keys: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let rows = orders::Entity::find()
        .filter(orders::Column::MerchantId.eq(merchant.0))
        .filter(orders::Column::Id.is_in(keys))
        .filter(orders::Column::PlanDueAt.is_not_null())
        .all(orc.reader())
        .await?;
    batch_of(orc, merchant, network, rows).await
}

/// One order as if a person had it planned again, with everything that may still move.
pub(super) async fn as_if_moved(
    orc: &Orchestrator,
    merchant: MerchantId,
    network: &Network,
    mut order: orders::Model,
) -> Result<Batch> {
    Trigger::Moved.as_str().clone_into(&mut order.plan_trigger);
    order.plan_within = None;
    let mut batch = batch_of(orc, merchant, network, vec![order]).await?;
    for due in &mut batch.orders {
        due.excluded.clear();
    }
    Ok(batch)
}

async fn batch_of(
    orc: &Orchestrator,
    merchant: MerchantId,
    network: &Network,
    mut rows: Vec<orders::Model>,
) -> Result<Batch> {
    let keys: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    // Where not all can be served: the earliest promise, then the higher tier, then the older order.
    rows.sort_by(|a, b| {
        let key = |row: &orders::Model| {
            let promised = row.promised_by.clone().unwrap_or_else(|| "9999".to_owned());
            (promised, -row.tier, row.placed_at, row.number)
        };
        key(a).cmp(&key(b))
    });
    let all_lines = order_lines::Entity::find()
        .filter(order_lines::Column::OrderId.is_in(keys.clone()))
        .order_by_asc(order_lines::Column::Position)
        .all(orc.reader())
        .await?;
    let mut lines: HashMap<Uuid, Vec<order_lines::Model>> = HashMap::new();
    for line in all_lines {
        lines.entry(line.order_id).or_default().push(line);
    }
    let planned_before = rows
        .iter()
        .filter(|row| row.plan_trigger != Trigger::NewOrder.as_str());
    let planned_before: Vec<Uuid> = planned_before.map(|row| row.id).collect();
    let movable = movable(orc, &planned_before).await?;
    let mut excluded = excluded(orc, &planned_before).await?;
    let repair = repair::settings_of(orc.reader(), merchant).await?;
    let runs = runs(orc, &keys).await?;
    let skus: BTreeSet<String> = lines
        .values()
        .flatten()
        .map(|line| line.sku.clone())
        .collect();
    let skus: Vec<_> = skus.into_iter().collect();
    let citing = rows.iter().filter(|row| promises::is_cited(row));
    let citing: Vec<Uuid> = citing.map(|row| row.id).collect();
    let mut kept: HashMap<Uuid, Vec<Held>> = HashMap::new();
    for units in promises::held_for(orc.reader(), merchant, &citing).await? {
        kept.entry(units.order_id).or_default().push(units.into());
    }
    let mut deadlines = promises::deadlines(orc, merchant, &rows).await?;
    let mut orders = Vec::with_capacity(rows.len());
    for order in rows {
        let trigger: Trigger = order.plan_trigger.parse().map_err(Error::Internal)?;
        let moves_all = matches!(
            trigger,
            Trigger::Reroute | Trigger::Moved | Trigger::AddressChanged
        );
        let placed = order.plan_within.as_deref().map(serde_json::from_str);
        orders.push(DueOrder {
            id: OrderId(order.id),
            trigger,
            delivery: serde_json::from_str(&order.delivery).map_err(Error::internal)?,
            excluded: excluded.remove(&order.id).unwrap_or_default(),
            placed: placed.transpose().map_err(Error::internal)?,
            may_be_faster: repair.faster_service && trigger.is_repair(),
            lines: lines.remove(&order.id).unwrap_or_default(),
            movable: movable
                .iter()
                .filter(|held| held.order_id == order.id && (moves_all || held.trouble.is_some()))
                .cloned()
                .collect(),
            run: runs.get(&order.id).copied().unwrap_or(0) + 1,
            kept: kept.remove(&order.id).unwrap_or_default(),
            deadline: deadlines.remove(&order.id),
            order,
        });
    }
    Ok(Batch {
        orders,
        available: available(orc, merchant, &skus).await?,
        divided: divisions(orc.reader(), merchant, network, &skus).await?,
        assigned: if network
            .nodes
            .iter()
            .any(|n| n.node.daily_capacity.is_some())
        {
            Workload::read(orc, merchant).await?
        } else {
            Workload::default()
        },
        products: products(orc, merchant, &skus).await?,
    })
}

async fn movable(orc: &Orchestrator, orders: &[Uuid]) -> Result<Vec<Held>> {
    if orders.is_empty() {
        return Ok(Vec::new());
    }
    let sql = format!(
        "SELECT f.order_id, l.fulfillment_id, f.node, f.service, f.work_day, l.line_id, l.sku, l.quantity, f.trouble,
           o.channel
         FROM fulfillments f JOIN fulfillment_lines l ON l.fulfillment_id = f.id JOIN orders o ON o.id = f.order_id
         WHERE f.status IN ('assigned', 'accepted') AND f.order_id IN {}",
        sql::list(orders.len())
    );
    Ok(sql::all(
        orc.reader(),
        &sql,
        orders.iter().map(|id| Value::from(*id)).collect(),
    )
    .await?)
}

/// What nodes are not asked for yet, by order and node.
async fn excluded(
    orc: &Orchestrator,
    orders: &[Uuid],
) -> Result<HashMap<Uuid, HashMap<String, Vec<(String, Trouble)>>>> {
    #[derive(FromQueryResult)]
    struct Row {
        order_id: Uuid,
        node: String,
        sku: String,
        cause: String,
    }
    let mut excluded: HashMap<Uuid, HashMap<String, Vec<_>>> = HashMap::new();
    if orders.is_empty() {
        return Ok(excluded);
    }
    let sql = format!(
        "SELECT order_id, node, sku, cause FROM exclusions WHERE until > ? AND order_id IN {} ORDER BY order_id, node, sku",
        sql::list(orders.len())
    );
    let mut bound = values![orc.now().timestamp_micros()];
    bound.extend(orders.iter().map(|id| Value::from(*id)));
    let rows: Vec<Row> = sql::all(orc.reader(), &sql, bound).await?;
    for row in rows {
        let cause = row.cause.parse().map_err(Error::Internal)?;
        let of_order = excluded.entry(row.order_id).or_default();
        of_order.entry(row.node).or_default().push((row.sku, cause));
    }
    Ok(excluded)
}

async fn runs(orc: &Orchestrator, orders: &[Uuid]) -> Result<HashMap<Uuid, i64>> {
    #[derive(FromQueryResult)]
    struct Row {
        order_id: Uuid,
        n: i64,
    }
    let sql = format!(
        "SELECT order_id, max(run) AS n FROM decisions WHERE order_id IN {} GROUP BY order_id",
        sql::list(orders.len())
    );
    let rows: Vec<Row> = sql::all(
        orc.reader(),
        &sql,
        orders.iter().map(|id| Value::from(*id)).collect(),
    )
    .await?;
    Ok(rows.into_iter().map(|row| (row.order_id, row.n)).collect())
}

async fn available(
    orc: &Orchestrator,
    merchant: MerchantId,
    skus: &[String],
) -> Result<HashMap<String, BTreeMap<String, i64>>> {
    #[derive(FromQueryResult)]
    struct Row {
        sku: String,
        node: String,
        on_hand: i64,
        reserved: i64,
        safety_stock: i64,
    }
    let mut available: HashMap<String, BTreeMap<String, i64>> = HashMap::new();
    for chunk in skus.chunks(1_000) {
        let sql = format!(
            "SELECT sku, node, CASE WHEN stopped_until IS NULL THEN on_hand ELSE 0 END AS on_hand, reserved, safety_stock
             FROM stock WHERE merchant_id = ? AND sku IN {}",
            sql::list(chunk.len())
        );
        let mut bound = values![merchant.0];
        bound.extend(chunk.iter().map(|sku| Value::from(sku.as_str())));
        let rows: Vec<Row> = sql::all(orc.reader(), &sql, bound).await?;
        for row in rows {
            let units = row.on_hand - row.reserved - row.safety_stock;
            available
                .entry(row.sku)
                .or_default()
                .insert(row.node, units);
        }
    }
    Ok(available)
}

async fn products(
    orc: &Orchestrator,
    merchant: MerchantId,
    skus: &[String],
) -> Result<HashMap<String, ProductFacts>> {
    #[derive(FromQueryResult)]
    struct Row {
        sku: String,
        weight_g: i64,
        requires: String,
    }
    let mut products = HashMap::with_capacity(skus.len());
    for chunk in skus.chunks(1_000) {
        let sql = format!(
            "SELECT sku, weight_g, requires FROM products WHERE merchant_id = ? AND sku IN {}",
            sql::list(chunk.len())
        );
        let mut bound = values![merchant.0];
        bound.extend(chunk.iter().map(|sku| Value::from(sku.as_str())));
        let rows: Vec<Row> = sql::all(orc.reader(), &sql, bound).await?;
        for row in rows {
            let requires = serde_json::from_str(&row.requires).map_err(Error::internal)?;
            products.insert(
                row.sku,
                ProductFacts {
                    weight_g: row.weight_g,
                    requires,
                },
            );
        }
    }
    Ok(products)
}
