use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::ids::PromiseId;
use super::money::Currency;
use crate::promise::{
    DateRange, FallbackDays, Method, OptionText, PromiseStatus, PromisedPackage, Reason,
    RefusedOption,
};

/// A basket and where it goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewPromise {
    /// 1 to 100.
    pub lines: Vec<PromiseLine>,
    pub destination: PromiseDestination,
    /// Code of one of the merchant's channels. Where stock is divided among channels, only what this one may take is
    /// promised, and without one what is nobody's own.
    #[serde(default)]
    pub channel: Option<String>,
    /// Language of the texts, such as `en-US`, `de` or `es`; English unless told.
    #[serde(default)]
    pub locale: Option<String>,
    /// The merchant's own unless told.
    #[serde(default)]
    pub currency: Option<Currency>,
    /// Tells for each option which node sends what and when: for the merchant's own eyes. A secret key is needed.
    #[serde(default)]
    pub hints: bool,
    /// Reserves what the first option takes (or `option`, where that is given) until `held_until`; the order that cites
    /// the promise takes it over. A secret key that may place orders is needed.
    #[serde(default)]
    pub hold: bool,
    /// The option that the shopper has chosen, to hold stock for.
    #[serde(default)]
    pub option: Option<String>,
}

/// Units of a SKU in a basket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PromiseLine {
    pub sku: String,
    /// Units, 1 to 100,000.
    #[serde(default = "one")]
    pub quantity: u32,
}

fn one() -> u32 {
    1
}

/// Where a basket goes, as far as the shopper has said so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PromiseDestination {
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// Without it, dates are those of a place in the midst of the country, and nothing is counted down.
    #[serde(default)]
    pub postal_code: Option<String>,
}

/// What a shopper is told.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PromiseView {
    /// What the order cites as `delivery.promise_id`.
    pub id: PromiseId,
    /// Of the network and the policy that it was computed from.
    pub version: i64,
    pub status: PromiseStatus,
    /// Why there is none, where the status is `unavailable`.
    pub reason: Option<Reason>,
    /// The server's clock: what remains until `cutoff_at` is counted from here.
    pub now: DateTime<Utc>,
    pub issued_at: DateTime<Utc>,
    /// The earliest cut-off of the options.
    pub cutoff_at: Option<DateTime<Utc>>,
    /// Until when it may be shown and cited.
    pub expires_at: DateTime<Utc>,
    pub destination: PromisedDestination,
    /// Until when stock is held for it, where that was asked for.
    pub held_until: Option<DateTime<Utc>>,
    /// What there is to choose from, service levels first.
    pub options: Vec<PromiseChoice>,
    /// What cannot be chosen, and why.
    pub refused: Vec<RefusedOption>,
    /// SKUs of the basket that are not known; the dates are those of the others.
    pub unknown: Vec<String>,
    /// Said in place of options where there are none; empty where nothing is to be said.
    pub text: String,
    /// The locale of all texts.
    pub locale: String,
    /// The promise, signed: `BODY.SIGNATURE`. It may be cited in place of the id.
    pub token: String,
}

/// Where a promise is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PromisedDestination {
    pub country: String,
    pub postal: Option<String>,
    /// The time zone of the dates.
    pub tz: Option<String>,
    /// `postal`, or `country` where no postal code was given.
    pub precision: String,
}

/// One way to get the goods.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PromiseChoice {
    /// A service level, which the order names as `delivery.level`, or the node where it is collected.
    pub id: String,
    pub method: Method,
    /// Calendar dates at the destination. `null` where no date is sure enough; `days` then says what is usual.
    pub date: Option<DateRange>,
    pub days: Option<FallbackDays>,
    /// When it can be collected.
    pub ready_at: Option<DateTime<Utc>>,
    /// The probability that everything has arrived by `date.by`.
    pub confidence: f64,
    /// The last second at which an order still gets these dates.
    pub cutoff_at: Option<DateTime<Utc>>,
    /// When the last of its goods arrives at the node that sends them, where they are still on their way there.
    pub goods_from: Option<DateTime<Utc>>,
    /// How many packages it comes in.
    pub packages: usize,
    pub price: PromisePrice,
    /// Where it is collected.
    pub store: Option<PromiseStore>,
    pub text: OptionText,
    /// Which node sends what and when; only where `hints` were asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hints: Vec<PromisedPackage>,
}

/// An amount of money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PromisePrice {
    /// Minor units.
    pub amount: i64,
    pub currency: Currency,
}

/// A place of collection.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PromiseStore {
    pub name: String,
    pub city: String,
    pub postal: String,
    /// From the destination, great circle.
    pub km: f64,
}

/// The promise that an order cites, and what became of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OrderPromise {
    pub id: PromiseId,
    /// The option that the customer chose; `null` where the promise has none that fits the order.
    pub option: Option<String>,
    pub from: Option<NaiveDate>,
    pub by: Option<NaiveDate>,
    /// The probability that was stated.
    pub confidence: Option<f64>,
    /// Whether the plan keeps it: arrives by the date at the stated probability. `null` before it is routed.
    pub routed_within: Option<bool>,
    /// The probability that the plan arrives by the date.
    pub routed_confidence: Option<f64>,
    /// Why the order is not routed within it.
    pub why_not: Option<String>,
    /// `kept` or `late`, once everything is delivered.
    pub outcome: Option<String>,
    pub delivered_on: Option<NaiveDate>,
    pub days_late: Option<i64>,
}

/// How promises turned out.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PromiseRecord {
    /// Orders that cite a promise and have not arrived.
    pub open: u64,
    /// Of those, the ones that are not routed within their promise.
    pub outside: u64,
    /// Orders that arrived by the date, and that did not.
    pub kept: u64,
    pub late: u64,
    /// Arrived orders by the probability that was stated, by channel, by node, and by the way from origin to destination.
    pub by_stated: Vec<KeptRow>,
    pub by_channel: Vec<KeptRow>,
    pub by_node: Vec<KeptRow>,
    pub by_lane: Vec<KeptRow>,
}

/// Promises of one kind, and how they turned out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct KeptRow {
    pub name: String,
    pub promised: u64,
    pub kept: u64,
    /// The mean of the probabilities that were stated.
    pub stated: f64,
    /// Days that the late ones were late, in all.
    pub days_late: u64,
}

impl KeptRow {
    /// The share that was kept, and how far chance alone may have moved it: a 95 % interval (Wilson 1927).
    pub fn share(&self) -> (f64, f64, f64) {
        let (n, z) = (self.promised.max(1) as f64, 1.96);
        let share = self.kept as f64 / n;
        let spread = 1.0 + z * z / n;
        let middle = (share + z * z / (2.0 * n)) / spread;
        let half = z / spread * (share * (1.0 - share) / n + z * z / (4.0 * n * n)).sqrt();
        (share, (middle - half).max(0.0), (middle + half).min(1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_of_a_kept_share_is_wilsons() {
        let row = |promised, kept| KeptRow {
            name: String::new(),
            promised,
            kept,
            stated: 0.9,
            days_late: 0,
        };
        // As in textbooks: 8 of 10 leaves 49 to 94 %.
        let (share, low, high) = row(10, 8).share();
        assert!((share - 0.8).abs() < 1e-9);
        assert!((low - 0.490).abs() < 0.001 && (high - 0.943).abs() < 0.001);
        let (share, low, high) = row(0, 0).share();
        assert!(
            share.abs() + low.abs() < 1e-9 && high < 1.0,
            "{low} to {high}"
        );
    }
}
