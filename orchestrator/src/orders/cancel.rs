//! Lines of an order that are not wanted any more.

use std::collections::BTreeSet;

use engine::model::{FulfillmentStatus, LineId, OrderStatus, OrderView, Permission, StockMove};
use futures::FutureExt;
use sea_orm::{ActiveModelTrait, IntoActiveModel};
use serde_json::json;

use super::act::check_reason;
use super::{OrderState, load_view, resolve};
use crate::store::sql::{self, values};
use crate::store::{NewEvent, Tx};
use crate::{Actor, Error, Orchestrator, Result, exceptions, routing, stock};

/// Cancels what has not left of these lines. The rest of the order goes on as it is planned; when nothing is left, the
/// order is cancelled. Repeated it changes nothing.
pub async fn cancel_lines(
    orc: &Orchestrator,
    actor: &Actor,
    order: &str,
    lines: &[LineId],
    reason: Option<String>,
) -> Result<OrderView> {
    actor.check(Permission::ChangeOrders)?;
    let reason = check_reason(reason)?;
    let (by, order, lines) = (actor.clone(), order.to_owned(), lines.to_vec());
    orc.write_once(actor, move |tx| {
        async move {
            let id = resolve(tx.conn(), &by, &order).await?;
            let mut state = OrderState::load(tx, id).await?;
            let lines: BTreeSet<_> = lines.iter().map(|line| line.0).collect();
            if let Some(other) = lines
                .iter()
                .find(|id| state.lines.iter().all(|line| line.id != **id))
            {
                let text = format!("the order has no line {}", LineId(*other));
                return Err(Error::field("#/lines", text));
            }
            cancel(tx, &by, &mut state, &lines, reason).await?;
            load_view(tx.conn(), &by, id).await
        }
        .boxed()
    })
    .await
}

async fn cancel(
    tx: &mut Tx,
    by: &Actor,
    state: &mut OrderState,
    lines: &BTreeSet<uuid::Uuid>,
    reason: Option<String>,
) -> Result<()> {
    let before: i64 = state.lines.iter().map(|line| line.cancelled).sum();
    let mut moves = Vec::new();
    for i in 0..state.fulfillments.len() {
        if state.fulfillments[i].status.is_open() {
            moves.extend(state.drop_lines(tx, i, lines).await?);
        }
    }
    for line in state
        .lines
        .iter_mut()
        .filter(|line| lines.contains(&line.id))
    {
        line.cancelled = line.quantity - line.allocated;
    }
    let cancelled: i64 = state.lines.iter().map(|line| line.cancelled).sum();
    if cancelled == before {
        let left = state
            .lines
            .iter()
            .any(|line| lines.contains(&line.id) && line.shipped > 0);
        if left
            && state
                .lines
                .iter()
                .all(|line| !lines.contains(&line.id) || line.cancelled == 0)
        {
            let text = format!(
                "order #{}: what is to be cancelled has left already",
                state.order.number
            );
            return Err(Error::Conflict(text));
        }
        return Ok(());
    }
    let status = state.status()?;
    let is_all = cancelled == state.order.units;
    if is_all {
        state.order.held = false;
        state.order.hold_reason = None;
        state.plan_no_more();
        moves.extend(crate::promises::give_up(tx, state.id()).await?);
    }
    let now: OrderStatus = state.save(tx).await?;
    let number = state.order.number;
    if now != status && matches!(now, OrderStatus::Cancelled) {
        exceptions::moot(tx, state.id(), "The order was cancelled").await?;
    }
    let freed: BTreeSet<String> = moves
        .iter()
        .map(|moved: &StockMove| moved.sku.clone())
        .collect();
    let because = reason
        .as_ref()
        .map(|reason| format!(": {reason}"))
        .unwrap_or_default();
    let units = cancelled - before;
    let (kind, summary) = if is_all {
        (
            "order.cancelled",
            format!("Order #{number} cancelled{because}"),
        )
    } else {
        (
            "order.lines_cancelled",
            format!("{units} units of order #{number} cancelled{because}"),
        )
    };
    let lines: Vec<_> = lines.iter().map(|id| LineId(*id)).collect();
    let data = json!({ "number": number, "status": now, "reason": reason, "lines": lines, "units": units });
    let event = NewEvent::new(kind, state.id(), by, summary).data(data);
    tx.emit(
        event
            .moves("released", moves)
            .reason(reason)
            .of_order(state.id()),
    );
    routing::wake_backorders(tx, &freed).await
}

impl OrderState {
    /// Takes lines out of a fulfillment that has not left: the rest of it stays as it is. Tells what moved.
    async fn drop_lines(
        &mut self,
        tx: &Tx,
        i: usize,
        lines: &BTreeSet<uuid::Uuid>,
    ) -> Result<Vec<StockMove>> {
        let parts = &self.fulfillments[i].lines;
        if parts.iter().all(|part| lines.contains(&part.line_id)) {
            return self
                .release(
                    tx,
                    i,
                    FulfillmentStatus::Cancelled,
                    "Cancelled by the customer",
                )
                .await;
        }
        let f = &mut self.fulfillments[i];
        let (dropped, kept): (Vec<_>, Vec<_>) = f
            .lines
            .drain(..)
            .partition(|part| lines.contains(&part.line_id));
        f.lines = kept;
        let mut moves = Vec::with_capacity(dropped.len());
        for part in &dropped {
            let channel = &self.order.channel;
            stock::unreserve(tx, &f.row.node, &part.sku, channel, part.quantity).await?;
            moves.push(StockMove {
                node: f.row.node.clone(),
                sku: part.sku.clone(),
                on_hand: 0,
                reserved: -part.quantity,
            });
            let sql = "DELETE FROM fulfillment_lines WHERE fulfillment_id = ? AND line_id = ?";
            sql::run(tx.conn(), sql, values![part.fulfillment_id, part.line_id]).await?;
            if let Some(line) = self.lines.iter_mut().find(|line| line.id == part.line_id) {
                line.allocated -= part.quantity;
            }
        }
        let units: i64 = dropped.iter().map(|part| part.quantity).sum();
        if units > 0 {
            f.row.units -= units;
            f.row.updated_at = tx.now_us();
            let row = f.row.clone().into_active_model().reset_all();
            row.update(tx.conn()).await?;
            if let Some(day) = &f.row.work_day {
                let sql = "UPDATE node_days SET units = units - ? WHERE merchant_id = ? AND node = ? AND day = ? AND units >= ?";
                let bound = values![
                    units,
                    tx.merchant().0,
                    f.row.node.clone(),
                    day.clone(),
                    units
                ];
                sql::run(tx.conn(), sql, bound).await?;
            }
        }
        Ok(moves)
    }
}
