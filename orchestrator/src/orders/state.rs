//! An order with its lines and fulfillments while it is being changed, and what follows from them.

use std::collections::{BTreeSet, HashMap};

use engine::model::{
    FulfillmentId, FulfillmentStatus, OrderId, OrderStatus, Progress, StockMove, Trigger,
};
use sea_orm::prelude::Uuid;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
};

use crate::store::Tx;
use crate::store::sql::{self, values};
use crate::store::tables::{fulfillment_lines, fulfillments, order_lines, orders};
use crate::{Error, Result, promises, stock};

/// Plans that may fail in a row before a person is asked.
const MOST_ATTEMPTS: i64 = 5;

pub(crate) struct OrderState {
    pub order: orders::Model,
    /// By position.
    pub lines: Vec<order_lines::Model>,
    /// Oldest first.
    pub fulfillments: Vec<Fulfillment>,
    lines_before: Vec<order_lines::Model>,
}

pub(crate) struct Fulfillment {
    pub row: fulfillments::Model,
    pub status: FulfillmentStatus,
    pub lines: Vec<fulfillment_lines::Model>,
}

impl OrderState {
    pub async fn load(tx: &Tx, id: OrderId) -> Result<Self> {
        let found = Self::load_many(tx, &[id]).await?.pop();
        found.ok_or_else(|| Error::not_found("order", id.to_string()))
    }

    /// An order as it was read, to which no fulfillment has ever been made.
    pub fn unplanned(order: orders::Model, lines: Vec<order_lines::Model>) -> Self {
        OrderState {
            order,
            lines_before: lines.clone(),
            lines,
            fulfillments: Vec::new(),
        }
    }

    /// Those of the merchant's orders that there are, in the order of the ids.
    pub async fn load_many(tx: &Tx, ids: &[OrderId]) -> Result<Vec<Self>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let keys: Vec<_> = ids.iter().map(|id| id.0).collect();
        let found = orders::Entity::find()
            .filter(orders::Column::MerchantId.eq(tx.merchant().0))
            .filter(orders::Column::Id.is_in(keys.clone()))
            .all(tx.conn())
            .await?;
        let mut lines = HashMap::new();
        let rows = order_lines::Entity::find()
            .filter(order_lines::Column::OrderId.is_in(keys.clone()))
            .order_by_asc(order_lines::Column::Position)
            .all(tx.conn())
            .await?;
        for line in rows {
            lines
                .entry(line.order_id)
                .or_insert_with(Vec::new)
                .push(line);
        }
        let mut fulfillments = Fulfillment::of_orders(tx, keys).await?;
        let mut orders: HashMap<_, _> = found.into_iter().map(|order| (order.id, order)).collect();
        let states = ids.iter().filter_map(|id| {
            let order = orders.remove(&id.0)?;
            let lines = lines.remove(&id.0).unwrap_or_default();
            Some(OrderState {
                order,
                lines_before: lines.clone(),
                lines,
                fulfillments: fulfillments.remove(&id.0).unwrap_or_default(),
            })
        });
        Ok(states.collect())
    }

    pub fn id(&self) -> OrderId {
        OrderId(self.order.id)
    }

    pub fn status(&self) -> Result<OrderStatus> {
        self.order.status.parse().map_err(Error::Internal)
    }

    /// Asks the router to look at it.
    pub fn plan_again(&mut self, tx: &mut Tx, trigger: Trigger) {
        self.order.plan_due_at = Some(tx.now_us());
        self.order.plan_trigger = trigger.to_string();
        self.order.claimed_until = 0;
        tx.wake_router();
    }

    /// Takes the order from the router.
    pub fn plan_no_more(&mut self) {
        self.order.plan_due_at = None;
        self.order.plan_attempts = 0;
        self.order.claimed_until = 0;
    }

    /// A person has to look: the router leaves it alone.
    pub fn stop_planning(&mut self, why: &str) {
        self.plan_no_more();
        self.order.plan_attempts = i64::from(u16::MAX);
        self.order.note = Some(why.to_owned());
    }

    /// Gives back what one fulfillment took: stock, the lines' units and the node's capacity.
    pub async fn release(
        &mut self,
        tx: &Tx,
        fulfillment: usize,
        to: FulfillmentStatus,
        reason: &str,
    ) -> Result<Vec<StockMove>> {
        let Some(f) = self.fulfillments.get_mut(fulfillment) else {
            return Ok(Vec::new());
        };
        let moves = release_fulfillment(tx, f, &self.order.channel, to, reason).await?;
        for taken in &f.lines {
            if let Some(line) = self.lines.iter_mut().find(|line| line.id == taken.line_id) {
                line.allocated -= taken.quantity;
            }
        }
        Ok(moves)
    }

    /// Releases every fulfillment that the node still has, and what was held at the checkout; tells what moved.
    pub async fn release_open(&mut self, tx: &Tx, reason: &str) -> Result<Vec<StockMove>> {
        let mut moves = promises::give_up(tx, self.id()).await?;
        for i in 0..self.fulfillments.len() {
            if self.fulfillments[i].status.is_open() {
                moves.extend(
                    self.release(tx, i, FulfillmentStatus::Cancelled, reason)
                        .await?,
                );
            }
        }
        Ok(moves)
    }

    fn progress(&self) -> Progress {
        let mut progress = Progress {
            held: self.order.held,
            planned: self.order.plan_due_at.is_none()
                || self.order.plan_trigger == Trigger::StockArrived.as_str(),
            stuck: self.order.plan_attempts >= MOST_ATTEMPTS,
            ordered: self.order.units,
            cancelled: self.lines.iter().map(|line| line.cancelled).sum(),
            ..Progress::default()
        };
        for f in &self.fulfillments {
            use FulfillmentStatus as F;
            let units = match f.status {
                F::Assigned => &mut progress.assigned,
                F::Accepted | F::Packed | F::ReadyForPickup => &mut progress.started,
                F::Shipped => &mut progress.shipped,
                F::Delivered | F::PickedUp => &mut progress.delivered,
                F::Rejected | F::Cancelled => continue,
            };
            *units += f.row.units;
        }
        progress
    }

    /// Writes the order and its lines with everything that is derived.
    pub async fn save(&mut self, tx: &Tx) -> Result<OrderStatus> {
        let status = self.settle(tx)?;
        Self::write_many(tx, std::slice::from_mut(self)).await?;
        Ok(status)
    }

    /// Derives what follows from lines and fulfillments: state, waiting units, nodes, note, version.
    pub fn settle(&mut self, tx: &Tx) -> Result<OrderStatus> {
        let progress = self.progress();
        let status = OrderStatus::derive(&progress);
        let waiting = progress.waiting();
        // No unit may be invented or lost, whatever led here.
        let allocated: i64 = self.lines.iter().map(|line| line.allocated).sum();
        let carried = progress.assigned + progress.started + progress.shipped + progress.delivered;
        if waiting < 0 || allocated != carried {
            let text = format!(
                "order {} would carry {carried} units in fulfillments and {allocated} in lines",
                self.id()
            );
            return Err(Error::Internal(text));
        }
        for line in &mut self.lines {
            let open = line.quantity - line.allocated - line.cancelled;
            if open == 0 || status != OrderStatus::Backordered {
                line.waiting_reason = None;
            }
        }
        let nodes: BTreeSet<_> = self
            .fulfillments
            .iter()
            .filter(|f| !f.status.is_void())
            .map(|f| f.row.node.as_str())
            .collect();
        self.order.nodes = serde_json::to_string(&nodes).map_err(Error::internal)?;
        self.order.note = self.note(status, waiting);
        self.order.status = status.to_string();
        self.order.waiting_units = waiting;
        self.order.updated_at = tx.now_us();
        self.order.version += 1;
        Ok(status)
    }

    /// Writes settled orders and those of their lines that have changed, all of them with a few statements.
    pub async fn write_many(tx: &Tx, states: &mut [OrderState]) -> Result<()> {
        let orders = states.iter().map(|state| {
            let o = state.order.clone();
            [
                o.id.into(),
                o.status.into(),
                o.updated_at.into(),
                o.waiting_units.into(),
                o.nodes.into(),
                o.note.into(),
                o.held.into(),
                o.hold_reason.into(),
                o.excluded_nodes.into(),
                o.plan_due_at.into(),
                o.plan_trigger.into(),
                o.plan_attempts.into(),
                o.claimed_until.into(),
                o.version.into(),
                o.repairs.into(),
                o.plan_within.into(),
            ]
        });
        sql::run_with(
            tx.conn(),
            [
                "id",
                "status",
                "updated_at",
                "waiting_units",
                "nodes",
                "note",
                "held",
                "hold_reason",
                "excluded_nodes",
                "plan_due_at",
                "plan_trigger",
                "plan_attempts",
                "claimed_until",
                "version",
                "repairs",
                "plan_within",
            ],
            orders.collect(),
            "UPDATE orders SET status = v.status, updated_at = v.updated_at, waiting_units = v.waiting_units,
             nodes = v.nodes, note = v.note, held = v.held, hold_reason = v.hold_reason,
             excluded_nodes = v.excluded_nodes, plan_due_at = v.plan_due_at, plan_trigger = v.plan_trigger,
             plan_attempts = v.plan_attempts, claimed_until = v.claimed_until, version = v.version,
             repairs = v.repairs, plan_within = v.plan_within
             FROM v WHERE orders.id = v.id",
            Vec::new(),
        )
        .await?;
        let mut lines = Vec::new();
        for state in states {
            for (line, before) in state.lines.iter().zip(&mut state.lines_before) {
                if line == before {
                    continue;
                }
                lines.push([
                    line.id.into(),
                    line.allocated.into(),
                    line.cancelled.into(),
                    line.shipped.into(),
                    line.waiting_reason.clone().into(),
                ]);
                before.clone_from(line);
            }
        }
        sql::run_with(
            tx.conn(),
            ["id", "allocated", "cancelled", "shipped", "waiting_reason"],
            lines,
            "UPDATE order_lines SET allocated = v.allocated, cancelled = v.cancelled, shipped = v.shipped,
             waiting_reason = v.waiting_reason FROM v WHERE order_lines.id = v.id",
            Vec::new(),
        )
        .await?;
        Ok(())
    }

    fn note(&self, status: OrderStatus, waiting: i64) -> Option<String> {
        match status {
            OrderStatus::OnHold => Some(
                self.order
                    .hold_reason
                    .clone()
                    .unwrap_or_else(|| "Held".to_owned()),
            ),
            OrderStatus::Backordered => {
                let reasons: BTreeSet<_> = self
                    .lines
                    .iter()
                    .filter_map(|line| line.waiting_reason.as_deref())
                    .map(reason_label)
                    .collect();
                let reasons = reasons.into_iter().collect::<Vec<_>>().join(", ");
                Some(format!(
                    "{waiting} of {} units wait: {reasons}",
                    self.order.units
                ))
            }
            OrderStatus::NeedsAttention => self
                .order
                .note
                .clone()
                .or_else(|| Some("Cannot be planned".to_owned())),
            _ => None,
        }
    }
}

/// A reason of the engine, in words.
fn reason_label(reason: &str) -> &str {
    match reason {
        "no_stock" => "no stock",
        "no_capability" => "no node can handle it",
        "no_service" => "no service reaches the address",
        "no_capacity" => "no capacity",
        "max_packages" => "too many packages",
        "too_costly" => "too costly",
        other => other,
    }
}

/// Ends a fulfillment that has not left its node, and gives back its stock and capacity.
async fn release_fulfillment(
    tx: &Tx,
    f: &mut Fulfillment,
    channel: &str,
    to: FulfillmentStatus,
    reason: &str,
) -> Result<Vec<StockMove>> {
    let mut moves = Vec::with_capacity(f.lines.len());
    for (sku, quantity) in f.taken() {
        stock::unreserve(tx, &f.row.node, &sku, channel, quantity).await?;
        moves.push(StockMove {
            node: f.row.node.clone(),
            sku,
            on_hand: 0,
            reserved: -quantity,
        });
    }
    if let Some(day) = &f.row.work_day {
        let sql = "UPDATE node_days SET units = units - ? WHERE merchant_id = ? AND node = ? AND day = ? AND units >= ?";
        let bound = values![
            f.row.units,
            tx.merchant().0,
            f.row.node.clone(),
            day.clone(),
            f.row.units
        ];
        sql::run(tx.conn(), sql, bound).await?;
    }
    set_status(tx, f, to, Some(reason.to_owned())).await?;
    Ok(moves)
}

/// Moves a fulfillment to another state.
pub(crate) async fn set_status(
    tx: &Tx,
    f: &mut Fulfillment,
    to: FulfillmentStatus,
    reason: Option<String>,
) -> Result<()> {
    f.status = to;
    f.row.status = to.to_string();
    f.row.reason = reason.or(f.row.reason.take());
    f.row.updated_at = tx.now_us();
    f.row
        .clone()
        .into_active_model()
        .reset_all()
        .update(tx.conn())
        .await?;
    Ok(())
}

impl Fulfillment {
    /// Those of these orders, oldest first, by order.
    async fn of_orders(tx: &Tx, orders: Vec<Uuid>) -> Result<HashMap<Uuid, Vec<Fulfillment>>> {
        let rows = fulfillments::Entity::find()
            .filter(fulfillments::Column::OrderId.is_in(orders))
            .order_by_asc(fulfillments::Column::Id)
            .all(tx.conn())
            .await?;
        let mut lines: HashMap<Uuid, Vec<fulfillment_lines::Model>> = HashMap::new();
        if !rows.is_empty() {
            let ids = rows.iter().map(|row| row.id);
            let of_rows = fulfillment_lines::Entity::find()
                .filter(fulfillment_lines::Column::FulfillmentId.is_in(ids))
                .all(tx.conn())
                .await?;
            for line in of_rows {
                lines.entry(line.fulfillment_id).or_default().push(line);
            }
        }
        let mut of_orders: HashMap<Uuid, Vec<Fulfillment>> = HashMap::new();
        for row in rows {
            let status = row.status.parse().map_err(Error::Internal)?;
            let lines = lines.remove(&row.id).unwrap_or_default();
            let fulfillment = Fulfillment { row, status, lines };
            let order = fulfillment.row.order_id;
            of_orders.entry(order).or_default().push(fulfillment);
        }
        Ok(of_orders)
    }

    pub fn id(&self) -> FulfillmentId {
        FulfillmentId(self.row.id)
    }

    /// What it takes of its node's stock, in the one order in which rows are touched everywhere.
    pub fn taken(&self) -> Vec<(String, i64)> {
        let mut taken: Vec<_> = self
            .lines
            .iter()
            .map(|line| (line.sku.clone(), line.quantity))
            .collect();
        taken.sort();
        taken
    }
}
