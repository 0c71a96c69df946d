//! Plans that fit together, made cheaper together.
//!
//! Everything starts from plans that fit: orders taken in turn, each on what the ones before it left. Then, where an
//! order has a plan that would be cheaper at the prices than the one it has, the orders in the way of it are planned
//! again around it (an ejection, Glover 1996), and where that does not pay, a few orders choose anew together among the
//! plans that are kept, by branch and bound. A change is made only when the total falls.

use super::group;
use super::prices::{Prices, cheapest, keep};
use super::solver::{Effort, Solver, Way, World};
use super::window::Window;

/// Changes that save less are none.
pub(super) const TOLERANCE: f64 = 1e-6;
/// At prices, plans that differ by less are not worth a change.
const WORTH_WHILE: f64 = 0.01;
/// A good plan without a proof.
pub(super) const QUICK: Effort = Effort {
    max_explored: 60,
    slack: 0.0,
};
/// Times that every order is gone over, at most.
const ROUNDS: u32 = 8;
/// Orders that an ejection moves, at most.
const MOST_MOVED: usize = 10;
/// The share of what the first one would gain that is much for those that move because of it.
const MUCH: f64 = 0.5;

/// A plan for each order, which together take no more than there is.
pub(super) struct Plans<'a, 'b> {
    window: &'a Window<'b>,
    /// Plans found for each order.
    pub kept: Vec<Vec<Way>>,
    /// Which of them it has.
    at: Vec<usize>,
    pub left: Vec<f64>,
    /// By supply, the orders that take of it.
    holders: Vec<Vec<u32>>,
    price: Vec<f64>,
    guide: Vec<f64>,
    free_of_price: Vec<f64>,
}

impl<'a, 'b> Plans<'a, 'b> {
    /// Plans for orders taken in turn, each on what the ones before it left.
    pub fn in_turn(
        window: &Window,
        solver: &mut Solver,
        sequence: &[usize],
        price: &[f64],
        mut effort: impl FnMut(&Solver) -> Effort,
    ) -> Vec<(Way, f64)> {
        let mut left = window.supply.clone();
        let mut ways = vec![(Way::default(), 0.0); window.cases.len()];
        for &o in sequence {
            let world = World { price, left: &left };
            let effort = effort(solver);
            let (way, least) = solver.solve(window, o, world, effort);
            for (of, units) in &way.uses {
                left[*of as usize] -= units;
            }
            ways[o] = (way, least);
        }
        ways
    }

    /// Begins with plans that fit together.
    pub fn new(window: &'a Window<'b>, kept: Vec<Vec<Way>>, ways: Vec<Way>) -> Self {
        let mut plans = Plans {
            window,
            at: vec![0; kept.len()],
            kept,
            left: window.supply.clone(),
            holders: vec![Vec::new(); window.supply.len()],
            price: vec![0.0; window.supply.len()],
            guide: vec![0.0; window.supply.len()],
            free_of_price: vec![0.0; window.supply.len()],
        };
        for (o, way) in ways.into_iter().enumerate() {
            plans.put_new(o, way);
        }
        plans
    }

    pub fn total(&self) -> f64 {
        (0..self.at.len()).map(|o| self.way(o).cost).sum()
    }

    pub fn way(&self, o: usize) -> &Way {
        &self.kept[o][self.at[o]]
    }

    /// Goes over every order until nothing gets cheaper.
    pub fn improve(&mut self, solver: &mut Solver, prices: &Prices) {
        self.price.clone_from(&prices.best);
        self.guide = prices.guide();
        for _ in 0..ROUNDS {
            let before = self.total();
            self.plan_each_again(solver);
            self.move_to_wishes(solver);
            if self.total() > before - TOLERANCE || solver.is_past(7, 8) {
                break;
            }
        }
    }

    /// Each order again, on what the others leave.
    fn plan_each_again(&mut self, solver: &mut Solver) {
        for (o, _) in self.window.contested() {
            let (before, cost) = (self.at[o], self.way(o).cost);
            self.free(o);
            let at = self.solve(solver, o, false);
            let is_cheaper = self.kept[o][at].cost < cost - TOLERANCE;
            self.put(o, if is_cheaper { at } else { before });
            if solver.is_past(7, 8) {
                break;
            }
        }
    }

    /// Orders whose plan is dearer at the prices than their cheapest one, the most so first.
    fn move_to_wishes(&mut self, solver: &mut Solver) {
        let mut seeds: Vec<(f64, usize)> = self
            .window
            .contested()
            .map(|(o, _)| (self.regret(o), o))
            .filter(|seed| seed.0 > WORTH_WHILE)
            .collect();
        seeds.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        for (_, o) in seeds {
            if solver.is_past(7, 8) {
                break;
            }
            if self.regret(o) > WORTH_WHILE {
                self.eject(solver, o);
            }
            if self.regret(o) > WORTH_WHILE {
                self.choose_together(solver, o);
            }
        }
    }

    /// What an order's plan costs more at the prices than the cheapest one that is known for it.
    fn regret(&self, o: usize) -> f64 {
        self.way(o).at_prices(&self.price) - cheapest(&self.kept[o], &self.price).1
    }

    /// Gives an order its cheapest plan at the prices, and plans those that are in its way again: on what is left, or,
    /// where that is much dearer than what they wish, so that others have to move in turn.
    fn eject(&mut self, solver: &mut Solver, o: usize) {
        let much = MUCH * self.regret(o);
        let mut moved = vec![(o, self.at[o])];
        let (mut before, mut after) = (self.way(o).cost, 0.0);
        self.free(o);
        let mut placed = 0;
        while placed < moved.len() && after < before {
            let x = moved[placed].0;
            let (wish, at_prices) = cheapest(&self.kept[x], &self.price);
            let mut at = wish;
            if placed > 0 {
                at = self.solve(solver, x, true);
                if self.kept[x][at].at_prices(&self.price) - at_prices > much {
                    at = wish;
                }
            }
            let in_the_way = self.in_the_way(x, at, &moved);
            let in_the_way = in_the_way.filter(|found| moved.len() + found.len() <= MOST_MOVED);
            match in_the_way {
                Some(found) => {
                    for x in found {
                        moved.push((x, self.at[x]));
                        before += self.way(x).cost;
                        self.free(x);
                    }
                }
                None if placed == 0 => break,
                None => at = self.solve(solver, x, true),
            }
            self.put(x, at);
            after += self.way(x).cost;
            placed += 1;
        }
        if placed == moved.len() && after < before - TOLERANCE {
            return;
        }
        moved[..placed].iter().for_each(|(x, _)| self.free(*x));
        for (x, at) in moved {
            self.put(x, at);
        }
    }

    /// Lets an order and those around it choose anew among their kept plans.
    fn choose_together(&mut self, solver: &mut Solver, seed: usize) {
        let mut members = vec![(seed, self.at[seed])];
        let mut cost = self.way(seed).cost;
        self.free(seed);
        let mut next = 0;
        while next < members.len() && members.len() < group::MOST {
            let o = members[next].0;
            let (wish, _) = cheapest(&self.kept[o], &self.price);
            for o in self.in_the_way(o, wish, &members).unwrap_or_default() {
                if members.len() < group::MOST {
                    members.push((o, self.at[o]));
                    cost += self.way(o).cost;
                    self.free(o);
                }
            }
            next += 1;
        }
        let kept: Vec<&[Way]> = members
            .iter()
            .map(|(o, _)| self.kept[*o].as_slice())
            .collect();
        let chosen = group::choose(&kept, &self.price, &mut self.left, cost - TOLERANCE);
        solver.work += chosen.work;
        for (m, (o, before)) in members.into_iter().enumerate() {
            self.put(o, chosen.at.as_ref().map_or(before, |at| at[m]));
        }
    }

    /// Orders that hold what an order, which holds nothing now, would need for one of its plans: those that lose least,
    /// as far as is known. `None` when those in `moved` hold it, who are not to move again.
    fn in_the_way(&self, o: usize, wish: usize, moved: &[(usize, usize)]) -> Option<Vec<usize>> {
        let mut found: Vec<usize> = Vec::new();
        for (of, units) in &self.kept[o][wish].uses {
            let freed: f64 = found.iter().map(|x| self.way(*x).takes(*of)).sum();
            let mut lacks = units - self.left[*of as usize] - freed;
            if lacks <= 0.0 {
                continue;
            }
            let holders = self.holders[*of as usize].iter().map(|x| *x as usize);
            let mut holders: Vec<(f64, usize)> = holders
                .filter(|x| !found.contains(x) && moved.iter().all(|(other, _)| other != x))
                .map(|x| {
                    let without = self.kept[x].iter().filter(|way| way.takes(*of) <= 0.0);
                    let costs = without.map(|way| way.at_prices(&self.price));
                    let least = costs.fold(f64::INFINITY, f64::min);
                    (least - self.way(x).at_prices(&self.price), x)
                })
                .collect();
            holders.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            for (_, x) in holders {
                if lacks <= 0.0 {
                    break;
                }
                lacks -= self.way(x).takes(*of);
                found.push(x);
            }
            if lacks > 0.0 {
                return None;
            }
        }
        Some(found)
    }

    /// Solves an order on what is left and keeps the plan; where it is.
    fn solve(&mut self, solver: &mut Solver, o: usize, guided: bool) -> usize {
        let price = if guided {
            &self.guide
        } else {
            &self.free_of_price
        };
        let world = World {
            price,
            left: &self.left,
        };
        let (way, _) = solver.solve(self.window, o, world, QUICK);
        keep(&mut self.kept[o], way)
    }

    pub fn free(&mut self, o: usize) {
        for (of, units) in &self.kept[o][self.at[o]].uses {
            self.left[*of as usize] += units;
            self.holders[*of as usize].retain(|holder| *holder as usize != o);
        }
    }

    fn put(&mut self, o: usize, at: usize) {
        self.at[o] = at;
        for (of, units) in &self.kept[o][at].uses {
            self.left[*of as usize] -= units;
            self.holders[*of as usize].push(o as u32);
        }
    }

    /// Gives an order, which holds nothing now, a plan.
    pub fn put_new(&mut self, o: usize, way: Way) {
        let at = keep(&mut self.kept[o], way);
        self.put(o, at);
    }
}
