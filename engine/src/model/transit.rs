use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::page::Page;

/// Days of delivery within which half and nine of ten packages arrive; `None` beyond what is told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransitDays {
    pub p50: Option<u32>,
    pub p90: Option<u32>,
}

/// How many packages took how many days of delivery.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObservedDays(BTreeMap<u32, u64>);

impl ObservedDays {
    /// Counts packages that took so many days.
    pub fn add(&mut self, days: u32, packages: u64) {
        if packages > 0 {
            *self.0.entry(days).or_default() += packages;
        }
    }

    /// Packages in all.
    pub fn total(&self) -> u64 {
        self.0.values().sum()
    }

    /// The fewest days within which this share of them had arrived; `None` where there are none.
    pub fn quantile(&self, share: f64) -> Option<u32> {
        let needed = (self.total() as f64 * share).ceil().max(1.0) as u64;
        let mut arrived = 0;
        self.0.iter().find_map(|(days, packages)| {
            arrived += packages;
            (arrived >= needed).then_some(*days)
        })
    }

    /// The share of them that took at most so many days; `None` where there are none.
    pub fn share_within(&self, days: u32) -> Option<f64> {
        let within: u64 = self.0.range(..=days).map(|(_, packages)| packages).sum();
        (self.total() > 0).then(|| within as f64 / self.total() as f64)
    }
}

/// What an estimate mostly rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LeansOn {
    /// The deliveries of the lane, or of the zone where it is about a zone.
    Own,
    Zone,
    Service,
    /// What is believed of any service before anything was observed.
    Belief,
}

/// What a service states for a zone or a lane in it, what was observed, and what promises reckon with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LaneTimes {
    /// Position among the service's zones.
    pub zone: usize,
    /// Where from and where to, as `US-402`; both empty for all lanes of the zone.
    pub origin: String,
    pub destination: String,
    pub stated_days: u32,
    pub observed: ObservedDays,
    pub expected: TransitDays,
    pub leans_on: LeansOn,
}

/// Stated against observed, of one service.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ServiceTimes {
    /// One for each zone, nearest first.
    pub zones: Vec<LaneTimes>,
    /// Lanes on which anything was delivered, those with the most deliveries first.
    pub lanes: Page<LaneTimes>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_and_nine_of_ten_are_counted_in_whole_packages() {
        let mut days = ObservedDays::default();
        assert_eq!((days.quantile(0.5), days.share_within(3)), (None, None));
        days.add(2, 5);
        days.add(3, 4);
        days.add(7, 1);
        assert_eq!(days.total(), 10);
        assert_eq!(days.quantile(0.5), Some(2));
        assert_eq!(days.quantile(0.9), Some(3));
        assert_eq!(days.quantile(0.91), Some(7));
        assert_eq!(days.share_within(3), Some(0.9));
    }
}
