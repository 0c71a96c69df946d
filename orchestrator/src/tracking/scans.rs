//! Carriers' scans as they come: in any order, again and again, and for numbers that nobody has yet.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, Duration, Utc};
use engine::model::{DelayReason, FieldError, NewScan, Permission, ScanReport, TrackingStatus};
use futures::FutureExt;
use sea_orm::prelude::Uuid;
use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, Value};

use super::Travel;
use super::parcels;
use crate::store::Tx;
use crate::store::sql::{self, values};
use crate::store::tables::tracking_scans::{Column, Entity, Model};
use crate::{Actor, Error, Orchestrator, Result};

/// Scans in one call.
const MOST: usize = 1_000;
/// A carrier's clock may be wrong by so much.
const AHEAD: Duration = Duration::days(2);
/// Carriers use numbers again: a scan that waits for its package is not of one that leaves so much later.
const WAITS: Duration = Duration::days(60);

/// Keeps what carriers report, and moves the packages on. The same scan again changes nothing.
pub async fn report(orc: &Orchestrator, actor: &Actor, scans: Vec<NewScan>) -> Result<ScanReport> {
    actor.check(Permission::ReportScans)?;
    check(&scans, orc.now())?;
    let travel = Travel::of(orc, actor.merchant).await?;
    let by = actor.clone();
    orc.write_once(actor, move |tx| {
        async move {
            let (report, touched) = keep(tx, &scans).await?;
            parcels::refresh(tx, &travel, &touched, &by).await?;
            Ok(report)
        }
        .boxed()
    })
    .await
}

fn check(scans: &[NewScan], now: DateTime<Utc>) -> Result<()> {
    if scans.is_empty() || scans.len() > MOST {
        let text = format!("1 to {MOST} scans, and not {}", scans.len());
        return Err(Error::field("#", text));
    }
    let mut errors = Vec::new();
    let fits = |text: &str, most: usize| {
        text.chars().count() <= most && !text.chars().any(char::is_control)
    };
    for (i, scan) in scans.iter().enumerate() {
        let mut wrong = |field: &str, detail: &str| {
            errors.push(FieldError::new(format!("#/{i}/{field}"), detail));
        };
        if scan.tracking_number.trim().is_empty() || !fits(&scan.tracking_number, 100) {
            wrong(
                "tracking_number",
                "a tracking number has 1 to 100 characters",
            );
        }
        if scan.event_id.trim().is_empty() || !fits(&scan.event_id, 200) {
            wrong(
                "event_id",
                "the carrier's own id of the scan is needed, 1 to 200 characters",
            );
        }
        if scan.status.trim().is_empty() || !fits(&scan.status, 100) {
            wrong("status", "a status has 1 to 100 characters");
        }
        if scan.occurred_at > now + AHEAD {
            wrong("occurred_at", "it lies in the future");
        } else if scan.occurred_at.timestamp() < 946_684_800 {
            wrong("occurred_at", "it lies before the year 2000");
        }
        if scan
            .location
            .as_deref()
            .is_some_and(|text| !fits(text, 200))
        {
            wrong(
                "location",
                "at most 200 characters, without control characters",
            );
        }
        if scan.message.as_deref().is_some_and(|text| !fits(text, 500)) {
            wrong(
                "message",
                "at most 500 characters, without control characters",
            );
        }
    }
    if errors.is_empty() {
        Ok(())
    } else {
        errors.truncate(100);
        Err(Error::Invalid(errors))
    }
}

/// The reason behind the dot, if it is one that has a name.
fn reason(status: &str) -> Option<DelayReason> {
    let (_, reason) = status.split_once(['.', ':', '/'])?;
    reason
        .trim()
        .to_ascii_lowercase()
        .replace(['-', ' '], "_")
        .parse()
        .ok()
}

/// Writes the scans that are new, and tells which fulfillments they are of.
async fn keep(tx: &Tx, scans: &[NewScan]) -> Result<(ScanReport, BTreeSet<Uuid>)> {
    let mut known = BTreeSet::new();
    for part in scans.chunks(500) {
        #[derive(FromQueryResult)]
        struct Row {
            event_id: String,
        }
        let sql = format!(
            "SELECT event_id FROM tracking_scans WHERE merchant_id = ? AND event_id IN {}",
            sql::list(part.len())
        );
        let mut bound = values![tx.merchant().0];
        bound.extend(part.iter().map(|scan| Value::from(scan.event_id.trim())));
        let rows: Vec<Row> = sql::all(tx.conn(), &sql, bound).await?;
        known.extend(rows.into_iter().map(|row| row.event_id));
    }
    let mut new = BTreeMap::new();
    let mut report = ScanReport::default();
    for scan in scans {
        let id = scan.event_id.trim();
        if known.contains(id) || new.contains_key(id) {
            report.repeated += 1;
        } else {
            new.insert(id, scan);
        }
    }
    let numbers: BTreeSet<&str> = new
        .values()
        .map(|scan| scan.tracking_number.trim())
        .collect();
    let of_number = fulfillments(tx, &numbers).await?;
    let mut touched = BTreeSet::new();
    let rows = new.into_iter().map(|(id, scan)| {
        let number = scan.tracking_number.trim();
        let fulfillment = of_number.get(number).copied();
        report.accepted += 1;
        match fulfillment {
            Some(id) => {
                touched.insert(id);
            }
            None => report.unmatched += 1,
        }
        Model {
            merchant_id: tx.merchant().0,
            event_id: id.to_owned(),
            tracking_number: number.to_owned(),
            status: TrackingStatus::of(&scan.status).map(|status| status.to_string()),
            given: scan.status.trim().to_owned(),
            reason: reason(&scan.status).map(|reason| reason.to_string()),
            occurred_at: scan.occurred_at.timestamp_micros(),
            occurred_offset: i64::from(scan.occurred_at.offset().local_minus_utc()) / 60,
            received_at: tx.now_us(),
            location: filled(scan.location.as_deref()),
            message: filled(scan.message.as_deref()),
            fulfillment_id: fulfillment,
        }
    });
    let rows: Vec<_> = rows.collect();
    sql::insert(tx.conn(), rows).await?;
    Ok((report, touched))
}

fn filled(text: Option<&str>) -> Option<String> {
    let text = text.map(str::trim).filter(|text| !text.is_empty());
    text.map(str::to_owned)
}

/// The packages that have these numbers; the newest, where a carrier has used one again.
async fn fulfillments(tx: &Tx, numbers: &BTreeSet<&str>) -> Result<HashMap<String, Uuid>> {
    #[derive(FromQueryResult)]
    struct Row {
        tracking_number: String,
        id: Uuid,
    }
    let numbers: Vec<&str> = numbers.iter().copied().collect();
    let mut found = HashMap::new();
    for part in numbers.chunks(500) {
        let sql = format!(
            "SELECT f.tracking_number, f.id FROM fulfillments f JOIN parcels p ON p.fulfillment_id = f.id
             WHERE f.merchant_id = ? AND f.tracking_number IN {} ORDER BY p.shipped_at, f.id",
            sql::list(part.len())
        );
        let mut bound = values![tx.merchant().0];
        bound.extend(part.iter().map(|number| Value::from(*number)));
        let rows: Vec<Row> = sql::all(tx.conn(), &sql, bound).await?;
        found.extend(rows.into_iter().map(|row| (row.tracking_number, row.id)));
    }
    Ok(found)
}

/// Gives a package the scans that were waiting for its number.
pub(super) async fn adopt(tx: &Tx, number: &str, fulfillment: Uuid) -> Result<()> {
    let since = (tx.now() - WAITS).timestamp_micros();
    let sql = "UPDATE tracking_scans SET fulfillment_id = ?
        WHERE merchant_id = ? AND tracking_number = ? AND fulfillment_id IS NULL AND occurred_at >= ?";
    let bound = values![fulfillment, tx.merchant().0, number.trim(), since];
    sql::run(tx.conn(), sql, bound).await?;
    Ok(())
}

/// The scans of these packages.
pub(super) async fn of_fulfillments(
    on: &impl sea_orm::ConnectionTrait,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, Vec<Model>>> {
    let mut found: HashMap<Uuid, Vec<Model>> = HashMap::new();
    for part in ids.chunks(500) {
        let rows = Entity::find()
            .filter(Column::FulfillmentId.is_in(part.iter().copied()))
            .all(on)
            .await?;
        for row in rows {
            if let Some(id) = row.fulfillment_id {
                found.entry(id).or_default().push(row);
            }
        }
    }
    Ok(found)
}
