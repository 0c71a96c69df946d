//! Waiting orders on too little stock: the router's real orders, with stock made to measure.

use std::collections::BTreeMap;

use engine::routing::joint::JointProblem;
use engine::routing::{NodeSpec, OrderSpec, Problem};

/// How much there is, as a share of what the window's orders ask for, and which of the ways to spread it.
#[derive(Clone, Copy)]
pub struct Stock {
    pub share: f64,
    pub seed: u64,
}

/// Orders that came one after the other, all to be shipped at the standard level. Units lie where the demonstration has
/// that SKU, more of them where it has more.
pub fn window(problems: &[Problem], count: usize, stock: Stock) -> JointProblem {
    let shipped: Vec<&Problem> = problems
        .iter()
        .filter(|problem| problem.services.len() > 1)
        .collect();
    let random = &mut Random(stock.seed * 1_000 + count as u64);
    let from = random.below((shipped.len() - count) as u64) as usize;
    let chosen = &shipped[from..from + count];
    let orders: Vec<OrderSpec> = chosen.iter().map(|problem| problem.order.clone()).collect();
    let mut nodes: Vec<NodeSpec> = chosen[0].nodes.clone();
    let mut held: BTreeMap<&str, Vec<(usize, u64)>> = BTreeMap::new();
    for problem in chosen {
        for (i, node) in problem.nodes.iter().enumerate() {
            for (sku, units) in &node.stock {
                let of_sku = held.entry(sku).or_default();
                if of_sku.iter().all(|(known, _)| *known != i) {
                    of_sku.push((i, *units));
                }
            }
        }
    }
    let mut demand: BTreeMap<&str, u64> = BTreeMap::new();
    for line in orders.iter().flat_map(|order| &order.lines) {
        *demand.entry(&line.sku).or_default() += u64::from(line.quantity);
    }
    for node in &mut nodes {
        node.stock.clear();
    }
    for (sku, units) in demand {
        let Some(of_sku) = held.get(sku) else {
            continue;
        };
        let all: u64 = of_sku.iter().map(|(_, units)| units).sum();
        for _ in 0..(units as f64 * stock.share).ceil() as u64 {
            let mut at = random.below(all);
            let found = of_sku.iter().find(|(_, units)| {
                let here = at < *units;
                at = at.saturating_sub(*units);
                here
            });
            if let Some((node, _)) = found {
                *nodes[*node].stock.entry(sku.to_owned()).or_default() += 1;
            }
        }
    }
    JointProblem {
        orders,
        nodes,
        services: chosen[0].services.clone(),
        policy: chosen[0].policy,
    }
}

/// Vigna's SplitMix64.
struct Random(u64);

impl Random {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % n.max(1)
    }
}
