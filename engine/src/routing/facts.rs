//! The problem as indices and numbers, laid out for the search: which node can send what with which service, and what
//! a unit sent that way saves against leaving it.
//!
//! Everything is turned into *savings*: a unit that nobody sends costs `unfilled_per_unit`, a unit sent saves the
//! difference, a package has its fixed cost with `extra_package` in it. The cheapest plan is the one with the largest
//! gain, and its total is `base - gain - extra_package` (the first package is not an extra one).

use std::collections::HashMap;

use super::problem::{NodeSpec, Parts, Problem, ServiceSpec};
use crate::geo;
use crate::model::Zone;

/// One line that an option can send.
#[derive(Debug, Clone, Copy)]
pub(super) struct Offer {
    pub line: u32,
    /// Units: no more than the node holds, no more than the line asks for.
    pub units: f64,
    /// What a unit sent saves, always above 0.
    pub saving: f64,
}

/// A way to send a package: a node with one of its services.
#[derive(Debug, Clone, Copy)]
pub(super) struct Choice {
    pub node: u32,
    pub service: u32,
    /// Index of the zone in the service's list.
    pub zone: u32,
    pub late: bool,
    /// Whether the node's capacity, or stock that lines share, can bind.
    pub tight: bool,
    /// The whole package's cost with `extra_package`, whatever is in it.
    pub fixed: f64,
    /// Its offers, as a range of [`Facts::offers`].
    pub first: u32,
    last: u32,
}

/// What one order may take when others take from the same, as [`Facts::adapt`] needs it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Terms<'a> {
    /// What limits the stock of a node's SKU (as `Facts::stock`) and a node's capacity: indices into the next two.
    pub stock_of: &'a [u32],
    pub room_of: &'a [u32],
    /// What a unit costs on top.
    pub price: &'a [f64],
    /// Units left.
    pub left: &'a [f64],
}

/// What the search works on.
#[derive(Debug, Default)]
pub(super) struct Facts {
    /// By node, in the order of the problem's nodes.
    pub choices: Vec<Choice>,
    pub offers: Vec<Offer>,
    /// Units asked for, by line.
    pub quantity: Vec<f64>,
    /// Index of each line's SKU.
    pub sku: Vec<u32>,
    pub skus: usize,
    /// Whether two lines ask for one SKU.
    pub shared: bool,
    /// By line: whether another one asks for its SKU too.
    pub pooled: Vec<bool>,
    /// Units by node and SKU.
    pub stock: Vec<f64>,
    /// Units that each node can take; infinite for no limit.
    pub capacity: Vec<f64>,
    pub extra_package: f64,
    pub unfilled: f64,
    pub max_packages: usize,
    /// What it costs to send nothing.
    pub base: f64,
    /// Gains closer than this are equal: a fraction of a thousandth, more only where numbers are too large for that.
    pub tolerance: f64,
}

impl Facts {
    pub fn new(problem: &Problem) -> Self {
        let parts = problem.parts();
        Facts::of(parts, &served_nodes(parts))
    }

    /// The facts of an order, with what [`served_nodes`] says of the nodes and services that orders share.
    pub fn of(problem: Parts, serves: &[Option<Vec<bool>>]) -> Self {
        let lines = &problem.order.lines;
        let policy = problem.policy;
        let (sku, skus) = sku_indices(problem);
        let mut facts = Facts {
            quantity: lines.iter().map(|line| f64::from(line.quantity)).collect(),
            shared: skus.len() < lines.len(),
            skus: skus.len(),
            sku,
            stock: vec![0.0; problem.nodes.len() * skus.len()],
            capacity: Vec::with_capacity(problem.nodes.len()),
            extra_package: policy.extra_package,
            unfilled: policy.unfilled_per_unit,
            max_packages: policy.max_packages.map_or(usize::MAX, |most| most as usize),
            ..Facts::default()
        };
        let of_sku = |sku: &u32| facts.sku.iter().filter(|other| *other == sku).count();
        facts.pooled = facts.sku.iter().map(|sku| of_sku(sku) > 1).collect();
        let units: f64 = facts.quantity.iter().sum();
        facts.base = units * facts.unfilled;
        facts.tolerance = 1e-6 + 1e-12 * facts.base;
        let mut able = vec![false; lines.len()];
        let mut row: Vec<(u32, f64, f64)> = Vec::with_capacity(lines.len());
        for (n, node) in problem.nodes.iter().enumerate() {
            facts
                .capacity
                .push(node.capacity.map_or(f64::INFINITY, |most| most as f64));
            let held = &mut facts.stock[n * skus.len()..(n + 1) * skus.len()];
            fill_stock(held, node, &skus);
            if node.capacity == Some(0) || held.iter().all(|units| *units == 0.0) {
                continue;
            }
            for (able, line) in able.iter_mut().zip(lines) {
                *able = line.requires.iter().all(|r| node.provides.contains(r));
            }
            // Lines that it can send, how many units, and what a unit costs beside its shipping.
            row.clear();
            for (j, line) in lines.iter().enumerate() {
                let held = facts.stock[n * facts.skus + facts.sku[j] as usize];
                if able[j] && held > 0.0 {
                    let future = node.opportunity.get(&line.sku).copied().unwrap_or(0.0);
                    row.push((
                        j as u32,
                        held.min(facts.quantity[j]),
                        node.handling.per_unit + future,
                    ));
                }
            }
            let to = &problem.order.destination;
            let km = geo::distance_km(node.lat, node.lon, to.lat, to.lon);
            for (s, service) in problem.services.iter().enumerate() {
                if serves[s].as_ref().is_some_and(|serves| !serves[n]) {
                    continue;
                }
                if let Some(z) = zone_at(service, km) {
                    facts.add_choice(problem, n, s, z, &row);
                }
            }
        }
        facts
    }

    fn add_choice(
        &mut self,
        problem: Parts,
        n: usize,
        s: usize,
        z: usize,
        row: &[(u32, f64, f64)],
    ) {
        let (node, zone) = (&problem.nodes[n], &problem.services[s].zones[z]);
        let late = is_late(problem, &node.id, &problem.services[s].id, zone);
        let late_cost = if late {
            problem.policy.late_per_package
        } else {
            0.0
        };
        let first = self.offers.len();
        let mut units_in_all = 0.0;
        for &(line, units, beside) in row {
            let weight_g = problem.order.lines[line as usize].weight_g;
            let saving = self.unfilled - (zone.per_kg * weight_g / 1000.0 + beside);
            // A unit that is cheaper to leave is never sent.
            if saving > 0.0 {
                self.offers.push(Offer {
                    line,
                    units,
                    saving,
                });
                units_in_all += units;
            }
        }
        if self.offers.len() == first {
            return;
        }
        let tight = units_in_all > self.capacity[n] || (self.shared && self.shares(n, first));
        self.choices.push(Choice {
            node: n as u32,
            service: s as u32,
            zone: z as u32,
            late,
            tight,
            fixed: zone.per_package + node.handling.per_package + late_cost + self.extra_package,
            first: first as u32,
            last: self.offers.len() as u32,
        });
    }

    /// Whether lines of one SKU ask a node for more than it holds of it; the node's offers begin at `first`.
    fn shares(&self, node: usize, first: usize) -> bool {
        (0..self.skus).any(|sku| {
            let asked = self.offers[first..]
                .iter()
                .filter(|offer| self.sku[offer.line as usize] as usize == sku);
            asked.map(|offer| offer.units).sum::<f64>() > self.stock[node * self.skus + sku]
        })
    }

    /// Makes these the facts of `base` where units have a price on top of their cost and less is left to take from;
    /// `kept` tells which of its options each option is.
    pub fn adapt(&mut self, base: &Facts, terms: &Terms, kept: &mut Vec<u32>) {
        self.quantity.clone_from(&base.quantity);
        self.sku.clone_from(&base.sku);
        self.pooled.clone_from(&base.pooled);
        self.stock.clone_from(&base.stock);
        self.capacity.clone_from(&base.capacity);
        (self.skus, self.shared, self.max_packages) = (base.skus, base.shared, base.max_packages);
        (self.extra_package, self.unfilled) = (base.extra_package, base.unfilled);
        (self.base, self.tolerance) = (base.base, base.tolerance);
        self.choices.clear();
        self.offers.clear();
        kept.clear();
        for (c, choice) in base.choices.iter().enumerate() {
            let n = choice.node as usize;
            let room = terms.room_of[n] as usize;
            let capacity = base.capacity[n].min(terms.left[room]);
            self.capacity[n] = capacity;
            let (first, mut units_in_all) = (self.offers.len(), 0.0);
            for offer in base.offers(c as u32) {
                let at = n * base.skus + base.sku[offer.line as usize] as usize;
                let of = terms.stock_of[at] as usize;
                let held = base.stock[at].min(terms.left[of]);
                self.stock[at] = held;
                let units = offer.units.min(held);
                let saving = offer.saving - terms.price[of] - terms.price[room];
                if units > 0.0 && saving > 0.0 {
                    self.offers.push(Offer {
                        line: offer.line,
                        units,
                        saving,
                    });
                    units_in_all += units;
                }
            }
            if self.offers.len() == first || capacity <= 0.0 {
                self.offers.truncate(first);
                continue;
            }
            kept.push(c as u32);
            self.choices.push(Choice {
                tight: units_in_all > capacity || (self.shared && self.shares(n, first)),
                first: first as u32,
                last: self.offers.len() as u32,
                ..*choice
            });
        }
    }

    /// Drops services that another one of the same node is never dearer than, whatever is in the package.
    pub fn drop_dearer_services(&mut self) {
        let mut kept: Vec<Choice> = Vec::with_capacity(self.choices.len());
        let is_no_dearer = |a: &Choice, b: &Choice| {
            let of = |choice: &Choice| &self.offers[choice.first as usize..choice.last as usize];
            let mut mine = of(a).iter();
            a.fixed <= b.fixed
                && of(b).iter().all(|offer| {
                    mine.any(|other| other.line == offer.line && other.saving >= offer.saving)
                })
        };
        for choice in &self.choices {
            let of_node = kept
                .iter()
                .rposition(|a| a.node != choice.node)
                .map_or(0, |before| before + 1);
            if kept[of_node..].iter().any(|a| is_no_dearer(a, choice)) {
                continue;
            }
            let mut at = of_node;
            while at < kept.len() {
                if is_no_dearer(choice, &kept[at]) {
                    kept.remove(at);
                } else {
                    at += 1;
                }
            }
            kept.push(*choice);
        }
        self.choices = kept;
    }

    pub fn lines(&self) -> usize {
        self.quantity.len()
    }

    /// What an option can send.
    pub fn offers(&self, choice: u32) -> &[Offer] {
        let choice = &self.choices[choice as usize];
        &self.offers[choice.first as usize..choice.last as usize]
    }

    pub fn held(&self, node: u32, sku: u32) -> f64 {
        self.stock[node as usize * self.skus + sku as usize]
    }

    /// The plan's total for a gain, or that of sending nothing.
    pub fn total(&self, gain: f64, packages: usize) -> f64 {
        if packages == 0 {
            self.base
        } else {
            self.base - gain - self.extra_package
        }
    }
}

/// Whether a package is later than the order allows.
pub(super) fn is_late(problem: Parts, node: &str, service: &str, zone: &Zone) -> bool {
    let order = problem.order;
    let too_long = order.max_transit_days;
    let from = order.late_from.get(service);
    too_long.is_some_and(|most| zone.transit_days > most)
        || from.is_some_and(|nodes| nodes.iter().any(|code| code == node))
}

/// The first zone that reaches as far.
pub(super) fn zone_at(service: &ServiceSpec, km: f64) -> Option<usize> {
    service.zones.iter().position(|zone| zone.up_to_km >= km)
}

/// Each line's SKU as an index, and the SKUs in order.
fn sku_indices(problem: Parts<'_>) -> (Vec<u32>, Vec<&str>) {
    let lines = &problem.order.lines;
    let mut skus: Vec<&str> = lines.iter().map(|line| line.sku.as_str()).collect();
    skus.sort_unstable();
    skus.dedup();
    let index = |sku: &str| skus.binary_search(&sku).unwrap_or_default() as u32;
    (lines.iter().map(|line| index(&line.sku)).collect(), skus)
}

/// Looks each SKU up, or walks both lists side by side where that is less work.
fn fill_stock(held: &mut [f64], node: &NodeSpec, skus: &[&str]) {
    if node.stock.len() > 8 * skus.len() {
        for (held, sku) in held.iter_mut().zip(skus) {
            *held = node.stock.get(*sku).map_or(0.0, |units| *units as f64);
        }
        return;
    }
    let mut at = 0;
    for (sku, units) in &node.stock {
        while at < skus.len() && skus[at] < sku.as_str() {
            at += 1;
        }
        if at < skus.len() && skus[at] == sku.as_str() {
            held[at] = *units as f64;
        }
    }
}

/// By service, whether it serves each node; `None` where it serves all.
pub(super) fn served_nodes(problem: Parts) -> Vec<Option<Vec<bool>>> {
    let mut index = HashMap::new();
    if problem
        .services
        .iter()
        .any(|service| service.nodes.is_some())
    {
        index = problem
            .nodes
            .iter()
            .enumerate()
            .map(|(n, node)| (node.id.as_str(), n))
            .collect();
    }
    let serves = |service: &ServiceSpec| {
        let mut serves = vec![false; problem.nodes.len()];
        for id in service.nodes.as_ref()? {
            if let Some(n) = index.get(id.as_str()) {
                serves[*n] = true;
            }
        }
        Some(serves)
    };
    problem.services.iter().map(serves).collect()
}
