use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::ids::OrderId;

/// A counted level: the truth about `on_hand` at this moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct StockCount {
    pub node: String,
    pub sku: String,
    /// Units, 0 to 1,000,000,000.
    pub on_hand: i64,
    /// Units kept back from sale; stays as it is when left out.
    #[serde(default)]
    pub safety_stock: Option<i64>,
}

/// A change of a level.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct StockAdjustment {
    pub node: String,
    pub sku: String,
    /// Units, positive or negative, not 0.
    pub delta: i64,
    /// Why, for the ledger: `received`, `damaged`, `found`, …
    pub reason: String,
}

/// Units on their way to a node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Incoming {
    pub quantity: i64,
    pub expected_at: DateTime<Utc>,
}

/// The stock of one SKU at one node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StockRow {
    pub node: String,
    pub sku: String,
    pub product_name: String,
    pub on_hand: i64,
    pub reserved: i64,
    pub safety_stock: i64,
    /// on hand − reserved − safety stock, never below 0.
    pub available: i64,
    /// Units promised that are not there: reserved − on hand, never below 0.
    pub short: i64,
    pub incoming: Vec<Incoming>,
    pub updated_at: DateTime<Utc>,
}

impl StockRow {
    /// What can still be promised: on hand − reserved − safety stock, never below 0. The one place where this is
    /// said outside the statement that reserves.
    pub fn available(on_hand: i64, reserved: i64, safety_stock: i64) -> i64 {
        (on_hand - reserved - safety_stock).max(0)
    }
}

/// One entry of a stock row's ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StockMovementView {
    /// Number of the event that moved it.
    pub seq: i64,
    pub at: DateTime<Utc>,
    pub on_hand_delta: i64,
    pub reserved_delta: i64,
    /// `counted`, `adjusted`, `reserved`, `released`, `shipped`.
    pub cause: String,
    /// The reason that was given, if one was.
    pub reason: Option<String>,
    pub order_id: Option<OrderId>,
    pub order_number: Option<i64>,
    /// Who or what did it, as people read it.
    pub actor: String,
    /// On hand after this movement.
    pub on_hand_after: i64,
    /// Reserved after this movement.
    pub reserved_after: i64,
}

/// Which stock rows a list shows. Everything that is given must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StockFilter {
    pub sku: Option<String>,
    pub node: Option<String>,
    /// Text in the SKU or the product's name.
    pub q: Option<String>,
    pub only: Option<StockOnly>,
}

/// Rows that ask for attention.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StockOnly {
    /// Nothing available.
    OutOfStock,
    /// Something reserved.
    Reserved,
}
