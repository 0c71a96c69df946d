//! Bounds a branch: seeks the prices at which the relaxation says least, and takes out on the way what they rule out.

use super::{Next, Search, Shares, one_less};
use crate::routing::relax::{Prices, Range};

/// How long prices are sought.
#[derive(Debug, Clone, Copy)]
struct Pace {
    steps: u32,
    /// Steps that may bring nothing worth while before it branches.
    patience: u32,
    /// The share of the gap to the best plan that is worth while.
    gain: f64,
}

/// With nothing opened yet, where prices serve the whole search, and further down. Measured, not derived.
const ROOT: Pace = Pace {
    steps: 150,
    patience: 15,
    gain: 0.003,
};
const BELOW: Pace = Pace {
    steps: 30,
    patience: 5,
    gain: 0.01,
};
/// How much an average keeps of what it was at each step.
const MEMORY: f64 = 0.8;

impl Search<'_> {
    /// Bounds a branch, taking options out that cannot be part of a better plan and opening those that have to be.
    pub(super) fn bound(
        &mut self,
        candidates: &mut Vec<u32>,
        prices: &mut Prices,
        range: &mut Range,
        bound: &mut f64,
        depth: u32,
    ) -> Next {
        let facts = self.facts;
        let pace = if depth == 0 { ROOT } else { BELOW };
        let mut at = prices.clone();
        let mut seen = Shares::default();
        let (mut gained, mut is_fresh) = (0, depth == 0);
        range.units.1 = range
            .units
            .1
            .min(self.most_units(candidates, range.packages.1));
        if range.units.0 > range.units.1 {
            return Next::Pruned;
        }
        self.ascent.begin(&at.line, at.bonus, &prices.metric);
        for choice in candidates.iter() {
            self.often[*choice as usize] = 0.0;
        }
        for step in 0..pace.steps {
            if candidates.is_empty() || range.packages.1 == 0 {
                if range.packages.0 == 0 {
                    self.trial.clone_from(&self.open);
                    self.price_trial();
                }
                return Next::Pruned;
            }
            self.work += (candidates.len() + self.open.len() + 4) as u64 * 8;
            let Some(here) = self
                .relaxation
                .evaluate(facts, &self.open, candidates, range, &at)
            else {
                return Next::Pruned;
            };
            // Plans that the search comes by at worse prices are seldom better; further down that is no news.
            if here > self.enough() && (depth == 0 || here < *bound) {
                self.try_relaxed_plan();
            }
            if here <= self.enough() {
                return Next::Pruned;
            }
            self.count_shares(&mut seen, step);
            if here < *bound - pace.gain * (*bound - self.best_gain) {
                gained = step;
            }
            if here < *bound {
                *bound = here;
                prices.line.clone_from(&at.line);
                prices.bonus = at.bonus;
            }
            if here < *bound + 0.3 * (*bound - self.best_gain) {
                self.fix(candidates, range, here);
            }
            if step > gained + pace.patience {
                if is_fresh || gained > 0 {
                    break;
                }
                // What was learnt above misleads here: from the best prices again, with nothing presumed.
                (is_fresh, gained) = (true, step);
                at.line.clone_from(&prices.line);
                at.bonus = prices.bonus;
                self.ascent.begin(&at.line, at.bonus, &Vec::new());
                continue;
            }
            self.set_slope(&at, range);
            if !self.ascent.step(&self.slope, here, here - self.best_gain) {
                break;
            }
            self.ascent.prices(&mut at.line, &mut at.bonus);
        }
        prices.metric.clone_from(self.ascent.metric());
        self.choose(candidates, range, &seen)
    }

    /// No plan of a branch sends more units than this: what there is of each SKU, and what that many packages hold.
    fn most_units(&mut self, candidates: &[u32], packages: usize) -> f64 {
        let Search {
            facts,
            open,
            supply,
            ..
        } = self;
        supply.begin(facts);
        for choice in open.iter() {
            supply.add(facts, std::slice::from_ref(choice));
        }
        let from_open: f64 = supply.by_node.drain(..).sum();
        let node = |c: &u32| facts.choices[*c as usize].node;
        for choices in candidates.chunk_by(|a, b| node(a) == node(b)) {
            supply.add(facts, choices);
        }
        let by_node = &mut supply.by_node;
        if packages < by_node.len() {
            if packages > 0 {
                by_node.select_nth_unstable_by(packages - 1, |a, b| b.total_cmp(a));
            }
            by_node.truncate(packages);
        }
        let from_packages = from_open + by_node.iter().sum::<f64>();
        from_packages.min(supply.of_skus(facts))
    }

    /// Averages over the relaxed plans, late ones counting most: near the best prices they come to what a fractional
    /// plan would open.
    fn count_shares(&mut self, seen: &mut Shares, step: u32) {
        let keep = if step == 0 { 0.0 } else { MEMORY };
        let average = |old: &mut f64, new: f64| *old = keep * *old + (1.0 - keep) * new;
        for head in &self.relaxation.heads {
            average(
                &mut self.often[head.choice as usize],
                f64::from(u8::from(head.taken)),
            );
        }
        average(&mut seen.packages, self.relaxation.taken as f64);
        average(&mut seen.units, self.relaxation.units);
    }

    /// The bound's slope at the prices of the last evaluation: what the relaxed plan leaves of each line.
    fn set_slope(&mut self, at: &Prices, range: &Range) {
        let (facts, relaxed) = (self.facts, &self.relaxation);
        self.slope.clear();
        // A price below 0 counts as 0; the way back is up.
        let slope = |j: usize| {
            if self.ascent.is_beyond(j) {
                -relaxed.units.max(1.0)
            } else {
                facts.quantity[j] - relaxed.used[j]
            }
        };
        self.slope.extend((0..facts.lines()).map(slope));
        let (least, most) = range.units;
        self.slope.push(if relaxed.units < least || at.bonus > 0.0 {
            relaxed.units - least
        } else if relaxed.units > most || at.bonus < 0.0 {
            relaxed.units - most
        } else {
            0.0
        });
    }

    /// Takes out what cannot be part of a better plan, opens what has to be.
    fn fix(&mut self, candidates: &mut Vec<u32>, range: &mut Range, here: f64) {
        let facts = self.facts;
        let enough = self.enough();
        let Search {
            relaxation, open, ..
        } = self;
        let heads = std::mem::take(&mut relaxation.heads);
        let mut at = 0;
        let mut opened = None;
        candidates.retain(|c| {
            let node = facts.choices[*c as usize].node;
            while facts.choices[heads[at].choice as usize].node != node {
                at += 1;
            }
            let head = &heads[at];
            let value = if head.choice == *c {
                head.value
            } else {
                relaxation.value(facts, *c)
            };
            relaxation.with(here, head, value, range.packages) > enough
        });
        for head in heads.iter().filter(|head| head.taken) {
            if relaxation.without(here, head, range.packages.0) <= enough {
                let node = facts.choices[head.choice as usize].node;
                let mut of_node = candidates
                    .iter()
                    .filter(|c| facts.choices[**c as usize].node == node);
                if of_node.next() == Some(&head.choice) && of_node.next().is_none() {
                    opened = Some(head.choice);
                    break;
                }
            }
        }
        if let Some(choice) = opened
            && range.packages.1 > 0
        {
            candidates.retain(|c| *c != choice);
            open.push(choice);
            *range = one_less(*range);
        }
        relaxation.heads = heads;
    }
}
