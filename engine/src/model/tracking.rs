//! What carriers say of packages, and what customers are shown of their order.

use chrono::{DateTime, FixedOffset, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::ids::{FulfillmentId, LineId};
use super::money::Currency;
use super::order::status_enum;
use super::page::FieldError;

status_enum! {
    /// Where a package stands with its carrier. `delayed` is said by scans only: a package is delayed beside the status
    /// that it has.
    TrackingStatus {
        PreTransit => "pre_transit", "Label created";
        InTransit => "in_transit", "On its way";
        Delayed => "delayed", "Delayed";
        FailedAttempt => "failed_attempt", "Delivery attempted";
        OutForDelivery => "out_for_delivery", "Out for delivery";
        AvailableForPickup => "available_for_pickup", "Ready to collect";
        Exception => "exception", "There is a problem";
        ReturnToSender => "return_to_sender", "On its way back";
        Delivered => "delivered", "Delivered";
    }
}

impl TrackingStatus {
    /// What a carrier's word means: itself, another name that is in use for it, or the part before a `.`, `:` or `/`,
    /// which names what it is a case of. `None` for what nobody has heard of: the scan is shown, and changes nothing.
    pub fn of(word: &str) -> Option<Self> {
        let word = word.trim().to_ascii_lowercase().replace(['-', ' '], "_");
        let known = |word: &str| match word {
            "info_received" | "label_created" | "pending" => Some(Self::PreTransit),
            "transit" | "accepted" | "picked_up" => Some(Self::InTransit),
            "attempt_failed" | "attempt_fail" | "delivery_attempted" => Some(Self::FailedAttempt),
            "ready_for_pickup" => Some(Self::AvailableForPickup),
            "failure" | "error" => Some(Self::Exception),
            "returning" | "returned" => Some(Self::ReturnToSender),
            "delivery_delayed" => Some(Self::Delayed),
            other => other.parse().ok(),
        };
        known(&word).or_else(|| known(word.split(['.', ':', '/']).next()?))
    }
}

status_enum! {
    /// Why a package is late.
    DelayReason {
        CarrierDelay => "carrier_delay", "a delay at the carrier";
        Weather => "weather", "the weather";
        SortingError => "sorting_error", "it went the wrong way";
        Damaged => "damaged", "damage";
        Lost => "lost", "it cannot be found";
        Vehicle => "vehicle", "a vehicle";
        CustomsClearance => "customs_clearance", "customs";
        CustomsDocuments => "customs_documents", "customs papers";
        DutiesUnpaid => "duties_unpaid", "unpaid duties";
        AddressIncorrect => "address_incorrect", "the address";
        RecipientAbsent => "recipient_absent", "nobody was there";
        RecipientRefused => "recipient_refused", "it was refused";
        RecipientMoved => "recipient_moved", "the recipient has moved";
        AccessRestricted => "access_restricted", "no way in";
        BusinessClosed => "business_closed", "the business was closed";
        HeldByRequest => "held_by_request", "held as asked";
        HeldForPayment => "held_for_payment", "payment";
        Prohibited => "prohibited", "goods that may not be sent";
        NoFirstScan => "no_first_scan", "the carrier has not scanned it yet";
        NoMovement => "no_movement", "it takes longer than this way normally does";
        Unknown => "unknown", "no reason was given";
    }
}

status_enum! {
    /// What customers are written about.
    MessageKind {
        Confirmed => "confirmed", "Order confirmed";
        Shipped => "shipped", "Shipped";
        Delayed => "delayed", "Delayed";
        OutForDelivery => "out_for_delivery", "Out for delivery";
        ReadyToCollect => "ready_to_collect", "Ready to collect";
        Delivered => "delivered", "Delivered";
        Cancelled => "cancelled", "Cancelled";
        AddressChanged => "address_changed", "Address changed";
        ProblemReceived => "problem_received", "Problem received";
        Link => "link", "Link";
        Code => "code", "Code";
    }
}

/// What a carrier's scanner says of a package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewScan {
    /// 1 to 100 characters. It may come before the fulfillment has it: the scan waits.
    pub tracking_number: String,
    /// `pre_transit`, `in_transit`, `out_for_delivery`, `available_for_pickup`, `delivered`, `delayed`,
    /// `failed_attempt`, `return_to_sender` or `exception`, with a reason behind a dot where there is one
    /// (`delayed.weather`). What is none of them is kept and shown, and changes nothing.
    pub status: String,
    pub occurred_at: DateTime<FixedOffset>,
    /// The carrier's own id of the scan, 1 to 200 characters. The same again is the same scan.
    pub event_id: String,
    #[serde(default)]
    pub location: Option<String>,
    /// The carrier's own words.
    #[serde(default)]
    pub message: Option<String>,
}

/// What became of the scans of a call.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ScanReport {
    /// Scans that are new.
    pub accepted: u64,
    /// Scans that came before.
    pub repeated: u64,
    /// Of the new ones, those whose number no fulfillment has yet.
    pub unmatched: u64,
}

/// How a merchant's customers see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub struct TrackingSettings {
    /// The name on customers' pages and messages; the merchant's own where this is empty.
    pub name: String,
    /// `https://…`, at most 500 characters; none where this is empty.
    pub logo_url: String,
    /// `#rrggbb`
    pub color: String,
    /// Where customers turn to: an e-mail address or `https://…`; nowhere where this is empty.
    pub contact: String,
    /// Whether pages say which place a package comes from.
    pub show_origin: bool,
    /// Whether customers are written to.
    pub messages_on: bool,
    /// Hours after which a package that the carrier has not scanned counts as delayed, 1 to 240.
    pub first_scan_hours: u32,
}

impl Default for TrackingSettings {
    fn default() -> Self {
        TrackingSettings {
            name: String::new(),
            logo_url: String::new(),
            color: "#3f37b5".to_owned(),
            contact: String::new(),
            show_origin: false,
            messages_on: true,
            first_scan_hours: 24,
        }
    }
}

impl TrackingSettings {
    /// Everything that is wrong with it.
    pub fn check(&self) -> Result<(), Vec<FieldError>> {
        let mut errors = Vec::new();
        let mut wrong = |field: &str, detail: &str| {
            errors.push(FieldError::new(format!("#/{field}"), detail));
        };
        let fits = |text: &str, most: usize| {
            text.len() <= most && !text.chars().any(|c| c.is_control() || c == '"')
        };
        let is_url = |text: &str| text.starts_with("https://") && !text.contains(' ');
        if !fits(&self.name, 100) {
            wrong("name", "at most 100 characters, without quotation marks");
        }
        if !(self.logo_url.is_empty() || is_url(&self.logo_url) && fits(&self.logo_url, 500)) {
            wrong(
                "logo_url",
                "an address that starts with https://, at most 500 characters, or nothing",
            );
        }
        let digits = self.color.strip_prefix('#').unwrap_or_default();
        if digits.len() != 6 || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
            wrong("color", "a color such as #3f37b5");
        }
        let is_mail = |text: &str| text.contains('@') && !text.contains([' ', '<', '>']);
        let contact = &self.contact;
        if !contact.is_empty() && !((is_url(contact) || is_mail(contact)) && fits(contact, 300)) {
            wrong(
                "contact",
                "an e-mail address, an address that starts with https://, or nothing",
            );
        }
        if !(1..=240).contains(&self.first_scan_hours) {
            wrong("first_scan_hours", "1 to 240 hours");
        }
        if errors.is_empty() {
            Ok(())
        } else {
            Err(errors)
        }
    }

    /// Whether white reads better on the color than black.
    pub fn is_dark(&self) -> bool {
        let part = |from: usize| {
            let digits = self.color.get(from..from + 2).unwrap_or("00");
            let value = f64::from(u8::from_str_radix(digits, 16).unwrap_or(0)) / 255.0;
            // Relative luminance as WCAG defines it.
            if value <= 0.040_45 {
                value / 12.92
            } else {
                libm::pow((value + 0.055) / 1.055, 2.4)
            }
        };
        let luminance = 0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5);
        luminance < 0.179
    }
}

status_enum! {
    /// Where an order or a package stands for its customer.
    TrackedState {
        Waiting => "waiting", "Waiting for stock";
        Ordered => "ordered", "Ordered";
        Preparing => "preparing", "Being prepared";
        Shipped => "shipped", "Shipped";
        InTransit => "in_transit", "On its way";
        FailedAttempt => "failed_attempt", "We missed you";
        Exception => "exception", "There is a problem";
        ReturnToSender => "return_to_sender", "On its way back";
        OutForDelivery => "out_for_delivery", "Out for delivery";
        AvailableForPickup => "available_for_pickup", "Ready to collect from the carrier";
        ReadyToCollect => "ready_to_collect", "Ready to collect";
        Delivered => "delivered", "Delivered";
        Collected => "collected", "Collected";
        Cancelled => "cancelled", "Cancelled";
    }
}

/// What the customer of an order is shown. All texts are in `locale`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TrackingView {
    pub merchant: TrackedMerchant,
    pub locale: String,
    /// Of the dates, and of times that are not a scan's.
    pub time_zone: String,
    /// The order's number as the customer knows it.
    pub reference: String,
    pub state: TrackedState,
    /// State and date in one sentence.
    pub headline: String,
    /// How that compares with what was said.
    pub detail: Option<String>,
    pub expected_by: Option<NaiveDate>,
    pub promised_by: Option<NaiveDate>,
    /// Days that it is or was later than promised.
    pub days_late: Option<i64>,
    pub steps: Vec<TrackedStep>,
    /// The link is old: it says where the order stands and nothing more.
    pub status_only: bool,
    pub packages: Vec<TrackedPackage>,
    /// Why it comes in parts, where it does.
    pub split: Option<String>,
    /// What one can do, possible or not.
    pub actions: Vec<TrackedAction>,
    /// Newest day first.
    pub history: Vec<TrackedDay>,
    pub summary: Option<TrackedSummary>,
    pub updated_at: DateTime<Utc>,
    /// Changes whenever anything of this does.
    pub version: i64,
}

/// Whose order it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TrackedMerchant {
    pub name: String,
    pub logo_url: Option<String>,
    pub color: String,
    pub contact: Option<String>,
}

/// One of the steps from the order to the door.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TrackedStep {
    pub label: String,
    /// The last one that was reached.
    pub is_current: bool,
    pub is_done: bool,
}

/// A package, or what has not been sent yet.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TrackedPackage {
    /// `None` for what is in no package yet.
    pub id: Option<FulfillmentId>,
    /// `Package 1 of 2`, `Not shipped yet`
    pub title: String,
    pub state: TrackedState,
    pub headline: String,
    pub detail: Option<String>,
    pub expected_by: Option<NaiveDate>,
    pub delayed: Option<DelayReason>,
    pub carrier: Option<String>,
    /// All but the last characters are masked for whoever has only the link.
    pub tracking_number: Option<String>,
    /// Where it comes from, where the merchant says so, or where it is collected.
    pub place: Option<String>,
    /// What is named when it is collected; not for whoever has only the link.
    pub pickup_code: Option<String>,
    pub items: Vec<TrackedItem>,
}

/// Units of a product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TrackedItem {
    pub line: LineId,
    pub name: String,
    pub image_url: Option<String>,
    pub quantity: i64,
    /// For each, in minor units; not for whoever has only the link.
    pub unit_price: Option<i64>,
}

status_enum! {
    /// What a customer can do.
    TrackedActionKind {
        Cancel => "cancel", "Cancel";
        Address => "address", "Change the address";
        Problem => "problem", "Report a problem";
        Contact => "contact", "Contact";
    }
}

/// Something that a customer can do, until when, or why not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TrackedAction {
    pub kind: TrackedActionKind,
    pub label: String,
    pub is_possible: bool,
    /// Until when, or why not.
    pub note: Option<String>,
}

/// What happened on one day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TrackedDay {
    pub date: NaiveDate,
    pub label: String,
    /// Newest first.
    pub events: Vec<TrackedEvent>,
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TrackedEvent {
    pub at: DateTime<FixedOffset>,
    /// The time of day there, with the zone.
    pub time: String,
    pub text: String,
    pub place: Option<String>,
    /// The carrier's own words.
    pub said: Option<String>,
    /// Which package, where there are several.
    pub package: Option<usize>,
}

/// What was ordered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TrackedSummary {
    pub placed_on: String,
    /// The first letter of the customer's name and the city.
    pub to: String,
    /// The street, masked, for the browser that opened the link.
    pub street: Option<String>,
    pub items: Vec<TrackedItem>,
    /// Units that were cancelled.
    pub cancelled: i64,
    pub currency: Currency,
    /// In minor units; not for whoever has only the link.
    pub total: Option<i64>,
    /// The same as it is written.
    pub total_text: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_carriers_word_falls_back_to_what_it_is_a_case_of() {
        use TrackingStatus as S;
        for (word, status) in [
            ("in_transit", Some(S::InTransit)),
            ("Out For Delivery", Some(S::OutForDelivery)),
            ("in_transit.arrived_at_hub", Some(S::InTransit)),
            ("delayed:weather", Some(S::Delayed)),
            ("RETURNED", Some(S::ReturnToSender)),
            ("beamed_up", None),
            ("", None),
        ] {
            assert_eq!(TrackingStatus::of(word), status, "{word}");
        }
    }

    #[test]
    fn a_color_is_read_on_black_or_white_whichever_is_clearer() {
        let is_dark = |color: &str| {
            let settings = TrackingSettings {
                color: color.to_owned(),
                ..TrackingSettings::default()
            };
            settings.check().unwrap();
            settings.is_dark()
        };
        assert!(
            is_dark("#3f37b5") && is_dark("#000000") && !is_dark("#ffcc00") && !is_dark("#ffffff")
        );
        let bad = TrackingSettings {
            color: "red".into(),
            logo_url: "http://x".into(),
            ..TrackingSettings::default()
        };
        assert_eq!(bad.check().unwrap_err().len(), 2);
    }
}
