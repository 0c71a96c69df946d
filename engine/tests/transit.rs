//! Transit as a distribution: it adds up, moves with what is observed, and holds what it says on simulated lanes.

use engine::promise::{BINS, Lane, PRIOR, TransitModel};
use proptest::prelude::*;

const STATED: u32 = 4;

fn lane<'a>(origin: &'a str, destination: &'a str) -> Lane<'a> {
    Lane {
        service: "ground",
        zone: 1,
        origin,
        destination,
    }
}

fn p_on(model: &TransitModel, lane: Lane<'_>, days: u32) -> f64 {
    let transit = model.estimate(lane, STATED);
    transit.within(days) - days.checked_sub(1).map_or(0.0, |less| transit.within(less))
}

#[test]
fn without_observations_a_stated_day_is_kept_95_times_of_100() {
    let transit = TransitModel::default().estimate(lane("NY", "CA"), STATED);
    assert!((transit.within(STATED) - 0.95).abs() < 1e-9);
    assert!((transit.within(STATED - 1) - 0.12).abs() < 1e-9);
    // What never arrives is not hidden.
    assert!((transit.within(400) - 0.997).abs() < 1e-9);
}

#[test]
fn a_lane_that_is_always_a_day_late_is_believed_to_be() {
    let mut model = TransitModel::default();
    for _ in 0..40 {
        model.observe(lane("NY", "CA"), STATED, STATED + 1);
    }
    let transit = model.estimate(lane("NY", "CA"), STATED);
    assert!(
        transit.within(STATED) < 0.4 && transit.within(STATED + 1) > 0.95,
        "{transit:?}"
    );
}

#[test]
fn a_lane_without_observations_follows_the_others_of_its_zone() {
    let mut model = TransitModel::default();
    for n in 0..600 {
        let origin = ["NY", "NJ", "PA"][n % 3];
        model.observe(lane(origin, "CA"), STATED, STATED + 1);
    }
    let new = model.estimate(lane("OH", "CA"), STATED).within(STATED);
    let other_zone = Lane {
        zone: 2,
        ..lane("OH", "CA")
    };
    let other_zone = model.estimate(other_zone, STATED).within(STATED);
    assert!(new < 0.3, "{new}");
    // And a zone without observations the others of its service.
    assert!(other_zone < 0.5, "{other_zone}");
    let other_service = Lane {
        service: "air",
        ..lane("NY", "CA")
    };
    let other_service = model.estimate(other_service, STATED).within(STATED);
    assert!((other_service - 0.95).abs() < 1e-9);
}

#[test]
fn a_package_that_takes_a_day_does_not_arrive_on_the_day_it_leaves() {
    let model = TransitModel::default();
    assert!(model.estimate(lane("NY", "NY"), 1).within(0).abs() < 1e-12);
    // One day early and on the day are the same then.
    assert!((model.estimate(lane("NY", "NY"), 1).within(1) - 0.95).abs() < 1e-9);
    assert!((model.estimate(lane("NY", "NY"), 0).within(0) - 0.95).abs() < 1e-9);
}

#[test]
fn a_model_is_the_same_after_it_was_stored() {
    let mut model = TransitModel::default();
    let mut random = Random(7);
    for _ in 0..500 {
        let (origin, destination) = (random.pick(&["NY", "NJ"]), random.pick(&["CA", "TX", "FL"]));
        let taken = 2 + random.below(6) as u32;
        model.observe(lane(origin, destination), STATED, taken);
    }
    let stored = serde_json::to_string(&model).unwrap();
    let mut again: TransitModel = serde_json::from_str(&stored).unwrap();
    assert_eq!(again, model);
    again.observe(lane("NY", "CA"), STATED, 5);
    model.observe(lane("NY", "CA"), STATED, 5);
    assert_eq!(again, model);
    assert_eq!(TransitModel::default(), serde_json::from_str("{}").unwrap());
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn probabilities_grow_with_time_and_add_up(
        observed in prop::collection::vec((0..3_usize, 0..4_usize, 0..4_usize, 0..20_u32), 0..200),
        stated in 0..10_u32,
    ) {
        let regions = ["a", "b", "c", "d"];
        let mut model = TransitModel::default();
        let at = |zone: usize, from: usize, to: usize| Lane {
            zone,
            ..lane(regions[from], regions[to])
        };
        for (zone, from, to, taken) in &observed {
            model.observe(at(*zone, *from, *to), stated, *taken);
        }
        for (zone, from) in [(0, 0), (1, 2), (2, 3)] {
            let transit = model.estimate(at(zone, from, 1), stated);
            let mut last = 0.0;
            for days in 0..40 {
                let p = transit.within(days);
                prop_assert!(p >= last - 1e-12 && p <= 1.0 + 1e-12, "{p} after {last}");
                last = p;
            }
            // All that is not told apart is later: the rest to 1, and never all of it.
            prop_assert!(last > 0.0 && last < 1.0);
            prop_assert!((transit.within(transit.longest()) - last).abs() < 1e-12);
        }
    }

    #[test]
    fn the_more_a_lane_was_observed_the_nearer_it_comes_to_what_was_observed(
        days in prop::collection::vec(1..11_u32, 5..30),
        others in prop::collection::vec(1..11_u32, 0..60),
    ) {
        let mut model = TransitModel::default();
        for taken in &others {
            model.observe(lane("OH", "TX"), STATED, *taken);
        }
        let empirical = |days_by: u32| {
            days.iter().filter(|taken| **taken <= days_by).count() as f64 / days.len() as f64
        };
        let distance = |model: &TransitModel| {
            let transit = model.estimate(lane("NY", "CA"), STATED);
            (1..12).map(|by| (transit.within(by) - empirical(by)).abs()).fold(0.0, f64::max)
        };
        let before = distance(&model);
        // The same shares again and again: only their weight grows.
        let mut at = Vec::new();
        for round in 0..128 {
            for taken in &days {
                model.observe(lane("NY", "CA"), STATED, *taken);
            }
            if [0, 7, 127].contains(&round) {
                at.push(distance(&model));
            }
        }
        prop_assert!(at[0] <= before + 0.02, "{before} {at:?}");
        prop_assert!(at[1] <= at[0] + 0.02 && at[2] <= at[1] + 0.005, "{at:?}");
        prop_assert!(at[2] < 0.05, "{at:?}");
    }
}

/// Sixty lanes with habits of their own, some of them hardly travelled. Each delivery is foretold before it is seen.
/// What was said with 90 % has to happen 90 % of the time, thin lanes and busy ones apart, and the whole has to
/// foretell better than either extreme: all lanes alike, or each lane by itself.
#[test]
fn what_is_said_comes_true_on_simulated_lanes() {
    let mut random = Random(2026);
    let mut model = TransitModel::default();
    let names: Vec<String> = (0..60).map(|i| format!("region-{i}")).collect();
    let habits: Vec<[f64; BINS]> = names
        .iter()
        .map(|_| random.dirichlet(&PRIOR, 25.0))
        .collect();
    let mut alone = vec![[1e-3; BINS]; names.len()];
    let mut alike = PRIOR.map(|p| p * 25.0);
    // Busy lanes are thirty times as busy as quiet ones.
    let busy: Vec<usize> = (0..60)
        .flat_map(|i| vec![i; if i < 20 { 30 } else { 1 }])
        .collect();

    // Said against happened, of the first quoted day, by number of observations; and the sums of logarithms.
    let mut bins = [(0.0, 0.0, 0.0); 10];
    let mut groups = [(0.0, 0.0, 0.0); 3];
    let (mut log_model, mut log_alone, mut log_alike) = (0.0, 0.0, 0.0);
    for _ in 0..20_000 {
        let i = busy[random.below(busy.len())];
        let way = lane(&names[i], "CA");
        let taken = (STATED as usize + random.draw(&habits[i])) as u32 - 3;
        let transit = model.estimate(way, STATED);
        let quoted = (1..12).find(|by| transit.within(*by) >= 0.9);
        if let Some(by) = quoted {
            let observed = model.observed(way);
            let group = &mut groups[match observed {
                0..20 => 0,
                20..200 => 1,
                _ => 2,
            }];
            group.0 += 1.0;
            group.1 += transit.within(by);
            group.2 += f64::from(u8::from(taken <= by));
        }
        for by in 2..8 {
            let p = transit.within(by);
            let bin = &mut bins[((p * 10.0) as usize).min(9)];
            bin.0 += 1.0;
            bin.1 += p;
            bin.2 += f64::from(u8::from(taken <= by));
        }
        let cell = taken as usize + 3 - STATED as usize;
        let share = |counts: &[f64; BINS]| counts[cell] / counts.iter().sum::<f64>();
        if taken < STATED + 8 {
            log_model += p_on(&model, way, taken).max(1e-12).ln();
            log_alone += share(&alone[i]).ln();
            log_alike += share(&alike).ln();
        }
        alone[i][cell] += 1.0;
        alike[cell] += 1.0;
        model.observe(way, STATED, taken);
    }
    for (n, said, happened) in bins.iter().filter(|bin| bin.0 > 500.0) {
        let (said, happened) = (said / n, happened / n);
        assert!(
            (said - happened).abs() < 0.03,
            "said {said:.3}, happened {happened:.3} of {n}"
        );
    }
    for (n, said, happened) in groups {
        let (said, happened) = (said / n, happened / n);
        println!("quoted {n}: said {said:.3}, happened {happened:.3}");
        assert!(
            (said - happened).abs() < 0.025,
            "said {said:.3}, happened {happened:.3} of {n}"
        );
    }
    println!("log likelihood: {log_model:.0}, alone {log_alone:.0}, alike {log_alike:.0}");
    assert!(log_model > log_alone && log_model > log_alike);
}

/// SplitMix64: the same numbers everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn below(&mut self, n: usize) -> usize {
        (self.unit() * n as f64) as usize
    }

    fn pick<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len())]
    }

    fn draw(&mut self, p: &[f64; BINS]) -> usize {
        let mut rest = self.unit();
        for (i, p) in p.iter().enumerate() {
            rest -= p;
            if rest < 0.0 {
                return i;
            }
        }
        BINS - 1
    }

    /// Shares around `mean`; the greater the strength, the nearer.
    fn dirichlet(&mut self, mean: &[f64; BINS], strength: f64) -> [f64; BINS] {
        let parts = mean.map(|m| self.gamma(m * strength));
        let sum: f64 = parts.iter().sum();
        parts.map(|part| part / sum)
    }

    /// Marsaglia and Tsang, with the usual boost below 1.
    fn gamma(&mut self, shape: f64) -> f64 {
        if shape < 1.0 {
            return self.gamma(shape + 1.0) * self.unit().max(1e-300).powf(1.0 / shape);
        }
        let d = shape - 1.0 / 3.0;
        loop {
            let x = (-2.0 * self.unit().max(1e-300).ln()).sqrt()
                * (std::f64::consts::TAU * self.unit()).cos();
            let v = (1.0 + x / (9.0 * d).sqrt()).powi(3);
            if v > 0.0 && self.unit().max(1e-300).ln() < 0.5 * x * x + d - d * v + d * v.ln() {
                return d * v;
            }
        }
    }
}

#[test]
fn what_an_estimate_rests_on_moves_from_belief_to_the_lane_itself() {
    let mut model = TransitModel::default();
    let nothing = model.rests_on(lane("NY", "CA"));
    assert!(nothing.lane + nothing.zone + nothing.service < 1e-9);
    for n in 0..300 {
        model.observe(lane("NY", "CA"), STATED, STATED + n % 2);
    }
    let own = model.rests_on(lane("NY", "CA"));
    assert!(
        own.lane > 0.5 && own.lane + own.zone + own.service <= 1.0,
        "{own:?}"
    );
    let new = model.rests_on(lane("OH", "CA"));
    assert!(new.lane < 1e-9 && new.zone > 0.5, "{new:?}");
    let other_zone = model.rests_on(Lane {
        zone: 2,
        ..lane("OH", "CA")
    });
    assert!(
        other_zone.zone < 1e-9 && other_zone.service > 0.5,
        "{other_zone:?}"
    );
}

#[test]
fn nine_of_ten_arrive_within_the_ninetieth_percentile() {
    let mut model = TransitModel::default();
    let before = model.estimate(lane("NY", "CA"), STATED);
    assert_eq!(
        (before.quantile(0.5), before.quantile(0.9)),
        (Some(STATED), Some(STATED))
    );
    assert_eq!(before.quantile(0.999), None, "some never arrive");
    for _ in 0..400 {
        model.observe(lane("NY", "CA"), STATED, STATED + 2);
    }
    let late = model.estimate(lane("NY", "CA"), STATED);
    assert_eq!(late.quantile(0.5), Some(STATED + 2));
}
