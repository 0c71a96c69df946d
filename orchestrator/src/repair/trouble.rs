//! Trouble as it is seen.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use chrono::{DateTime, Utc};
use engine::model::{
    ExceptionKind, FulfillmentId, FulfillmentStatus, Node, NodeStatus, OrderId, Service, StockMove,
    Trouble,
};
use sea_orm::prelude::Uuid;
use sea_orm::{FromQueryResult, Value};
use serde_json::{Value as Json, json};

use super::settings_of;
use crate::clock::from_micros;
use crate::exceptions::{self, NewException};
use crate::orders::{Fulfillment, OrderState};
use crate::store::sql::{self, values};
use crate::store::tables::exclusions;
use crate::store::{NewEvent, Tx};
use crate::{Actor, Result};

/// What an order's repair begins with.
pub(crate) struct Seen {
    pub trouble: Trouble,
    pub fulfillment: Option<FulfillmentId>,
    pub node: Option<String>,
    /// One sentence for people.
    pub cause: String,
    pub evidence: Json,
    pub due_at: Option<DateTime<Utc>>,
}

impl Seen {
    fn exception(self, order: OrderId, kind: ExceptionKind) -> NewException {
        NewException {
            kind,
            order: Some(order),
            fulfillment: self.fulfillment,
            node: self.node,
            cause: self.cause,
            evidence: self.evidence,
            due_at: self.due_at,
        }
    }
}

/// Begins the repair of one order, which the caller saves: the router plans it again. After too many repairs in a row
/// a person has to look instead.
pub(crate) async fn begin(tx: &mut Tx, state: &mut OrderState, seen: Seen) -> Result<()> {
    let settings = settings_of(tx.conn(), tx.merchant()).await?;
    state.order.repairs += 1;
    let (order, trouble) = (state.id(), seen.trouble);
    if state.order.repairs > i64::from(settings.most_attempts) {
        let cause = format!(
            "{} ({} repairs were tried)",
            seen.cause, settings.most_attempts
        );
        state.stop_planning(&cause);
        let seen = Seen { cause, ..seen };
        return exceptions::raise(tx, seen.exception(order, ExceptionKind::CannotRoute)).await;
    }
    state.plan_again(tx, trouble.trigger());
    let kind = trouble.kind();
    exceptions::repairing(tx, vec![seen.exception(order, kind)]).await
}

/// The node is not asked for these SKUs again by this order, for a time.
pub(crate) async fn leave_out<'a>(
    tx: &Tx,
    order: OrderId,
    node: &str,
    skus: impl Iterator<Item = &'a str>,
    trouble: Trouble,
) -> Result<()> {
    let settings = settings_of(tx.conn(), tx.merchant()).await?;
    let until = tx.now_us() + i64::from(settings.leave_out_minutes) * 60_000_000;
    let skus: BTreeSet<&str> = skus.collect();
    let rows: Vec<_> = skus
        .iter()
        .map(|sku| exclusions::Model {
            order_id: order.0,
            node: node.to_owned(),
            sku: (*sku).to_owned(),
            merchant_id: tx.merchant().0,
            until,
            cause: trouble.to_string(),
        })
        .collect();
    for row in &rows {
        let sql = "DELETE FROM exclusions WHERE order_id = ? AND node = ? AND sku = ?";
        sql::run(
            tx.conn(),
            sql,
            values![row.order_id, row.node.clone(), row.sku.clone()],
        )
        .await?;
    }
    sql::insert(tx.conn(), rows).await?;
    Ok(())
}

/// The node has not found what it should have of these SKUs: what it still counts is not sold to anybody for a time.
pub(crate) async fn node_failed(
    tx: &mut Tx,
    node: &str,
    skus: &[String],
    cause: &str,
    order: OrderId,
) -> Result<()> {
    let settings = settings_of(tx.conn(), tx.merchant()).await?;
    let until = tx.now_us() + i64::from(settings.leave_out_minutes) * 60_000_000;
    let mut moves = Vec::with_capacity(skus.len());
    for sku in skus {
        let sql = "UPDATE stock SET stopped_until = ?, updated_at = ? WHERE merchant_id = ? AND sku = ? AND node = ?";
        let bound = values![until, tx.now_us(), tx.merchant().0, sku.clone(), node];
        sql::run(tx.conn(), sql, bound).await?;
        moves.push(StockMove {
            node: node.to_owned(),
            sku: sku.clone(),
            on_hand: 0,
            reserved: 0,
        });
    }
    if moves.is_empty() {
        return Ok(());
    }
    let by = Actor::system(tx.merchant(), "Baton");
    let at = from_micros(until).format("%b %-d, %H:%M UTC");
    let summary = format!(
        "{} at {node} kept out of sale until {at}: {cause}",
        skus.join(", ")
    );
    let event = NewEvent::new("stock.stopped", format!("node:{node}"), &by, summary);
    let event = event.data(json!({ "until": from_micros(until), "reason": cause }));
    tx.emit(
        event
            .moves("stopped", moves)
            .reason(Some(cause.to_owned()))
            .of_order(order),
    );
    Ok(())
}

/// A row of stock that is kept out of sale.
#[derive(FromQueryResult)]
struct Stopped {
    sku: String,
    node: String,
}

/// Rows that have just been counted, by node and SKU, are sold again; tells the SKUs of which that was news.
pub(crate) async fn counted(
    tx: &mut Tx,
    keys: HashSet<(String, String)>,
    by: &Actor,
) -> Result<BTreeSet<String>> {
    let sql = "SELECT sku, node FROM stock WHERE merchant_id = ? AND stopped_until IS NOT NULL ORDER BY sku, node";
    let mut rows: Vec<Stopped> = sql::all(tx.conn(), sql, values![tx.merchant().0]).await?;
    rows.retain(|row| keys.contains(&(row.node.clone(), row.sku.clone())));
    offer(tx, &rows, by).await?;
    Ok(rows.into_iter().map(|row| row.sku).collect())
}

/// Rows whose time out of sale is over are sold again.
pub(super) async fn offer_again(tx: &mut Tx) -> Result<usize> {
    let sql = "SELECT sku, node FROM stock WHERE merchant_id = ? AND stopped_until IS NOT NULL AND stopped_until <= ?
               ORDER BY sku, node LIMIT 500";
    let bound = values![tx.merchant().0, tx.now_us()];
    let rows: Vec<Stopped> = sql::all(tx.conn(), sql, bound).await?;
    if rows.is_empty() {
        return Ok(0);
    }
    let by = Actor::system(tx.merchant(), "Baton");
    offer(tx, &rows, &by).await?;
    let skus = rows.iter().map(|row| row.sku.clone()).collect();
    crate::routing::wake_backorders(tx, &skus).await?;
    Ok(rows.len())
}

async fn offer(tx: &mut Tx, rows: &[Stopped], by: &Actor) -> Result<()> {
    let mut moves: BTreeMap<String, Vec<StockMove>> = BTreeMap::new();
    for row in rows {
        let sql = "UPDATE stock SET stopped_until = NULL, updated_at = ? WHERE merchant_id = ? AND sku = ? AND node = ?";
        let bound = values![
            tx.now_us(),
            tx.merchant().0,
            row.sku.clone(),
            row.node.clone()
        ];
        sql::run(tx.conn(), sql, bound).await?;
        moves.entry(row.node.clone()).or_default().push(StockMove {
            node: row.node.clone(),
            sku: row.sku.clone(),
            on_hand: 0,
            reserved: 0,
        });
    }
    for (node, moves) in moves {
        let summary = format!("{} SKUs at {node} are sold again", moves.len());
        let event = NewEvent::new("stock.offered", format!("node:{node}"), by, summary);
        tx.emit(event.moves("offered", moves));
    }
    Ok(())
}

/// A fulfillment that may still move, with how much its order hurts when it does.
#[derive(FromQueryResult)]
struct Candidate {
    id: Uuid,
    order_id: Uuid,
    quantity: i64,
    ship_by: Option<i64>,
}

/// Which come last where not all can be served: the latest promise first, then the lower tier, then the younger
/// order; work that has been accepted only after what has not.
const LEAST_URGENT_FIRST: &str = "CASE f.status WHEN 'assigned' THEN 0 ELSE 1 END,
    COALESCE(o.promised_by, '9999') DESC, o.tier, o.placed_at DESC, o.number DESC";

/// After a change of what a node is, its work that it can no longer do is planned again.
pub(crate) async fn node_down(tx: &mut Tx, before: &Node, now: &Node) -> Result<usize> {
    if before.status == NodeStatus::Active && now.status == NodeStatus::Paused {
        let filter = "f.node = ? AND f.status IN ('assigned', 'accepted')";
        let found = candidates(tx, filter, values![now.code.clone()], "f.units").await?;
        let cause = format!("{} was paused", now.name);
        return mark(
            tx,
            &found,
            Trouble::NodeDown,
            Some(&now.code),
            &cause,
            json!({}),
        )
        .await;
    }
    let closed: Vec<String> = now
        .closed_on
        .iter()
        .filter(|day| !before.closed_on.contains(day))
        .map(ToString::to_string)
        .collect();
    if closed.is_empty() || now.status == NodeStatus::Paused {
        return Ok(0);
    }
    let filter = format!(
        "f.node = ? AND f.status IN ('assigned', 'accepted') AND f.work_day IN {}",
        sql::list(closed.len())
    );
    let mut bound = values![now.code.clone()];
    bound.extend(closed.iter().map(|day| Value::from(day.as_str())));
    let found = candidates(tx, &filter, bound, "f.units").await?;
    let cause = format!("{} is closed on {}", now.name, closed.join(", "));
    let evidence = json!({ "closed_on": closed });
    mark(
        tx,
        &found,
        Trouble::NodeDown,
        Some(&now.code),
        &cause,
        evidence,
    )
    .await
}

/// A node that can do less than it has to on a day gives up what is least urgent.
pub(crate) async fn capacity_cut(tx: &mut Tx, before: &Node, now: &Node) -> Result<usize> {
    #[derive(FromQueryResult)]
    struct Day {
        day: String,
        units: i64,
    }
    let Some(limit) = now.daily_capacity.map(i64::from) else {
        return Ok(0);
    };
    if before
        .daily_capacity
        .is_some_and(|before| i64::from(before) <= limit)
    {
        return Ok(0);
    }
    // No local day is more than one day before the one in UTC.
    let since = (tx.now().date_naive() - chrono::Days::new(1)).to_string();
    let sql = "SELECT day, units FROM node_days WHERE merchant_id = ? AND node = ? AND day >= ? AND units > ?";
    let bound = values![tx.merchant().0, now.code.clone(), since, limit];
    let days: Vec<Day> = sql::all(tx.conn(), sql, bound).await?;
    let mut moved = 0;
    for day in days {
        let filter = "f.node = ? AND f.status IN ('assigned', 'accepted') AND f.work_day = ?";
        let bound = values![now.code.clone(), day.day.clone()];
        let found = candidates(tx, filter, bound, "f.units").await?;
        let found = as_many_as(found, day.units - limit);
        let cause = format!(
            "{} can do {limit} units on {}, and has to do {}",
            now.name, day.day, day.units
        );
        let evidence = json!({ "day": day.day, "units": day.units, "daily_capacity": limit });
        moved += mark(
            tx,
            &found,
            Trouble::CapacityCut,
            Some(&now.code),
            &cause,
            evidence,
        )
        .await?;
    }
    Ok(moved)
}

/// What was to travel with a service that is suspended, and has not left, is planned again.
pub(crate) async fn service_down(tx: &mut Tx, service: &Service) -> Result<usize> {
    let filter = "f.service = ? AND f.status IN ('assigned', 'accepted')";
    let bound = values![service.code.clone()];
    let found = candidates(tx, filter, bound, "f.units").await?;
    let cause = format!("{} of {} is suspended", service.code, service.carrier);
    let evidence = json!({ "service": service.code, "suspended_until": service.suspended_until });
    mark(tx, &found, Trouble::ServiceDown, None, &cause, evidence).await
}

/// A count or a correction has left less than is reserved: the least urgent orders that it was reserved for are
/// planned again. Tells which.
pub(crate) async fn stock_short(tx: &mut Tx, node: &str, sku: &str) -> Result<Vec<OrderId>> {
    #[derive(FromQueryResult)]
    struct Level {
        on_hand: i64,
        reserved: i64,
    }
    let sql = "SELECT on_hand, reserved FROM stock WHERE merchant_id = ? AND sku = ? AND node = ?";
    let level: Option<Level> =
        sql::one(tx.conn(), sql, values![tx.merchant().0, sku, node]).await?;
    let Some(level) = level.filter(|level| level.on_hand < level.reserved) else {
        return Ok(Vec::new());
    };
    let filter = "f.node = ? AND f.status IN ('assigned', 'accepted') AND f.id IN
                  (SELECT fulfillment_id FROM fulfillment_lines WHERE fulfillment_id = f.id AND sku = ?)";
    let quantity = "(SELECT CAST(sum(l.quantity) AS BIGINT) FROM fulfillment_lines l WHERE l.fulfillment_id = f.id AND l.sku = ?)";
    let found = candidates_with(tx, filter, values![node, sku], quantity, values![sku]).await?;
    let found = as_many_as(found, level.reserved - level.on_hand);
    let cause = format!(
        "{node} has {} of {sku} and {} are reserved",
        level.on_hand, level.reserved
    );
    let evidence = json!({ "sku": sku, "on_hand": level.on_hand, "reserved": level.reserved });
    mark(
        tx,
        &found,
        Trouble::StockShort,
        Some(node),
        &cause,
        evidence,
    )
    .await?;
    let orders: BTreeSet<_> = found.iter().map(|found| OrderId(found.order_id)).collect();
    Ok(orders.into_iter().collect())
}

async fn candidates(
    tx: &Tx,
    filter: &str,
    bound: Vec<Value>,
    quantity: &str,
) -> Result<Vec<Candidate>> {
    candidates_with(tx, filter, bound, quantity, Vec::new()).await
}

async fn candidates_with(
    tx: &Tx,
    filter: &str,
    bound: Vec<Value>,
    quantity: &str,
    first: Vec<Value>,
) -> Result<Vec<Candidate>> {
    let sql = format!(
        "SELECT f.id, f.order_id, {quantity} AS quantity, f.ship_by FROM fulfillments f JOIN orders o ON o.id = f.order_id
         WHERE f.merchant_id = ? AND f.trouble IS NULL AND {filter} ORDER BY {LEAST_URGENT_FIRST}"
    );
    let mut values = first;
    values.push(tx.merchant().0.into());
    values.extend(bound);
    Ok(sql::all(tx.conn(), &sql, values).await?)
}

/// The first of them that make up so many units.
fn as_many_as(found: Vec<Candidate>, units: i64) -> Vec<Candidate> {
    let mut left = units;
    found
        .into_iter()
        .take_while(|candidate| {
            let needed = left > 0;
            left -= candidate.quantity;
            needed
        })
        .collect()
}

/// Marks fulfillments, and has their orders planned again.
async fn mark(
    tx: &mut Tx,
    found: &[Candidate],
    trouble: Trouble,
    node: Option<&str>,
    cause: &str,
    evidence: Json,
) -> Result<usize> {
    if found.is_empty() {
        return Ok(0);
    }
    let ids: Vec<_> = found.iter().map(|found| FulfillmentId(found.id)).collect();
    set_trouble(tx, &ids, trouble).await?;
    let mut orders: BTreeMap<Uuid, &Candidate> = BTreeMap::new();
    for candidate in found {
        orders.entry(candidate.order_id).or_insert(candidate);
    }
    let ids: Vec<_> = orders.keys().map(|id| OrderId(*id)).collect();
    for chunk in ids.chunks(250) {
        let mut states = OrderState::load_many(tx, chunk).await?;
        let settings = settings_of(tx.conn(), tx.merchant()).await?;
        let mut repairing = Vec::new();
        for state in &mut states {
            let candidate = orders[&state.order.id];
            let seen = Seen {
                trouble,
                fulfillment: Some(FulfillmentId(candidate.id)),
                node: node.map(str::to_owned),
                cause: format!("Order #{}: {cause}", state.order.number),
                evidence: evidence.clone(),
                due_at: candidate.ship_by.map(from_micros),
            };
            state.order.repairs += 1;
            if state.order.repairs > i64::from(settings.most_attempts) {
                give_up(tx, state, seen).await?;
            } else {
                state.plan_again(tx, trouble.trigger());
                repairing.push(seen.exception(state.id(), trouble.kind()));
            }
            state.settle(tx)?;
        }
        exceptions::repairing(tx, repairing).await?;
        OrderState::write_many(tx, &mut states).await?;
    }
    let by = Actor::system(tx.merchant(), "Baton");
    let summary = format!("{cause}: {} orders are planned again", orders.len());
    let data =
        json!({ "trouble": trouble, "node": node, "orders": ids.len(), "evidence": evidence });
    let subject = node.map_or_else(|| "carriers".to_owned(), |node| format!("node:{node}"));
    tx.emit(NewEvent::new("repair.began", subject, &by, summary).data(data));
    Ok(found.len())
}

pub(super) async fn set_trouble(tx: &Tx, ids: &[FulfillmentId], trouble: Trouble) -> Result<()> {
    for chunk in ids.chunks(500) {
        let sql = format!(
            "UPDATE fulfillments SET trouble = ?, updated_at = ? WHERE merchant_id = ? AND id IN {}",
            sql::list(chunk.len())
        );
        let mut bound = values![trouble.as_str(), tx.now_us(), tx.merchant().0];
        bound.extend(chunk.iter().map(|id| Value::from(id.0)));
        sql::run(tx.conn(), &sql, bound).await?;
    }
    Ok(())
}

/// Too many repairs: what is in trouble is given back, and a person has to look.
pub(super) async fn give_up(tx: &mut Tx, state: &mut OrderState, seen: Seen) -> Result<()> {
    let order = state.id();
    let cause = format!(
        "{} ({} repairs were tried)",
        seen.cause,
        state.order.repairs - 1
    );
    let in_trouble = |f: &Fulfillment| {
        let may_move = matches!(
            f.status,
            FulfillmentStatus::Assigned | FulfillmentStatus::Accepted
        );
        may_move && f.row.trouble.is_some()
    };
    let mut moves = Vec::new();
    for i in 0..state.fulfillments.len() {
        if in_trouble(&state.fulfillments[i]) {
            let to = FulfillmentStatus::Cancelled;
            moves.extend(state.release(tx, i, to, seen.trouble.label()).await?);
        }
    }
    state.stop_planning(&cause);
    let by = Actor::system(tx.merchant(), "Baton");
    let freed = moves.iter().map(|moved| moved.sku.clone()).collect();
    let event = NewEvent::new("order.needs_attention", order, &by, cause.clone());
    let data =
        json!({ "number": state.order.number, "status": "needs_attention", "reason": cause });
    tx.emit(event.data(data).moves("released", moves).of_order(order));
    let seen = Seen { cause, ..seen };
    exceptions::raise(tx, seen.exception(order, ExceptionKind::CannotRoute)).await?;
    crate::routing::wake_backorders(tx, &freed).await
}
