//! Stock that is kept for a shopper at the checkout: reserved with the promise, given back when its time is over, taken
//! over by the order that cites the promise.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use engine::model::{MerchantId, OrderId, PromiseId, StockMove};
use engine::routing::Plan;
use futures::FutureExt;
use sea_orm::prelude::Uuid;
use sea_orm::{ConnectionTrait, FromQueryResult, Value};
use serde_json::json;

use crate::network::Network;
use crate::stock::Taking;
use crate::store::sql::{self, values};
use crate::store::tables::{node_days, stock_holds};
use crate::store::{NewEvent, Tx};
use crate::{Actor, Error, Orchestrator, Result, routing, stock};

/// Units that a route takes, and on which day its nodes work on them.
pub(super) struct Wanted {
    /// For which channel; empty where none was named.
    channel: String,
    units: BTreeMap<(String, String), i64>,
    /// By node: the day, and how many units it can do then.
    days: BTreeMap<String, (String, Option<u32>)>,
}

impl Wanted {
    /// What a route takes; `sku` names a line's, `day` a node's day and its limit.
    pub fn of(
        plan: &Plan,
        channel: &str,
        sku: impl Fn(&str) -> Option<String>,
        day: impl Fn(&str, &str) -> Option<(String, Option<u32>)>,
    ) -> Self {
        let (mut units, mut days) = (BTreeMap::new(), BTreeMap::new());
        for package in &plan.packages {
            for part in &package.lines {
                if let Some(sku) = sku(&part.line) {
                    *units.entry((sku, package.node.clone())).or_insert(0) +=
                        i64::from(part.quantity);
                }
            }
            if let Some(day) = day(&package.node, &package.service) {
                days.insert(package.node.clone(), day);
            }
        }
        Wanted {
            channel: channel.to_owned(),
            units,
            days,
        }
    }
}

/// Reserves the units and the nodes' capacity, or nothing; tells whether all of it was there.
pub(super) async fn take(
    tx: &mut Tx,
    network: &Network,
    promise: PromiseId,
    wanted: &Wanted,
    until: DateTime<Utc>,
    by: &Actor,
) -> Result<bool> {
    let mut taking = Taking::default();
    for ((sku, node), units) in &wanted.units {
        taking.add(sku, node, &wanted.channel, *units);
    }
    if taking.is_empty() || !stock::reserve(tx, network, &taking).await? {
        return Ok(false);
    }
    let merchant = tx.merchant().0;
    for (node, (day, limit)) in &wanted.days {
        let units: i64 = of_node(&wanted.units, node).map(|(_, units)| units).sum();
        let empty = node_days::Model {
            merchant_id: merchant,
            node: node.clone(),
            day: day.clone(),
            units: 0,
        };
        sql::insert_new(tx.conn(), vec![empty]).await?;
        let limit = limit.map_or(i64::MAX, i64::from);
        let sql = "UPDATE node_days SET units = units + ? WHERE merchant_id = ? AND node = ? AND day = ? AND units <= ?";
        let bound = values![units, merchant, node.clone(), day.clone(), limit - units];
        if sql::run(tx.conn(), sql, bound).await? == 0 {
            return Ok(false);
        }
    }
    let rows = wanted
        .units
        .iter()
        .map(|((sku, node), quantity)| stock_holds::Model {
            merchant_id: merchant,
            promise_id: promise.0,
            sku: sku.clone(),
            node: node.clone(),
            work_day: wanted.days.get(node).map(|(day, _)| day.clone()),
            quantity: *quantity,
            held_until: until.timestamp_micros(),
            order_id: None,
            channel: wanted.channel.clone(),
        });
    sql::insert(tx.conn(), rows.collect()).await?;
    let moves: Vec<_> = wanted
        .units
        .iter()
        .map(|((sku, node), quantity)| moved(node, sku, *quantity))
        .collect();
    let units: i64 = wanted.units.values().sum();
    let summary = format!(
        "{units} units held at the checkout until {}",
        until.format("%H:%M:%S UTC")
    );
    let event = NewEvent::new("promise.held", promise, by, summary);
    tx.emit(event.data(json!({ "until": until })).moves("held", moves));
    Ok(true)
}

fn of_node<'u>(
    units: &'u BTreeMap<(String, String), i64>,
    node: &'u str,
) -> impl Iterator<Item = (&'u str, i64)> {
    let of_node = units.iter().filter(move |((_, at), _)| at == node);
    of_node.map(|((sku, _), units)| (sku.as_str(), *units))
}

fn moved(node: &str, sku: &str, reserved: i64) -> StockMove {
    StockMove {
        node: node.to_owned(),
        sku: sku.to_owned(),
        on_hand: 0,
        reserved,
    }
}

/// Makes what is held for a promise the order's, if nobody has it yet.
pub(crate) async fn take_over(tx: &Tx, promise: Uuid, order: OrderId) -> Result<()> {
    let sql = "UPDATE stock_holds SET order_id = ? WHERE merchant_id = ? AND promise_id = ? AND order_id IS NULL";
    sql::run(tx.conn(), sql, values![order.0, tx.merchant().0, promise]).await?;
    Ok(())
}

/// What is held for an order that is not planned yet.
#[derive(Debug, Clone, FromQueryResult)]
pub(crate) struct HeldUnits {
    pub order_id: Uuid,
    pub sku: String,
    pub node: String,
    pub work_day: Option<String>,
    pub quantity: i64,
    /// The channel that it was held for; empty where none was named.
    pub channel: String,
}

/// What is held for these orders.
pub(crate) async fn held_for(
    on: &impl ConnectionTrait,
    merchant: MerchantId,
    orders: &[Uuid],
) -> Result<Vec<HeldUnits>> {
    if orders.is_empty() {
        return Ok(Vec::new());
    }
    let sql = format!(
        "SELECT order_id, sku, node, work_day, quantity, channel FROM stock_holds WHERE merchant_id = ? AND order_id IN {}",
        sql::list(orders.len())
    );
    let mut bound = values![merchant.0];
    bound.extend(orders.iter().map(|id| Value::from(*id)));
    Ok(sql::all(on, &sql, bound).await?)
}

/// Gives back what is held for an order, for its plan to take; tells what moved.
pub(crate) async fn give_up(tx: &Tx, order: OrderId) -> Result<Vec<StockMove>> {
    let held = held_for(tx.conn(), tx.merchant(), &[order.0]).await?;
    if held.is_empty() {
        return Ok(Vec::new());
    }
    let sql = "DELETE FROM stock_holds WHERE merchant_id = ? AND order_id = ?";
    sql::run(tx.conn(), sql, values![tx.merchant().0, order.0]).await?;
    release(tx, &held).await
}

async fn release(tx: &Tx, held: &[HeldUnits]) -> Result<Vec<StockMove>> {
    let mut moves = Vec::with_capacity(held.len());
    for row in held {
        stock::unreserve(tx, &row.node, &row.sku, &row.channel, row.quantity).await?;
        if let Some(day) = &row.work_day {
            let sql = "UPDATE node_days SET units = units - ? WHERE merchant_id = ? AND node = ? AND day = ? AND units >= ?";
            let (merchant, units) = (tx.merchant().0, row.quantity);
            let bound = values![units, merchant, row.node.clone(), day.clone(), units];
            sql::run(tx.conn(), sql, bound).await?;
        }
        moves.push(moved(&row.node, &row.sku, -row.quantity));
    }
    Ok(moves)
}

/// Gives back what was held for too long; returns for how many promises. What becomes free goes to orders that wait.
pub async fn expire(orc: &Orchestrator) -> Result<usize> {
    #[derive(FromQueryResult)]
    struct Due {
        merchant_id: Uuid,
        promise_id: Uuid,
    }
    let due = "SELECT DISTINCT merchant_id, promise_id FROM stock_holds WHERE order_id IS NULL AND held_until <= ? LIMIT 500";
    let now = orc.now().timestamp_micros();
    let due: Vec<Due> = sql::all(orc.reader(), due, values![now]).await?;
    let mut ended = 0;
    for row in due {
        let work = orc.write(MerchantId(row.merchant_id), move |tx| {
            async move { expire_one(tx, row.promise_id).await }.boxed()
        });
        ended += usize::from(work.await?);
    }
    Ok(ended)
}

async fn expire_one(tx: &mut Tx, promise: Uuid) -> Result<bool> {
    #[derive(FromQueryResult)]
    struct Row {
        sku: String,
        node: String,
        work_day: Option<String>,
        quantity: i64,
        channel: String,
    }
    let (merchant, now) = (tx.merchant().0, tx.now_us());
    // An order may have come meanwhile: then it is no longer ours to end.
    let free = "merchant_id = ? AND promise_id = ? AND order_id IS NULL AND held_until <= ?";
    let sql =
        format!("SELECT sku, node, work_day, quantity, channel FROM stock_holds WHERE {free}");
    let rows: Vec<Row> = sql::all(tx.conn(), &sql, values![merchant, promise, now]).await?;
    if rows.is_empty() {
        return Ok(false);
    }
    let sql = format!("DELETE FROM stock_holds WHERE {free}");
    sql::run(tx.conn(), &sql, values![merchant, promise, now]).await?;
    let held: Vec<_> = rows
        .into_iter()
        .map(|row| HeldUnits {
            order_id: Uuid::nil(),
            sku: row.sku,
            node: row.node,
            work_day: row.work_day,
            quantity: row.quantity,
            channel: row.channel,
        })
        .collect();
    let moves = release(tx, &held).await?;
    let freed: BTreeSet<String> = moves.iter().map(|moved| moved.sku.clone()).collect();
    let by = Actor::system(tx.merchant(), "Checkout");
    let event = NewEvent::new(
        "promise.hold_ended",
        PromiseId(promise),
        &by,
        "What was held at the checkout is free again",
    );
    tx.emit(event.moves("released", moves));
    routing::wake_backorders(tx, &freed).await?;
    Ok(true)
}

/// A conflict tells the caller that somebody else was faster.
pub(super) fn gone() -> Error {
    Error::Conflict("what was to be held has just been taken".to_owned())
}
