//! When a package arrives, from what its carrier really takes on its way.

use std::sync::Arc;

use chrono::{DateTime, Duration, NaiveDate, Utc};
use chrono_tz::Tz;
use engine::model::{Address, DelayReason, MerchantId, TrackingSettings, TrackingStatus};
use engine::promise::{Lane, PromiseSettings, Snapshot, TransitModel};
use engine::tracking::{Delay, Journey, ParcelState};

use super::settings;
use crate::network::Network;
use crate::promises::{self, lane_of, zone_of};
use crate::store::tables::{fulfillments, orders};
use crate::{Error, Orchestrator, Result};

/// What is longer on its way than so many of 100 packages counts as stuck.
const USUAL: f64 = 0.95;
/// How sure the date is that is said of a package which is late already: the tail of what may still happen is long.
const WHEN_LATE: f64 = 0.8;

/// The merchant's network, what its carriers take, and how it wants to be told.
pub(crate) struct Travel {
    pub network: Arc<Network>,
    pub settings: Arc<TrackingSettings>,
    transit: Arc<TransitModel>,
    promising: Arc<PromiseSettings>,
    times: Arc<Snapshot>,
}

/// What is foreseen of a package.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Outlook {
    /// `None` where nobody can say, or nothing is expected any more.
    pub expected_by: Option<NaiveDate>,
    pub delay: Option<Delay>,
    /// When to look again.
    pub check_at: Option<DateTime<Utc>>,
}

/// Where a package goes.
pub(crate) struct Destination {
    pub zone: Tz,
    address: Address,
    lat: f64,
    lon: f64,
}

impl Destination {
    /// `None` for orders that are collected.
    pub fn of(order: &orders::Model) -> Result<Option<Self>> {
        let (Some(address), Some(lat), Some(lon)) = (&order.ship_to, order.lat, order.lon) else {
            return Ok(None);
        };
        let zone = order.time_zone.as_deref().unwrap_or("UTC");
        Ok(Some(Destination {
            zone: zone.parse().unwrap_or(chrono_tz::UTC),
            address: serde_json::from_str(address).map_err(Error::internal)?,
            lat,
            lon,
        }))
    }
}

impl Travel {
    pub async fn of(orc: &Orchestrator, merchant: MerchantId) -> Result<Self> {
        let network = orc.network(merchant).await?;
        let (transit, promising) = promises::transit(orc, merchant).await?;
        Ok(Travel {
            times: network.times(orc.now()),
            network,
            settings: Arc::new(settings::of(orc.reader(), merchant).await?),
            transit,
            promising,
        })
    }

    /// The same without what carriers were seen to take, for what foresees nothing.
    pub async fn untaught(orc: &Orchestrator, merchant: MerchantId) -> Result<Self> {
        let network = orc.network(merchant).await?;
        Ok(Travel {
            times: network.times(orc.now()),
            network,
            settings: Arc::default(),
            transit: Arc::default(),
            promising: Arc::default(),
        })
    }

    fn journey(
        &self,
        to: &Destination,
        f: &fulfillments::Model,
        left: NaiveDate,
    ) -> Option<Journey<'_>> {
        let service = f.service.as_deref()?;
        let (zone, stated_days) = zone_of(&self.network, &f.node, service, to.lat, to.lon)?;
        let from = &self.network.node(&f.node)?.node.address;
        let lane = Lane {
            service,
            zone,
            origin: &lane_of(&from.country, &from.postal_code),
            destination: &lane_of(&to.address.country, &to.address.postal_code),
        };
        Some(Journey {
            days: self
                .times
                .service(service)?
                .within(&to.address.country, None),
            transit: self.transit.estimate(lane, stated_days),
            left,
        })
    }

    /// By when a package that leaves at that time, and not before now, arrives.
    pub fn planned(
        &self,
        to: &Destination,
        f: &fulfillments::Model,
        leaves: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Option<NaiveDate> {
        let left = leaves.max(now).with_timezone(&to.zone).date_naive();
        let journey = self.journey(to, f, left)?;
        journey.expected_by(left, self.promising.target)
    }

    /// What is foreseen of a package that left at `shipped_at`.
    pub fn outlook(
        &self,
        to: &Destination,
        f: &fulfillments::Model,
        state: &ParcelState,
        shipped_at: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Outlook {
        use TrackingStatus as S;
        let day = |at: DateTime<Utc>| at.with_timezone(&to.zone).date_naive();
        let today = day(now);
        let mut outlook = Outlook {
            expected_by: None,
            delay: state.delayed,
            check_at: None,
        };
        if matches!(
            state.status,
            S::Delivered | S::ReturnToSender | S::Exception
        ) {
            return outlook;
        }
        if state.status == S::AvailableForPickup {
            outlook.expected_by = Some(day(state.status_at));
            return outlook;
        }
        // Dates change with the day.
        let tomorrow = (now + Duration::days(1))
            .with_timezone(&to.zone)
            .date_naive();
        let midnight = tomorrow.and_time(chrono::NaiveTime::MIN);
        let midnight = midnight.and_local_timezone(to.zone).earliest();
        outlook.check_at = midnight.map(|at| at.with_timezone(&Utc) + Duration::minutes(5));
        let Some(mut journey) = self.journey(to, f, day(shipped_at)) else {
            return outlook;
        };
        let said_on = day(state.status_at);
        if state.status == S::OutForDelivery && said_on >= today {
            outlook.expected_by = Some(said_on);
            return outlook;
        }
        let yesterday = today.pred_opt().unwrap_or(today);
        if matches!(state.status, S::OutForDelivery | S::FailedAttempt) {
            outlook.expected_by = journey.next_delivery(said_on.max(yesterday));
            return outlook;
        }
        let scan_due = shipped_at + Duration::hours(self.settings.first_scan_hours.into());
        if state.first_scan_at.is_none() {
            if now < scan_due {
                outlook.check_at = outlook.check_at.map(|at| at.min(scan_due));
            } else {
                // Nobody has seen it at the carrier: its way has not begun.
                journey.left = today;
                outlook.delay = outlook.delay.or(Some(Delay {
                    reason: DelayReason::NoFirstScan,
                    since: scan_due,
                }));
            }
        }
        let usual = journey.expected_by(journey.left, USUAL);
        if usual.is_none_or(|usual| usual < today) {
            outlook.delay = outlook.delay.or(Some(Delay {
                reason: DelayReason::NoMovement,
                since: state.last_scan_at.unwrap_or(shipped_at),
            }));
        }
        let target = if outlook.delay.is_some() {
            WHEN_LATE
        } else {
            self.promising.target
        };
        let expected = journey.expected_by(today, target);
        // What a carrier calls late takes a day longer at least.
        outlook.expected_by = if state.delayed.is_some() {
            expected.and_then(|day| journey.next_delivery(day))
        } else {
            expected
        };
        outlook
    }
}
