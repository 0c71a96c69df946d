use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::ids::OrderId;
use super::order::OrderStatus;

/// An order that needs a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NeedsYou {
    pub order: OrderId,
    pub number: i64,
    pub status: OrderStatus,
    /// One line that says what is wrong.
    pub cause: String,
    pub since: DateTime<Utc>,
}

/// A node's next cut-off and what is still to be handed over by then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UpcomingCutoff {
    pub node: String,
    pub node_name: String,
    pub at: DateTime<Utc>,
    /// In the node's own time: `Tue, Nov 24, 14:00`.
    pub at_local: String,
    pub open_fulfillments: i64,
}

/// How many orders stand in a state, and since when the oldest of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlowStep {
    pub status: OrderStatus,
    pub count: u64,
    pub oldest: Option<DateTime<Utc>>,
}

/// What needs a person now, and how the day stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TodayView {
    pub now: DateTime<Utc>,
    pub needs_you: Vec<NeedsYou>,
    pub needs_you_total: u64,
    pub cutoffs: Vec<UpcomingCutoff>,
    pub flow: Vec<FlowStep>,
    /// Orders placed in the merchant's current local day.
    pub orders_today: u64,
    /// Of all open orders with a plan, the share (0 to 1) that goes out in one package; `None` without any.
    pub single_package_share: Option<f64>,
    /// What a new merchant still has to do; each with whether it is done.
    pub has_products: bool,
    pub has_nodes: bool,
    pub has_services: bool,
    pub has_stock: bool,
    pub has_orders: bool,
}
