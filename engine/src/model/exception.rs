use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::ids::{ExceptionId, FulfillmentId, OrderId, UserId};
use super::money::Currency;
use super::order::status_enum;

status_enum! {
    /// What kind of trouble it is: the groups of the inbox.
    ExceptionKind {
        CannotRoute => "cannot_route", "Cannot route";
        OutOfStock => "out_of_stock", "Out of stock";
        LateRisk => "late_risk", "Late risk";
        NodeFailed => "node_failed", "Node failed";
        Carrier => "carrier", "Carrier";
        NotReceived => "not_received", "Delivered, not received";
        Returned => "returned", "Returned to sender";
        Address => "address", "Address";
        Hold => "hold", "Payment or risk";
        CustomerRequest => "customer_request", "Customer request";
        Integration => "integration", "Integration";
    }
}

status_enum! {
    /// How far an exception is.
    ExceptionState {
        Repairing => "repairing", "Being repaired";
        Open => "open", "Needs a person";
        Automatic => "automatic", "Repaired by itself";
        Resolved => "resolved", "Resolved";
    }
}

status_enum! {
    /// Why a fulfillment cannot stay as it is.
    Trouble {
        Rejected => "rejected", "Rejected by the node";
        ShortPick => "short_pick", "Not found at the node";
        NotAccepted => "not_accepted", "Not accepted in time";
        NodeDown => "node_down", "Node paused or closed";
        CapacityCut => "capacity_cut", "Capacity cut";
        StockShort => "stock_short", "Stock corrected below what is reserved";
        ServiceDown => "service_down", "Carrier service suspended";
        PromiseAtRisk => "promise_at_risk", "Promise at risk";
    }
}

impl Trouble {
    /// What the router is told.
    pub fn trigger(self) -> super::Trigger {
        use super::Trigger as T;
        match self {
            Trouble::Rejected => T::Rejected,
            Trouble::ShortPick => T::ShortPick,
            Trouble::NotAccepted => T::NotAccepted,
            Trouble::NodeDown => T::NodeDown,
            Trouble::CapacityCut => T::CapacityCut,
            Trouble::StockShort => T::StockShort,
            Trouble::ServiceDown => T::ServiceDown,
            Trouble::PromiseAtRisk => T::PromiseAtRisk,
        }
    }

    /// Where the inbox puts it.
    pub fn kind(self) -> ExceptionKind {
        match self {
            Trouble::Rejected | Trouble::NotAccepted | Trouble::NodeDown | Trouble::CapacityCut => {
                ExceptionKind::NodeFailed
            }
            Trouble::ShortPick | Trouble::StockShort => ExceptionKind::OutOfStock,
            Trouble::ServiceDown => ExceptionKind::Carrier,
            Trouble::PromiseAtRisk => ExceptionKind::LateRisk,
        }
    }
}

/// Trouble with an order: what happened, what is at stake, what was done about it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ExceptionRow {
    pub id: ExceptionId,
    pub kind: ExceptionKind,
    pub state: ExceptionState,
    pub order: Option<OrderId>,
    pub order_number: Option<i64>,
    pub fulfillment: Option<FulfillmentId>,
    /// Code of the node where it happened.
    pub node: Option<String>,
    /// One sentence that says what happened.
    pub cause: String,
    /// What it was seen by.
    pub evidence: serde_json::Value,
    /// Value of the goods in question, in minor units.
    pub at_stake: i64,
    pub currency: Currency,
    /// From when on it costs: the promise, or the cut-off that is in danger.
    pub due_at: Option<DateTime<Utc>>,
    pub snoozed_until: Option<DateTime<Utc>>,
    pub assigned_to: Option<UserId>,
    pub assigned_name: Option<String>,
    /// How it ended.
    pub resolution: Option<String>,
    /// How often it was seen while it was open.
    pub times: i64,
    pub raised_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub closed_at: Option<DateTime<Utc>>,
}

/// Which exceptions a list shows. Everything that is given must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExceptionFilter {
    /// `open` when none is given.
    #[serde(default)]
    pub state: Option<ExceptionState>,
    #[serde(default)]
    pub kind: Option<ExceptionKind>,
    #[serde(default)]
    pub order: Option<OrderId>,
    /// Only those that are mine, for a person who is signed in.
    #[serde(default)]
    pub mine: bool,
    /// Those that are snoozed, instead of those that are not.
    #[serde(default)]
    pub snoozed: bool,
    /// Closed at this time or after it.
    #[serde(default)]
    pub closed_from: Option<DateTime<Utc>>,
}

/// How many there are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ExceptionCounts {
    /// That need a person now, by kind; kinds with none are left out.
    pub open: Vec<(ExceptionKind, u64)>,
    pub snoozed: u64,
    pub repairing: u64,
    /// Repaired without anybody since the merchant's midnight.
    pub automatic_today: u64,
}

impl ExceptionCounts {
    /// That need a person now.
    pub fn total(&self) -> u64 {
        self.open.iter().map(|(_, n)| n).sum()
    }
}

/// What people do with exceptions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "action", rename_all = "snake_case", deny_unknown_fields)]
pub enum ExceptionAction {
    /// Out of the inbox until then.
    Snooze { until: DateTime<Utc> },
    /// Back into the inbox.
    Wake,
    /// To the person who asks.
    AssignToMe,
    /// To nobody.
    Unassign,
    /// It is over; why is kept.
    Resolve { reason: String },
}

/// Something that would end an exception, and what that would do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ExceptionFix {
    /// Names it when it is applied.
    pub id: String,
    /// What the button says: verb and noun.
    pub label: String,
    /// What it would do, in one sentence.
    pub detail: String,
    pub effect: FixEffect,
}

/// What a fix changes, as far as it can be said before.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FixEffect {
    /// More (or less) than the order costs now, in minor units.
    pub cost: Option<f64>,
    /// By when all of it would be there, in the words of the destination: `Fri, Nov 27`.
    pub arrives: Option<String>,
    /// How sure that is.
    pub probability: Option<f64>,
    /// Whether the promise would be kept; none where nothing was promised.
    pub keeps_promise: Option<bool>,
    /// Units that would still wait.
    pub waiting: i64,
}

/// How a merchant wants trouble to be repaired.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct RepairSettings {
    /// Minutes that a node which failed is not asked for the same SKU again, 1 to 43,200.
    pub leave_out_minutes: u32,
    /// Repairs of one order before a person is asked, 1 to 50.
    pub most_attempts: u32,
    /// Whether a faster service may be taken where it saves the promise.
    pub faster_service: bool,
}

impl Default for RepairSettings {
    fn default() -> Self {
        RepairSettings {
            leave_out_minutes: 240,
            most_attempts: 5,
            faster_service: true,
        }
    }
}
