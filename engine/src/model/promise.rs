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
    /// Code of one of the merchant's channels.
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
