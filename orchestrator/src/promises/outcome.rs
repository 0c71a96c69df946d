//! What became of a promise, and what the carrier took, learned from each delivery.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use engine::model::{FulfillmentStatus as Status, OrderId};
use sea_orm::FromQueryResult;
use sea_orm::prelude::Uuid;
use serde_json::json;

use super::compute::zone_of;
use super::{cite, lane_of};
use crate::clock::from_micros;
use crate::network::Network;
use crate::orders::{Fulfillment, OrderState};
use crate::store::sql::{self, values};
use crate::store::tables::transit_observations;
use crate::store::{NewEvent, Tx};
use crate::{Actor, Error, Result};

/// A fulfillment has reached the customer (`shipped_us` is when it left), or is ready to be collected. `seq` is the
/// number of the event that says so.
pub(crate) async fn delivered(
    tx: &mut Tx,
    network: &Network,
    state: &OrderState,
    fulfillment: usize,
    shipped_us: i64,
    seq: i64,
    by: &Actor,
) -> Result<()> {
    observe(tx, network, state, fulfillment, shipped_us, seq).await?;
    settle(tx, network, state, fulfillment, by).await
}

/// Keeps how many days of delivery the carrier took.
async fn observe(
    tx: &mut Tx,
    network: &Network,
    state: &OrderState,
    fulfillment: usize,
    shipped_us: i64,
    seq: i64,
) -> Result<()> {
    #[derive(FromQueryResult)]
    struct Row {
        demo: bool,
    }
    let f = &state.fulfillments[fulfillment];
    let (Some(service), Some(lat), Some(lon)) = (&f.row.service, state.order.lat, state.order.lon)
    else {
        return Ok(());
    };
    let merchant = "SELECT demo FROM merchants WHERE id = ?";
    let row: Option<Row> = sql::one(tx.conn(), merchant, values![tx.merchant().0]).await?;
    // The demonstration's days pass faster than the calendar's: nothing is to be learned from them.
    if row.is_none_or(|row| row.demo) {
        return Ok(());
    }
    let Some((zone, stated_days)) = zone_of(network, &f.row.node, service, lat, lon) else {
        return Ok(());
    };
    let to: engine::model::Address = match &state.order.ship_to {
        Some(text) => serde_json::from_str(text).map_err(Error::internal)?,
        None => return Ok(()),
    };
    let times = network.times(tx.now());
    let (Some(carrier), Some(node)) = (times.service(service), network.node(&f.row.node)) else {
        return Ok(());
    };
    let day = |at| local_day(at, state.order.time_zone.as_deref());
    let said = scanned(tx, state.order.id).await?;
    let arrived = said.get(&f.row.id).copied().unwrap_or(tx.now());
    let taken = carrier
        .within(&to.country, None)
        .transit_days(day(from_micros(shipped_us)), day(arrived));
    let from = &node.node.address;
    let row = transit_observations::Model {
        merchant_id: tx.merchant().0,
        fulfillment_id: f.row.id,
        seq,
        service: service.clone(),
        zone: zone as i64,
        origin: lane_of(&from.country, &from.postal_code),
        destination: lane_of(&to.country, &to.postal_code),
        stated_days: stated_days.into(),
        taken_days: taken.into(),
    };
    sql::insert_new(tx.conn(), vec![row]).await?;
    Ok(())
}

/// Once everything of an order has arrived, its promise was kept or it was not. Asked again it changes something only
/// where the carrier has said another day meanwhile.
pub(crate) async fn settle(
    tx: &mut Tx,
    network: &Network,
    state: &OrderState,
    fulfillment: usize,
    by: &Actor,
) -> Result<()> {
    let open = state.fulfillments.iter().filter(|f| !f.status.is_void());
    // What is collected is there when it is ready, whenever the customer comes.
    let arrived = open.clone().all(|f| {
        matches!(
            f.status,
            Status::Delivered | Status::PickedUp | Status::ReadyForPickup
        )
    });
    if !arrived || state.order.waiting_units > 0 {
        return Ok(());
    }
    let order = state.order.id;
    let rows = cite::of_orders(tx.conn(), tx.merchant(), &[order]).await?;
    let Some(row) = rows.get(&order) else {
        return Ok(());
    };
    let promised: Option<NaiveDate> = row.promised_by.as_ref().and_then(|by| by.parse().ok());
    let Some(promised) = promised else {
        return Ok(());
    };
    let node = network.node(&state.fulfillments[fulfillment].row.node);
    let zone = state.order.time_zone.as_deref();
    let zone = zone.or_else(|| node.and_then(|node| node.node.time_zone.as_deref()));
    // Carriers report later than they deliver, and not in order: what counts is when the last package was there.
    let said = scanned(tx, order).await?;
    let arrived = |f: &Fulfillment| {
        let scanned = said.get(&f.row.id).copied();
        scanned.unwrap_or_else(|| from_micros(f.row.updated_at))
    };
    let last = open.map(arrived).max().unwrap_or(tx.now());
    let day = local_day(last, zone);
    if row.outcome.is_some() && row.delivered_on.as_deref() == Some(&day.to_string()) {
        return Ok(());
    }
    let days_late = (day - promised).num_days().max(0);
    let outcome = if days_late == 0 { "kept" } else { "late" };
    sql::run(
        tx.conn(),
        "UPDATE order_promises SET outcome = ?, delivered_on = ?, days_late = ? WHERE order_id = ? AND merchant_id = ?",
        values![outcome, day.to_string(), days_late, order, tx.merchant().0],
    )
    .await?;
    let number = state.order.number;
    let (kind, summary) = match days_late {
        0 => (
            "promise.kept",
            format!("Order #{number} arrived as promised"),
        ),
        1 => (
            "promise.late",
            format!("Order #{number} arrived a day later than promised"),
        ),
        n => (
            "promise.late",
            format!("Order #{number} arrived {n} days later than promised"),
        ),
    };
    let data = json!({ "number": number, "promised_by": promised, "delivered_on": day, "days_late": days_late,
        "probability": row.probability, "channel": row.channel, "node": row.node, "lane": row.lane });
    tx.emit(NewEvent::new(kind, OrderId(order), by, summary).data(data));
    Ok(())
}

/// When carriers say that they delivered the packages of an order, by fulfillment.
async fn scanned(tx: &Tx, order: Uuid) -> Result<HashMap<Uuid, DateTime<Utc>>> {
    #[derive(FromQueryResult)]
    struct Row {
        fulfillment_id: Uuid,
        delivered_at: i64,
    }
    let sql = "SELECT fulfillment_id, delivered_at FROM parcels WHERE order_id = ? AND delivered_at IS NOT NULL";
    let rows: Vec<Row> = sql::all(tx.conn(), sql, values![order]).await?;
    let rows = rows.into_iter();
    Ok(rows
        .map(|row| (row.fulfillment_id, from_micros(row.delivered_at)))
        .collect())
}

fn local_day(at: DateTime<Utc>, zone: Option<&str>) -> NaiveDate {
    let zone = zone
        .and_then(|zone| zone.parse().ok())
        .unwrap_or(chrono_tz::UTC);
    at.with_timezone(&zone).date_naive()
}
