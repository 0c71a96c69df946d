//! What promises are computed from, kept in memory.

use std::collections::HashMap;

use chrono::{DateTime, Days, Utc};

use crate::calendar::{CarrierCalendar, Timetable, WorkCalendar};

/// For how many days timetables reach ahead: beyond that no date is said.
const DAYS: u32 = 90;

/// For how many days a snapshot answers before it has to be made anew.
const FRESH_DAYS: i64 = 7;

/// The time side of a merchant's network: every node's coming days and every service's calendar. It changes when the
/// network does and has to be made anew once a week; it knows nothing of stock.
#[derive(Debug, Clone)]
pub struct Snapshot {
    nodes: HashMap<String, NodeTimes>,
    services: HashMap<String, CarrierCalendar>,
    made_at: DateTime<Utc>,
}

/// A node as a snapshot takes it.
#[derive(Debug, Clone, Copy)]
pub struct SnapshotNode<'a> {
    pub code: &'a str,
    /// The country, and the part of it (`DE`, `BY`), whose holidays carriers keep when they collect.
    pub country: &'a str,
    pub region: Option<&'a str>,
    pub calendar: &'a WorkCalendar,
}

/// A node's coming days, and whose holidays carriers keep there.
#[derive(Debug, Clone)]
pub struct NodeTimes {
    pub timetable: Timetable,
    pub country: String,
    pub region: Option<String>,
}

impl Snapshot {
    /// Works out the coming days of all nodes.
    pub fn new<'a>(
        nodes: impl IntoIterator<Item = SnapshotNode<'a>>,
        services: impl IntoIterator<Item = (&'a str, CarrierCalendar)>,
        now: DateTime<Utc>,
    ) -> Self {
        let nodes = nodes.into_iter().map(|node| {
            // From yesterday, so that a clock a little behind asks nothing unknown.
            let from = node.calendar.local_day(now) - Days::new(1);
            let times = NodeTimes {
                timetable: Timetable::new(node.calendar, from, DAYS),
                country: node.country.to_owned(),
                region: node.region.map(str::to_owned),
            };
            (node.code.to_owned(), times)
        });
        let services = services
            .into_iter()
            .map(|(code, calendar)| (code.to_owned(), calendar));
        Snapshot {
            nodes: nodes.collect(),
            services: services.collect(),
            made_at: now,
        }
    }

    /// Whether it can answer at this time.
    pub fn is_fresh(&self, now: DateTime<Utc>) -> bool {
        let age = now - self.made_at;
        (-1..FRESH_DAYS).contains(&age.num_days())
    }

    pub fn node(&self, code: &str) -> Option<&NodeTimes> {
        self.nodes.get(code)
    }

    pub fn service(&self, code: &str) -> Option<&CarrierCalendar> {
        self.services.get(code)
    }
}
