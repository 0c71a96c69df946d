//! Trouble that nobody tells of: it is seen by time passing.

use std::collections::BTreeMap;

use engine::model::{FulfillmentId, FulfillmentStatus, MerchantId, OrderId, Trigger, Trouble};
use futures::FutureExt;
use sea_orm::prelude::Uuid;
use sea_orm::{FromQueryResult, Value};
use serde_json::json;

use super::trouble::{Seen, begin, give_up, offer_again, set_trouble};
use super::{leave_out, settings_of};
use crate::clock::from_micros;
use crate::exceptions::{self, NewException};
use crate::orders::OrderState;
use crate::store::Tx;
use crate::store::sql::{self, values};
use crate::{Orchestrator, Result};

/// Fulfillments that one transaction looks after.
const AT_ONCE: i64 = 200;

/// Looks once for what has become late or is over; tells how much there was.
pub async fn watch(orc: &Orchestrator) -> Result<usize> {
    #[derive(FromQueryResult)]
    struct Row {
        merchant_id: Uuid,
    }
    let now = orc.now().timestamp_micros();
    let sql = "SELECT merchant_id FROM stock WHERE stopped_until IS NOT NULL AND stopped_until <= ?
               UNION SELECT merchant_id FROM exclusions WHERE until <= ?
               UNION SELECT merchant_id FROM fulfillments WHERE late_since IS NULL AND status IN ('assigned', 'accepted', 'packed')
                 AND ship_by < ?
               UNION SELECT merchant_id FROM fulfillments WHERE status = 'assigned' AND trouble IS NULL AND accept_by < ?";
    let merchants: Vec<Row> = sql::all(orc.reader(), sql, values![now, now, now, now]).await?;
    let mut done = 0;
    for row in merchants {
        let merchant = MerchantId(row.merchant_id);
        done += orc
            .write(merchant, |tx| {
                async move {
                    let offered = offer_again(tx).await?;
                    let asked = ask_again(tx).await?;
                    let idle = not_accepted(tx).await?;
                    Ok(offered + asked + idle + not_handed_over(tx).await?)
                }
                .boxed()
            })
            .await?;
    }
    Ok(done)
}

/// Nodes that were left out for a time may be asked again; orders that wait are planned with them.
async fn ask_again(tx: &mut Tx) -> Result<usize> {
    let (merchant, now) = (tx.merchant().0, tx.now_us());
    let sql = "UPDATE orders SET plan_due_at = ?, plan_trigger = ? WHERE merchant_id = ? AND plan_due_at IS NULL
               AND status = 'backordered' AND id IN (SELECT order_id FROM exclusions WHERE merchant_id = ? AND until <= ?)";
    let trigger = Trigger::StockArrived.as_str();
    let bound = values![now, trigger, merchant, merchant, now];
    if sql::run(tx.conn(), sql, bound).await? > 0 {
        tx.wake_router();
    }
    let sql = "DELETE FROM exclusions WHERE merchant_id = ? AND until <= ?";
    Ok(sql::run(tx.conn(), sql, values![merchant, now]).await? as usize)
}

#[derive(FromQueryResult)]
struct Late {
    id: Uuid,
    order_id: Uuid,
}

/// By order, which of its fulfillments a query finds.
async fn found(tx: &Tx, filter: &str, order_by: &str) -> Result<BTreeMap<Uuid, Vec<Uuid>>> {
    let sql = format!(
        "SELECT id, order_id FROM fulfillments WHERE merchant_id = ? AND {filter} ORDER BY {order_by} LIMIT {AT_ONCE}"
    );
    let rows: Vec<Late> = sql::all(tx.conn(), &sql, values![tx.merchant().0, tx.now_us()]).await?;
    let mut by_order: BTreeMap<Uuid, Vec<Uuid>> = BTreeMap::new();
    for row in rows {
        by_order.entry(row.order_id).or_default().push(row.id);
    }
    Ok(by_order)
}

/// Nodes that have not said that they take the work: it goes to others.
async fn not_accepted(tx: &mut Tx) -> Result<usize> {
    let filter = "status = 'assigned' AND trouble IS NULL AND accept_by < ?";
    let late = found(tx, filter, "accept_by").await?;
    let ids: Vec<_> = late.keys().map(|id| OrderId(*id)).collect();
    for mut state in OrderState::load_many(tx, &ids).await? {
        let parts: Vec<_> = late[&state.order.id]
            .iter()
            .map(|id| FulfillmentId(*id))
            .collect();
        set_trouble(tx, &parts, Trouble::NotAccepted).await?;
        let mut seen = None;
        for f in state
            .fulfillments
            .iter_mut()
            .filter(|f| parts.contains(&f.id()))
        {
            f.row.trouble = Some(Trouble::NotAccepted.to_string());
            let (order, node) = (OrderId(f.row.order_id), f.row.node.clone());
            let skus = f.lines.iter().map(|line| line.sku.as_str());
            leave_out(tx, order, &node, skus, Trouble::NotAccepted).await?;
            seen = Some(Seen {
                trouble: Trouble::NotAccepted,
                fulfillment: Some(f.id()),
                cause: format!(
                    "{node} has not accepted order #{} in time",
                    state.order.number
                ),
                evidence: json!({ "accept_by": f.row.accept_by.map(from_micros) }),
                due_at: f.row.ship_by.map(from_micros),
                node: Some(node),
            });
        }
        let Some(seen) = seen else { continue };
        let settings = settings_of(tx.conn(), tx.merchant()).await?;
        if state.order.repairs >= i64::from(settings.most_attempts) {
            state.order.repairs += 1;
            give_up(tx, &mut state, seen).await?;
        } else {
            begin(tx, &mut state, seen).await?;
        }
        state.save(tx).await?;
    }
    Ok(late.len())
}

/// Packages that have not left when they should have. Where the customer was promised a date, and the node has not packed
/// them, there may be a better way now; otherwise a person is told.
async fn not_handed_over(tx: &mut Tx) -> Result<usize> {
    let filter =
        "late_since IS NULL AND status IN ('assigned', 'accepted', 'packed') AND ship_by < ?";
    let late = found(tx, filter, "ship_by").await?;
    let parts: Vec<_> = late.values().flatten().copied().collect();
    if parts.is_empty() {
        return Ok(0);
    }
    let sql = format!(
        "UPDATE fulfillments SET late_since = ? WHERE merchant_id = ? AND id IN {}",
        sql::list(parts.len())
    );
    let mut bound = values![tx.now_us(), tx.merchant().0];
    bound.extend(parts.iter().map(|id| Value::from(*id)));
    sql::run(tx.conn(), &sql, bound).await?;
    let ids: Vec<_> = late.keys().map(|id| OrderId(*id)).collect();
    for mut state in OrderState::load_many(tx, &ids).await? {
        let number = state.order.number;
        let is_late = |id: Uuid| late[&state.order.id].contains(&id);
        let mut at_risk = Vec::new();
        let mut seen = None;
        for f in state.fulfillments.iter().filter(|f| is_late(f.row.id)) {
            let due_at = f.row.ship_by.map(from_micros);
            let cause = format!(
                "{} has not handed over its part of order #{number} in time",
                f.row.node
            );
            let evidence = json!({ "ship_by": due_at, "state": f.status });
            let may_move = f.status != FulfillmentStatus::Packed && f.row.trouble.is_none();
            if may_move && state.order.promised_by.is_some() && !state.order.held {
                at_risk.push(f.id());
                seen = Some(Seen {
                    trouble: Trouble::PromiseAtRisk,
                    fulfillment: Some(f.id()),
                    node: Some(f.row.node.clone()),
                    cause,
                    evidence,
                    due_at,
                });
            } else {
                let new = NewException {
                    kind: engine::model::ExceptionKind::LateRisk,
                    order: Some(OrderId(f.row.order_id)),
                    fulfillment: Some(f.id()),
                    node: Some(f.row.node.clone()),
                    cause,
                    evidence,
                    due_at,
                };
                exceptions::raise(tx, new).await?;
            }
        }
        if let Some(seen) = seen {
            set_trouble(tx, &at_risk, Trouble::PromiseAtRisk).await?;
            begin(tx, &mut state, seen).await?;
            state.save(tx).await?;
        }
    }
    Ok(late.len())
}
