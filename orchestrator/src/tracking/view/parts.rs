use chrono::NaiveDate;
use engine::model::{
    DelayReason, FulfillmentId, FulfillmentStatus, TrackedItem, TrackedPackage, TrackedState,
    TrackingStatus,
};
use sea_orm::prelude::Uuid;

use super::{Facts, Say, Tier, Travel, is_open};
use crate::clock::from_micros;
use crate::store::tables::fulfillments;

/// A package with what the order's own headline needs of it.
pub(super) struct Part {
    pub shown: TrackedPackage,
    /// Why it is late, or what it waits for.
    pub why: Option<String>,
    pub fulfillment: Option<Uuid>,
}

impl Part {
    pub fn has_arrived(&self) -> bool {
        matches!(
            self.shown.state,
            TrackedState::Delivered | TrackedState::Collected
        )
    }
}

impl Facts {
    /// What is on its way, and what is not yet.
    pub fn parts(&self, travel: &Travel, say: &Say) -> Vec<Part> {
        let sent: Vec<_> = self
            .fulfillments
            .iter()
            .filter(|f| !is_open(f) || f.status == "ready_for_pickup")
            .collect();
        let rest = self.unsent(travel, say);
        let count = sent.len();
        let mut parts: Vec<Part> = sent
            .into_iter()
            .enumerate()
            .map(|(i, f)| self.sent(f, i, count, travel, say))
            .collect();
        parts.extend(rest);
        parts
    }

    /// By when everything is there; `None` where a part of it has no date.
    pub fn expected(&self, travel: &Travel) -> Option<NaiveDate> {
        if self.order.waiting_units > 0 && self.order.plan_due_at.is_none() {
            return None;
        }
        if self.fulfillments.is_empty() {
            return self.promised_by();
        }
        let days = self
            .fulfillments
            .iter()
            .map(|f| self.expected_of(f, travel));
        let days: Option<Vec<_>> = days.collect();
        days?.into_iter().max()
    }

    fn expected_of(&self, f: &fulfillments::Model, travel: &Travel) -> Option<NaiveDate> {
        if let Some(parcel) = self.parcels.get(&f.id) {
            if let Some(at) = parcel.delivered_at {
                return Some(from_micros(at).with_timezone(&self.zone).date_naive());
            }
            if f.status == FulfillmentStatus::Delivered.as_str() {
                return Some(
                    from_micros(f.updated_at)
                        .with_timezone(&self.zone)
                        .date_naive(),
                );
            }
            return parcel.expected_by.as_ref()?.parse().ok();
        }
        let leaves = from_micros(f.ship_by?);
        match &self.destination {
            Some(to) if f.service.is_some() => travel.planned(to, f, leaves, self.now),
            _ => Some(leaves.max(self.now).with_timezone(&self.zone).date_naive()),
        }
    }

    fn sent(
        &self,
        f: &fulfillments::Model,
        i: usize,
        count: usize,
        travel: &Travel,
        say: &Say,
    ) -> Part {
        use TrackedState as S;
        let parcel = self.parcels.get(&f.id);
        let said: Option<TrackingStatus> = parcel.and_then(|parcel| parcel.status.parse().ok());
        let state = match (f.status.as_str(), said) {
            ("ready_for_pickup", _) => S::ReadyToCollect,
            ("picked_up", _) => S::Collected,
            (_, Some(TrackingStatus::ReturnToSender)) => S::ReturnToSender,
            (_, Some(TrackingStatus::Exception)) => S::Exception,
            ("delivered", _) | (_, Some(TrackingStatus::Delivered)) => S::Delivered,
            (_, Some(TrackingStatus::InTransit)) => S::InTransit,
            (_, Some(TrackingStatus::FailedAttempt)) => S::FailedAttempt,
            (_, Some(TrackingStatus::OutForDelivery)) => S::OutForDelivery,
            (_, Some(TrackingStatus::AvailableForPickup)) => S::AvailableForPickup,
            (_, Some(TrackingStatus::PreTransit | TrackingStatus::Delayed) | None) => S::Shipped,
        };
        let expected = self.expected_of(f, travel);
        let is_on_its_way = !matches!(
            state,
            S::Delivered | S::Collected | S::ReturnToSender | S::ReadyToCollect
        );
        let delayed: Option<DelayReason> = parcel
            .filter(|_| is_on_its_way)
            .and_then(|parcel| parcel.delay_reason.as_ref()?.parse().ok());
        let no_scan = parcel.filter(|parcel| parcel.first_scan_at.is_none());
        let why = match (delayed, expected, no_scan) {
            (Some(DelayReason::NoFirstScan) | None, _, Some(parcel)) if state == S::Shipped => {
                let since = say.local_day(from_micros(parcel.shipped_at));
                Some(say.dated("no_scan", since))
            }
            (Some(_), Some(day), _) if state == S::FailedAttempt => Some(say.dated("new_try", day)),
            (Some(reason), _, _) => {
                let reason = say.plain(&format!("reason.{reason}"));
                let late = say.with("delayed", &[("reason", &reason)]);
                Some(match expected {
                    Some(_) => late,
                    None => format!("{late}. {}", say.plain("no_date")),
                })
            }
            _ => None,
        };
        let is_kept = state == S::ReadyToCollect;
        let until = f.collect_by.filter(|_| is_kept).map(|at| {
            // It ends with the day.
            let last = from_micros(at) - chrono::Duration::seconds(1);
            say.dated("kept_until", say.local_day(last))
        });
        let why = why.or(until);
        let (n, of) = ((i + 1).to_string(), count.to_string());
        let title = if count == 1 {
            say.plain("one_package")
        } else {
            say.with("package", &[("n", &n), ("count", &of)])
        };
        let node = travel
            .network
            .node(&f.node)
            .map(|node| node.node.name.clone());
        let place = match (&f.service, node) {
            (None, Some(node)) => Some(say.with("collect_at", &[("place", &node)])),
            (Some(_), Some(node)) if self.settings.show_origin => {
                Some(say.with("from", &[("place", &node)]))
            }
            _ => None,
        };
        let carrier = f
            .service
            .as_deref()
            .and_then(|code| travel.network.service(code));
        Part {
            shown: TrackedPackage {
                id: Some(FulfillmentId(f.id)),
                title,
                state,
                headline: say.headline(state, expected, self.is_collected()),
                detail: why.clone(),
                expected_by: expected.filter(|_| is_on_its_way),
                delayed,
                carrier: carrier.map(|service| service.carrier.clone()),
                tracking_number: f.tracking_number.as_deref().map(|number| {
                    if self.tier >= Tier::Browser {
                        number.to_owned()
                    } else {
                        masked(number)
                    }
                }),
                place,
                pickup_code: f
                    .pickup_code
                    .clone()
                    .filter(|_| is_kept && self.tier >= Tier::Browser),
                items: self.items_of(std::slice::from_ref(&f.id)),
            },
            why,
            fulfillment: Some(f.id),
        }
    }

    /// Everything that has not left yet, as one card.
    fn unsent(&self, travel: &Travel, say: &Say) -> Option<Part> {
        use TrackedState as S;
        let open: Vec<_> = self
            .fulfillments
            .iter()
            .filter(|f| is_open(f) && f.status != "ready_for_pickup")
            .collect();
        let waiting = self.order.waiting_units;
        if open.is_empty() && waiting == 0 {
            return None;
        }
        let is_planned =
            self.order.plan_due_at.is_none() || self.order.plan_trigger == "stock_arrived";
        let begun = open.iter().any(|f| f.status != "assigned");
        let state = match (waiting > 0, begun) {
            (true, _) if is_planned && !self.order.held => S::Waiting,
            (_, true) => S::Preparing,
            (false, false) if !open.is_empty() => S::Preparing,
            _ => S::Ordered,
        };
        let days: Option<Vec<_>> = open.iter().map(|f| self.expected_of(f, travel)).collect();
        let day = match state {
            S::Waiting => None,
            _ if open.is_empty() => self.promised_by(),
            _ => days.and_then(|days| days.into_iter().max()),
        };
        let mut items = self.items_of(&open.iter().map(|f| f.id).collect::<Vec<_>>());
        for line in &self.lines {
            let units = line.quantity - line.allocated - line.cancelled;
            if units > 0 {
                match items.iter_mut().find(|item| item.line.0 == line.id) {
                    Some(item) => item.quantity += units,
                    None => items.push(self.item(line, units)),
                }
            }
        }
        let why = (state == S::Waiting).then(|| say.plain("no_date"));
        let node = open.first().filter(|f| f.service.is_none());
        let node = node.and_then(|f| travel.network.node(&f.node));
        let place = node.map(|node| say.with("collect_at", &[("place", &node.node.name)]));
        Some(Part {
            shown: TrackedPackage {
                id: None,
                title: say.plain("not_shipped"),
                state,
                headline: say.headline(state, day, self.is_collected()),
                detail: why.clone(),
                expected_by: day,
                delayed: None,
                carrier: None,
                tracking_number: None,
                place,
                pickup_code: None,
                items,
            },
            why,
            fulfillment: None,
        })
    }

    fn items_of(&self, fulfillments: &[Uuid]) -> Vec<TrackedItem> {
        let of_line = |line: &crate::store::tables::order_lines::Model| {
            let parts = self.fulfillment_lines.iter();
            let parts = parts.filter(|part| {
                part.line_id == line.id && fulfillments.contains(&part.fulfillment_id)
            });
            let units: i64 = parts.map(|part| part.quantity).sum();
            (units > 0).then(|| self.item(line, units))
        };
        self.lines.iter().filter_map(of_line).collect()
    }
}

/// All but the last four.
fn masked(number: &str) -> String {
    let letters: Vec<char> = number.chars().collect();
    let shown = letters
        .len()
        .saturating_sub(4)
        .max(letters.len().min(4) / 2);
    let end: String = letters[shown..].iter().collect();
    format!("•••• {end}")
}
