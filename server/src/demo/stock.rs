use std::collections::BTreeMap;

use engine::model::{NodeKind, StockCount};

use super::data::{Basket, NodeRow};
use super::pick;

/// SKUs on a store's shelves at most: what it sells most of.
const STORE_RANGE: usize = 260;

/// A place for one SKU at one node.
#[derive(Debug, Clone)]
pub struct Shelf {
    pub node: String,
    pub sku: String,
    /// Units at the start.
    pub opening: i64,
    /// Units that it is filled up to.
    pub full: i64,
    /// Units that are kept back from sale.
    pub kept_back: i64,
}

impl Shelf {
    /// What lies on it at the start, as it would be counted.
    pub fn count(&self) -> StockCount {
        StockCount {
            node: self.node.clone(),
            sku: self.sku.clone(),
            on_hand: self.opening,
            safety_stock: Some(self.kept_back),
        }
    }
}

/// What each node holds: stores what they sell, warehouses nearly all of the catalog, third parties a part of it, the
/// vendor what nobody else has. Some shelves are empty at the start, and specialties are short, so that an order is
/// split or waits now and then.
pub fn shelves(nodes: &[NodeRow], baskets: &[Basket]) -> Vec<Shelf> {
    let mut by_store: BTreeMap<&str, BTreeMap<&str, i64>> = BTreeMap::new();
    let mut sold: BTreeMap<&str, i64> = BTreeMap::new();
    for basket in baskets {
        for (sku, quantity, _) in &basket.lines {
            *by_store
                .entry(&basket.store)
                .or_default()
                .entry(sku)
                .or_default() += quantity;
            *sold.entry(sku).or_default() += quantity;
        }
    }
    let mut shelves = Vec::new();
    for node in nodes {
        let wanted: Vec<(&str, i64)> = if node.kind == NodeKind::Store {
            let mut range: Vec<_> = by_store
                .get(&*node.code)
                .into_iter()
                .flatten()
                .map(|(sku, units)| (*sku, *units))
                .collect();
            range.sort_by_key(|(sku, units)| (-units, *sku));
            range.truncate(STORE_RANGE);
            range
        } else {
            sold.iter().map(|(sku, units)| (*sku, *units)).collect()
        };
        for (sku, units) in wanted {
            let chance = pick(&format!("{} {sku}", node.code), 100);
            let is_specialty = pick(&format!("specialty {sku}"), 1_000) < 30;
            let full = match node.kind {
                NodeKind::Store if is_specialty => continue,
                NodeKind::Store => 3 + units / 3,
                NodeKind::Warehouse if is_specialty || chance < 10 => continue,
                NodeKind::Warehouse => 8 + units / 4,
                NodeKind::ThirdParty if is_specialty || chance < 60 => continue,
                NodeKind::ThirdParty => 4 + units / 6,
                NodeKind::Vendor if is_specialty => 3 + units / 20,
                NodeKind::Vendor if chance < 92 => continue,
                NodeKind::Vendor => 10 + units / 2,
            };
            let store = node.kind == NodeKind::Store;
            shelves.push(Shelf {
                node: node.code.clone(),
                sku: sku.to_owned(),
                opening: if store && chance < 10 { 0 } else { full },
                full,
                kept_back: i64::from(store && chance >= 80),
            });
        }
    }
    shelves
}
