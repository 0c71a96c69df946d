//! What became of trouble once the router has planned.

use engine::model::{ExceptionKind, ExceptionState, OrderId, Trigger};
use sea_orm::prelude::Uuid;
use serde_json::json;

use crate::Result;
use crate::exceptions::{self, NewException};
use crate::store::Tx;
use crate::store::tables::exceptions::Model;

/// How an order stands after it was planned.
pub(crate) struct AfterPlan {
    pub order: OrderId,
    pub number: i64,
    pub trigger: Trigger,
    /// Units that nothing carries, and the first reason.
    pub waiting: i64,
    pub reason: Option<String>,
    /// Why its promise is not kept; none where it is, or where nothing was promised.
    pub late: Option<String>,
    /// Whether it has a promise that the plan keeps.
    pub keeps: bool,
    /// What the plan did, in one sentence.
    pub done: String,
    /// Why the engine refuses it.
    pub refused: Option<String>,
    /// Fulfillments that are no more.
    pub moved: Vec<Uuid>,
}

/// Reasons that no arrival of stock ends.
const NEEDS_A_PERSON: [&str; 4] = ["no_service", "no_capability", "too_costly", "max_packages"];

/// Ends what is repaired, hands over what is not, and tells of what was never good.
pub(crate) async fn after_plans(tx: &mut Tx, plans: Vec<AfterPlan>) -> Result<()> {
    let again = plans
        .iter()
        .filter(|plan| plan.trigger != Trigger::NewOrder);
    let again: Vec<_> = again.map(|plan| plan.order).collect();
    let open = exceptions::open_of(tx, &again).await?;
    for plan in plans {
        let of_order = open.iter().filter(|row| row.order_id == Some(plan.order.0));
        let mut known = false;
        for row in of_order {
            known |= judge(tx, row, &plan).await?;
        }
        if !known && let Some(new) = never_good(&plan) {
            exceptions::raise(tx, new).await?;
        }
    }
    Ok(())
}

/// Tells whether the exception goes on, and says what is wrong now.
async fn judge(tx: &mut Tx, row: &Model, plan: &AfterPlan) -> Result<bool> {
    let repairing = row.state == ExceptionState::Repairing.as_str();
    let number = plan.number;
    let wrong = if let Some(why) = &plan.refused {
        Some(format!("Order #{number} cannot be planned: {why}"))
    } else if plan.waiting > 0 {
        let why = plan
            .reason
            .as_deref()
            .unwrap_or("no stock")
            .replace('_', " ");
        Some(format!("{}; {} units wait: {why}", row.cause, plan.waiting))
    } else {
        plan.late
            .as_ref()
            .map(|why| format!("{}; {why}", row.cause))
    };
    if repairing {
        return match wrong {
            Some(why) => exceptions::open_now(tx, row, &why).await.map(|()| true),
            None => close(tx, row, plan).await.map(|()| false),
        };
    }
    // An open one ends when that is no longer so which it is about.
    let kind: ExceptionKind = row.kind.parse().map_err(crate::Error::Internal)?;
    let ends = match kind {
        ExceptionKind::CannotRoute | ExceptionKind::OutOfStock | ExceptionKind::NodeFailed => {
            plan.waiting == 0 && plan.refused.is_none()
        }
        ExceptionKind::LateRisk => match row.fulfillment_id {
            Some(id) => plan.moved.contains(&id) && plan.late.is_none(),
            None => plan.keeps,
        },
        _ => return Ok(false),
    };
    if ends {
        close(tx, row, plan).await?;
    }
    Ok(!ends)
}

async fn close(tx: &Tx, row: &Model, plan: &AfterPlan) -> Result<()> {
    exceptions::close(tx, row.id, ExceptionState::Automatic, &plan.done).await
}

/// Trouble that an order has had from the start.
fn never_good(plan: &AfterPlan) -> Option<NewException> {
    let number = plan.number;
    let (kind, cause) = if let Some(why) = &plan.refused {
        let cause = format!("Order #{number} cannot be planned: {why}");
        (ExceptionKind::CannotRoute, cause)
    } else if let Some(late) = &plan.late {
        let cause = format!("Order #{number} will miss its promise: {late}");
        (ExceptionKind::LateRisk, cause)
    } else {
        let reason = plan.reason.as_deref().filter(|_| plan.waiting > 0)?;
        if !NEEDS_A_PERSON.contains(&reason) {
            return None;
        }
        let why = reason.replace('_', " ");
        let cause = format!(
            "Order #{number}: {} units cannot be sent: {why}",
            plan.waiting
        );
        (ExceptionKind::CannotRoute, cause)
    };
    Some(NewException {
        kind,
        order: Some(plan.order),
        fulfillment: None,
        node: None,
        cause,
        evidence: json!({ "waiting": plan.waiting, "reason": plan.reason, "late": plan.late }),
        due_at: None,
    })
}
