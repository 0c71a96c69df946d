//! A small network that promises are tested on.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use engine::calendar::{CarrierCalendar, HolidayRule, NodeCalendar, ServiceCalendar, WorkCalendar};
use engine::model::{DayHours, WEEKDAYS, Week};
use engine::promise::{Ask, Candidate, Destination, Leg, Method, Snapshot, SnapshotNode};

pub fn at(text: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(text).unwrap().to_utc()
}

pub fn week(days: usize, open: &str, close: &str, cutoff: &str) -> Week {
    let hours = DayHours {
        open: open.into(),
        close: close.into(),
        cutoff: Some(cutoff.into()),
    };
    WEEKDAYS[..days]
        .iter()
        .map(|day| ((*day).to_owned(), hours.clone()))
        .collect()
}

pub fn keeps(country: &str) -> HolidayRule {
    HolidayRule {
        country: country.into(),
        ..HolidayRule::default()
    }
}

/// `east` (New York) and `west` (Los Angeles) work Monday to Friday, 08:00 to 18:00 with a cut-off at 14:00; `berlin`
/// likewise in Germany; `shop` is open every day, 10:00 to 20:00, and has orders ready within two hours.
pub fn nodes() -> BTreeMap<&'static str, (&'static str, NodeCalendar)> {
    let warehouse = |zone: &str, country: &str| NodeCalendar {
        week: Some(week(5, "08:00", "18:00", "14:00")),
        holidays: Some(keeps(country)),
        ..NodeCalendar::always(zone)
    };
    let shop = NodeCalendar {
        week: Some(week(7, "10:00", "20:00", "19:00")),
        holidays: Some(keeps("US")),
        collect_minutes: 120,
        ..NodeCalendar::always("America/New_York")
    };
    BTreeMap::from([
        ("east", ("US", warehouse("America/New_York", "US"))),
        ("west", ("US", warehouse("America/Los_Angeles", "US"))),
        ("berlin", ("DE", warehouse("Europe/Berlin", "DE"))),
        ("shop", ("US", shop)),
    ])
}

/// `ground` collects and delivers Monday to Friday, `daily` every day; both keep holidays.
pub fn snapshot(now: DateTime<Utc>) -> Snapshot {
    let five: Vec<String> = WEEKDAYS[..5].iter().map(ToString::to_string).collect();
    let ground = ServiceCalendar {
        collects_on: five.clone(),
        delivers_on: five,
        ..ServiceCalendar::default()
    };
    let nodes: Vec<_> = nodes()
        .into_iter()
        .map(|(code, (country, spec))| (code, country, WorkCalendar::new(&spec).unwrap()))
        .collect();
    Snapshot::new(
        nodes.iter().map(|(code, country, calendar)| SnapshotNode {
            code,
            country,
            region: None,
            calendar,
        }),
        [
            ("ground", CarrierCalendar::new(&ground).unwrap()),
            (
                "daily",
                CarrierCalendar::new(&ServiceCalendar::default()).unwrap(),
            ),
        ],
        now,
    )
}

pub fn leg<'a>(node: &'a str, service: &'a str, stated_days: u32) -> Leg<'a> {
    Leg {
        node,
        service,
        zone: 0,
        stated_days,
        origin: node,
        full: &[],
        stock_from: None,
    }
}

pub fn delivery(legs: Vec<Leg<'_>>) -> Candidate<'_> {
    Candidate {
        id: "standard",
        method: Method::Delivery,
        price: 499,
        legs,
        refused: None,
    }
}

pub fn to<'a>(country: &'a str, postal: &'a str, zone: &str) -> Destination<'a> {
    Destination {
        country,
        region: None,
        postal: Some(postal),
        zone: zone.parse().unwrap(),
        lane: postal,
    }
}

pub fn ask<'a>(
    now: &str,
    destination: Destination<'a>,
    candidates: &'a [Candidate<'a>],
) -> Ask<'a> {
    Ask {
        now: at(now),
        destination: Some(destination),
        locale: "en-US",
        currency: engine::model::Currency::USD,
        candidates,
        unknown_lines: &[],
        holds_until: None,
    }
}
