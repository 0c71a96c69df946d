use std::collections::BTreeSet;

use engine::model::{OrderAction, OrderStatus, OrderView, Permission, StockMove, Trigger};
use futures::FutureExt;
use serde_json::json;

use super::{OrderState, load_view, resolve};
use crate::store::sql::{self, values};
use crate::store::{NewEvent, Tx};
use crate::{Actor, Error, Orchestrator, Result, exceptions, routing};

/// Holds, releases, cancels or re-routes an order. Repeated in the state that it led to, it changes nothing.
pub async fn act(
    orc: &Orchestrator,
    actor: &Actor,
    order: &str,
    action: OrderAction,
    reason: Option<String>,
) -> Result<OrderView> {
    actor.check(Permission::ChangeOrders)?;
    let reason = check_reason(reason)?;
    let (by, order) = (actor.clone(), order.to_owned());
    orc.write_once(actor, move |tx| {
        async move {
            let id = resolve(tx.conn(), &by, &order).await?;
            let mut state = OrderState::load(tx, id).await?;
            apply(tx, &by, &mut state, action, reason).await?;
            load_view(tx.conn(), &by, id).await
        }
        .boxed()
    })
    .await
}

pub(super) fn check_reason(reason: Option<String>) -> Result<Option<String>> {
    let reason = reason
        .map(|reason| reason.trim().to_owned())
        .filter(|reason| !reason.is_empty());
    if reason.as_ref().is_some_and(|reason| reason.len() > 500) {
        return Err(Error::field(
            "#/reason",
            "a reason has at most 500 characters",
        ));
    }
    Ok(reason)
}

/// A conflict, when its state does not allow the action; nothing is written then.
pub(super) async fn apply(
    tx: &mut Tx,
    actor: &Actor,
    state: &mut OrderState,
    action: OrderAction,
    reason: Option<String>,
) -> Result<()> {
    let id = state.id();
    let status = state.status()?;
    let done = match action {
        OrderAction::Hold => status == OrderStatus::OnHold,
        OrderAction::Cancel => status == OrderStatus::Cancelled,
        OrderAction::Release => !state.order.held && status != OrderStatus::Cancelled,
        OrderAction::Reroute => {
            state.order.plan_due_at.is_some() && state.order.plan_trigger == "reroute"
        }
    };
    if done {
        return Ok(());
    }
    if !status.allows(action) {
        let text = format!(
            "order #{} is {}: {} is not possible",
            state.order.number,
            status.label().to_lowercase(),
            action.label().to_lowercase()
        );
        return Err(Error::Conflict(text));
    }
    let number = state.order.number;
    let because = reason
        .as_ref()
        .map(|reason| format!(": {reason}"))
        .unwrap_or_default();
    let (kind, summary, moves): (_, _, Vec<StockMove>) = match action {
        OrderAction::Hold => {
            state.order.held = true;
            state.order.hold_reason.clone_from(&reason);
            state.plan_no_more();
            let moves = state.release_open(tx, "Order held").await?;
            (
                "order.held",
                format!("Order #{number} held{because}"),
                moves,
            )
        }
        OrderAction::Release => {
            state.order.held = false;
            state.order.hold_reason = None;
            state.plan_again(tx, Trigger::Released);
            (
                "order.released",
                format!("Order #{number} released{because}"),
                Vec::new(),
            )
        }
        OrderAction::Cancel => {
            state.order.held = false;
            state.order.hold_reason = None;
            state.plan_no_more();
            let moves = state.release_open(tx, "Order cancelled").await?;
            for line in &mut state.lines {
                line.cancelled = line.quantity - line.allocated;
            }
            (
                "order.cancelled",
                format!("Order #{number} cancelled{because}"),
                moves,
            )
        }
        OrderAction::Reroute => {
            // What it holds stays its own until the new plan replaces it, so that nobody can take it meanwhile.
            let sql = "DELETE FROM exclusions WHERE order_id = ? AND merchant_id = ?";
            sql::run(tx.conn(), sql, values![id.0, tx.merchant().0]).await?;
            state.order.plan_attempts = 0;
            state.order.repairs = 0;
            state.plan_again(tx, Trigger::Reroute);
            (
                "order.reroute_asked",
                format!("Order #{number} is to be planned again{because}"),
                Vec::new(),
            )
        }
    };
    let status = state.save(tx).await?;
    match action {
        OrderAction::Cancel => exceptions::moot(tx, id, "The order was cancelled").await?,
        OrderAction::Hold => exceptions::moot(tx, id, "The order was held").await?,
        OrderAction::Release | OrderAction::Reroute => {}
    }
    let freed: BTreeSet<String> = moves.iter().map(|moved| moved.sku.clone()).collect();
    let data = json!({ "number": number, "status": status, "reason": reason });
    tx.emit(
        NewEvent::new(kind, id, actor, summary)
            .data(data)
            .moves("released", moves)
            .reason(reason)
            .of_order(id),
    );
    routing::wake_backorders(tx, &freed).await
}
