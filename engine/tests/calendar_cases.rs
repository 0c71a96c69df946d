//! The calendar against a table made by an independent oracle (`oracle/calendar_cases.py`, which says how).
#![cfg(feature = "calendar")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeMap;
use std::io::Read;

use chrono::{DateTime, Days, NaiveDate, Utc};
use chrono_tz::Tz;
use engine::calendar::{CarrierCalendar, NodeCalendar, ServiceCalendar, Timetable, WorkCalendar};
use engine::model::Currency;
use engine::promise::{
    Ask, BINS, Candidate, Destination, Leg, Method, PromiseSettings, Snapshot, SnapshotNode,
    TransitModel, quote,
};
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
struct Table {
    nodes: BTreeMap<String, NodeCalendar>,
    services: BTreeMap<String, ServiceCalendar>,
    #[serde(rename = "cases")]
    rows: Vec<Vec<Value>>,
}

fn table() -> Table {
    let file = include_bytes!("cases/calendar.json.gz");
    let mut text = String::new();
    flate2::read::GzDecoder::new(&file[..])
        .read_to_string(&mut text)
        .unwrap();
    serde_json::from_str(&text).unwrap()
}

fn read<T: serde::de::DeserializeOwned>(value: &Value) -> T {
    serde_json::from_value(value.clone()).unwrap()
}

#[test]
fn every_case_of_the_oracle_holds() {
    let Table {
        nodes,
        services,
        rows: cases,
    } = table();
    let calendars: BTreeMap<_, _> = nodes
        .iter()
        .map(|(name, spec)| (name.as_str(), WorkCalendar::new(spec).unwrap()))
        .collect();
    // Two and a half years and what may follow, as one long timetable, and a short one for each question.
    let start = NaiveDate::from_ymd_opt(2025, 12, 30).unwrap();
    let long: BTreeMap<_, _> = calendars
        .iter()
        .map(|(name, calendar)| (*name, Timetable::new(calendar, start, 1_000)))
        .collect();
    let carriers: BTreeMap<_, _> = services
        .iter()
        .map(|(code, spec)| (code.as_str(), CarrierCalendar::new(spec).unwrap()))
        .collect();
    let (mut wrong, mut shipped, mut collected) = (Vec::new(), 0, 0);
    for case in &cases {
        let text = |i: usize| case[i].as_str().unwrap();
        let name = text(1);
        let place: DateTime<Utc> = read(&case[if text(0) == "ship" { 7 } else { 2 }]);
        let today = calendars[name].local_day(place);
        let short = Timetable::new(&calendars[name], today, 75);
        for timetable in [&short, &long[name]] {
            if text(0) == "ship" {
                let carrier = &carriers[text(2)];
                let full: Vec<NaiveDate> = read(&case[9]);
                let origin = carrier.within(text(3), None);
                let dispatch = timetable.dispatch(text(2), &origin, place, &full);
                let dispatch = dispatch.unwrap_or_else(|| panic!("nothing for {case:?}"));
                let zone: Tz = text(6).parse().unwrap();
                let taken = dispatch.pickup_at.with_timezone(&zone).date_naive();
                let until = taken + Days::new(60);
                let transit = case[8].as_u64().unwrap() as u32;
                let destination = carrier.within(text(4), case[5].as_str());
                let arrival = destination.arrival(taken, transit, until);
                let same = dispatch.node_day == read::<NaiveDate>(&case[10])
                    && dispatch.ship_day == read::<NaiveDate>(&case[11])
                    && dispatch.ready_at == read::<DateTime<Utc>>(&case[12])
                    && dispatch.pickup_at == read::<DateTime<Utc>>(&case[13])
                    && dispatch.order_by == read::<DateTime<Utc>>(&case[14])
                    && arrival == Some(read(&case[15]));
                shipped += 1;
                if !same {
                    wrong.push(format!("{case:?}\n  but {dispatch:?}, {arrival:?}"));
                }
            } else {
                let full: Vec<NaiveDate> = read(&case[3]);
                let collection = timetable.collection(place, &full);
                let collection = collection.unwrap_or_else(|| panic!("nothing for {case:?}"));
                let same = collection.node_day == read::<NaiveDate>(&case[4])
                    && collection.ready_day == read::<NaiveDate>(&case[5])
                    && collection.ready_at == read::<DateTime<Utc>>(&case[6])
                    && collection.closes_at == read::<DateTime<Utc>>(&case[7])
                    && collection.order_by == read::<DateTime<Utc>>(&case[8]);
                collected += 1;
                if !same {
                    wrong.push(format!("{case:?}\n  but {collection:?}"));
                }
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} wrong of {}:\n{}",
        wrong.len(),
        2 * cases.len(),
        wrong[..wrong.len().min(8)].join("\n")
    );
    assert_eq!(shipped + collected, 2 * cases.len());
    assert!(
        shipped > 10_000 && collected > 1_000,
        "{shipped} {collected}"
    );
}

/// The last second at which an order still arrives on the same date, which the oracle found by trying, is the cut-off
/// that a promise counts down to.
#[test]
fn a_promise_counts_down_to_the_last_second_of_its_date() {
    let Table {
        nodes,
        services,
        rows,
    } = table();
    let nodes: BTreeMap<_, _> = nodes
        .iter()
        .map(|(name, spec)| (name.as_str(), WorkCalendar::new(spec).unwrap()))
        .collect();
    let carriers: Vec<_> = services
        .iter()
        .map(|(code, spec)| (code.as_str(), CarrierCalendar::new(spec).unwrap()))
        .collect();
    // A carrier that is always on time.
    let mut on_time = [0.0; BINS];
    on_time[3] = 1.0;
    let transit = TransitModel::with_prior(on_time);
    let settings = PromiseSettings::default();
    let (mut wrong, mut seen) = (Vec::new(), 0);
    let shipped = rows.iter().filter(|row| row[0] == "ship");
    // Those that stay the same for longer than the oracle tried are left out.
    for row in shipped.filter(|row| row[16].is_string()).step_by(3) {
        let text = |i: usize| row[i].as_str().unwrap();
        let now: DateTime<Utc> = read(&row[7]);
        let full: Vec<NaiveDate> = read(&row[9]);
        let snapshot = Snapshot::new(
            [SnapshotNode {
                code: text(1),
                country: text(3),
                region: None,
                calendar: &nodes[text(1)],
            }],
            carriers
                .iter()
                .map(|(code, carrier)| (*code, carrier.clone())),
            now,
        );
        let leg = Leg {
            node: text(1),
            service: text(2),
            zone: 0,
            stated_days: row[8].as_u64().unwrap() as u32,
            origin: "",
            full: &full,
            stock_from: None,
        };
        let candidates = [Candidate {
            id: "standard",
            method: Method::Delivery,
            price: 0,
            legs: vec![leg],
            refused: None,
        }];
        let promise = quote(
            &snapshot,
            &transit,
            &settings,
            &Ask {
                now,
                destination: Some(Destination {
                    country: text(4),
                    region: row[5].as_str(),
                    postal: Some(""),
                    zone: text(6).parse().unwrap(),
                    lane: "",
                }),
                locale: "en",
                currency: Currency::USD,
                candidates: &candidates,
                unknown_lines: &[],
                holds_until: None,
            },
        );
        seen += 1;
        let by = promise.options[0].date.map(|date| date.by);
        let cutoff: DateTime<Utc> = read(&row[16]);
        if by != Some(read(&row[15])) || promise.cutoff_at != Some(cutoff) {
            wrong.push(format!("{row:?}\n  but {by:?}, {:?}", promise.cutoff_at));
        }
    }
    assert!(seen > 1_500, "{seen}");
    let some = wrong[..wrong.len().min(8)].join("\n");
    assert!(wrong.is_empty(), "{} wrong of {seen}:\n{some}", wrong.len());
}
