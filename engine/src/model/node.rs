use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::calendar::{HolidayRule, NodeCalendar};
use crate::geo::Location;

/// The names of the weekdays in [`Week`], Monday first.
pub const WEEKDAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// What a place that fulfils is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum NodeKind {
    Warehouse,
    Store,
    ThirdParty,
    Vendor,
}

impl NodeKind {
    pub const ALL: [NodeKind; 4] = [
        NodeKind::Warehouse,
        NodeKind::Store,
        NodeKind::ThirdParty,
        NodeKind::Vendor,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            NodeKind::Warehouse => "warehouse",
            NodeKind::Store => "store",
            NodeKind::ThirdParty => "third_party",
            NodeKind::Vendor => "vendor",
        }
    }

    /// The word that people read.
    pub fn label(self) -> &'static str {
        match self {
            NodeKind::Warehouse => "Warehouse",
            NodeKind::Store => "Store",
            NodeKind::ThirdParty => "Third party",
            NodeKind::Vendor => "Vendor",
        }
    }
}

/// Whether a node takes part in routing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum NodeStatus {
    #[default]
    Active,
    Paused,
}

/// A way in which a node hands goods over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum NodeOffer {
    Ship,
    Pickup,
}

/// A node's postal address. Only `postal_code` and `country` are needed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NodeAddress {
    #[serde(default)]
    pub line1: String,
    #[serde(default)]
    pub city: String,
    #[serde(default)]
    pub region: String,
    pub postal_code: String,
    /// ISO 3166-1 alpha-2.
    pub country: String,
}

/// Opening hours and cut-off of one weekday, local times `HH:MM`; `24:00` is the end of the day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct DayHours {
    pub open: String,
    pub close: String,
    /// Orders known by then are worked on the same day; the closing time when left out.
    #[serde(default)]
    pub cutoff: Option<String>,
}

/// Hours by weekday (`mon` … `sun`); a day that is missing is a day closed.
pub type Week = BTreeMap<String, DayHours>;

/// What a node's own work costs, in minor units.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Handling {
    pub per_package: f64,
    pub per_unit: f64,
}

/// A place that fulfils orders.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Node {
    /// The merchant's code. In a `PUT` it comes from the path and may be left out of the body.
    #[serde(default)]
    pub code: String,
    pub name: String,
    pub kind: NodeKind,
    pub address: NodeAddress,
    /// Looked up from the postal code when left out.
    #[serde(default)]
    pub location: Option<Location>,
    /// IANA name; looked up from the postal code when left out.
    #[serde(default)]
    pub time_zone: Option<String>,
    /// Always open with a cut-off at 24:00 when left out.
    #[serde(default)]
    pub week: Option<Week>,
    /// Local dates on which the node does not work.
    #[serde(default)]
    pub closed_on: Vec<NaiveDate>,
    /// Cut-offs of single services, by service code and weekday, `HH:MM`; `pickup` stands for collection by the
    /// customer. A weekday that is left out has the week's own cut-off.
    #[serde(default)]
    pub cutoffs: BTreeMap<String, BTreeMap<String, String>>,
    /// Public holidays on which the node does not work; none when left out.
    #[serde(default)]
    pub holidays: Option<HolidayRule>,
    /// When carriers collect, by service code and weekday, `HH:MM`; a service that is left out collects when the node
    /// closes.
    #[serde(default)]
    pub pickups: BTreeMap<String, BTreeMap<String, Vec<String>>>,
    /// Working days from the day an order counts for to the day it is handed over; 0 is the same day.
    #[serde(default)]
    pub handling_days: u8,
    /// Minutes after the day's cut-off until the last package is ready for the carrier.
    #[serde(default)]
    pub pack_minutes: u16,
    /// Minutes of opening time until an order is ready for the customer to collect.
    #[serde(default = "an_hour")]
    pub collect_minutes: u16,
    /// Units a local day; no limit when left out.
    #[serde(default)]
    pub daily_capacity: Option<u32>,
    #[serde(default)]
    pub handling: Handling,
    /// Capabilities, matched against a product's `requires`.
    #[serde(default)]
    pub provides: Vec<String>,
    #[serde(default = "ships")]
    pub offers: Vec<NodeOffer>,
    #[serde(default)]
    pub status: NodeStatus,
}

fn ships() -> Vec<NodeOffer> {
    vec![NodeOffer::Ship]
}

fn an_hour() -> u16 {
    60
}

impl Node {
    /// When it works and when carriers collect there.
    pub fn working_time(&self) -> NodeCalendar {
        NodeCalendar {
            time_zone: self.time_zone.clone().unwrap_or_else(|| "UTC".to_owned()),
            week: self.week.clone(),
            cutoffs: self.cutoffs.clone(),
            closed_on: self.closed_on.clone(),
            holidays: self.holidays.clone(),
            pickups: self.pickups.clone(),
            handling_days: self.handling_days,
            pack_minutes: self.pack_minutes,
            collect_minutes: self.collect_minutes,
        }
    }
}

/// What a node has to do today.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NodeLoad {
    /// Units assigned on the node's current local day.
    pub assigned_today: i64,
    /// Units that can be assigned in a day; `null` for no limit.
    pub daily_capacity: Option<u32>,
    /// Fulfillments that the node has not yet handed over.
    pub open_fulfillments: i64,
    /// Units that the node holds, over all SKUs.
    pub on_hand: i64,
    /// Whether it is open at this moment.
    pub open_now: bool,
    /// The next cut-off, if there is one in the coming 14 days.
    pub next_cutoff: Option<DateTime<Utc>>,
    /// The same in the node's own time, as people read it: `Tue, Nov 24, 14:00`.
    pub next_cutoff_local: Option<String>,
}

/// A node with its load, as lists and maps show it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NodeView {
    #[serde(flatten)]
    pub node: Node,
    pub load: NodeLoad,
}

/// A day of a node's calendar, in the node's own time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CalendarDay {
    pub date: NaiveDate,
    /// `Mon` … `Sun`.
    pub weekday: String,
    /// `HH:MM`; `None` on a day closed.
    pub open: Option<String>,
    pub close: Option<String>,
    pub cutoff: Option<String>,
    /// The instant of the cut-off.
    pub cutoff_at: Option<DateTime<Utc>>,
    /// What is special about it, such as a day closed or the clock changing.
    pub note: Option<String>,
}
