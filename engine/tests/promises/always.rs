//! What holds of every promise, on random calendars, routes and histories.

use crate::network::{at, delivery, keeps, leg, to, week};
use chrono::{DateTime, Days, Duration, NaiveDate, Utc};
use engine::calendar::{CarrierCalendar, NodeCalendar, ServiceCalendar, Timetable, WorkCalendar};
use engine::model::{Currency, WEEKDAYS};
use engine::promise::{
    Ask, Candidate, Lane, Leg, Method, PromiseOption, PromiseSettings, Snapshot, SnapshotNode,
    TransitModel, quote,
};
use proptest::prelude::*;

const ZONES: [&str; 5] = [
    "America/New_York",
    "Pacific/Honolulu",
    "Europe/Berlin",
    "Australia/Lord_Howe",
    "Africa/Cairo",
];
const NODES: [&str; 3] = ["one", "two", "three"];

#[derive(Debug, Clone)]
struct World {
    nodes: Vec<NodeCalendar>,
    service: ServiceCalendar,
    legs: Vec<(usize, u32, Option<i64>)>,
    observed: Vec<(usize, u32)>,
    destination: usize,
    start_s: i64,
}

fn node() -> impl Strategy<Value = NodeCalendar> {
    let times = (0..12_u32, 13..24_u32, 0..60_u32, 1..8_usize);
    let rest = (0..5_usize, 0..3_u8, 0..180_u16, any::<bool>(), 0..300_u16);
    (times, rest).prop_map(
        |((open, close, minute, days), (zone, handling, pack, holidays, collect))| {
            let cutoff = format!("{:02}:{minute:02}", u32::midpoint(open, close));
            NodeCalendar {
                week: Some(week(
                    days,
                    &format!("{open:02}:00"),
                    &format!("{close:02}:59"),
                    &cutoff,
                )),
                holidays: holidays.then(|| keeps("US")),
                closed_on: vec![NaiveDate::from_ymd_opt(2026, 11, 3).unwrap()],
                handling_days: handling,
                pack_minutes: pack,
                // No longer than the shortest day.
                collect_minutes: collect.min(60),
                ..NodeCalendar::always(ZONES[zone])
            }
        },
    )
}

fn world() -> impl Strategy<Value = World> {
    let weekdays = || prop::sample::subsequence(WEEKDAYS.to_vec(), 1..=7);
    let service = (weekdays(), weekdays()).prop_map(|(collects, delivers)| ServiceCalendar {
        // The first weekday is one on which every node works.
        collects_on: std::iter::once("mon")
            .chain(collects)
            .map(str::to_owned)
            .collect(),
        delivers_on: delivers.into_iter().map(str::to_owned).collect(),
        ..ServiceCalendar::default()
    });
    let legs = prop::collection::vec(
        (
            0..3_usize,
            0..6_u32,
            prop::option::weighted(0.2, 0..200_i64),
        ),
        1..4,
    );
    let observed = prop::collection::vec((0..3_usize, 0..9_u32), 0..60);
    let nodes = prop::collection::vec(node(), 3);
    // Around the end of daylight saving time and Thanksgiving.
    let start = 0..60 * 86_400_i64;
    (nodes, service, legs, observed, 0..5_usize, start).prop_map(
        |(nodes, service, legs, observed, destination, start_s)| World {
            nodes,
            service,
            legs,
            observed,
            destination,
            start_s,
        },
    )
}

impl World {
    fn start(&self) -> DateTime<Utc> {
        at("2026-10-10T00:00:00Z") + Duration::seconds(self.start_s)
    }

    fn snapshot(&self) -> Snapshot {
        let calendars: Vec<_> = self
            .nodes
            .iter()
            .map(|spec| WorkCalendar::new(spec).unwrap())
            .collect();
        let nodes = NODES
            .iter()
            .zip(&calendars)
            .map(|(code, calendar)| SnapshotNode {
                code,
                country: "US",
                region: None,
                calendar,
            });
        let carrier = CarrierCalendar::new(&self.service).unwrap();
        Snapshot::new(nodes, [("ground", carrier)], self.start())
    }

    fn transit(&self) -> TransitModel {
        let mut transit = TransitModel::default();
        for (node, taken) in &self.observed {
            transit.observe(World::lane(*node), 3, *taken);
        }
        transit
    }

    fn lane(node: usize) -> Lane<'static> {
        Lane {
            service: "ground",
            zone: 0,
            origin: NODES[node],
            destination: "x",
        }
    }

    fn legs(&self) -> Vec<Leg<'static>> {
        let legs = self.legs.iter().map(|(node, days, hours)| Leg {
            stock_from: hours.map(|hours| self.start() + Duration::hours(hours)),
            ..leg(NODES[*node], "ground", *days)
        });
        legs.collect()
    }

    fn option(
        &self,
        snapshot: &Snapshot,
        transit: &TransitModel,
        settings: &PromiseSettings,
        candidate: Candidate<'_>,
        now: DateTime<Utc>,
    ) -> Option<PromiseOption> {
        let candidates = [candidate];
        let mut destination = to("US", "x", ZONES[self.destination]);
        destination.lane = "x";
        let ask = Ask {
            now,
            destination: Some(destination),
            locale: "en",
            currency: Currency::USD,
            candidates: &candidates,
            unknown_lines: &[],
            holds_until: None,
        };
        quote(snapshot, transit, settings, &ask)
            .options
            .into_iter()
            .next()
    }
}

/// No range is too wide here, so that every date that is found is seen.
fn settings(target: f64) -> PromiseSettings {
    PromiseSettings {
        target,
        widest_range_days: 250,
        ..PromiseSettings::default()
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    #[test]
    fn a_later_order_never_gets_an_earlier_date(world in world(), gaps in prop::collection::vec(0..200_000_i64, 1..8)) {
        let (snapshot, transit, settings) = (world.snapshot(), world.transit(), settings(0.9));
        let mut now = world.start();
        let mut last = None;
        for gap in gaps {
            let option = world.option(&snapshot, &transit, &settings, delivery(world.legs()), now);
            if let Some(date) = option.and_then(|option| option.date) {
                if let Some(before) = last {
                    let engine::promise::DateRange { from, by } = before;
                    prop_assert!(date.by >= by && date.from >= from, "{before:?} then {date:?}");
                }
                last = Some(date);
            }
            now += Duration::seconds(gap);
        }
        prop_assume!(last.is_some());
    }

    #[test]
    fn dates_hold_until_the_cutoff_and_not_a_second_longer(world in world()) {
        let (snapshot, transit, settings) = (world.snapshot(), world.transit(), settings(0.9));
        let say = |now| world.option(&snapshot, &transit, &settings, delivery(world.legs()), now);
        let option = say(world.start());
        prop_assume!(option.as_ref().is_some_and(|option| option.date.is_some()));
        let option = option.unwrap();
        let cutoff = option.cutoff_at.unwrap();
        prop_assert!(cutoff >= world.start());
        // Promises are quoted for a week ahead at most.
        prop_assume!(cutoff < world.start() + Duration::days(6));
        prop_assert_eq!(say(cutoff).unwrap().date, option.date);
        let after = say(cutoff + Duration::seconds(1)).and_then(|option| option.date);
        prop_assert_ne!(after, option.date);
    }

    #[test]
    fn the_date_is_the_first_that_is_sure_enough(world in world(), target in 0.5..0.99_f64) {
        let (snapshot, transit, settings) = (world.snapshot(), world.transit(), settings(target));
        let option = world.option(&snapshot, &transit, &settings, delivery(world.legs()), world.start());
        prop_assume!(option.as_ref().is_some_and(|option| option.date.is_some()));
        let option = option.unwrap();
        let date = option.date.unwrap();
        // Reckoned another way: each leg's days of transit to dates, one by one.
        let carrier = CarrierCalendar::new(&world.service).unwrap();
        let days = carrier.within("US", None);
        let zone: chrono_tz::Tz = ZONES[world.destination].parse().unwrap();
        let joint = |day: NaiveDate| -> f64 {
            let legs = world.legs.iter().zip(world.legs());
            legs.map(|((node, stated, _), leg)| {
                let calendar = WorkCalendar::new(&world.nodes[*node]).unwrap();
                let today = calendar.local_day(world.start());
                let place = leg.stock_from.map_or(world.start(), |from| from.max(world.start()));
                let timetable = Timetable::new(&calendar, today - Days::new(1), 90);
                let dispatch = timetable.dispatch("ground", &days, place, &[]).unwrap();
                let taken = dispatch.pickup_at.with_timezone(&zone).date_naive();
                let transit = transit.estimate(World::lane(*node), *stated);
                let until = taken + Days::new(200);
                (0..=transit.longest())
                    .filter(|t| days.arrival(taken, *t, until).unwrap() <= day)
                    .map(|t| transit.within(t) - t.checked_sub(1).map_or(0.0, |less| transit.within(less)))
                    .sum::<f64>()
            })
            .product()
        };
        prop_assert!((joint(date.by) - option.confidence).abs() < 1e-9);
        prop_assert!(joint(date.by) >= target - 1e-6);
        prop_assert!(joint(date.by - Days::new(1)) < target + 1e-6);
        prop_assert!(date.from <= date.by);
        let low = settings.low.min(target);
        prop_assert!(joint(date.from) >= low - 1e-6 && joint(date.from - Days::new(1)) < low + 1e-6);
        for package in &option.packages {
            prop_assert!(package.date.unwrap().by <= date.by);
            prop_assert!(package.confidence >= option.confidence - 1e-9);
        }
    }

    #[test]
    fn the_surer_the_later(world in world(), low in 0.5..0.99_f64, high in 0.5..0.99_f64) {
        let (snapshot, transit) = (world.snapshot(), world.transit());
        let by = |target| world
            .option(&snapshot, &transit, &settings(target), delivery(world.legs()), world.start())
            .and_then(|option| Some(option.date?.by));
        if let (Some(sooner), Some(later)) = (by(low.min(high)), by(low.max(high))) {
            prop_assert!(sooner <= later);
        }
    }

    #[test]
    fn what_can_be_collected_is_ready_while_the_node_is_open(world in world(), gap in 0..300_000_i64) {
        let (snapshot, transit, settings) = (world.snapshot(), world.transit(), settings(0.9));
        let pickup = || Candidate { method: Method::Pickup, ..delivery(vec![leg("one", "pickup", 0)]) };
        let say = |now| world.option(&snapshot, &transit, &settings, pickup(), now).unwrap();
        let (first, later) = (say(world.start()), say(world.start() + Duration::seconds(gap)));
        let date = first.date.unwrap();
        prop_assert_eq!(date.from, date.by);
        prop_assert!(later.date.unwrap().by >= date.by && later.ready_at >= first.ready_at);
        let calendar = WorkCalendar::new(&world.nodes[0]).unwrap();
        let ready = first.ready_at.unwrap();
        prop_assert_eq!(calendar.local_day(ready), date.by);
        // Rounded up to five minutes at most beyond closing.
        prop_assert!(ready <= calendar.close_of(date.by).unwrap() + Duration::minutes(5));
    }
}
