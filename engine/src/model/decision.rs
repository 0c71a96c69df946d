use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::ids::DecisionId;
use super::order::status_enum;
use crate::routing::{Explanation, Plan, Problem};

status_enum! {
    /// Why a decision was taken.
    Trigger {
        NewOrder => "new_order", "New order";
        StockArrived => "stock_arrived", "Stock arrived";
        Released => "released", "Released from hold";
        Reroute => "reroute", "Rerouted by hand";
        Rejected => "rejected", "Rejected by the node";
        ShortPick => "short_pick", "Not found at the node";
        NotAccepted => "not_accepted", "Not accepted in time";
        NodeDown => "node_down", "Node paused or closed";
        CapacityCut => "capacity_cut", "Capacity cut";
        StockShort => "stock_short", "Stock corrected below what is reserved";
        ServiceDown => "service_down", "Carrier service suspended";
        PromiseAtRisk => "promise_at_risk", "Promise at risk";
        Moved => "moved", "Moved by hand";
        AddressChanged => "address_changed", "Address changed";
        Conflict => "conflict", "Stock changed while deciding";
    }
}

impl Trigger {
    /// Trouble that the router repairs without anybody asking for it.
    pub fn is_repair(self) -> bool {
        use Trigger as T;
        matches!(
            self,
            T::Rejected
                | T::ShortPick
                | T::NotAccepted
                | T::NodeDown
                | T::CapacityCut
                | T::StockShort
                | T::ServiceDown
                | T::PromiseAtRisk
        )
    }
}

/// A node that was ruled out before the engine was asked, and the rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RuledOut {
    pub node: String,
    /// `paused`, `does_not_ship`, `does_not_offer_pickup`, `not_the_pickup_node`, `rejected_before`,
    /// `failed_before`, `location_unknown`.
    pub rule: String,
    /// The rule with its numbers, as people read it.
    pub detail: String,
}

/// The other waiting orders that an order was planned with, on the stock and capacity that they share.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Together {
    /// How many orders, this one included.
    pub orders: u32,
    /// How much less the plans of all of them cost than those of the orders taken one by one, in minor units.
    pub saves: f64,
    /// Units of this order's SKUs that were left to the others, by node and SKU. They do not count as available.
    pub kept: BTreeMap<String, BTreeMap<String, u64>>,
}

/// A stored answer of the engine.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DecisionView {
    pub id: DecisionId,
    /// 1 for the order's first decision.
    pub run: i64,
    pub trigger: Trigger,
    pub decided_at: DateTime<Utc>,
    /// Microseconds that the engine took.
    pub took_us: i64,
    /// One sentence that says what was decided and why.
    pub summary: String,
    pub plan: Plan,
    /// The inputs as seen.
    pub problem: Problem,
    /// Nodes that never came into question, and why.
    pub ruled_out: Vec<RuledOut>,
    /// The orders that it was planned with, where it was not planned alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub together: Option<Together>,
    /// Each node's verdict, with its cost gap or the rule that ruled it out.
    pub explanation: Explanation,
}
