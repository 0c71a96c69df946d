//! First prices, fast: every order by its own relaxation (see the `relax` module beside this one's parent), the prices of
//! lines and those of supply sought together. One evaluation is one pass over all offers, with no search in it.
//!
//! What it gives up against solving each order exactly is what the linear relaxation of the whole window gives up,
//! a few percent at most; so its prices are a good place to go on from, and its bound is not used.

use super::scarce;
use super::solver::Solver;
use super::walk::Walk;
use super::window::Window;
use crate::routing::search::first_prices;

const PASSES: u32 = 300;
/// How far above the first bound the first level is.
const REACH: f64 = 0.02;
/// Offers looked at in a unit of work.
const OFFERS_PER_UNIT: usize = 200;

struct Row {
    line: u32,
    of: u32,
    units: f64,
    saving: f64,
}

struct Opening {
    rows: std::ops::Range<usize>,
    fixed: f64,
    room: u32,
    node: u32,
}

struct Order {
    options: std::ops::Range<usize>,
    lines: std::ops::Range<usize>,
    base: f64,
    extra_package: f64,
    max_packages: usize,
}

/// The orders that compete, laid out one after the other.
struct Relaxed<'a> {
    supply: &'a [f64],
    rows: Vec<Row>,
    options: Vec<Opening>,
    orders: Vec<Order>,
    quantity: Vec<f64>,
    heads: Vec<(f64, u32)>,
}

/// Prices of the window's supply to go on from, and how much of each is only because there is too little in all.
pub(super) fn seek(window: &Window, solver: &mut Solver) -> (Vec<f64>, Vec<f64>) {
    let (mut relaxed, start, premiums) = Relaxed::new(window);
    let mut slope = vec![0.0; start.len()];
    let mut walk = Walk::new(start, 0.0);
    for pass in 0..PASSES {
        let value = relaxed.evaluate(&walk.at, &mut slope);
        if pass == 0 {
            walk.reach_for(REACH * value.abs());
        }
        solver.work += 1 + (relaxed.rows.len() / OFFERS_PER_UNIT) as u64;
        if !walk.step(value, &slope) || solver.is_past(1, 4) {
            break;
        }
    }
    let mut prices = walk.best_at;
    prices.truncate(window.supply.len());
    (prices, premiums)
}

impl<'a> Relaxed<'a> {
    /// With the prices to begin with, those of supply and then those of lines, and the premiums among them.
    fn new(window: &'a Window) -> (Self, Vec<f64>, Vec<f64>) {
        let mut relaxed = Relaxed {
            supply: &window.supply,
            rows: Vec::new(),
            options: Vec::new(),
            orders: Vec::new(),
            quantity: Vec::new(),
            heads: Vec::new(),
        };
        let (mut of_lines, mut least) = (Vec::new(), f64::INFINITY);
        let short = scarce::find(window);
        for (o, case) in window.contested() {
            let facts = &case.facts;
            let (first, line) = (relaxed.options.len(), relaxed.quantity.len());
            for (c, choice) in facts.choices.iter().enumerate() {
                let start = relaxed.rows.len();
                for offer in facts.offers(c as u32) {
                    relaxed.rows.push(Row {
                        line: line as u32 + offer.line,
                        of: case.stock_of[case.at(choice.node, offer.line)],
                        units: offer.units,
                        saving: offer.saving,
                    });
                }
                relaxed.options.push(Opening {
                    rows: start..relaxed.rows.len(),
                    fixed: choice.fixed,
                    room: window.room_of[choice.node as usize],
                    node: choice.node,
                });
            }
            relaxed.quantity.extend(&facts.quantity);
            relaxed.orders.push(Order {
                options: first..relaxed.options.len(),
                lines: line..relaxed.quantity.len(),
                base: facts.base,
                extra_package: facts.extra_package,
                max_packages: facts.max_packages,
            });
            for (j, price) in first_prices(facts).into_iter().enumerate() {
                let is_short = short.is_line(window, o, j);
                if is_short && price > 0.0 {
                    least = price.min(least);
                }
                of_lines.push((price, is_short));
            }
        }
        // What is short is worth more by what the lines that ask for it are worth less: the nodes see no difference,
        // and the bound is larger by that for each unit that has to stay unfilled.
        let premium = if least.is_finite() { least } else { 0.0 };
        let premiums = short
            .supply
            .iter()
            .map(|is_short| if *is_short { premium } else { 0.0 });
        let premiums: Vec<f64> = premiums.collect();
        let lines = of_lines.into_iter().map(|(price, is_short)| {
            if is_short {
                (price - premium).max(0.0)
            } else {
                price
            }
        });
        let start = premiums.iter().copied().chain(lines).collect();
        (relaxed, start, premiums)
    }

    /// What no plans of the orders cost less than, and how that changes with each price.
    fn evaluate(&mut self, prices: &[f64], slope: &mut [f64]) -> f64 {
        let (price, of_line) = prices.split_at(self.supply.len());
        let (slope, of_line_slope) = slope.split_at_mut(self.supply.len());
        let enough = self.supply.len() - 1;
        let mut total = 0.0;
        for (i, units) in self.supply[..enough].iter().enumerate() {
            slope[i] = -units;
            total -= price[i] * units;
        }
        for order in &self.orders {
            let mut gain = 0.0;
            for j in order.lines.clone() {
                gain += of_line[j] * self.quantity[j];
                of_line_slope[j] = -self.quantity[j];
            }
            self.heads.clear();
            let mut node = u32::MAX;
            for (i, option) in self.options[order.options.clone()].iter().enumerate() {
                let room = price[option.room as usize];
                let mut value = -option.fixed;
                for row in &self.rows[option.rows.clone()] {
                    let gain =
                        row.saving - price[row.of as usize] - room - of_line[row.line as usize];
                    value += if gain > 0.0 { gain * row.units } else { 0.0 };
                }
                let head = (value, (order.options.start + i) as u32);
                match self.heads.last_mut() {
                    Some(last) if option.node == node => {
                        if value > last.0 {
                            *last = head;
                        }
                    }
                    _ => self.heads.push(head),
                }
                node = option.node;
            }
            let worth = self.heads.iter().filter(|head| head.0 > 0.0).count();
            let take = worth.max(1).min(order.max_packages);
            if take == worth {
                self.heads.retain(|head| head.0 > 0.0);
            } else {
                self.heads
                    .sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
                self.heads.truncate(take);
            }
            gain += self.heads.iter().map(|head| head.0).sum::<f64>() + order.extra_package;
            total += order.base;
            if self.heads.is_empty() || gain <= 0.0 {
                // It sends nothing.
                of_line_slope[order.lines.clone()].fill(0.0);
                continue;
            }
            total -= gain;
            for (_, option) in &self.heads {
                let option = &self.options[*option as usize];
                let room = price[option.room as usize];
                for row in &self.rows[option.rows.clone()] {
                    let gain =
                        row.saving - price[row.of as usize] - room - of_line[row.line as usize];
                    if gain > 0.0 {
                        slope[row.of as usize] += row.units;
                        slope[option.room as usize] += row.units;
                        of_line_slope[row.line as usize] += row.units;
                    }
                }
            }
        }
        slope[enough] = 0.0;
        total
    }
}
