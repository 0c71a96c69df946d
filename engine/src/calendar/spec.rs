//! What a merchant says about working time, as plain data. It is what the API takes, what the pages edit and what is
//! stored; [`WorkCalendar`](super::WorkCalendar) and [`CarrierCalendar`](super::CarrierCalendar) are made from it.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::model::Week;

/// When a node works, what it needs to get a package ready, and when carriers collect there. Everything is in the
/// node's own time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NodeCalendar {
    /// IANA name.
    pub time_zone: String,
    /// Opening hours and the cut-off by weekday; always open with a cut-off at 24:00 when left out.
    #[serde(default)]
    pub week: Option<Week>,
    /// Cut-offs of single services, by service code and weekday, `HH:MM`. A weekday that a listed service leaves out
    /// has the week's own cut-off; the code `pickup` is collection by the customer.
    #[serde(default)]
    pub cutoffs: BTreeMap<String, BTreeMap<String, String>>,
    /// Dates on which the node does not work.
    #[serde(default)]
    pub closed_on: Vec<NaiveDate>,
    /// Public holidays that the node keeps; none when left out.
    #[serde(default)]
    pub holidays: Option<HolidayRule>,
    /// When carriers collect, by service code and weekday, `HH:MM`. A listed service collects at these times only; one
    /// that is not listed collects when the node closes.
    #[serde(default)]
    pub pickups: BTreeMap<String, BTreeMap<String, Vec<String>>>,
    /// Working days from the day an order counts for to the day its package is handed over. 0: the same day.
    #[serde(default)]
    pub handling_days: u8,
    /// Minutes after the day's cut-off until the last of its packages is ready for the carrier.
    #[serde(default)]
    pub pack_minutes: u16,
    /// Minutes of opening time until an order is ready for the customer to collect.
    #[serde(default = "an_hour")]
    pub collect_minutes: u16,
}

fn an_hour() -> u16 {
    60
}

impl NodeCalendar {
    /// Always open, in this time zone.
    pub fn always(time_zone: impl Into<String>) -> Self {
        NodeCalendar {
            time_zone: time_zone.into(),
            week: None,
            cutoffs: BTreeMap::new(),
            closed_on: Vec::new(),
            holidays: None,
            pickups: BTreeMap::new(),
            handling_days: 0,
            pack_minutes: 0,
            collect_minutes: an_hour(),
        }
    }
}

/// Which public holidays are kept.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct HolidayRule {
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// The part of the country whose own holidays count as well, without the country: `BY` of `DE-BY`.
    #[serde(default)]
    pub region: Option<String>,
    /// Names of holidays that are worked all the same, as the table has them: `Columbus Day`.
    #[serde(default)]
    pub works_on: Vec<String>,
}

/// When a carrier's service moves. Weekdays are `mon` to `sun`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ServiceCalendar {
    /// Weekdays on which it collects; every day when left out.
    #[serde(default = "every_day")]
    pub collects_on: Vec<String>,
    /// Weekdays on which it delivers; every day when left out. These are the days that transit is counted in.
    #[serde(default = "every_day")]
    pub delivers_on: Vec<String>,
    /// Dates on which it neither collects nor delivers, beside public holidays.
    #[serde(default)]
    pub closed_on: Vec<NaiveDate>,
    /// Public holidays on which it works, by country; `*` for all of them. On all others it neither collects in that
    /// country nor delivers there.
    #[serde(default)]
    pub works_on: BTreeMap<String, Vec<String>>,
}

fn every_day() -> Vec<String> {
    crate::model::WEEKDAYS
        .iter()
        .map(ToString::to_string)
        .collect()
}

impl Default for ServiceCalendar {
    fn default() -> Self {
        ServiceCalendar {
            collects_on: every_day(),
            delivers_on: every_day(),
            closed_on: Vec::new(),
            works_on: BTreeMap::new(),
        }
    }
}
