use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::ids::OrderId;
use super::node::NodeKind;

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
    /// How much it is about a single row: first by what, then by where.
    pub fn narrowness(&self) -> u8 {
        let flag = |given: bool, weight: u8| if given { weight } else { 0 };
        flag(self.sku.is_some(), 8)
            + flag(self.category.is_some(), 4)
            + flag(self.node.is_some(), 2)
            + flag(self.node_kind.is_some(), 1)
    }

    /// Whether two rules are about the same.
    pub fn is_about_the_same(&self, other: &SafetyRule) -> bool {
        (&self.sku, &self.category, &self.node, self.node_kind)
            == (&other.sku, &other.category, &other.node, other.node_kind)
    }

    fn applies(&self, sku: &str, category: Option<&str>, node: &str, kind: NodeKind) -> bool {
        self.sku.as_ref().is_none_or(|own| own == sku)
            && self
                .category
                .as_deref()
                .is_none_or(|own| Some(own) == category)
            && self.node.as_ref().is_none_or(|own| own == node)
            && self.node_kind.is_none_or(|own| own == kind)
    }

    /// What the narrowest of the rules keeps back of a row; nothing where none applies.
    pub fn units_for(
        rules: &[SafetyRule],
        sku: &str,
        category: Option<&str>,
        node: &str,
        kind: NodeKind,
    ) -> i64 {
        let fitting = rules
            .iter()
            .filter(|rule| rule.applies(sku, category, node, kind));
        let narrowest = fitting.max_by_key(|rule| rule.narrowness());
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
    /// `counted`, `adjusted`, `reserved`, `held`, `released`, `shipped`, `safety_stock`.
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
        let of =
            |sku, category, node, kind| SafetyRule::units_for(&rules, sku, category, node, kind);
        let (warehouse, store) = (NodeKind::Warehouse, NodeKind::Store);
        assert_eq!(of("CUP", None, "east", warehouse), 1);
        assert_eq!(of("CUP", None, "mall", store), 2);
        assert_eq!(of("CUP", None, "soho", store), 3);
        assert_eq!(of("BLACK", Some("tea"), "mall", store), 4);
        assert_eq!(of("BLACK", Some("tea"), "soho", store), 5);
        assert_eq!(of("GREEN", Some("tea"), "east", warehouse), 6);
        assert_eq!(of("GREEN", Some("tea"), "soho", store), 7);
        assert_eq!(
            SafetyRule::units_for(&[], "CUP", None, "east", warehouse),
            0
        );
    }
}
