//! What a promise says.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::settings::FallbackDays;
use crate::model::Currency;

/// What a shopper is told, and on what it rests.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Promise {
    pub status: PromiseStatus,
    /// Why there is none, where the status is `unavailable`.
    pub reason: Option<Reason>,
    /// When it was computed: what remains until `cutoff_at` is counted from here.
    pub now: DateTime<Utc>,
    /// The earliest cut-off of its options.
    pub cutoff_at: Option<DateTime<Utc>>,
    /// Until when it may be shown and cited.
    pub expires_at: DateTime<Utc>,
    /// In the order in which they were asked for.
    pub options: Vec<PromiseOption>,
    /// Options that cannot be offered, with the reason.
    pub refused: Vec<RefusedOption>,
    /// Lines whose SKU is not known; the dates are those of the others.
    pub unknown_lines: Vec<String>,
    /// Said in place of options where there are none; empty where nothing is to be said.
    pub text: String,
    /// The locale of all texts.
    pub locale: String,
}

/// How far a promise goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum PromiseStatus {
    /// There is at least one option with a date.
    Ok,
    /// No date is sure enough: there is only the service table's range.
    RangeOnly,
    /// Some lines are not known.
    Partial,
    /// Nothing can be delivered; the reason says why.
    Unavailable,
    /// From the service table, since the engine's own inputs were not to be had.
    Degraded,
    /// Nothing is said.
    None,
}

/// Why something cannot be promised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = PromiseReason))]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    NoStock,
    Restricted,
    NoService,
    UnknownSku,
    BadPostal,
}

impl Reason {
    pub fn as_str(self) -> &'static str {
        match self {
            Reason::NoStock => "no_stock",
            Reason::Restricted => "restricted",
            Reason::NoService => "no_service",
            Reason::UnknownSku => "unknown_sku",
            Reason::BadPostal => "bad_postal",
        }
    }
}

/// How goods reach the customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = PromiseMethod))]
#[serde(rename_all = "snake_case")]
pub enum Method {
    Delivery,
    Pickup,
}

/// One way to get the goods.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PromiseOption {
    /// A service level, or the node where it is collected.
    pub id: String,
    pub method: Method,
    /// `None` where no date is sure enough; `days` then says what is usual.
    pub date: Option<DateRange>,
    pub days: Option<FallbackDays>,
    /// When it can be collected.
    pub ready_at: Option<DateTime<Utc>>,
    /// The probability that everything has arrived by `date.by`; 0 without a date.
    pub confidence: f64,
    /// The last second at which an order still gets these dates. `None` where there is no date, and where only the
    /// country is known: elsewhere in it another node has another cut-off.
    pub cutoff_at: Option<DateTime<Utc>>,
    /// Minor units.
    pub price: i64,
    pub currency: Currency,
    pub packages: Vec<PromisedPackage>,
    pub text: OptionText,
}

/// Calendar dates at the destination.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DateRange {
    pub from: NaiveDate,
    pub by: NaiveDate,
}

/// A package of the plan behind a promise. Not for the public: it names nodes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PromisedPackage {
    pub node: String,
    pub service: String,
    /// The node's day that the order counts for.
    pub node_day: NaiveDate,
    pub ship_day: NaiveDate,
    /// When the carrier takes it, or the customer can.
    pub leaves_at: DateTime<Utc>,
    /// The dates of this package alone, at the same probabilities.
    pub date: Option<DateRange>,
    /// The probability that it has arrived by the option's date.
    pub confidence: f64,
}

/// An option that cannot be offered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RefusedOption {
    pub id: String,
    pub method: Method,
    pub reason: Reason,
    pub text: String,
}

/// What is said of an option.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OptionText {
    /// `Get it by tomorrow`
    pub summary: String,
    /// The same with the date in place of the word, for the accessible name: `Get it by Thu, Nov 26`.
    pub accessible: String,
    /// `if you order within 2 h 13 min`, while the cut-off is near.
    pub condition: Option<String>,
    /// Summary and condition as one sentence.
    pub sentence: String,
    /// How the sentence goes on while a page is open; there where `condition` is.
    pub countdown: Option<Countdown>,
    /// `to 80331`, `to Germany`
    pub place: String,
    /// `Free`
    pub price: String,
    /// `Arrives in 2 packages`, where there are several.
    pub packages: Option<String>,
    /// `Estimated date`, where there is a date.
    pub assurance: Option<String>,
}

/// The sentence with a place for what remains until `cutoff_at`, so that a page can count down in whole sentences
/// without asking again. The last three are ICU messages of `hours` and `minutes`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Countdown {
    /// `Get it by tomorrow if you order within {remaining}`
    pub sentence: String,
    /// The same with the date in place of the word.
    pub accessible: String,
    /// `Order now to get it by tomorrow`: with less than two minutes left.
    pub sentence_now: String,
    /// The same with the date in place of the word.
    pub accessible_now: String,
    /// `{hours} h {minutes} min`: with more than 60 minutes left.
    pub hours_minutes: String,
    /// `{hours, plural, one {# hour} other {# hours}}`: the same where no minutes are over.
    pub hours: String,
    /// `{minutes, plural, one {# minute} other {# minutes}}`
    pub minutes: String,
}
