//! A person says where an order goes; it is tried out first, and planned within that.

use engine::model::{
    FieldError, MovePreview, OrderAction, OrderMove, OrderView, Permission, Trigger,
};
use futures::FutureExt;
use serde_json::json;

use super::{OrderState, load_view, resolve};
use crate::routing::{self, Placement};
use crate::store::NewEvent;
use crate::store::sql::{self, values};
use crate::{Actor, Error, Orchestrator, Result};

/// What the move would do; nothing is written.
pub async fn try_move(
    orc: &Orchestrator,
    actor: &Actor,
    order: &str,
    to: OrderMove,
) -> Result<MovePreview> {
    actor.check(Permission::ReadOrders)?;
    check(orc, actor, &to).await?;
    let id = resolve(orc.reader(), actor, order).await?;
    let tried = routing::try_out(orc, actor.merchant, id, vec![placement(to)]).await?;
    let tried = tried.into_iter().next();
    let tried = tried.ok_or_else(|| Error::Internal("nothing was tried".to_owned()))?;
    Ok(MovePreview {
        ways: tried.ways,
        is_now: tried.is_now,
        effect: tried.effect,
    })
}

/// Plans what has not been packed again, within what the person says. What has been left out as having failed may be
/// asked again: whoever says this knows better.
pub async fn move_to(
    orc: &Orchestrator,
    actor: &Actor,
    order: &str,
    to: OrderMove,
) -> Result<OrderView> {
    actor.check(Permission::ChangeOrders)?;
    check(orc, actor, &to).await?;
    let (by, order) = (actor.clone(), order.to_owned());
    orc.write_once(actor, move |tx| {
        async move {
            let id = resolve(tx.conn(), &by, &order).await?;
            let mut state = OrderState::load(tx, id).await?;
            let status = state.status()?;
            let number = state.order.number;
            if !status.allows(OrderAction::Reroute) {
                let label = status.label().to_lowercase();
                let text = format!("order #{number} is {label}: it cannot be moved");
                return Err(Error::Conflict(text));
            }
            let data = json!({ "number": number, "to": to });
            let within = serde_json::to_string(&placement(to)).map_err(Error::internal)?;
            let is_asked = state.order.plan_due_at.is_some()
                && state.order.plan_trigger == Trigger::Moved.as_str()
                && state.order.plan_within.as_deref() == Some(&within);
            if !is_asked {
                let sql = "DELETE FROM exclusions WHERE order_id = ? AND merchant_id = ?";
                sql::run(tx.conn(), sql, values![id.0, tx.merchant().0]).await?;
                state.order.plan_within = Some(within);
                state.order.plan_attempts = 0;
                state.order.repairs = 0;
                state.plan_again(tx, Trigger::Moved);
                state.save(tx).await?;
                let summary = format!("Order #{number} is moved by hand");
                tx.emit(NewEvent::new("order.move_asked", id, &by, summary).data(data));
            }
            load_view(tx.conn(), &by, id).await
        }
        .boxed()
    })
    .await
}

fn placement(to: OrderMove) -> Placement {
    Placement {
        nodes: to.nodes,
        any_service: to.any_service,
    }
}

async fn check(orc: &Orchestrator, actor: &Actor, to: &OrderMove) -> Result<()> {
    let network = orc.network(actor.merchant).await?;
    let unknown = to
        .nodes
        .iter()
        .filter(|(_, node)| network.node(node).is_none());
    let errors: Vec<_> = unknown
        .map(|(sku, node)| {
            FieldError::new(format!("#/nodes/{sku}"), format!("unknown node '{node}'"))
        })
        .collect();
    if errors.is_empty() {
        Ok(())
    } else {
        Err(Error::Invalid(errors))
    }
}
