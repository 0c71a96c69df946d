//! Delivery promises: dates with the probability that they hold, from the same routes that orders take.
//!
//! [`quote`] turns a basket's routes into what a shopper is told. It needs, all of it kept in memory by the caller:
//!
//! - a [`Snapshot`] of the network's times, made anew when the network changes and once a week, shared behind an `Arc`;
//! - a [`TransitModel`] of what carriers really take, told of each delivery by [`TransitModel::observe`]; estimates are
//!   worked out when they are asked for, so one observation costs well under a microsecond and no rebuild;
//! - the merchant's [`PromiseSettings`];
//! - an [`Ask`]: the time, the destination, and a [`Candidate`] for each way to get the basket, made from the router's
//!   plan by [`Candidate::of_plan`]. Its packages come back in the plan's order.
//!
//! Nothing is read from a clock and nothing is kept between calls: the same values give the same promise, whenever and
//! wherever it is computed. [`degraded`] answers where the inputs are missing. How dates are reckoned, and the sources,
//! are in `docs/promises.md`.
//!
//! A basket from New York to New York, two days before Thanksgiving:
//!
#![cfg_attr(feature = "calendar", doc = "```")]
#![cfg_attr(not(feature = "calendar"), doc = "```ignore")]
//! use engine::calendar::{CarrierCalendar, HolidayRule, NodeCalendar, ServiceCalendar, WorkCalendar};
//! use engine::model::{Currency, DayHours};
//! use engine::promise::*;
//!
//! // What the merchant says, read once and checked.
//! let five: Vec<String> = ["mon", "tue", "wed", "thu", "fri"].map(String::from).into();
//! let hours = DayHours { open: "08:00".into(), close: "18:00".into(), cutoff: Some("14:00".into()) };
//! let warehouse = WorkCalendar::new(&NodeCalendar {
//!     week: Some(five.iter().map(|day| (day.clone(), hours.clone())).collect()),
//!     holidays: Some(HolidayRule { country: "US".into(), ..HolidayRule::default() }),
//!     ..NodeCalendar::always("America/New_York")
//! }).unwrap();
//! let ground = CarrierCalendar::new(&ServiceCalendar {
//!     collects_on: five.clone(),
//!     delivers_on: five,
//!     ..ServiceCalendar::default()
//! }).unwrap();
//!
//! // What is kept in memory.
//! let now = "2026-11-24T16:47:00Z".parse().unwrap();
//! let east = SnapshotNode { code: "east", country: "US", region: None, calendar: &warehouse };
//! let snapshot = Snapshot::new([east], [("ground", ground)], now);
//! let transit = TransitModel::default();
//! let settings = PromiseSettings::default();
//!
//! // What one request brings: here one package, in a zone that states two days.
//! let standard = Candidate {
//!     id: "standard",
//!     method: Method::Delivery,
//!     price: 499,
//!     legs: vec![Leg {
//!         node: "east", service: "ground", zone: 0, stated_days: 2, origin: "NY", full: &[], stock_from: None,
//!     }],
//!     refused: None,
//! };
//! let promise = quote(&snapshot, &transit, &settings, &Ask {
//!     now,
//!     destination: Some(Destination {
//!         country: "US",
//!         region: None,
//!         postal: Some("10001"),
//!         zone: "America/New_York".parse().unwrap(),
//!         lane: "NY",
//!     }),
//!     locale: "en-US",
//!     currency: Currency::USD,
//!     candidates: &[standard],
//!     unknown_lines: &[],
//!     holds_until: None,
//! });
//!
//! let option = &promise.options[0];
//! // Thursday is Thanksgiving, so the second day of delivery is Friday.
//! assert_eq!(option.text.sentence, "Get it by Fri, Nov 27 if you order within 2 h 13 min");
//! assert_eq!(option.cutoff_at, Some("2026-11-24T19:00:00Z".parse().unwrap()));
//! assert!((option.confidence - 0.95).abs() < 1e-9);
//! ```

mod answer;
mod settings;
mod text;
mod transit;

#[cfg(feature = "calendar")]
mod ask;
#[cfg(feature = "calendar")]
mod quote;
#[cfg(feature = "calendar")]
mod snapshot;
#[cfg(feature = "calendar")]
mod ways;
#[cfg(feature = "calendar")]
mod wording;

pub use answer::{
    Countdown, DateRange, Method, OptionText, Promise, PromiseOption, PromiseStatus,
    PromisedPackage, Reason, RefusedOption,
};
pub use settings::{FallbackDays, PromiseSettings};
pub use text::{Locale, Value};
pub use transit::{BINS, Lane, PRIOR, TransitDistribution, TransitModel, Weights};

#[cfg(feature = "calendar")]
pub use self::{
    ask::{Ask, Candidate, Destination, Leg},
    quote::{degraded, probability_by, quote},
    snapshot::{NodeTimes, Snapshot, SnapshotNode},
};
