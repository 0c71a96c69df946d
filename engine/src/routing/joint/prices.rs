//! Prices of what is contested, and the bound that they prove.
//!
//! With a price on each unit of contested supply the orders no longer need to know of each other (Geoffrion 1974): each
//! is solved exactly, and what they cost with prices, less what all supply is worth, is no more than what any plans for
//! them cost together. Where the sum of what they take differs from the supply is where the bound rises.
//!
//! Solving all orders is dear, so every plan ever found for an order is kept, and between two rounds of exact answers
//! the walk goes over the kept plans alone (column generation; Barnhart and others 1998). From the best of those prices
//! it goes back towards the ones that proved the best bound, half way (Wentges 1997), because kept plans know nothing
//! of what they have not met.

use super::solver::{Effort, Solver, Way, World};
use super::walk::Walk;
use super::window::Window;

/// Steps over the kept plans between two exact rounds.
const STEPS: u32 = 120;
/// How far above the best bound the first level is, as a share of it, and how much of that is left when the orders,
/// asked at the prices that were found, prove no more than before.
pub(super) const REACH: f64 = 0.004;
const NEARER: f64 = 0.5;
/// Exact answers that are exact enough to move prices.
pub(super) const ANSWER: Effort = Effort {
    max_explored: 2_000,
    slack: 0.05,
};
/// Kept plans that fit in a unit of work.
const PLANS_PER_UNIT: usize = 50;

/// What is known of the prices.
pub(super) struct Prices {
    /// The prices that prove the best bound.
    pub best: Vec<f64>,
    /// What no plans cost less than together.
    pub bound: f64,
    /// By supply: how much of its price is the same whoever gets it, because there is too little in all.
    pub premium: Vec<f64>,
    /// How far above the best bound it is worth looking, as a share of it.
    pub reach: f64,
    /// What orders that nothing comes in the way of cost.
    pub settled: f64,
}

impl Prices {
    /// Asks every order at these prices, keeps their plans, and the prices where they prove more than the best ones.
    pub fn ask(&mut self, window: &Window, solver: &mut Solver, kept: &mut [Vec<Way>], at: &[f64]) {
        let mut bound = self.settled - worth(window, at);
        let world = World {
            price: at,
            left: &window.supply,
        };
        for (o, _) in window.contested() {
            let (way, least) = solver.solve(window, o, world, ANSWER);
            bound += least;
            keep(&mut kept[o], way);
        }
        if bound > self.bound {
            self.bound = bound;
            self.best.clear();
            self.best.extend_from_slice(at);
        }
    }

    /// The best prices as a guide to who should get what, and not to whether anyone should.
    pub fn guide(&self) -> Vec<f64> {
        let pairs = self.best.iter().zip(&self.premium);
        pairs
            .map(|(price, premium)| (price - premium).max(0.0))
            .collect()
    }

    /// One round: the best prices that the kept plans know, half way back, and every order asked there.
    pub fn improve(&mut self, window: &Window, solver: &mut Solver, kept: &mut [Vec<Way>]) {
        let known = self.over_kept(window, solver, kept);
        let towards: Vec<f64> = known
            .iter()
            .zip(&self.best)
            .map(|(new, old)| 0.5 * (new + old))
            .collect();
        let before = self.bound;
        self.ask(window, solver, kept, &towards);
        if self.bound <= before {
            self.reach *= NEARER;
        }
    }

    /// Prices at which the kept plans alone would prove most, within a few steps.
    fn over_kept(&self, window: &Window, solver: &mut Solver, kept: &[Vec<Way>]) -> Vec<f64> {
        let enough = window.supply.len() - 1;
        let mut slope = vec![0.0; window.supply.len()];
        let mut walk = Walk::new(self.best.clone(), self.reach * self.bound.abs());
        let count: usize = kept.iter().map(Vec::len).sum();
        for _ in 0..STEPS {
            let mut value = self.settled - worth(window, &walk.at);
            for (slope, units) in slope.iter_mut().zip(&window.supply) {
                *slope = -units;
            }
            for (o, _) in window.contested() {
                let (at, least) = cheapest(&kept[o], &walk.at);
                value += least;
                for (of, units) in &kept[o][at].uses {
                    slope[*of as usize] += units;
                }
            }
            slope[enough] = 0.0;
            solver.work += 1 + (count / PLANS_PER_UNIT) as u64;
            if !walk.step(value, &slope) {
                break;
            }
        }
        walk.best_at
    }
}

/// What all contested supply is worth.
pub(super) fn worth(window: &Window, price: &[f64]) -> f64 {
    let supply = &window.supply[..window.supply.len() - 1];
    supply
        .iter()
        .zip(price)
        .map(|(units, price)| units * price)
        .sum()
}

/// The kept plan that is cheapest at prices, and what it costs at them.
pub(super) fn cheapest(kept: &[Way], price: &[f64]) -> (usize, f64) {
    let mut best = (0, f64::INFINITY);
    for (at, way) in kept.iter().enumerate() {
        let cost = way.at_prices(price);
        if cost < best.1 {
            best = (at, cost);
        }
    }
    best
}

/// Keeps a plan, once; where it is.
pub(super) fn keep(kept: &mut Vec<Way>, way: Way) -> usize {
    let same = |old: &Way| (old.cost - way.cost).abs() < 1e-7 && old.uses == way.uses;
    if let Some(at) = kept.iter().position(same) {
        return at;
    }
    kept.push(way);
    kept.len() - 1
}
