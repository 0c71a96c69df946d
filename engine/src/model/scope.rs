//! What a rule about stock is about: some products, at some nodes.

use super::node::NodeKind;

/// A stock row as rules see it.
#[derive(Debug, Clone, Copy)]
pub struct StockPlace<'a> {
    pub sku: &'a str,
    pub category: Option<&'a str>,
    pub node: &'a str,
    pub kind: NodeKind,
}

/// What a rule is about. What it leaves out, it is about all of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StockScope<'a> {
    pub sku: Option<&'a str>,
    pub category: Option<&'a str>,
    pub node: Option<&'a str>,
    pub node_kind: Option<NodeKind>,
}

impl StockScope<'_> {
    /// How much it is about a single row: first by what, then by where.
    pub fn narrowness(&self) -> u8 {
        let flag = |given: bool, weight: u8| if given { weight } else { 0 };
        flag(self.sku.is_some(), 8)
            + flag(self.category.is_some(), 4)
            + flag(self.node.is_some(), 2)
            + flag(self.node_kind.is_some(), 1)
    }

    /// Whether the row is one that it is about.
    pub fn covers(&self, row: &StockPlace<'_>) -> bool {
        self.sku.is_none_or(|own| own == row.sku)
            && self.category.is_none_or(|own| Some(own) == row.category)
            && self.node.is_none_or(|own| own == row.node)
            && self.node_kind.is_none_or(|own| own == row.kind)
    }
}
