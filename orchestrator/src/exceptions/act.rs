//! What people do with exceptions: put off, take over, say how it ended.

use engine::model::{
    ExceptionAction, ExceptionId, ExceptionRow, ExceptionState, FieldError, Permission,
};
use futures::FutureExt;
use serde_json::json;

use super::list::load;
use crate::store::sql::{self, values};
use crate::store::{NewEvent, Tx};
use crate::{Actor, Error, Orchestrator, Result, Who};

/// Exceptions in one call.
const MOST: usize = 200;

/// Does the same with each of these, all or nothing. Repeated, it changes nothing.
pub async fn act(
    orc: &Orchestrator,
    actor: &Actor,
    ids: Vec<ExceptionId>,
    action: ExceptionAction,
) -> Result<Vec<ExceptionRow>> {
    actor.check(Permission::ChangeOrders)?;
    check(orc, actor, &ids, &action)?;
    let by = actor.clone();
    orc.write_once(actor, move |tx| {
        async move {
            let mut rows = Vec::with_capacity(ids.len());
            for id in ids {
                rows.push(apply(tx, &by, id, &action).await?);
            }
            Ok(rows)
        }
        .boxed()
    })
    .await
}

fn check(
    orc: &Orchestrator,
    actor: &Actor,
    ids: &[ExceptionId],
    action: &ExceptionAction,
) -> Result<()> {
    let mut errors = Vec::new();
    if ids.is_empty() || ids.len() > MOST {
        let text = format!("1 to {MOST} exceptions in one call, not {}", ids.len());
        errors.push(FieldError::new("#/exceptions", text));
    }
    match action {
        ExceptionAction::Snooze { until } if *until <= orc.now() => {
            errors.push(FieldError::new(
                "#/until",
                "a time that is still to come is needed",
            ));
        }
        ExceptionAction::Resolve { reason } if reason.trim().is_empty() || reason.len() > 500 => {
            errors.push(FieldError::new(
                "#/reason",
                "a reason of 1 to 500 characters is needed",
            ));
        }
        ExceptionAction::AssignToMe if !matches!(actor.who, Who::User { .. }) => {
            errors.push(FieldError::new(
                "#/action",
                "only a person can take an exception over",
            ));
        }
        _ => {}
    }
    if errors.is_empty() {
        Ok(())
    } else {
        Err(Error::Invalid(errors))
    }
}

async fn apply(
    tx: &mut Tx,
    actor: &Actor,
    id: ExceptionId,
    action: &ExceptionAction,
) -> Result<ExceptionRow> {
    let row = load(tx.conn(), actor, id).await?;
    if let ExceptionAction::Resolve { reason } = action {
        if row.closed_at.is_none() {
            super::close(tx, id.0, ExceptionState::Resolved, reason.trim()).await?;
            let subject = row
                .order
                .map_or_else(|| "exceptions".to_owned(), |id| id.to_string());
            let summary = format!("{} resolved: {}", row.kind.label(), reason.trim());
            let data = json!({ "exception": id, "kind": row.kind, "reason": reason.trim() });
            tx.emit(NewEvent::new("exception.resolved", subject, actor, summary).data(data));
        }
        return load(tx.conn(), actor, id).await;
    }
    if row.closed_at.is_some() {
        let text = format!("the exception is {}", row.state.label().to_lowercase());
        return Err(Error::Conflict(text));
    }
    let me = match &actor.who {
        Who::User { id, .. } => Some(id.0),
        _ => None,
    };
    let (snoozed_until, assigned_to) = match action {
        ExceptionAction::Snooze { until } => (Some(*until), row.assigned_to.map(|id| id.0)),
        ExceptionAction::Wake => (None, row.assigned_to.map(|id| id.0)),
        ExceptionAction::AssignToMe => (row.snoozed_until, me),
        ExceptionAction::Unassign => (row.snoozed_until, None),
        ExceptionAction::Resolve { .. } => unreachable!("returned above"),
    };
    let sql =
        "UPDATE exceptions SET snoozed_until = ?, assigned_to = ?, updated_at = ? WHERE id = ?";
    let snoozed_us = snoozed_until.map(|at| at.timestamp_micros());
    if snoozed_until != row.snoozed_until || assigned_to != row.assigned_to.map(|id| id.0) {
        sql::run(
            tx.conn(),
            sql,
            values![snoozed_us, assigned_to, tx.now_us(), id.0],
        )
        .await?;
        let summary = match action {
            ExceptionAction::Snooze { until } => {
                format!(
                    "{} snoozed until {}",
                    row.kind.label(),
                    until.format("%b %-d, %H:%M UTC")
                )
            }
            ExceptionAction::Wake => format!("{} is back in the inbox", row.kind.label()),
            ExceptionAction::AssignToMe => format!("{} taken over", row.kind.label()),
            _ => format!("{} given back", row.kind.label()),
        };
        let data = json!({ "exception": id, "kind": row.kind });
        tx.emit(NewEvent::new("exception.changed", "exceptions", actor, summary).data(data));
    }
    load(tx.conn(), actor, id).await
}
