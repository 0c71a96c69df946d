use std::collections::BTreeMap;

use chrono::{DateTime, FixedOffset, NaiveDate, Offset};
use engine::model::{TrackedDay, TrackedEvent};

use super::parts::Part;
use super::{Facts, Say, Tier};
use crate::clock::from_micros;
use crate::store::tables::{events, tracking_scans};

impl Facts {
    /// What happened, newest first, by the day on which it was there.
    pub fn history(&self, parts: &[Part], say: &Say) -> Vec<TrackedDay> {
        let several = self.fulfillments.len() > 1;
        let package = |fulfillment: Option<&str>| {
            let position = parts.iter().position(|part| {
                part.shown
                    .id
                    .is_some_and(|id| Some(id.to_string().as_str()) == fulfillment)
            });
            position.filter(|_| several).map(|i| i + 1)
        };
        let mut entries: Vec<TrackedEvent> = Vec::new();
        for event in &self.events {
            let data: serde_json::Value = serde_json::from_str(&event.data).unwrap_or_default();
            let fulfillment = data["fulfillment"].as_str();
            if let Some(key) = self.key_of(event, fulfillment) {
                let at = from_micros(event.at).with_timezone(&say.zone());
                let at = at.with_timezone(&at.offset().fix());
                let package = package(fulfillment);
                entries.push(entry(say, at, say.plain(&format!("event.{key}")), package));
            }
        }
        for (n, part) in parts.iter().enumerate() {
            let scans = part.fulfillment.and_then(|id| self.scans.get(&id));
            for scan in scans.into_iter().flatten() {
                let text = say.plain(&format!(
                    "event.{}",
                    scan.status.as_deref().unwrap_or("other")
                ));
                let package = several.then_some(n + 1);
                let mut entry = entry(say, happened(scan), text, package);
                entry.place.clone_from(&scan.location);
                // A carrier's words may name who signed.
                let said = scan
                    .message
                    .clone()
                    .or_else(|| scan.status.is_none().then(|| scan.given.clone()));
                entry.said = said.filter(|_| self.tier >= Tier::Browser);
                entries.push(entry);
            }
        }
        // What happened in the same moment stays the other way round, too.
        entries.reverse();
        entries.sort_by_key(|entry| std::cmp::Reverse(entry.at));
        let mut days: BTreeMap<NaiveDate, Vec<TrackedEvent>> = BTreeMap::new();
        for entry in entries {
            days.entry(entry.at.date_naive()).or_default().push(entry);
        }
        let day = |(date, events)| TrackedDay {
            date,
            label: say.date(date),
            events,
        };
        days.into_iter().rev().map(day).collect()
    }

    /// What an event of the log is to a customer, if it is anything.
    fn key_of(&self, event: &events::Model, fulfillment: Option<&str>) -> Option<&'static str> {
        let is_of = |id: &sea_orm::prelude::Uuid| {
            Some(engine::model::FulfillmentId(*id).to_string().as_str()) == fulfillment
        };
        let counts = self.fulfillments.iter().any(|f| is_of(&f.id));
        let is_scanned = self
            .parcels
            .values()
            .any(|parcel| is_of(&parcel.fulfillment_id) && parcel.delivered_at.is_some());
        let is_said = self.scans.iter().any(|(id, scans)| {
            is_of(id)
                && scans
                    .iter()
                    .any(|scan| scan.status.as_deref() == Some("delayed"))
        });
        match event.kind.as_str() {
            "order.received" => Some("ordered"),
            "fulfillment.accepted" if counts => Some("preparing"),
            "fulfillment.packed" if counts => Some("packed"),
            "fulfillment.shipped" if counts => Some("shipped"),
            "fulfillment.ready_for_pickup" if counts => Some("ready"),
            "fulfillment.picked_up" if counts => Some("collected"),
            // The carrier's own scan says it better.
            "fulfillment.delivered" if counts && !is_scanned => Some("delivered"),
            "order.cancelled" => Some("cancelled"),
            "order.lines_cancelled" => Some("cancelled_part"),
            "order.address_changed" => Some("address"),
            "order.problem_reported" => Some("problem"),
            "parcel.delayed" if !is_said => Some("delayed"),
            _ => None,
        }
    }
}

/// The time of a scan, where it happened.
fn happened(scan: &tracking_scans::Model) -> DateTime<FixedOffset> {
    let seconds = i32::try_from(scan.occurred_offset * 60).unwrap_or(0);
    let offset = FixedOffset::east_opt(seconds).unwrap_or_else(|| chrono::Utc.fix());
    from_micros(scan.occurred_at).with_timezone(&offset)
}

fn entry(
    say: &Say,
    at: DateTime<FixedOffset>,
    text: String,
    package: Option<usize>,
) -> TrackedEvent {
    let time = format!("{} (UTC{})", say.locale.time(at.time()), at.format("%:z"));
    TrackedEvent {
        at,
        time,
        text,
        place: None,
        said: None,
        package,
    }
}
