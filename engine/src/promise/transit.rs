//! How long carriers really take: a distribution that starts from what the service states and moves with what was
//! observed.
//!
//! What is learned is the difference, in days of delivery, between the days that took and the days that the service's
//! zone states. Observations are counted in a tree: service, distance zone, lane (origin region × destination region).
//! The estimate for a lane is a chain of Dirichlet-multinomial posterior means, each group shrunk towards the wider one
//! (MacKay and Peto, "A hierarchical Dirichlet language model", Natural Language Engineering 1(3), 1995):
//!
//! ```text
//! service = (1 − λ) · observed(service)                    + λ · prior
//! zone    = (1 − λ) · observed(zone)                       + λ · service without this zone
//! lane    = (1 − λ) · observed(lane)                       + λ · zone without this lane
//! ```
//!
//! with λ = a / (n + a) for n observations: all prior when there are none, all observation when there are many. How strong
//! `a` is follows from the data, per service and level: for each value of a grid the model keeps the logarithm of the
//! probability with which it foretold each observation before it was counted (Dawid, "The prequential approach", JRSS A
//! 147, 1984), and λ is the mean over the grid with these weights. Lanes that are alike keep each other company; lanes
//! that differ stand on their own feet sooner. One observation costs a pass over the grid at three levels.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Differences that are told apart: −3 to +7 days, and later than that.
pub const BINS: usize = 12;

/// The first difference.
const EARLIEST: i64 = -3;

/// What is believed of a service before anything was observed: 95 of 100 packages arrive by the stated day. A
/// convention to start from, not a measurement.
pub const PRIOR: [f64; BINS] = [
    0.005, 0.015, 0.1, 0.83, 0.025, 0.01, 0.005, 0.003, 0.002, 0.001, 0.001, 0.003,
];

/// Strengths of the wider group that are weighed against each other, in observations.
const STRENGTHS: [f64; 9] = [2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0];

/// What is believed of them beforehand: a wider group is worth some tens of observations.
const BELIEF: [f64; 9] = [0.04, 0.08, 0.14, 0.2, 0.22, 0.14, 0.09, 0.05, 0.04];

/// Everything observed so far.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TransitModel {
    #[serde(default = "standard_prior")]
    prior: [f64; BINS],
    /// How far services differ from the prior.
    #[serde(default)]
    strength: Strength,
    #[serde(default)]
    services: BTreeMap<String, ServiceHistory>,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct ServiceHistory {
    counts: Counts,
    zone_strength: Strength,
    lane_strength: Strength,
    /// By position in the service's zones.
    zones: BTreeMap<usize, ZoneHistory>,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct ZoneHistory {
    counts: Counts,
    /// By origin, then destination.
    lanes: BTreeMap<String, BTreeMap<String, Counts>>,
}

/// A package's way, as far as transit depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lane<'a> {
    pub service: &'a str,
    /// Position of the distance zone in the service's zones.
    pub zone: usize,
    /// Regions as coarse as the merchant's traffic needs: states, or the first digits of a postal code.
    pub origin: &'a str,
    pub destination: &'a str,
}

/// How much of an estimate comes from where; the rest up to 1 is what is believed of any service.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Weights {
    /// The lane's own deliveries.
    pub lane: f64,
    /// Those of other lanes in its zone.
    pub zone: f64,
    /// Those of the service's other zones.
    pub service: f64,
}

impl Default for TransitModel {
    fn default() -> Self {
        TransitModel::with_prior(PRIOR)
    }
}

fn standard_prior() -> [f64; BINS] {
    PRIOR
}

impl TransitModel {
    /// Nothing observed yet. What is believed is scaled to add up to 1.
    pub fn with_prior(prior: [f64; BINS]) -> Self {
        let sum: f64 = prior.iter().sum();
        TransitModel {
            prior: prior.map(|p| p / sum),
            strength: Strength::default(),
            services: BTreeMap::new(),
        }
    }

    /// Counts one delivery: how many days of delivery it took, and how many the zone states.
    pub fn observe(&mut self, lane: Lane<'_>, stated_days: u32, taken_days: u32) {
        let bin = bin(stated_days, taken_days);
        let service = self.services.entry(lane.service.to_owned()).or_default();
        let zone = service.zones.entry(lane.zone).or_default();
        let origin = zone.lanes.entry(lane.origin.to_owned()).or_default();
        let own = origin.entry(lane.destination.to_owned()).or_default();

        // Judge the strengths by what they foretold before the observation is counted.
        let other_zones = service.counts.without(zone.counts);
        let of_service = self.strength.shrink(other_zones, &self.prior);
        let other_lanes = zone.counts.without(*own);
        let of_zone = service.zone_strength.shrink(other_lanes, &of_service);
        service.lane_strength.judge(*own, &of_zone, bin);
        service.zone_strength.judge(zone.counts, &of_service, bin);
        self.strength.judge(service.counts, &self.prior, bin);

        own.add(bin);
        zone.counts.add(bin);
        service.counts.add(bin);
    }

    /// How long a package on this lane takes, where its zone states so many days.
    pub fn estimate(&self, lane: Lane<'_>, stated_days: u32) -> TransitDistribution {
        let mut p = self.prior;
        if let Some(service) = self.services.get(lane.service) {
            let zone = service.zones.get(&lane.zone);
            let in_zone = zone.map_or(Counts::default(), |zone| zone.counts);
            let lanes = zone.and_then(|zone| zone.lanes.get(lane.origin));
            let own = lanes.and_then(|lanes| lanes.get(lane.destination));
            let own = own.copied().unwrap_or_default();
            p = self.strength.shrink(service.counts.without(in_zone), &p);
            p = service.zone_strength.shrink(in_zone.without(own), &p);
            p = service.lane_strength.shrink(own, &p);
        }
        TransitDistribution::new(stated_days, &p)
    }

    /// What an estimate for a lane rests on.
    pub fn rests_on(&self, lane: Lane<'_>) -> Weights {
        let Some(service) = self.services.get(lane.service) else {
            return Weights::default();
        };
        let zone = service.zones.get(&lane.zone);
        let in_zone = zone.map_or(Counts::default(), |zone| zone.counts);
        let lanes = zone.and_then(|zone| zone.lanes.get(lane.origin));
        let own = lanes.and_then(|lanes| lanes.get(lane.destination));
        let own = own.copied().unwrap_or_default();
        let of_lane = 1.0 - service.lane_strength.share(own);
        let of_zone = 1.0 - service.zone_strength.share(in_zone.without(own));
        let of_service = 1.0 - self.strength.share(service.counts.without(in_zone));
        Weights {
            lane: of_lane,
            zone: (1.0 - of_lane) * of_zone,
            service: (1.0 - of_lane) * (1.0 - of_zone) * of_service,
        }
    }

    /// How many deliveries of the lane were counted.
    pub fn observed(&self, lane: Lane<'_>) -> u64 {
        let zone = self
            .services
            .get(lane.service)
            .and_then(|service| service.zones.get(&lane.zone));
        zone.and_then(|zone| zone.lanes.get(lane.origin)?.get(lane.destination))
            .map_or(0, |counts| counts.total())
    }
}

/// Where a difference is counted.
fn bin(stated_days: u32, taken_days: u32) -> usize {
    let difference = i64::from(taken_days) - i64::from(stated_days);
    (difference - EARLIEST).clamp(0, BINS as i64 - 1) as usize
}

/// How often each difference was observed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Counts([u32; BINS]);

impl Counts {
    fn add(&mut self, bin: usize) {
        self.0[bin] = self.0[bin].saturating_add(1);
    }

    fn total(self) -> u64 {
        self.0.iter().map(|n| u64::from(*n)).sum()
    }

    /// What a group observed apart from one of its members.
    fn without(mut self, member: Counts) -> Self {
        for (n, own) in self.0.iter_mut().zip(member.0) {
            *n = n.saturating_sub(own);
        }
        self
    }
}

/// How much a wider group weighs: for each value of the grid, the sum of the logarithms of what it foretold.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
struct Strength([f64; STRENGTHS.len()]);

impl Strength {
    /// What to expect of a member that observed `counts`, in a group that expects `wider`.
    fn shrink(&self, counts: Counts, wider: &[f64; BINS]) -> [f64; BINS] {
        let n = counts.total() as f64;
        if n == 0.0 {
            return *wider;
        }
        let share = self.share(counts);
        let mut p = *wider;
        for (p, observed) in p.iter_mut().zip(counts.0) {
            *p = share * *p + (1.0 - share) * f64::from(observed) / n;
        }
        p
    }

    /// How much of the estimate is the wider group's, where a member observed `counts`: 1 where it observed nothing.
    fn share(&self, counts: Counts) -> f64 {
        let n = counts.total() as f64;
        let best = self.0.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let (mut sum, mut share) = (0.0, 0.0);
        for ((score, belief), strength) in self.0.iter().zip(BELIEF).zip(STRENGTHS) {
            let weight = belief * libm::exp(score - best);
            sum += weight;
            share += weight * strength / (n + strength);
        }
        share / sum
    }

    /// Adds with what probability each value of the grid foretold an observation that is not yet counted.
    fn judge(&mut self, counts: Counts, wider: &[f64; BINS], bin: usize) {
        let n = counts.total() as f64;
        let observed = f64::from(counts.0[bin]);
        if n == 0.0 {
            return; // All of them foretold the same.
        }
        for (score, strength) in self.0.iter_mut().zip(STRENGTHS) {
            let foretold = (observed + strength * wider[bin]) / (n + strength);
            *score += libm::log(foretold.max(1e-12));
        }
    }
}

/// How many days of delivery a package takes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TransitDistribution {
    /// Fewest days that are possible: a package that is to take a day or more does not arrive on the day it leaves.
    least: u32,
    stated: u32,
    /// P(difference is at most `EARLIEST + i`).
    cumulative: [f64; BINS],
}

impl TransitDistribution {
    /// From the probabilities of the differences to what is stated.
    pub fn new(stated_days: u32, differences: &[f64; BINS]) -> Self {
        let mut sum = 0.0;
        let cumulative = differences.map(|p| {
            sum += p;
            sum
        });
        TransitDistribution {
            least: stated_days.min(1),
            stated: stated_days,
            cumulative: cumulative.map(|p| p / sum),
        }
    }

    /// P(it takes at most so many days). Never 1: some arrive later than anything that is told apart, or not at all.
    pub fn within(&self, days: u32) -> f64 {
        let i = i64::from(days) - i64::from(self.stated) - EARLIEST;
        if days < self.least || i < 0 {
            return 0.0;
        }
        self.cumulative[(i as usize).min(BINS - 2)]
    }

    /// The fewest days of delivery within which it arrives with this probability; `None` where none of those that are
    /// told apart is enough.
    pub fn quantile(&self, probability: f64) -> Option<u32> {
        (self.least..=self.longest()).find(|days| self.within(*days) + 1e-9 >= probability)
    }

    /// The most days that are told apart.
    pub fn longest(&self) -> u32 {
        self.stated + (BINS as i64 - 2 + EARLIEST) as u32
    }
}
