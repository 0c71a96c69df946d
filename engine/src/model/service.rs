use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::node::WEEKDAYS;
use crate::calendar::ServiceCalendar;

/// A distance band of a service and what it costs there.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Zone {
    /// The zone reaches to this great-circle distance.
    pub up_to_km: f64,
    /// Minor units for each package.
    pub per_package: f64,
    /// Minor units for each kilogram.
    pub per_kg: f64,
    /// Days in transit.
    pub transit_days: u32,
}

/// A carrier's way to deliver.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// The merchant's code. In a `PUT` it comes from the path and may be left out of the body.
    #[serde(default)]
    pub code: String,
    pub carrier: String,
    /// `standard`, `express`, … : what an order's `delivery.level` names.
    pub level: String,
    /// Nearest first; a destination is in the first zone that reaches it.
    pub zones: Vec<Zone>,
    /// Days on which the carrier collects, `mon` to `sun`; every day when left out.
    #[serde(default = "every_day")]
    pub pickups: Vec<String>,
    /// Days on which the carrier delivers, `mon` to `sun`; every day when left out.
    #[serde(default = "every_day")]
    pub delivers_on: Vec<String>,
    /// Dates on which the carrier neither collects nor delivers, beside public holidays.
    #[serde(default)]
    pub closed_on: Vec<NaiveDate>,
    /// Public holidays on which the carrier works, by country; `*` for all of them.
    #[serde(default)]
    pub works_on: BTreeMap<String, Vec<String>>,
    /// Codes of the nodes that have the service; all of them when left out.
    #[serde(default)]
    pub nodes: Option<Vec<String>>,
    /// Until then nothing is sent with it, and nothing promised.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suspended_until: Option<DateTime<Utc>>,
}

fn every_day() -> Vec<String> {
    WEEKDAYS.iter().map(ToString::to_string).collect()
}

impl Service {
    /// Whether nothing may be sent with it now.
    pub fn is_suspended(&self, now: DateTime<Utc>) -> bool {
        self.suspended_until.is_some_and(|until| now < until)
    }

    /// When it collects and delivers.
    pub fn working_time(&self) -> ServiceCalendar {
        // What was stored before weekdays were asked for may have none: every day, as when they are left out.
        let days = |days: &[String]| {
            if days.is_empty() {
                every_day()
            } else {
                days.to_vec()
            }
        };
        ServiceCalendar {
            collects_on: days(&self.pickups),
            delivers_on: days(&self.delivers_on),
            closed_on: self.closed_on.clone(),
            works_on: self.works_on.clone(),
        }
    }
}
