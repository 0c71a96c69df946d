//! Packages on their way: what their scans come to, and what follows from it.

use std::collections::{BTreeSet, HashMap};

use chrono::{Duration, NaiveDate};
use engine::model::{
    DelayReason, ExceptionKind, FulfillmentId, FulfillmentStatus, OrderId, TrackingStatus,
};
use engine::tracking::{ParcelState, Scan, fold};
use futures::FutureExt;
use futures::future::BoxFuture;
use sea_orm::prelude::Uuid;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, FromQueryResult, IntoActiveModel, QueryFilter,
};
use serde_json::json;

use super::scans;
use super::travel::{Destination, Travel};
use crate::clock::from_micros;
use crate::exceptions::{self, NewException};
use crate::fulfillments::{self as work, FulfillmentAction};
use crate::orders::OrderState;
use crate::store::sql::{self, values};
use crate::store::tables::parcels::{Column, Entity, Model};
use crate::store::tables::{fulfillments, orders, tracking_scans};
use crate::store::{NewEvent, Tx};
use crate::{Actor, Error, Orchestrator, Result, promises};

/// Packages that are looked at in one transaction.
const AT_ONCE: i64 = 100;
/// A customer is told of a delay once in this time at most.
const TOLD_EVERY: Duration = Duration::hours(24);

/// A fulfillment has been handed to its carrier: from now on it is a package on its way.
pub(crate) async fn shipped(
    tx: &mut Tx,
    travel: &Travel,
    state: &OrderState,
    fulfillment: usize,
    by: &Actor,
) -> Result<()> {
    let f = &state.fulfillments[fulfillment].row;
    if f.service.is_none() {
        return Ok(());
    }
    let promised = promises::of_orders(tx.conn(), tx.merchant(), &[state.order.id]).await?;
    let promised = promised
        .get(&state.order.id)
        .and_then(|row| row.promised_by.clone());
    let row = Model {
        fulfillment_id: f.id,
        merchant_id: tx.merchant().0,
        order_id: state.order.id,
        status: TrackingStatus::PreTransit.to_string(),
        status_at: tx.now_us(),
        shipped_at: tx.now_us(),
        first_scan_at: None,
        last_scan_at: None,
        delivered_at: None,
        delay_reason: None,
        delayed_at: None,
        expected_by: None,
        told_by: promised,
        told_at: None,
        check_at: None,
    };
    sql::insert_new(tx.conn(), vec![row]).await?;
    if let Some(number) = &f.tracking_number {
        scans::adopt(tx, number, f.id).await?;
    }
    refresh(tx, travel, &BTreeSet::from([f.id]), by).await
}

/// Looks again at packages whose time has come: what has not moved for too long is late before its promise breaks.
/// Tells how many there were.
pub async fn check_due(orc: &Orchestrator) -> Result<u64> {
    #[derive(FromQueryResult)]
    struct Row {
        merchant_id: Uuid,
        fulfillment_id: Uuid,
    }
    let due = "SELECT merchant_id, fulfillment_id FROM parcels WHERE check_at <= ? ORDER BY check_at LIMIT ?";
    let bound = values![orc.now().timestamp_micros(), AT_ONCE];
    let rows: Vec<Row> = sql::all(orc.reader(), due, bound).await?;
    let mut by_merchant: HashMap<Uuid, BTreeSet<Uuid>> = HashMap::new();
    let checked = rows.len() as u64;
    for row in rows {
        let ids = by_merchant.entry(row.merchant_id).or_default();
        ids.insert(row.fulfillment_id);
    }
    for (merchant, ids) in by_merchant {
        let merchant = engine::model::MerchantId(merchant);
        let travel = Travel::of(orc, merchant).await?;
        orc.write(merchant, move |tx| {
            let by = Actor::system(tx.merchant(), "Carrier watch");
            async move { refresh(tx, &travel, &ids, &by).await }.boxed()
        })
        .await?;
    }
    Ok(checked)
}

/// Makes packages what their scans say, and does what follows: a delivered one ends its fulfillment, a late one is
/// told of.
pub(super) async fn refresh(
    tx: &mut Tx,
    travel: &Travel,
    ids: &BTreeSet<Uuid>,
    by: &Actor,
) -> Result<()> {
    let ids: Vec<Uuid> = ids.iter().copied().collect();
    for part in ids.chunks(AT_ONCE as usize) {
        refresh_some(tx, travel, part, by).await?;
    }
    Ok(())
}

async fn refresh_some(tx: &mut Tx, travel: &Travel, ids: &[Uuid], by: &Actor) -> Result<()> {
    let parcels = Entity::find()
        .filter(Column::MerchantId.eq(tx.merchant().0))
        .filter(Column::FulfillmentId.is_in(ids.iter().copied()))
        .all(tx.conn())
        .await?;
    let rows = fulfillments::Entity::find()
        .filter(fulfillments::Column::Id.is_in(ids.iter().copied()))
        .all(tx.conn())
        .await?;
    let of_orders: BTreeSet<Uuid> = parcels.iter().map(|parcel| parcel.order_id).collect();
    let orders = orders::Entity::find()
        .filter(orders::Column::Id.is_in(of_orders))
        .all(tx.conn())
        .await?;
    let mut said = scans::of_fulfillments(tx.conn(), ids).await?;
    for parcel in parcels {
        let fulfillment = rows.iter().find(|row| row.id == parcel.fulfillment_id);
        let order = orders.iter().find(|order| order.id == parcel.order_id);
        let (Some(f), Some(order)) = (fulfillment, order) else {
            continue;
        };
        let scans = said.remove(&f.id).unwrap_or_default();
        move_on(tx, travel, parcel, f, order, scans, by).await?;
    }
    Ok(())
}

fn state_of(parcel: &Model, scans: Vec<tracking_scans::Model>) -> ParcelState {
    let parsed = |row: tracking_scans::Model| Scan {
        status: row.status.and_then(|status| status.parse().ok()),
        reason: row.reason.and_then(|reason| reason.parse().ok()),
        at: from_micros(row.occurred_at),
        id: row.event_id,
    };
    let mut scans: Vec<Scan> = scans.into_iter().map(parsed).collect();
    fold(from_micros(parcel.shipped_at), &mut scans)
}

async fn move_on(
    tx: &mut Tx,
    travel: &Travel,
    before: Model,
    f: &fulfillments::Model,
    order: &orders::Model,
    scans: Vec<tracking_scans::Model>,
    by: &Actor,
) -> Result<()> {
    let Some(to) = Destination::of(order)? else {
        return Ok(());
    };
    let state = state_of(&before, scans);
    let shipped_at = from_micros(before.shipped_at);
    let mut outlook = travel.outlook(&to, f, &state, shipped_at, tx.now());
    let status: FulfillmentStatus = f.status.parse().map_err(Error::Internal)?;
    if status == FulfillmentStatus::Delivered && state.delivered_at.is_none() {
        // Somebody has said so by hand; the carrier has not, and is not waited for.
        outlook.expected_by = None;
        outlook.delay = None;
        outlook.check_at = None;
    }
    let micros = |at: chrono::DateTime<chrono::Utc>| at.timestamp_micros();
    let mut parcel = Model {
        status: state.status.to_string(),
        status_at: micros(state.status_at),
        first_scan_at: state.first_scan_at.map(micros),
        last_scan_at: state.last_scan_at.map(micros),
        delivered_at: state.delivered_at.map(micros),
        delay_reason: outlook.delay.map(|delay| delay.reason.to_string()),
        delayed_at: outlook.delay.map(|delay| micros(delay.since)),
        expected_by: outlook.expected_by.map(|day| day.to_string()),
        check_at: outlook.check_at.map(micros),
        ..before.clone()
    };
    // Without a promise, the first date is what counts.
    if parcel.told_by.is_none() {
        parcel.told_by.clone_from(&parcel.expected_by);
    }
    let news = Change {
        before: &before,
        order,
        f,
    };
    if parcel.status != before.status {
        news.status(tx, state.status, &parcel, by).await?;
    }
    let is_over = status != FulfillmentStatus::Shipped || parcel.delivered_at.is_some();
    if !is_over {
        news.delay(tx, &mut parcel, outlook.delay.map(|delay| delay.reason), by)
            .await?;
    }
    if parcel != before {
        let row = parcel.clone().into_active_model().reset_all();
        row.update(tx.conn()).await?;
    }
    if parcel.delivered_at.is_some() && parcel.delivered_at != before.delivered_at {
        deliver(tx, travel, f, by).await?;
    }
    Ok(())
}

/// The carrier says that the customer has it.
fn deliver<'t>(
    tx: &'t mut Tx,
    travel: &'t Travel,
    f: &'t fulfillments::Model,
    by: &'t Actor,
) -> BoxFuture<'t, Result<()>> {
    async move {
        let id = FulfillmentId(f.id);
        let already = f.status == FulfillmentStatus::Delivered.as_str();
        if !already {
            let carrier = Actor::system(by.merchant, "Carrier");
            work::apply(tx, travel, &carrier, id, FulfillmentAction::Deliver).await?;
            return Ok(());
        }
        // It was known to be delivered; now it is known when.
        let state = OrderState::load(tx, OrderId(f.order_id)).await?;
        let Some(i) = state.fulfillments.iter().position(|f| f.id() == id) else {
            return Ok(());
        };
        promises::settle(tx, &travel.network, &state, i, by).await
    }
    .boxed()
}

/// What has changed of a package, for the log.
struct Change<'a> {
    before: &'a Model,
    order: &'a orders::Model,
    f: &'a fulfillments::Model,
}

impl Change<'_> {
    async fn status(
        &self,
        tx: &mut Tx,
        status: TrackingStatus,
        parcel: &Model,
        by: &Actor,
    ) -> Result<()> {
        use TrackingStatus as S;
        let kind = match status {
            S::OutForDelivery => "parcel.out_for_delivery",
            S::AvailableForPickup => "parcel.available_for_pickup",
            S::FailedAttempt => "parcel.failed_attempt",
            S::Exception => "parcel.exception",
            S::ReturnToSender => "parcel.returning",
            S::InTransit => "parcel.in_transit",
            // The fulfillment's own event says it; a label is no news.
            S::Delivered | S::PreTransit | S::Delayed => return Ok(()),
        };
        let label = status.label().to_lowercase();
        let summary = format!(
            "Package from {} of order #{}: {label}",
            self.f.node, self.order.number
        );
        let event = NewEvent::new(kind, OrderId(self.order.id), by, summary.clone());
        tx.emit(event.data(json!({ "number": self.order.number, "fulfillment": FulfillmentId(self.f.id),
            "tracking_status": status, "at": from_micros(parcel.status_at), "expected_by": parcel.expected_by })));
        match status {
            S::Exception => {
                self.raise(tx, ExceptionKind::Carrier, summary, parcel)
                    .await
            }
            S::ReturnToSender => {
                self.raise(tx, ExceptionKind::Returned, summary, parcel)
                    .await
            }
            _ => Ok(()),
        }
    }

    async fn raise(
        &self,
        tx: &mut Tx,
        kind: ExceptionKind,
        cause: String,
        parcel: &Model,
    ) -> Result<()> {
        let new = NewException {
            kind,
            order: Some(OrderId(self.order.id)),
            fulfillment: Some(FulfillmentId(self.f.id)),
            node: Some(self.f.node.clone()),
            cause,
            evidence: json!({ "service": self.f.service, "tracking_number": self.f.tracking_number,
                "tracking_status": parcel.status, "shipped_at": from_micros(parcel.shipped_at),
                "last_scan_at": parcel.last_scan_at.map(from_micros), "expected_by": parcel.expected_by,
                "told_by": parcel.told_by }),
            due_at: None,
        };
        exceptions::raise(tx, new).await
    }

    /// Tells that a package comes a day later than the customer knows, or that nobody knows when; once a day at most.
    async fn delay(
        &self,
        tx: &mut Tx,
        parcel: &mut Model,
        reason: Option<DelayReason>,
        by: &Actor,
    ) -> Result<()> {
        let day = |text: &Option<String>| {
            text.as_ref()
                .and_then(|text| text.parse::<NaiveDate>().ok())
        };
        let (told, expected) = (day(&parcel.told_by), day(&parcel.expected_by));
        let is_later = match (told, expected) {
            (Some(told), Some(expected)) => expected > told,
            // Unknown, where a day was said.
            (Some(_), None) => reason.is_some(),
            (None, _) => false,
        };
        if !is_later {
            if self.before.delay_reason.is_some() && reason.is_none() {
                let how = "The package is on its way again";
                exceptions::settle(tx, ExceptionKind::LateRisk, OrderId(self.order.id), how)
                    .await?;
            }
            if parcel.told_at.is_some() && self.before.delay_reason.is_some() && reason.is_none() {
                let summary = format!("Order #{} is on its way again", self.order.number);
                let event = NewEvent::new(
                    "parcel.on_its_way_again",
                    OrderId(self.order.id),
                    by,
                    summary,
                );
                tx.emit(event.data(
                    json!({ "number": self.order.number, "expected_by": parcel.expected_by }),
                ));
            }
            return Ok(());
        }
        let reason = reason.unwrap_or(DelayReason::NoMovement);
        parcel.delay_reason = Some(reason.to_string());
        parcel.delayed_at = parcel
            .delayed_at
            .or(self.before.delayed_at)
            .or(Some(tx.now_us()));
        let last = "SELECT coalesce(max(told_at), 0) AS n FROM parcels WHERE order_id = ?";
        let last = sql::number(tx.conn(), last, values![self.order.id]).await?;
        let until = last + TOLD_EVERY.num_microseconds().unwrap_or_default();
        if tx.now_us() < until {
            parcel.check_at = Some(parcel.check_at.map_or(until, |at| at.min(until)));
            return Ok(());
        }
        let when = expected.map_or("no date is known".to_owned(), |day| {
            format!("now expected by {}", day.format("%a, %b %-d"))
        });
        let summary = format!(
            "Package from {} of order #{} is late ({}): {when}",
            self.f.node,
            self.order.number,
            reason.label()
        );
        // What no plan can mend any more: a person may write, send again or refund.
        self.raise(tx, ExceptionKind::LateRisk, summary.clone(), parcel)
            .await?;
        let event = NewEvent::new("parcel.delayed", OrderId(self.order.id), by, summary);
        tx.emit(event.data(
            json!({ "number": self.order.number, "fulfillment": FulfillmentId(self.f.id),
            "reason": reason, "from": told, "expected_by": expected }),
        ));
        parcel.told_by = Some(expected.map_or(String::new(), |day| day.to_string()));
        parcel.told_at = Some(tx.now_us());
        Ok(())
    }
}
