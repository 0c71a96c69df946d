use std::collections::BTreeMap;

use engine::model::{NodeKind, StockCount};

use super::data::{Basket, NodeRow};
use super::pick;

/// SKUs on a store's shelves at most: what it sells most of.
const STORE_RANGE: usize = 260;

/// What lies on the shelves at the start, by node: stores hold what they sell, warehouses most of the catalog, third
/// parties a part of it, the vendor what is rare elsewhere. Some shelves have gaps.
pub fn opening(nodes: &[NodeRow], baskets: &[Basket]) -> Vec<StockCount> {
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
    let mut rows = Vec::new();
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
            let on_hand = match node.kind {
                NodeKind::Store if chance < 12 => 0,
                NodeKind::Store => 2 + units / 3,
                NodeKind::Warehouse if chance < 45 => continue,
                NodeKind::Warehouse => 4 + units / 4,
                NodeKind::ThirdParty if chance < 80 => continue,
                NodeKind::ThirdParty => 3 + units / 6,
                NodeKind::Vendor if chance < 88 => continue,
                NodeKind::Vendor => 10 + units / 2,
            };
            rows.push(StockCount {
                node: node.code.clone(),
                sku: sku.to_owned(),
                on_hand,
                safety_stock: Some(i64::from(node.kind == NodeKind::Store && chance >= 80)),
            });
        }
    }
    rows
}
