//! Which packages to open: branch and bound over the relaxation.
//!
//! A branch has packages opened, options still in question, and ranges for how many packages and units the plan has.
//! Branching on those two counts first is what makes problems with scarce stock tractable: relaxed plans like to open
//! one and two thirds packages, or to send nine and a half units, and both neighbours are far more expensive.

mod bounding;

use super::ascent::Ascent;
use super::assign::Assigner;
use super::facts::Facts;
use super::greedy::Greedy;
use super::plan::Limits;
use super::relax::{Prices, Range, Relaxation};
use super::supply::Supply;

/// What the search came back with.
pub(super) struct Found {
    /// Options opened, by node.
    pub open: Vec<u32>,
    pub explored: u64,
    /// Work done, in the units of [`Limits::max_explored`].
    pub work: u64,
    pub proved: bool,
    /// The plan's total, and what no plan is cheaper than.
    pub total: f64,
    pub bound: f64,
}

/// What the relaxed plans of a branch had on average.
#[derive(Debug, Clone, Copy, Default)]
struct Shares {
    packages: f64,
    units: f64,
}

pub(super) struct Search<'a> {
    facts: &'a Facts,
    assigner: Assigner,
    relaxation: Relaxation,
    open: Vec<u32>,
    best: Vec<u32>,
    best_gain: f64,
    /// Share of recent relaxed plans that took each option.
    often: Vec<f64>,
    tried: Vec<u32>,
    trial: Vec<u32>,
    /// Work done, in offers looked at.
    work: u64,
    limit: u64,
    explored: u64,
    ascent: Ascent,
    slope: Vec<f64>,
    supply: Supply,
}

/// What to do with a branch once it is bounded.
enum Next {
    Pruned,
    Packages(usize),
    Units(f64),
    Option(u32),
}

/// Offers looked at in about a microsecond.
const OFFERS_PER_UNIT: u64 = 400;

/// The best plan that the work limit lets be found.
pub(super) fn search(facts: &Facts, limits: Limits) -> Found {
    search_from(facts, limits, &[])
}

/// The same, where a plan that opens `known` is good; none is known when it is empty.
pub(super) fn search_from(facts: &Facts, limits: Limits, known: &[u32]) -> Found {
    let mut search = Search {
        facts,
        assigner: Assigner::default(),
        relaxation: Relaxation::default(),
        open: Vec::new(),
        best: Vec::new(),
        // Nothing sent: the first package has no extra cost, which every gain below counts.
        best_gain: -facts.extra_package,
        often: vec![0.0; facts.choices.len()],
        tried: Vec::new(),
        trial: Vec::new(),
        work: 0,
        limit: limits.max_explored.saturating_mul(OFFERS_PER_UNIT),
        explored: 0,
        ascent: Ascent::default(),
        slope: Vec::new(),
        supply: Supply::default(),
    };
    let bound = search.run(known);
    let total = facts.total(search.best_gain, search.best.len());
    let least = facts.base - bound.max(search.best_gain) - facts.extra_package;
    let mut open = search.best;
    open.sort_unstable();
    Found {
        open,
        explored: search.explored,
        work: search.work / OFFERS_PER_UNIT,
        proved: bound <= search.best_gain + facts.tolerance,
        total,
        bound: least.min(total),
    }
}

impl Search<'_> {
    fn run(&mut self, known: &[u32]) -> f64 {
        let facts = self.facts;
        if facts.choices.is_empty() || facts.max_packages == 0 {
            return self.best_gain;
        }
        let candidates: Vec<u32> = (0..facts.choices.len() as u32).collect();
        if known.is_empty() {
            self.find_first_plans(&candidates);
        } else {
            self.trial.extend_from_slice(known);
            self.price_trial();
        }
        let units: f64 = facts.quantity.iter().sum();
        let range = Range {
            packages: (1, facts.max_packages),
            units: (0.0, units),
        };
        let prices = Prices {
            line: first_prices(facts),
            bonus: 0.0,
            metric: Vec::new(),
        };
        self.branch(candidates, prices, range, 0)
    }

    fn find_first_plans(&mut self, candidates: &[u32]) {
        for &choice in candidates {
            self.trial.clear();
            self.trial.push(choice);
            self.price_trial();
        }
        let mut greedy = Greedy::default();
        let (open, gain) = greedy.plan(self.facts, &mut self.assigner);
        self.work += greedy.work;
        if !open.is_empty() && gain > self.enough() {
            self.best_gain = gain;
            self.best = open;
        }
    }

    /// Prices the opened packages of `trial`, and keeps them when they are the best so far.
    fn price_trial(&mut self) -> f64 {
        self.explored += 1;
        self.work += 16 * self.trial.len() as u64;
        let gain = self
            .assigner
            .assign(self.facts, &self.trial, self.best_gain);
        if gain > self.enough() {
            self.best_gain = gain;
            self.best.clone_from(&self.trial);
        }
        gain
    }

    /// What a plan has to gain more than, to be better than the best one found.
    fn enough(&self) -> f64 {
        self.best_gain + self.facts.tolerance
    }

    fn is_out_of_work(&self) -> bool {
        self.work > self.limit
    }

    /// Searches a branch; the most that a plan in it can gain, no less than the best plan found gains.
    fn branch(
        &mut self,
        mut candidates: Vec<u32>,
        mut prices: Prices,
        mut range: Range,
        depth: u32,
    ) -> f64 {
        let opened = self.open.len();
        let mut bound = f64::INFINITY;
        let next = self.bound(&mut candidates, &mut prices, &mut range, &mut bound, depth);
        let result = match next {
            Next::Pruned => self.best_gain,
            _ if self.is_out_of_work() => bound,
            next => {
                let below = match next {
                    Next::Packages(most) => {
                        self.split(candidates, prices, range, depth, |low, high| {
                            low.packages.1 = most;
                            high.packages.0 = most + 1;
                        })
                    }
                    Next::Units(most) => {
                        self.split(candidates, prices, range, depth, |low, high| {
                            low.units.1 = most;
                            high.units.0 = most + 1.0;
                        })
                    }
                    Next::Option(choice) => {
                        self.split_option(candidates, prices, range, depth, choice)
                    }
                    Next::Pruned => self.best_gain,
                };
                below.min(bound)
            }
        };
        self.open.truncate(opened);
        result.max(self.best_gain)
    }

    fn split(
        &mut self,
        candidates: Vec<u32>,
        prices: Prices,
        range: Range,
        depth: u32,
        cut: impl Fn(&mut Range, &mut Range),
    ) -> f64 {
        let (mut low, mut high) = (range, range);
        cut(&mut low, &mut high);
        let first = self.branch(candidates.clone(), prices.clone(), high, depth + 1);
        first.max(self.branch(candidates, prices, low, depth + 1))
    }

    /// The option is opened, or another one of its node is, or none of them: without the last distinction a node's
    /// other service would take its place and leave the bound as it was.
    fn split_option(
        &mut self,
        candidates: Vec<u32>,
        prices: Prices,
        range: Range,
        depth: u32,
        choice: u32,
    ) -> f64 {
        let node = self.facts.choices[choice as usize].node;
        let others: Vec<u32> = candidates
            .iter()
            .copied()
            .filter(|c| self.facts.choices[*c as usize].node != node)
            .collect();
        self.open.push(choice);
        let mut inside = self.branch(others.clone(), prices.clone(), one_less(range), depth + 1);
        self.open.pop();
        let same: Vec<u32> = candidates
            .into_iter()
            .filter(|c| *c != choice && self.facts.choices[*c as usize].node == node)
            .collect();
        for other in same {
            self.open.push(other);
            let also = self.branch(others.clone(), prices.clone(), one_less(range), depth + 1);
            self.open.pop();
            inside = inside.max(also);
        }
        inside.max(self.branch(others, prices, range, depth + 1))
    }

    /// The relaxed plan's packages as a real plan.
    fn try_relaxed_plan(&mut self) {
        self.trial.clone_from(&self.open);
        let taken = self
            .relaxation
            .heads
            .iter()
            .filter(|head| head.taken)
            .map(|head| head.choice);
        self.trial.extend(taken);
        if self.trial.is_empty()
            || self.trial == self.tried
            || self.trial.len() > self.facts.max_packages
        {
            return;
        }
        self.tried.clone_from(&self.trial);
        if self.price_trial() > self.best_gain - 1e-9 {
            self.improve();
        }
    }

    /// Drops packages that do not pay.
    fn improve(&mut self) {
        let mut i = 0;
        while i < self.best.len() && self.best.len() > 1 {
            self.trial.clone_from(&self.best);
            self.trial.remove(i);
            let before = self.best_gain;
            self.price_trial();
            if self.best_gain > before {
                i = 0;
            } else {
                i += 1;
            }
        }
    }

    /// Where to branch.
    fn choose(&self, candidates: &[u32], range: &Range, seen: &Shares) -> Next {
        let most = range.packages.1.min(self.relaxation.heads.len());
        let whole = |x: f64| (x - x.round()).abs() < 0.15;
        let packages = seen.packages.floor() as usize;
        if !whole(seen.packages) && packages >= range.packages.0 && packages < most {
            return Next::Packages(packages);
        }
        let units = seen.units.floor();
        if !whole(seen.units)
            && units >= range.units.0
            && units < range.units.1
            && self.facts.unfilled > 20_000.0
        {
            return Next::Units(units);
        }
        let best = candidates.iter().max_by(|a, b| {
            let weight = |c: &u32| self.often[*c as usize] * self.size(*c).sqrt();
            weight(a).total_cmp(&weight(b)).then(b.cmp(a))
        });
        best.map_or(Next::Pruned, |choice| Next::Option(*choice))
    }

    /// Units that a package could hold: opening a large one says more of the plan than opening a small one.
    fn size(&self, choice: u32) -> f64 {
        let offers = self.facts.offers(choice);
        offers.iter().map(|offer| offer.units).sum()
    }
}

fn one_less(range: Range) -> Range {
    let (least, most) = range.packages;
    Range {
        packages: (least.saturating_sub(1), most - 1),
        units: range.units,
    }
}

/// Prices to begin with: what one more unit of the line would save, judged by the cheapest package that could bring it.
pub(super) fn first_prices(facts: &Facts) -> Vec<f64> {
    let mut best = vec![0.0; facts.lines()];
    let mut held = vec![0.0; facts.lines()];
    for (c, choice) in facts.choices.iter().enumerate() {
        let offers = facts.offers(c as u32);
        let units: f64 = offers.iter().map(|offer| offer.units).sum();
        let next = facts
            .choices
            .get(c + 1)
            .is_none_or(|next| next.node != choice.node);
        for offer in offers {
            let j = offer.line as usize;
            best[j] = f64::max(best[j], offer.saving - choice.fixed / units);
            if next {
                held[j] += offer.units;
            }
        }
    }
    // Of a line that nobody has enough of, a unit more asked for saves nothing.
    let price = |j: usize| {
        if held[j] < facts.quantity[j] {
            0.0
        } else {
            best[j].max(0.0)
        }
    };
    (0..facts.lines()).map(price).collect()
}
