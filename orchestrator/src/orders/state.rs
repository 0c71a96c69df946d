//! An order with its lines and fulfillments while it is being changed, and what follows from them.

use std::collections::BTreeSet;

use engine::model::{
    FulfillmentId, FulfillmentStatus, OrderId, OrderStatus, Progress, StockMove, Trigger,
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
};

use crate::store::Tx;
use crate::store::sql::{self, values};
use crate::store::tables::{fulfillment_lines, fulfillments, order_lines, orders};
use crate::{Error, Result, stock};

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
        let order = orders::Entity::find_by_id(id.0)
            .filter(orders::Column::MerchantId.eq(tx.merchant().0))
            .one(tx.conn())
            .await?
            .ok_or_else(|| Error::not_found("order", id.to_string()))?;
        let lines = order_lines::Entity::find()
            .filter(order_lines::Column::OrderId.eq(id.0))
            .order_by_asc(order_lines::Column::Position)
            .all(tx.conn())
            .await?;
        let rows = fulfillments::Entity::find()
            .filter(fulfillments::Column::OrderId.eq(id.0))
            .order_by_asc(fulfillments::Column::Id)
            .all(tx.conn())
            .await?;
        let mut of_rows = Vec::new();
        if !rows.is_empty() {
            of_rows = fulfillment_lines::Entity::find()
                .filter(
                    fulfillment_lines::Column::FulfillmentId.is_in(rows.iter().map(|row| row.id)),
                )
                .all(tx.conn())
                .await?;
        }
        let mut fulfillments = Vec::with_capacity(rows.len());
        for row in rows {
            let status = row.status.parse().map_err(Error::Internal)?;
            let lines = of_rows
                .iter()
                .filter(|line| line.fulfillment_id == row.id)
                .cloned()
                .collect();
            fulfillments.push(Fulfillment { row, status, lines });
        }
        Ok(OrderState {
            order,
            lines_before: lines.clone(),
            lines,
            fulfillments,
        })
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
        let moves = release_fulfillment(tx, f, to, reason).await?;
        for taken in &f.lines {
            if let Some(line) = self.lines.iter_mut().find(|line| line.id == taken.line_id) {
                line.allocated -= taken.quantity;
            }
        }
        Ok(moves)
    }

    /// Releases every fulfillment that the node still has, and tells what moved.
    pub async fn release_open(&mut self, tx: &Tx, reason: &str) -> Result<Vec<StockMove>> {
        let mut moves = Vec::new();
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

    /// Writes the order and its lines with everything that is derived: state, waiting units, nodes, note, version.
    pub async fn save(&mut self, tx: &Tx) -> Result<OrderStatus> {
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
        update_order(tx, &self.order).await?;
        for (line, before) in self.lines.iter().zip(&mut self.lines_before) {
            if line == before {
                continue;
            }
            let sql = "UPDATE order_lines SET allocated = ?, cancelled = ?, shipped = ?, waiting_reason = ? WHERE id = ?";
            let bound = values![
                line.allocated,
                line.cancelled,
                line.shipped,
                line.waiting_reason.clone(),
                line.id
            ];
            sql::run(tx.conn(), sql, bound).await?;
            before.clone_from(line);
        }
        Ok(status)
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

async fn update_order(tx: &Tx, order: &orders::Model) -> Result<()> {
    let sql = "UPDATE orders SET status = ?, updated_at = ?, waiting_units = ?, nodes = ?, note = ?, held = ?,
        hold_reason = ?, excluded_nodes = ?, plan_due_at = ?, plan_trigger = ?, plan_attempts = ?, claimed_until = ?,
        version = ? WHERE id = ?";
    let o = order.clone();
    let bound = values![
        o.status,
        o.updated_at,
        o.waiting_units,
        o.nodes,
        o.note,
        o.held,
        o.hold_reason,
        o.excluded_nodes,
        o.plan_due_at,
        o.plan_trigger,
        o.plan_attempts,
        o.claimed_until,
        o.version,
        o.id
    ];
    sql::run(tx.conn(), sql, bound).await?;
    Ok(())
}

/// Ends a fulfillment that has not left its node, and gives back its stock and capacity.
async fn release_fulfillment(
    tx: &Tx,
    f: &mut Fulfillment,
    to: FulfillmentStatus,
    reason: &str,
) -> Result<Vec<StockMove>> {
    let mut moves = Vec::with_capacity(f.lines.len());
    for (sku, quantity) in f.taken() {
        stock::unreserve(tx, &f.row.node, &sku, quantity).await?;
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
