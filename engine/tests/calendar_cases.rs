//! The calendar against a table made by an independent oracle (`oracle/calendar_cases.py`, which says how).
#![cfg(feature = "calendar")]

use std::collections::BTreeMap;
use std::io::Read;

use chrono::{DateTime, Days, NaiveDate, Utc};
use chrono_tz::Tz;
use engine::calendar::{CarrierCalendar, NodeCalendar, ServiceCalendar, Timetable, WorkCalendar};
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
struct Cases {
    nodes: BTreeMap<String, NodeCalendar>,
    services: BTreeMap<String, ServiceCalendar>,
    cases: Vec<Vec<Value>>,
}

fn cases() -> Cases {
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
    let Cases {
        nodes,
        services,
        cases,
    } = cases();
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
