//! The orders as facts, and what they compete for.

use super::JointProblem;
use crate::routing::facts::{Facts, served_nodes};
use crate::routing::problem::{OrderSpec, Parts};

/// The orders, with the supply of which they could together take more than there is.
pub(super) struct Window<'a> {
    pub cases: Vec<Case<'a>>,
    /// Units there are: of a SKU at a node, or that a node can still take. The last entry stands for everything that
    /// there is enough of, and has no end.
    pub supply: Vec<f64>,
    /// By node: what its capacity is in `supply`.
    pub room_of: Vec<u32>,
    /// How many different SKUs are asked for.
    pub skus: usize,
}

/// One order.
pub(super) struct Case<'a> {
    pub parts: Parts<'a>,
    /// As if it were alone.
    pub facts: Facts,
    /// By node and SKU of the order, as its stock: what that is in the window's `supply`.
    pub stock_of: Vec<u32>,
    /// By SKU of the order: what it is among the window's SKUs.
    pub sku_of: Vec<u32>,
    /// Whether it could take of anything that there is not enough of.
    pub contested: bool,
}

impl<'a> Window<'a> {
    pub fn new(problem: &'a JointProblem) -> Self {
        let mut names: Vec<&str> = problem
            .orders
            .iter()
            .flat_map(|order| order.lines.iter().map(|line| line.sku.as_str()))
            .collect();
        names.sort_unstable();
        names.dedup();
        let parts = |order| Parts {
            order,
            nodes: &problem.nodes,
            services: &problem.services,
            policy: &problem.policy,
        };
        let serves = problem
            .orders
            .first()
            .map(|order| served_nodes(parts(order)));
        let serves = serves.unwrap_or_default();
        let case = |order: &'a OrderSpec| Case::new(parts(order), &serves, &names);
        let mut window = Window {
            cases: problem.orders.iter().map(case).collect(),
            supply: Vec::new(),
            room_of: Vec::new(),
            skus: names.len(),
        };
        window.find_contested(problem, &names);
        window
    }

    /// What the orders could together take, however they are planned, against what there is.
    fn find_contested(&mut self, problem: &JointProblem, names: &[&str]) {
        let mut asked = vec![0.0; problem.nodes.len() * names.len()];
        let mut asked_of_node = vec![0.0; problem.nodes.len()];
        for case in &self.cases {
            case.most_uses(|node, sku, units| {
                asked[node * names.len() + case.sku_of[sku] as usize] += units;
                asked_of_node[node] += units;
            });
        }
        // Stock is capped at what is asked for, so that however much there is the sums stay exact.
        let mut stock_at = vec![u32::MAX; asked.len()];
        for (n, node) in problem.nodes.iter().enumerate() {
            for (s, name) in names.iter().enumerate() {
                let at = n * names.len() + s;
                if asked[at] > 0.0 {
                    let held = node.stock.get(*name).map_or(0.0, |units| *units as f64);
                    if asked[at] > held {
                        stock_at[at] = self.supply.len() as u32;
                        self.supply.push(held);
                    }
                }
            }
        }
        for (node, asked) in problem.nodes.iter().zip(asked_of_node) {
            let room = node.capacity.map_or(f64::INFINITY, |most| most as f64);
            let at = if asked > room {
                self.supply.push(room);
                self.supply.len() as u32 - 1
            } else {
                u32::MAX
            };
            self.room_of.push(at);
        }
        let enough = self.supply.len() as u32;
        self.supply.push(f64::INFINITY);
        for room in &mut self.room_of {
            *room = enough.min(*room);
        }
        for case in &mut self.cases {
            let skus = case.facts.skus;
            for n in 0..problem.nodes.len() {
                for (s, sku) in case.sku_of.iter().enumerate() {
                    let at = stock_at[n * names.len() + *sku as usize];
                    case.stock_of[n * skus + s] = enough.min(at);
                }
            }
            let mut contested = false;
            case.most_uses(|node, sku, _| {
                contested |= case.stock_of[node * skus + sku] != enough;
                contested |= self.room_of[node] != enough;
            });
            case.contested = contested;
        }
    }

    /// Orders that others can come in the way of.
    pub fn contested(&self) -> impl Iterator<Item = (usize, &Case<'a>)> {
        self.cases
            .iter()
            .enumerate()
            .filter(|(_, case)| case.contested)
    }
}

impl<'a> Case<'a> {
    fn new(parts: Parts<'a>, serves: &[Option<Vec<bool>>], names: &[&str]) -> Self {
        let mut facts = Facts::of(parts, serves);
        facts.drop_dearer_services();
        let mut sku_of = vec![0; facts.skus];
        for (line, sku) in parts.order.lines.iter().zip(&facts.sku) {
            let at = names.binary_search(&line.sku.as_str());
            sku_of[*sku as usize] = at.unwrap_or_default() as u32;
        }
        Case {
            parts,
            stock_of: vec![0; facts.stock.len()],
            sku_of,
            facts,
            contested: false,
        }
    }

    /// Where a node's stock of what a line asks for is in `stock_of`.
    pub fn at(&self, node: u32, line: u32) -> usize {
        node as usize * self.facts.skus + self.facts.sku[line as usize] as usize
    }

    /// Tells the most that the order could take, by node and SKU of the order.
    pub fn most_uses(&self, mut tell: impl FnMut(usize, usize, f64)) {
        let facts = &self.facts;
        let mut most = vec![0.0; facts.lines()];
        for (c, choice) in facts.choices.iter().enumerate() {
            for offer in facts.offers(c as u32) {
                most[offer.line as usize] = offer.units;
            }
            let next = facts.choices.get(c + 1);
            if next.is_some_and(|next| next.node == choice.node) {
                continue;
            }
            for (units, sku) in most.iter_mut().zip(&facts.sku) {
                if *units > 0.0 {
                    tell(choice.node as usize, *sku as usize, *units);
                    *units = 0.0;
                }
            }
        }
    }
}
