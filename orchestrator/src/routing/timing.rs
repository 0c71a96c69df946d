//! When nodes would work on an order.

use chrono::{DateTime, NaiveDate, Utc};
use engine::promise::Snapshot;

use super::problem::PICKUP;
use crate::network::{Network, NetworkNode};

/// For how many days a node may be closed before nothing more is expected of it.
pub(super) const HORIZON_DAYS: i64 = 14;

/// The local day on which a node works on an order that it knows now, by service; services that the node cannot hand
/// anything to within two weeks are left out.
pub(crate) fn work_days<'s>(
    times: &Snapshot,
    node: &NetworkNode,
    services: &[&'s str],
    now: DateTime<Utc>,
) -> Vec<(&'s str, NaiveDate)> {
    let Some(timetable) = times.node(&node.node.code).map(|node| &node.timetable) else {
        return Vec::new();
    };
    let today = node.calendar.local_day(now);
    let days = services.iter().filter_map(|service| {
        let day = timetable.work_day(service, now, &[])?;
        ((day - today).num_days() < HORIZON_DAYS).then_some((*service, day))
    });
    days.collect()
}

/// By when a node has to hand over what it learns of now: when the service's carrier comes, or for collection, when it
/// is ready.
pub(super) fn leaves_by(
    network: &Network,
    node: &str,
    service: &str,
    now: DateTime<Utc>,
) -> Option<DateTime<Utc>> {
    let times = network.times(now);
    let node = times.node(node)?;
    if service == PICKUP {
        return Some(node.timetable.collection(now, &[])?.ready_at);
    }
    let carrier = times.service(service)?;
    let days = carrier.within(&node.country, node.region.as_deref());
    Some(node.timetable.dispatch(service, &days, now, &[])?.pickup_at)
}
