//! One order of the window, solved by the exact solver at prices and on what is left.

use super::window::Window;
use crate::routing::assign::Assigner;
use crate::routing::facts::{Facts, Terms};
use crate::routing::plan::{Limits, Plan};
use crate::routing::report;
use crate::routing::search;

/// A plan for one order.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Way {
    /// What it costs; prices are not costs.
    pub cost: f64,
    /// What it takes of the window's supply.
    pub uses: Vec<(u32, f64)>,
    /// Options of the case's facts that it opens.
    pub open: Vec<u32>,
}

/// What an order can be planned on.
#[derive(Debug, Clone, Copy)]
pub(super) struct World<'a> {
    /// By supply: what a unit costs on top.
    pub price: &'a [f64],
    /// By supply: units left.
    pub left: &'a [f64],
}

/// How exact an answer has to be.
#[derive(Debug, Clone, Copy)]
pub(super) struct Effort {
    pub max_explored: u64,
    /// Plans that differ by less are as good as each other.
    pub slack: f64,
}

/// Work that solving one order costs beside the search.
const OVERHEAD: u64 = 8;

/// Solves one order after another, without new space for each.
pub(super) struct Solver {
    facts: Facts,
    /// Which option of the case each option of `facts` is.
    kept: Vec<u32>,
    assigner: Assigner,
    /// Work done, and the limit on it; a unit is of the order of a microsecond.
    pub work: u64,
    limit: u64,
}

impl Solver {
    pub fn new(limit: u64) -> Self {
        Solver {
            facts: Facts::default(),
            kept: Vec::new(),
            assigner: Assigner::default(),
            work: 0,
            limit,
        }
    }

    /// Whether this share of the work is used up.
    pub fn is_past(&self, part: u64, of: u64) -> bool {
        self.work > self.limit / of * part
    }

    /// Work left until this share is used up.
    pub fn until(&self, part: u64, of: u64) -> u64 {
        (self.limit / of * part).saturating_sub(self.work)
    }

    /// The cheapest plan of an order at these prices; no plan is cheaper at them than the second figure.
    pub fn solve(&mut self, window: &Window, o: usize, world: World, effort: Effort) -> (Way, f64) {
        self.adapt(window, o, world);
        self.facts.tolerance += effort.slack;
        let limits = Limits {
            max_explored: effort.max_explored,
        };
        let found = search::search(&self.facts, limits);
        self.work += found.work + OVERHEAD;
        let bound = found.bound - self.facts.tolerance;
        (self.way(window, o, &found.open), bound)
    }

    /// The cheapest plan of an order on what is left, for which a plan is known; that one, where none is cheaper.
    pub fn settle(
        &mut self,
        window: &Window,
        o: usize,
        world: World,
        known: &Way,
        effort: Effort,
    ) -> (Way, Plan) {
        self.adapt(window, o, world);
        let known = known.open.iter();
        let known: Vec<u32> = known
            .filter_map(|c| self.kept.binary_search(c).ok())
            .map(|c| c as u32)
            .collect();
        let limits = Limits {
            max_explored: effort.max_explored,
        };
        let found = search::search_from(&self.facts, limits, &known);
        self.work += found.work + OVERHEAD;
        let plan = report::report(window.cases[o].parts, &self.facts, &found);
        (self.way(window, o, &found.open), plan)
    }

    fn adapt(&mut self, window: &Window, o: usize, world: World) {
        let case = &window.cases[o];
        let terms = Terms {
            stock_of: &case.stock_of,
            room_of: &window.room_of,
            price: world.price,
            left: world.left,
        };
        self.facts.adapt(&case.facts, &terms, &mut self.kept);
    }

    fn way(&mut self, window: &Window, o: usize, open: &[u32]) -> Way {
        let case = &window.cases[o];
        let mut way = Way {
            cost: case.facts.base,
            ..Way::default()
        };
        self.assigner.assign(&self.facts, open, f64::NEG_INFINITY);
        for (p, choice) in open.iter().enumerate() {
            let base = self.kept[*choice as usize];
            let of = case.facts.choices[base as usize];
            let mut units = 0.0;
            let sent = self.assigner.sent.iter();
            for sent in sent.filter(|sent| sent.package as usize == p && sent.units > 0.0) {
                let mut offers = case.facts.offers(base).iter();
                let offer = offers.find(|offer| offer.line == sent.line);
                way.cost -= sent.units * offer.map_or(0.0, |offer| offer.saving);
                units += sent.units;
                let stock = case.stock_of[case.at(of.node, sent.line)];
                way.take(stock, sent.units, &window.supply);
            }
            if units > 0.0 {
                way.cost += of.fixed;
                way.open.push(base);
                way.take(window.room_of[of.node as usize], units, &window.supply);
            }
        }
        if !way.open.is_empty() {
            way.cost -= case.facts.extra_package;
        }
        way
    }
}

impl Way {
    fn take(&mut self, of: u32, units: f64, supply: &[f64]) {
        if of as usize + 1 == supply.len() {
            return;
        }
        match self.uses.iter_mut().find(|(other, _)| *other == of) {
            Some((_, taken)) => *taken += units,
            None => self.uses.push((of, units)),
        }
    }

    /// What it takes of some supply.
    pub fn takes(&self, of: u32) -> f64 {
        let taken = self.uses.iter().find(|(other, _)| *other == of);
        taken.map_or(0.0, |(_, units)| *units)
    }

    /// What it costs with a price on what it takes.
    pub fn at_prices(&self, price: &[f64]) -> f64 {
        let priced = self.uses.iter();
        self.cost
            + priced
                .map(|(of, units)| price[*of as usize] * units)
                .sum::<f64>()
    }
}
