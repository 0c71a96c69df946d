//! What shoppers are told before there is an order, and whether it came true.
//!
//! 1. [`ask`]: a basket and a destination in, dates with their probability out. It is answered from a `world` in
//!    memory, kept up with the ledger by its events, and stored with the plans behind it.
//!    Stock may be held for it (`hold`) until the order comes.
//! 2. An order cites a promise (`cite`); the router plans it within what was promised, or says why not (`within`).
//! 3. What the delivery made of it is kept beside what was stated, and what the carrier took is learned (`outcome`) and
//!    shown beside what its services state (`observed`).

mod ask;
mod cite;
mod compute;
mod hold;
mod moved;
mod observed;
mod outcome;
mod record;
mod settings;
mod token;
mod ways;
mod within;
mod world;

pub use ask::{ask, ask_public, forget_old};
pub use hold::expire;
pub use moved::node_change;
pub use observed::service_times;
pub use record::{preview, track_record};
pub use settings::{put_settings, settings};

pub(crate) use cite::{Cited, cited, of_orders};
pub(crate) use compute::zone_of;
pub(crate) use hold::{HeldUnits, give_up, held_for, take_over};
pub(crate) use outcome::{delivered, settle};
pub(crate) use within::{Deadline, Moment, Within, deadlines, is_cited, record, yardstick};
pub(crate) use world::{Worlds, transit};

use engine::promise::Destination;

/// The part of a country that transit is learned for: the first three digits of the postal code.
pub(crate) fn lane_of(country: &str, postal: &str) -> String {
    let start: String = postal.trim().chars().take(3).collect();
    format!("{country}-{start}")
}

/// Where dates are counted; `lane` comes from [`lane_of`].
fn destination<'a>(
    country: &'a str,
    postal: Option<&'a str>,
    zone: &str,
    lane: &'a str,
) -> Destination<'a> {
    Destination {
        country,
        region: None,
        postal,
        zone: zone.parse().unwrap_or(chrono_tz::UTC),
        lane,
    }
}
