//! Trouble with orders. Each is one row from the moment that it is seen: first it is being repaired, then it has
//! repaired itself or needs a person, and in the end somebody says how it ended.

mod act;
mod fixes;

mod list;

pub use act::act;
pub use fixes::{apply, fixes};

pub use list::{counts, get, list};

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use engine::model::{ExceptionId, ExceptionKind, ExceptionState, FulfillmentId, OrderId};
use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, Value};
use serde_json::json;
use uuid::Uuid;

use crate::store::sql::{self, values};
use crate::store::tables::exceptions::{Column, Entity, Model};
use crate::store::{NewEvent, Tx};
use crate::{Actor, Error, Result};

/// Trouble that was seen.
pub(crate) struct NewException {
    pub kind: ExceptionKind,
    pub order: Option<OrderId>,
    /// Where it is about one fulfillment and not the whole order.
    pub fulfillment: Option<FulfillmentId>,
    pub node: Option<String>,
    /// One sentence for people.
    pub cause: String,
    pub evidence: serde_json::Value,
    /// From when on it costs.
    pub due_at: Option<DateTime<Utc>>,
}

impl NewException {
    /// The same trouble has the same subject, however often it is seen.
    fn subject(&self) -> String {
        let order = self.order.map(|id| id.to_string()).unwrap_or_default();
        let part = self.fulfillment.map(|id| id.to_string());
        let node = self.node.clone().filter(|_| self.order.is_none());
        let part = part.or(node).unwrap_or_default();
        format!("{} {order} {part}", self.kind)
    }
}

/// Trouble that needs a person. Where the same is open already it is brought up to date; trouble that was being
/// repaired needs a person from now on.
pub(crate) async fn raise(tx: &mut Tx, new: NewException) -> Result<()> {
    raise_as(tx, vec![new], ExceptionState::Open).await
}

/// Trouble that the router is to repair first.
pub(crate) async fn repairing(tx: &mut Tx, new: Vec<NewException>) -> Result<()> {
    raise_as(tx, new, ExceptionState::Repairing).await
}

async fn raise_as(tx: &mut Tx, new: Vec<NewException>, state: ExceptionState) -> Result<()> {
    let mut known = HashMap::new();
    let subjects: Vec<_> = new.iter().map(NewException::subject).collect();
    for chunk in subjects.chunks(500) {
        let rows = Entity::find()
            .filter(Column::MerchantId.eq(tx.merchant().0))
            .filter(Column::Subject.is_in(chunk))
            .filter(Column::ClosedAt.is_null())
            .all(tx.conn())
            .await?;
        known.extend(rows.into_iter().map(|row| (row.subject.clone(), row)));
    }
    let stakes = Stakes::of(tx, &new).await?;
    let mut rows: HashMap<String, Model> = HashMap::new();
    for (new, subject) in new.into_iter().zip(subjects) {
        let at_stake = stakes.at_stake(&new);
        let due_at = new.due_at.map(|at| at.timestamp_micros());
        let is_news = if let Some(known) = known.get(&subject) {
            let sql = "UPDATE exceptions SET state = ?, cause = ?, evidence = ?, at_stake = ?, due_at = ?, times = times + 1,
                           node = ?, updated_at = ? WHERE id = ?";
            let bound = values![
                state.as_str(),
                new.cause.clone(),
                new.evidence.to_string(),
                at_stake,
                due_at,
                new.node.or(known.node.clone()),
                tx.now_us(),
                known.id
            ];
            sql::run(tx.conn(), sql, bound).await?;
            known.state != state.as_str() || known.cause != new.cause
        } else {
            let row = Model {
                id: ExceptionId(Uuid::now_v7()).0,
                merchant_id: tx.merchant().0,
                kind: new.kind.to_string(),
                state: state.to_string(),
                subject: subject.clone(),
                order_id: new.order.map(|id| id.0),
                fulfillment_id: new.fulfillment.map(|id| id.0),
                node: new.node,
                cause: new.cause.clone(),
                evidence: new.evidence.to_string(),
                at_stake,
                due_at,
                snoozed_until: None,
                assigned_to: None,
                resolution: None,
                times: 1,
                raised_at: tx.now_us(),
                updated_at: tx.now_us(),
                closed_at: None,
            };
            rows.insert(subject, row).is_none()
        };
        if is_news && state == ExceptionState::Open {
            tell(tx, new.kind.as_str(), new.order, &new.cause);
        }
    }
    sql::insert(tx.conn(), rows.into_values().collect()).await?;
    Ok(())
}

fn tell(tx: &mut Tx, kind: &str, order: Option<OrderId>, cause: &str) {
    let by = Actor::system(tx.merchant(), "Baton");
    let subject = order.map_or_else(|| "exceptions".to_owned(), |id| id.to_string());
    let event = NewEvent::new("exception.raised", subject, &by, cause);
    tx.emit(event.data(json!({ "kind": kind, "cause": cause, "order": order })));
}

/// Values of the goods in question.
struct Stakes {
    of_orders: HashMap<Uuid, i64>,
    of_fulfillments: HashMap<Uuid, i64>,
}

impl Stakes {
    async fn of(tx: &Tx, new: &[NewException]) -> Result<Self> {
        // The sum of a BIGINT is no BIGINT in PostgreSQL.
        let of_orders = "SELECT order_id AS id, CAST(sum((quantity - cancelled - shipped) * unit_price) AS BIGINT) AS n
                         FROM order_lines WHERE order_id IN";
        let of_fulfillments = "SELECT f.fulfillment_id AS id, CAST(sum(f.quantity * l.unit_price) AS BIGINT) AS n
                               FROM fulfillment_lines f JOIN order_lines l ON l.id = f.line_id WHERE f.fulfillment_id IN";
        let orders = new.iter().filter(|new| new.fulfillment.is_none());
        let orders = orders.filter_map(|new| new.order.map(|id| id.0)).collect();
        let parts = new.iter().filter_map(|new| new.fulfillment.map(|id| id.0));
        Ok(Stakes {
            of_orders: Self::sums(tx, of_orders, orders).await?,
            of_fulfillments: Self::sums(tx, of_fulfillments, parts.collect()).await?,
        })
    }

    async fn sums(tx: &Tx, select: &str, ids: Vec<Uuid>) -> Result<HashMap<Uuid, i64>> {
        #[derive(FromQueryResult)]
        struct Row {
            id: Uuid,
            n: i64,
        }
        let mut sums = HashMap::new();
        for chunk in ids.chunks(500) {
            let sql = format!("{select} {} GROUP BY 1", sql::list(chunk.len()));
            let bound = chunk.iter().map(|id| Value::from(*id)).collect();
            let rows: Vec<Row> = sql::all(tx.conn(), &sql, bound).await?;
            sums.extend(rows.into_iter().map(|row| (row.id, row.n)));
        }
        Ok(sums)
    }

    /// Of the fulfillment, or of all that has not left yet.
    fn at_stake(&self, new: &NewException) -> i64 {
        let of_part = new
            .fulfillment
            .and_then(|id| self.of_fulfillments.get(&id.0));
        let of_order = || new.order.and_then(|id| self.of_orders.get(&id.0));
        of_part.or_else(of_order).copied().unwrap_or(0)
    }
}

/// The order's trouble of this kind is over, without anybody.
pub(crate) async fn settle(
    tx: &mut Tx,
    kind: ExceptionKind,
    order: OrderId,
    how: &str,
) -> Result<()> {
    let rows = open_of(tx, &[order]).await?;
    for row in rows.into_iter().filter(|row| row.kind == kind.as_str()) {
        close(tx, row.id, ExceptionState::Automatic, how).await?;
    }
    Ok(())
}

/// What was feared of a fulfillment has not come: that trouble is over.
pub(crate) async fn over(tx: &Tx, fulfillment: FulfillmentId, how: &str) -> Result<()> {
    let sql = "UPDATE exceptions SET state = 'automatic', resolution = ?, closed_at = ?, updated_at = ?, snoozed_until = NULL
               WHERE merchant_id = ? AND fulfillment_id = ? AND kind = 'late_risk' AND closed_at IS NULL";
    let now = tx.now_us();
    let bound = values![how, now, now, tx.merchant().0, fulfillment.0];
    sql::run(tx.conn(), sql, bound).await?;
    Ok(())
}

/// What the order had to be planned for is no longer a question: that trouble is over.
pub(crate) async fn moot(tx: &Tx, order: OrderId, how: &str) -> Result<()> {
    use ExceptionKind as K;
    for row in open_of(tx, &[order]).await? {
        let kind: K = parse(&row.kind)?;
        if matches!(
            kind,
            K::CannotRoute | K::OutOfStock | K::LateRisk | K::NodeFailed | K::Address
        ) {
            close(tx, row.id, ExceptionState::Resolved, how).await?;
        }
    }
    Ok(())
}

/// These orders' exceptions that are not closed.
pub(crate) async fn open_of(tx: &Tx, orders: &[OrderId]) -> Result<Vec<Model>> {
    let mut rows = Vec::new();
    for chunk in orders.chunks(500) {
        let some = Entity::find()
            .filter(Column::MerchantId.eq(tx.merchant().0))
            .filter(Column::OrderId.is_in(chunk.iter().map(|id| id.0)))
            .filter(Column::ClosedAt.is_null());
        rows.extend(some.all(tx.conn()).await?);
    }
    Ok(rows)
}

/// An exception ends.
pub(crate) async fn close(tx: &Tx, id: Uuid, state: ExceptionState, how: &str) -> Result<()> {
    let sql = "UPDATE exceptions SET state = ?, resolution = ?, closed_at = ?, updated_at = ?, snoozed_until = NULL
               WHERE id = ? AND merchant_id = ? AND closed_at IS NULL";
    let bound = values![
        state.as_str(),
        how,
        tx.now_us(),
        tx.now_us(),
        id,
        tx.merchant().0
    ];
    sql::run(tx.conn(), sql, bound).await?;
    Ok(())
}

/// An exception that was being repaired needs a person from now on, and this is why.
pub(crate) async fn open_now(tx: &mut Tx, row: &Model, why: &str) -> Result<()> {
    let sql = "UPDATE exceptions SET state = 'open', cause = ?, updated_at = ? WHERE id = ?";
    sql::run(tx.conn(), sql, values![why, tx.now_us(), row.id]).await?;
    tell(tx, &row.kind, row.order_id.map(OrderId), why);
    Ok(())
}

fn parse<T: std::str::FromStr<Err = String>>(text: &str) -> Result<T> {
    text.parse().map_err(Error::Internal)
}
