//! How many promises a second one core computes once the routes are known, and how long a snapshot takes to make:
//!
//!     cargo run --release -p engine --features calendar --example promises_per_second
//!
//! 300 nodes with weeks, holidays, cut-offs and pickups of their own, two services, 2,000 observed lanes. A promise asks
//! 300 nodes for their working day, as planning a route does, then offers two ways to deliver 10 lines in three and two
//! packages and one to collect them.

use std::hint::black_box;
use std::time::Instant;

use chrono::{DateTime, Duration, Utc};
use engine::calendar::{CarrierCalendar, HolidayRule, NodeCalendar, ServiceCalendar, WorkCalendar};
use engine::model::{Currency, DayHours, WEEKDAYS};
use engine::promise::{
    Ask, Candidate, Destination, Lane, Leg, Method, PromiseSettings, Snapshot, SnapshotNode,
    TransitModel, quote,
};

const NODES: usize = 300;
const ROUNDS: usize = 50_000;

fn main() {
    let now: DateTime<Utc> = DateTime::from_timestamp(1_795_000_000, 0).unwrap_or_default();
    let codes: Vec<String> = (0..NODES).map(|i| format!("node-{i}")).collect();
    let zones = [
        "America/New_York",
        "America/Chicago",
        "America/Denver",
        "America/Los_Angeles",
    ];
    let calendars: Vec<WorkCalendar> = (0..NODES)
        .map(|i| {
            let hours = DayHours {
                open: "08:00".into(),
                close: "18:00".into(),
                cutoff: Some(format!("{}:{:02}", 12 + i % 5, i % 60)),
            };
            let days = || WEEKDAYS[..5].iter().map(|day| (*day).to_owned());
            let spec = NodeCalendar {
                week: Some(days().map(|day| (day, hours.clone())).collect()),
                cutoffs: [(
                    "air".to_owned(),
                    days().map(|day| (day, "17:00".to_owned())).collect(),
                )]
                .into(),
                pickups: [(
                    "ground".to_owned(),
                    days().map(|day| (day, vec!["17:30".to_owned()])).collect(),
                )]
                .into(),
                holidays: Some(HolidayRule {
                    country: "US".into(),
                    ..HolidayRule::default()
                }),
                ..NodeCalendar::always(zones[i % zones.len()])
            };
            WorkCalendar::new(&spec).unwrap_or_else(|errors| panic!("{errors:?}"))
        })
        .collect();
    let carrier = || {
        let five: Vec<String> = WEEKDAYS[..5].iter().map(ToString::to_string).collect();
        let spec = ServiceCalendar {
            collects_on: five.clone(),
            delivers_on: five,
            ..ServiceCalendar::default()
        };
        CarrierCalendar::new(&spec).unwrap_or_else(|errors| panic!("{errors:?}"))
    };
    let start = Instant::now();
    let nodes = codes.iter().zip(&calendars);
    let snapshot = Snapshot::new(
        nodes.map(|(code, calendar)| SnapshotNode {
            code,
            country: "US",
            region: None,
            calendar,
        }),
        [("ground", carrier()), ("air", carrier())],
        now,
    );
    println!(
        "snapshot of {NODES} nodes: {:.1} ms",
        start.elapsed().as_secs_f64() * 1e3
    );

    let mut transit = TransitModel::default();
    let start = Instant::now();
    let regions: Vec<String> = (0..50).map(|i| format!("r{i}")).collect();
    for i in 0..200_000 {
        let lane = Lane {
            service: "ground",
            zone: i % 5,
            origin: &regions[i % 40],
            destination: &regions[(i / 40) % 50],
        };
        transit.observe(lane, 3, 2 + (i * 7 % 11 / 3) as u32);
    }
    println!(
        "one observation: {:.2} µs",
        start.elapsed().as_secs_f64() * 1e6 / 200_000.0
    );

    let settings = PromiseSettings::default();
    let mut times = Vec::with_capacity(ROUNDS);
    for round in 0..ROUNDS {
        let start = Instant::now();
        let now = now + Duration::seconds(round as i64 % 86_400);
        for code in &codes {
            let node = snapshot.node(code);
            black_box(node.and_then(|node| node.timetable.work_day("ground", now, &[])));
        }
        let leg = |n: usize, service| Leg {
            node: &codes[(round * 13 + n * 101) % NODES],
            service,
            zone: n,
            stated_days: 2 + n as u32,
            origin: &regions[n],
            full: &[],
            stock_from: None,
        };
        let candidate = |id, method, legs| Candidate {
            id,
            method,
            price: 499,
            legs,
            refused: None,
        };
        let candidates = [
            candidate(
                "standard",
                Method::Delivery,
                vec![leg(0, "ground"), leg(1, "ground"), leg(2, "ground")],
            ),
            candidate(
                "express",
                Method::Delivery,
                vec![leg(0, "air"), leg(3, "air")],
            ),
            candidate("store", Method::Pickup, vec![leg(4, "pickup")]),
        ];
        let promise = quote(
            &snapshot,
            &transit,
            &settings,
            &Ask {
                now,
                destination: Some(Destination {
                    country: "US",
                    region: None,
                    postal: Some("10001"),
                    zone: chrono_tz::America::New_York,
                    lane: &regions[round % 50],
                }),
                locale: "de",
                currency: Currency::USD,
                candidates: &candidates,
                unknown_lines: &[],
                holds_until: None,
            },
        );
        times.push(start.elapsed());
        black_box(promise);
    }
    times.sort_unstable();
    let total: f64 = times.iter().map(std::time::Duration::as_secs_f64).sum();
    let at = |share: f64| times[(ROUNDS as f64 * share) as usize].as_secs_f64() * 1e6;
    println!(
        "promises: {:.0} a second on one core, p50 {:.1} µs, p99 {:.1} µs",
        ROUNDS as f64 / total,
        at(0.5),
        at(0.99)
    );
}
