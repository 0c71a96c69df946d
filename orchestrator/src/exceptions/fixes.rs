//! What would end an exception: tried out before it is offered, so that each says what it costs and when it arrives.

use engine::model::{
    ExceptionAction, ExceptionFix, ExceptionId, ExceptionRow, FixEffect, OrderAction, OrderMove,
    OrderStatus, OrderView, Permission, format_money,
};

use super::{act, get};
use crate::orders;
use crate::routing::{self, Placement, Tried};
use crate::{Actor, Error, Orchestrator, Result};

/// Nodes that are offered to move to, at most.
const MOST_NODES: usize = 3;

/// What would end it, the best first: what keeps the promise before what does not, what leaves nothing waiting, what
/// costs least.
pub async fn fixes(
    orc: &Orchestrator,
    actor: &Actor,
    id: ExceptionId,
) -> Result<Vec<ExceptionFix>> {
    let row = get(orc, actor, id).await?;
    let (Some(order), None) = (row.order, row.closed_at) else {
        return Ok(Vec::new());
    };
    let view = orders::get(orc, actor, &order.to_string()).await?;
    let mut fixes = Vec::new();
    if view.status.allows(OrderAction::Reroute) {
        let any = Placement {
            any_service: true,
            ..Placement::default()
        };
        let mut tried =
            routing::try_out(orc, actor.merchant, order, vec![Placement::default(), any]).await?;
        let faster = tried.pop();
        let again = tried.pop();
        let same = |a: &Option<Tried>, b: &Option<Tried>| match (a, b) {
            (Some(a), Some(b)) => a.ways == b.ways,
            _ => false,
        };
        let is_same = same(&again, &faster);
        let nodes = routing::other_nodes(orc, actor.merchant, order, MOST_NODES).await?;
        let offered = |ways: &str| {
            again.as_ref().is_some_and(|tried| tried.ways == ways)
                || faster.as_ref().is_some_and(|tried| tried.ways == ways)
        };
        for tried in nodes.iter().filter(|tried| !offered(&tried.ways)) {
            let node = tried
                .placement
                .nodes
                .values()
                .next()
                .cloned()
                .unwrap_or_default();
            let label = format!("Move to {node}");
            fixes.push(fix(format!("node:{node}"), label, tried, &view));
        }
        if let Some(tried) = again.filter(|tried| !tried.is_now && !tried.ways.is_empty()) {
            fixes.push(fix("reroute".into(), "Re-route".into(), &tried, &view));
        }
        if let Some(tried) = faster.filter(|t| !is_same && !t.is_now && !t.ways.is_empty()) {
            let label = "Use any service".to_owned();
            fixes.push(fix("any_service".into(), label, &tried, &view));
        }
        fixes.sort_by(|a, b| {
            rank(a)
                .partial_cmp(&rank(b))
                .unwrap_or(std::cmp::Ordering::Equal)
        });
    }
    if view.status == OrderStatus::OnHold {
        fixes.push(plain(
            "release",
            "Release order",
            "It is planned again and goes on.",
        ));
    }
    if view.status.allows(OrderAction::Cancel) {
        let refund = format_money(view.total, view.currency);
        let detail = format!("What has not left is given back to stock; up to {refund} to refund.");
        fixes.push(plain("cancel", "Cancel order", &detail));
    }
    Ok(fixes)
}

fn rank(fix: &ExceptionFix) -> (bool, i64, f64) {
    let effect = &fix.effect;
    let late = effect.keeps_promise == Some(false);
    (late, effect.waiting, effect.cost.unwrap_or(f64::MAX))
}

fn plain(id: &str, label: &str, detail: &str) -> ExceptionFix {
    ExceptionFix {
        id: id.to_owned(),
        label: label.to_owned(),
        detail: detail.to_owned(),
        effect: FixEffect::default(),
    }
}

fn fix(id: String, label: String, tried: &Tried, order: &OrderView) -> ExceptionFix {
    let effect = &tried.effect;
    let mut detail = format!("From {}", tried.ways);
    if let Some(arrives) = &effect.arrives {
        detail = format!("{detail}: there by {arrives}");
        if let Some(probability) = effect.probability {
            detail = format!("{detail} ({:.0} in 100)", (probability * 100.0).floor());
        }
    }
    if effect.waiting > 0 {
        detail = format!("{detail}; {} units still wait", effect.waiting);
    }
    if let Some(cost) = effect.cost {
        let amount = format_money((cost.abs()).round() as i64, order.currency);
        let word = if cost >= 0.0 { "more" } else { "less" };
        detail = format!("{detail}; {amount} {word} than now");
    }
    match effect.keeps_promise {
        Some(true) => detail.push_str("; keeps the promise"),
        Some(false) => detail.push_str("; misses the promise"),
        None => {}
    }
    ExceptionFix {
        id,
        label,
        detail: format!("{detail}."),
        effect: effect.clone(),
    }
}

/// Does what a fix says. The exception ends when the order has its new plan, or at once where nothing is to be planned.
pub async fn apply(
    orc: &Orchestrator,
    actor: &Actor,
    id: ExceptionId,
    fix: &str,
) -> Result<ExceptionRow> {
    actor.check(Permission::ChangeOrders)?;
    let row = get(orc, actor, id).await?;
    if row.closed_at.is_some() {
        return Ok(row);
    }
    let order = row
        .order
        .ok_or_else(|| Error::Conflict("the exception is about no order".to_owned()))?;
    let name = order.to_string();
    match fix {
        "reroute" | "release" | "cancel" => {
            let action = match fix {
                "reroute" => OrderAction::Reroute,
                "release" => OrderAction::Release,
                _ => OrderAction::Cancel,
            };
            orders::act(orc, actor, &name, action, None).await?;
        }
        "any_service" => {
            let to = OrderMove {
                any_service: true,
                ..OrderMove::default()
            };
            orders::move_to(orc, actor, &name, to).await?;
        }
        _ => {
            let node = fix.strip_prefix("node:").ok_or_else(|| {
                let text = format!("'{fix}' is not one of this exception's fixes");
                Error::field("#/fix", text)
            })?;
            let view = orders::get(orc, actor, &name).await?;
            let open = view
                .lines
                .iter()
                .filter(|l| l.shipped + l.cancelled < l.quantity);
            let nodes = open
                .map(|line| (line.sku.clone(), node.to_owned()))
                .collect();
            let to = OrderMove {
                nodes,
                any_service: false,
            };
            orders::move_to(orc, actor, &name, to).await?;
        }
    }
    if matches!(fix, "release" | "cancel") {
        let reason = format!(
            "Order {}",
            if fix == "cancel" {
                "cancelled"
            } else {
                "released"
            }
        );
        let plain = Actor {
            idempotency: None,
            ..actor.clone()
        };
        let rows = act(orc, &plain, vec![id], ExceptionAction::Resolve { reason }).await?;
        return rows
            .into_iter()
            .next()
            .ok_or_else(|| Error::not_found("exception", id.to_string()));
    }
    get(orc, actor, id).await
}
