//! When nodes would work on an order.

use chrono::{DateTime, NaiveDate, TimeZone, Utc};
use engine::promise::Snapshot;

use super::problem::PICKUP;
use crate::network::{Network, NetworkNode};

/// For how many days a node may be closed or full before nothing more is expected of it.
pub(super) const HORIZON_DAYS: i64 = 14;

/// When a node would work on an order.
pub(crate) struct When<'s> {
    /// The local day, by service; services that the node cannot hand anything to within two weeks are left out.
    pub days: Vec<(&'s str, NaiveDate)>,
    /// How many days later than if it had room, at most.
    pub waits_days: u64,
}

/// When a node works on an order that it knows now; `full` are days without room for it.
pub(crate) fn when<'s>(
    times: &Snapshot,
    node: &NetworkNode,
    services: &[&'s str],
    now: DateTime<Utc>,
    full: &[NaiveDate],
) -> When<'s> {
    let (mut days, mut waits_days) = (Vec::new(), 0);
    let today = node.calendar.local_day(now);
    if let Some(timetable) = times.node(&node.node.code).map(|node| &node.timetable) {
        for service in services {
            let Some(day) = timetable.work_day(service, now, full) else {
                continue;
            };
            if (day - today).num_days() >= HORIZON_DAYS {
                continue;
            }
            if !full.is_empty()
                && let Some(first) = timetable.work_day(service, now, &[])
            {
                waits_days = waits_days.max((day - first).num_days().unsigned_abs());
            }
            days.push((*service, day));
        }
    }
    When { days, waits_days }
}

/// From when on a node works on what it learns of now: at once, or where it has no room before, from its work day on.
pub(super) fn begins_at(
    network: &Network,
    node: &str,
    work_day: Option<NaiveDate>,
    now: DateTime<Utc>,
) -> DateTime<Utc> {
    let start = || {
        let (node, day) = (network.node(node)?, work_day?);
        if day <= node.calendar.local_day(now) {
            return None;
        }
        let zone: chrono_tz::Tz = node.node.time_zone.as_deref()?.parse().ok()?;
        let midnight = day.and_time(chrono::NaiveTime::MIN);
        let start = zone.from_local_datetime(&midnight).earliest()?;
        Some(start.with_timezone(&Utc))
    };
    start().map_or(now, |start| start.max(now))
}

/// By when a node has to hand over what it learns of now and works on at `work_day`: when the service's carrier comes,
/// or for collection, when it is ready.
pub(super) fn leaves_by(
    network: &Network,
    node: &str,
    service: &str,
    work_day: Option<NaiveDate>,
    now: DateTime<Utc>,
) -> Option<DateTime<Utc>> {
    let times = network.times(now);
    let today = network.node(node)?.calendar.local_day(now);
    let node = times.node(node)?;
    let before = today.iter_days();
    let before: Vec<_> = before
        .take_while(|day| work_day.is_some_and(|work_day| *day < work_day))
        .collect();
    if service == PICKUP {
        return Some(node.timetable.collection(now, &before)?.ready_at);
    }
    let carrier = times.service(service)?;
    let days = carrier.within(&node.country, node.region.as_deref());
    let dispatch = node.timetable.dispatch(service, &days, now, &before)?;
    Some(dispatch.pickup_at)
}
