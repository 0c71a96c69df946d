use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::ids::{DecisionId, FulfillmentId, LineId, OrderId};
use super::order::status_enum;
use super::work::Urgency;

status_enum! {
    /// Where the work of a node for an order stands.
    FulfillmentStatus {
        Assigned => "assigned", "Assigned";
        Accepted => "accepted", "Accepted";
        Packed => "packed", "Packed";
        Shipped => "shipped", "Shipped";
        Delivered => "delivered", "Delivered";
        ReadyForPickup => "ready_for_pickup", "Ready for pickup";
        PickedUp => "picked_up", "Picked up";
        Rejected => "rejected", "Rejected";
        Cancelled => "cancelled", "Cancelled";
    }
}

status_enum! {
    /// Why a node does not do it, in one word.
    RejectCause {
        OutOfStock => "out_of_stock", "Not on the shelf";
        Damaged => "damaged", "Damaged";
        Busy => "busy", "Too much to do";
        Closed => "closed", "Closed";
        Other => "other", "Something else";
    }
}

/// How much of a line was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PickedLine {
    /// The order line's id, as the fulfillment's lines have it.
    pub line: LineId,
    /// Units, 0 to what was to be picked.
    pub picked: i64,
}

impl FulfillmentStatus {
    /// The node still holds the goods, and they can still go back to stock.
    pub fn is_open(self) -> bool {
        matches!(
            self,
            Self::Assigned | Self::Accepted | Self::Packed | Self::ReadyForPickup
        )
    }

    /// The goods are no longer the node's.
    pub fn has_left(self) -> bool {
        matches!(self, Self::Shipped | Self::Delivered | Self::PickedUp)
    }

    /// Nothing of it counts any more.
    pub fn is_void(self) -> bool {
        matches!(self, Self::Rejected | Self::Cancelled)
    }
}

/// What a fulfillment takes of one order line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FulfillmentLineView {
    /// The order line's id.
    pub line: LineId,
    /// The order line's external id.
    pub external_id: String,
    pub sku: String,
    pub product_name: String,
    pub quantity: i64,
}

/// The work one node does for one order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FulfillmentView {
    pub id: FulfillmentId,
    pub node: String,
    pub node_name: String,
    /// Code of the carrier service; `null` for pickup.
    pub service: Option<String>,
    pub status: FulfillmentStatus,
    pub lines: Vec<FulfillmentLineView>,
    /// The decision that made it.
    pub decision: Option<DecisionId>,
    /// What the plan counted for this package, in minor units.
    pub cost: f64,
    /// By when the node has to have accepted it.
    #[serde(default)]
    pub accept_by: Option<DateTime<Utc>>,
    /// The same in the node's own time, as people read it.
    #[serde(default)]
    pub accept_by_local: Option<String>,
    /// The node's local day on which it works on it, `2026-11-25`: the day whose capacity it takes.
    #[serde(default)]
    pub work_day: Option<String>,
    /// By when the node has to hand it over.
    pub ship_by: Option<DateTime<Utc>>,
    /// The same in the node's own time, as people read it.
    pub ship_by_local: Option<String>,
    /// Days in transit that the service states for this distance.
    pub transit_days: Option<u32>,
    pub tracking_number: Option<String>,
    /// Why it was rejected or cancelled.
    pub reason: Option<String>,
    /// The same in one word, where the node has said it.
    #[serde(default)]
    pub cause: Option<RejectCause>,
    /// What the customer names to collect it; only for those who may see customers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pickup_code: Option<String>,
    /// Until when it is kept for the customer to collect.
    #[serde(default)]
    pub collect_by: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// A fulfillment in the work list of a node.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FulfillmentRow {
    #[serde(flatten)]
    pub fulfillment: FulfillmentView,
    pub order: OrderId,
    pub order_number: i64,
    /// Whether there is still time for what is to be done next.
    #[serde(default = "on_time")]
    pub urgency: Urgency,
}

fn on_time() -> Urgency {
    Urgency::OnTime
}
