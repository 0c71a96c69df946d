use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::ids::EventId;

/// One entry of the merchant's event log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EventView {
    pub id: EventId,
    /// Number in the merchant's log, from 1, without gaps.
    pub seq: i64,
    /// What happened, such as `order.routed`.
    pub kind: String,
    /// What it happened to: an order's id, `node:CODE`, `stock:NODE/SKU`, …
    pub subject: String,
    /// Who or what did it, as people read it: `Ana Lopez`, `Key "Shop"`, `Router`.
    pub actor: String,
    pub at: DateTime<Utc>,
    /// One sentence that says it.
    pub summary: String,
    pub data: serde_json::Value,
}

/// What an event moved of one stock row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StockMove {
    pub node: String,
    pub sku: String,
    #[serde(default, skip_serializing_if = "is_zero")]
    pub on_hand: i64,
    #[serde(default, skip_serializing_if = "is_zero")]
    pub reserved: i64,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde asks for a reference"
)]
fn is_zero(n: &i64) -> bool {
    *n == 0
}
