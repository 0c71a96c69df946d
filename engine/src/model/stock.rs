use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::ids::OrderId;
use super::node::NodeKind;
use super::scope::{StockPlace, StockScope};

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

/// Where on its shelves a node keeps a product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct StockBin {
    pub node: String,
    pub sku: String,
    /// As it is written there, such as `A-03-2`, at most 40 characters; `null` where it has no place of its own any more.
    pub bin: Option<String>,
}

/// Units on their way to a node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Incoming {
    /// Units, 1 to 1,000,000,000.
    pub quantity: i64,
    pub expected_at: DateTime<Utc>,
}

/// Units that are expected at a node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct IncomingStock {
    pub node: String,
    pub sku: String,
    /// What is on its way, all of it; empty where nothing is any more.
    pub incoming: Vec<Incoming>,
}

/// A delivery that is on its way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExpectedRow {
    pub node: String,
    pub sku: String,
    pub product_name: String,
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
    /// Until when nothing of it is sold, because the node has not found what it should have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped_until: Option<DateTime<Utc>>,
    /// In the answer to a change that left less than is reserved: the orders that are planned again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub planned_again: Vec<OrderId>,
}

impl StockRow {
    /// What can still be promised: on hand − reserved − safety stock, never below 0. The one place where this is
    /// said outside the statement that reserves.
    pub fn available(on_hand: i64, reserved: i64, safety_stock: i64) -> i64 {
        (on_hand - reserved - safety_stock).max(0)
    }
}

/// Units that are kept back from sale of what the rule is about. What it leaves out, it is about all of.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SafetyRule {
    /// One product. Narrower than a category.
    #[serde(default)]
    pub sku: Option<String>,
    /// All products of a category.
    #[serde(default)]
    pub category: Option<String>,
    /// One node. Narrower than a kind of node.
    #[serde(default)]
    pub node: Option<String>,
    /// All nodes of a kind.
    #[serde(default)]
    pub node_kind: Option<NodeKind>,
    /// Units kept back at each node, 0 to 1,000,000.
    pub units: i64,
}

impl SafetyRule {
    /// What it is about.
    pub fn scope(&self) -> StockScope<'_> {
        StockScope {
            sku: self.sku.as_deref(),
            category: self.category.as_deref(),
            node: self.node.as_deref(),
            node_kind: self.node_kind,
        }
    }

    /// What the narrowest of the rules keeps back of a row; nothing where none applies.
    pub fn units_for(rules: &[SafetyRule], row: &StockPlace<'_>) -> i64 {
        let fitting = rules.iter().filter(|rule| rule.scope().covers(row));
        let narrowest = fitting.max_by_key(|rule| rule.scope().narrowness());
        narrowest.map_or(0, |rule| rule.units)
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
    /// `counted`, `adjusted`, `reserved`, `held`, `released`, `shipped`, `picked_up`,
    /// `short_pick`, `safety_stock`.
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

/// What an import of counted stock has done, or in a dry run, what it would do.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StockImport {
    /// Whether it was only looked at. Nothing is written in a dry run, nor where there are problems.
    pub dry_run: bool,
    /// Rows of the file that could be read.
    pub rows: usize,
    /// Rows whose level or safety stock becomes another one; those that are new are among them.
    pub changed: usize,
    /// Rows of a node and SKU that were never counted before.
    pub new: usize,
    /// Units that the file has more and less than the ledger.
    pub units_up: i64,
    pub units_down: i64,
    /// Rows where less was found than is reserved.
    pub short: Vec<ShortStock>,
    /// Everything that is wrong with the file, by line.
    pub problems: Vec<RowProblem>,
}

/// A row where less was found than is reserved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ShortStock {
    pub node: String,
    pub sku: String,
    pub on_hand: i64,
    pub reserved: i64,
    /// Orders that it was reserved for and that are planned again; none in a dry run.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub orders: Vec<OrderId>,
}

/// What is wrong with a value of a file, and what would be right.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RowProblem {
    /// The line of the file, the header's being 1.
    pub line: u64,
    /// The column's name; `null` where it is about the whole line.
    pub column: Option<String>,
    /// What is wrong.
    pub wrong: String,
    /// What would be right.
    pub right: String,
}

impl std::fmt::Display for RowProblem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "line {}", self.line)?;
        if let Some(column) = &self.column {
            write!(f, ", {column}")?;
        }
        write!(f, ": {}; right would be {}", self.wrong, self.right)
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_narrowest_rule_wins() {
        let rule = |sku: &str, category: &str, node: &str, kind, units| SafetyRule {
            sku: Some(sku.to_owned()).filter(|text| !text.is_empty()),
            category: Some(category.to_owned()).filter(|text| !text.is_empty()),
            node: Some(node.to_owned()).filter(|text| !text.is_empty()),
            node_kind: kind,
            units,
        };
        let store = Some(NodeKind::Store);
        let rules = [
            rule("", "", "", None, 1),
            rule("", "", "", store, 2),
            rule("", "", "soho", None, 3),
            rule("", "tea", "", None, 4),
            rule("", "tea", "soho", None, 5),
            rule("GREEN", "", "", None, 6),
            rule("GREEN", "", "", store, 7),
        ];
        let of = |sku, category, node, kind| {
            let row = StockPlace {
                sku,
                category,
                node,
                kind,
            };
            SafetyRule::units_for(&rules, &row)
        };
        let (warehouse, store) = (NodeKind::Warehouse, NodeKind::Store);
        assert_eq!(of("CUP", None, "east", warehouse), 1);
        assert_eq!(of("CUP", None, "mall", store), 2);
        assert_eq!(of("CUP", None, "soho", store), 3);
        assert_eq!(of("BLACK", Some("tea"), "mall", store), 4);
        assert_eq!(of("BLACK", Some("tea"), "soho", store), 5);
        assert_eq!(of("GREEN", Some("tea"), "east", warehouse), 6);
        assert_eq!(of("GREEN", Some("tea"), "soho", store), 7);
    }
}
