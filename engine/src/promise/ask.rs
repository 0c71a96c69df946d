//! What a promise is asked for.

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;

use super::answer::{Method, Reason};
use crate::model::Currency;
use crate::routing::{Package, Plan, UnfilledReason};

/// A basket's routes, one for each way to get it, and where it goes.
#[derive(Debug, Clone)]
pub struct Ask<'a> {
    pub now: DateTime<Utc>,
    /// `None` where the postal code is not known.
    pub destination: Option<Destination<'a>>,
    pub locale: &'a str,
    pub currency: Currency,
    pub candidates: &'a [Candidate<'a>],
    /// Lines that are not part of the routes since nobody knows their SKU.
    pub unknown_lines: &'a [String],
    /// When something else ends what was computed: the stock's reservation, a new policy.
    pub holds_until: Option<DateTime<Utc>>,
}

/// Where it goes.
#[derive(Debug, Clone, Copy)]
pub struct Destination<'a> {
    /// ISO 3166-1 alpha-2.
    pub country: &'a str,
    /// The part of the country whose holidays count as well: `BY`.
    pub region: Option<&'a str>,
    /// `None` where only the country is known: dates are then those of a place in its midst, without a countdown.
    pub postal: Option<&'a str>,
    pub zone: Tz,
    /// Its region as lanes have it.
    pub lane: &'a str,
}

/// One way to get the basket.
#[derive(Debug, Clone)]
pub struct Candidate<'a> {
    /// A service level, or the node where it is collected.
    pub id: &'a str,
    pub method: Method,
    /// What the customer pays, in minor units.
    pub price: i64,
    /// The packages of its route.
    pub legs: Vec<Leg<'a>>,
    /// Why it cannot be had, where the route does not carry everything.
    pub refused: Option<Reason>,
}

/// One package's way.
#[derive(Debug, Clone, Copy)]
pub struct Leg<'a> {
    pub node: &'a str,
    pub service: &'a str,
    /// Position of the distance zone in the service's zones, and the days of transit that it states.
    pub zone: usize,
    pub stated_days: u32,
    /// The node's region as lanes have it.
    pub origin: &'a str,
    /// Days on which the node has no capacity left.
    pub full: &'a [NaiveDate],
    /// When the last of its goods arrives at the node, where they are not there yet.
    pub stock_from: Option<DateTime<Utc>>,
}

impl<'a> Candidate<'a> {
    /// From a route; `leg` looks up what the route does not say of a package.
    pub fn of_plan(
        id: &'a str,
        method: Method,
        price: i64,
        plan: &'a Plan,
        leg: impl FnMut(&'a Package) -> Leg<'a>,
    ) -> Self {
        // The reason that says most about what can be done.
        let refused = plan.unfilled.iter().map(|line| match line.reason {
            UnfilledReason::NoCapability => Reason::Restricted,
            UnfilledReason::NoStock | UnfilledReason::NoCapacity => Reason::NoStock,
            _ => Reason::NoService,
        });
        Candidate {
            id,
            method,
            price,
            legs: plan.packages.iter().map(leg).collect(),
            refused: refused.min(),
        }
    }
}
