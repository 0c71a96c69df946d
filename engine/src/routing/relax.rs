//! The relaxation that bounds what can still be gained: Lagrangian, over the lines' quantities.
//!
//! Give each unit of a line a price `v` (and every sent unit a bonus, where the number of sent units is fixed by a
//! branch). The limits "no more of a line than it asks for" then fall apart: each node decides alone what its best
//! package would gain at these prices, and the best few packages are taken. For any prices this is at least what any
//! plan gains (Held and Karp 1971; Geoffrion 1974). [`super::ascent`] seeks the best prices. The same sums say which package cannot be part of a better plan, and which has to be (Beasley 1993 on reduced-cost tests).

use super::ascent::Metric;
use super::facts::{Choice, Facts, Offer};

/// What a branch has fixed, beside the packages opened.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Range {
    /// Least and most packages still to be opened.
    pub packages: (usize, usize),
    /// Least and most units that the whole plan sends.
    pub units: (f64, f64),
}

/// Prices of the relaxation.
#[derive(Debug, Clone, Default)]
pub(super) struct Prices {
    /// By line, at least 0.
    pub line: Vec<f64>,
    /// Bonus of each unit sent; 0 unless a branch limits the units.
    pub bonus: f64,
    /// What was learnt about the bound's shape on the way to them.
    pub metric: Metric,
}

/// A node's best option at the prices.
#[derive(Debug, Clone, Copy)]
pub(super) struct Head {
    pub choice: u32,
    pub value: f64,
    pub taken: bool,
}

/// One evaluation, with the space for the next one.
#[derive(Debug, Default)]
pub(super) struct Relaxation {
    pub heads: Vec<Head>,
    /// Units of each line that the relaxed plan sends.
    pub used: Vec<f64>,
    pub units: f64,
    pub taken: usize,
    /// Value of the worst head that is taken and of the best that is not.
    pub worst_taken: f64,
    pub best_left: f64,
    weight: Vec<f64>,
    ranked: Vec<u32>,
    /// Offers of each option, what gained most at the last evaluation first; only of options where that matters.
    order: Vec<u32>,
    gains: Vec<f64>,
    pool_left: Vec<f64>,
    /// Gain, line, and units that there are not.
    pooled: Vec<(f64, u32, f64)>,
}

impl Relaxation {
    /// The most that a plan with these opened packages, others of `candidates` and within the range can gain. `None`
    /// when there is no such plan.
    pub fn evaluate(
        &mut self,
        facts: &Facts,
        open: &[u32],
        candidates: &[u32],
        range: &Range,
        prices: &Prices,
    ) -> Option<f64> {
        let bonus = prices.bonus;
        self.weight.clear();
        self.weight.extend(prices.line.iter().map(|v| v - bonus));
        self.used.clear();
        self.used.resize(facts.lines(), 0.0);
        let mut bound: f64 = prices
            .line
            .iter()
            .zip(&facts.quantity)
            .map(|(v, q)| v * q)
            .sum();
        if bonus != 0.0 {
            bound -= bonus
                * if bonus > 0.0 {
                    range.units.0
                } else {
                    range.units.1
                };
        }
        for &choice in open {
            bound += self.package(facts, choice, true) - facts.choices[choice as usize].fixed;
        }
        self.find_heads(facts, candidates);
        bound += self.take_best(range.packages)?;
        for i in 0..self.heads.len() {
            if self.heads[i].taken {
                self.package(facts, self.heads[i].choice, true);
            }
        }
        self.units = self.used.iter().sum();
        Some(bound)
    }

    fn find_heads(&mut self, facts: &Facts, candidates: &[u32]) {
        self.heads.clear();
        let mut node = u32::MAX;
        for &choice in candidates {
            let value = self.package(facts, choice, false) - facts.choices[choice as usize].fixed;
            let of = facts.choices[choice as usize].node;
            if of == node {
                if let Some(head) = self.heads.last_mut()
                    && value > head.value
                {
                    *head = Head {
                        choice,
                        value,
                        taken: false,
                    };
                }
            } else {
                node = of;
                self.heads.push(Head {
                    choice,
                    value,
                    taken: false,
                });
            }
        }
    }

    /// Marks the heads that are worth taking, as many as the range allows and asks for.
    fn take_best(&mut self, (least, most): (usize, usize)) -> Option<f64> {
        let heads = &mut self.heads;
        if heads.len() < least {
            return None;
        }
        let worth = heads.iter().filter(|head| head.value > 0.0).count();
        let take = worth.clamp(least, most.max(least)).min(heads.len());
        (self.worst_taken, self.best_left) = (f64::INFINITY, f64::NEG_INFINITY);
        self.taken = take;
        if take == worth {
            let mut sum = 0.0;
            for head in heads.iter_mut() {
                head.taken = head.value > 0.0;
                if head.taken {
                    sum += head.value;
                    self.worst_taken = self.worst_taken.min(head.value);
                } else {
                    self.best_left = self.best_left.max(head.value);
                }
            }
            return Some(sum);
        }
        self.ranked.clear();
        self.ranked.extend(0..heads.len() as u32);
        let by_value = |a: &u32, b: &u32| {
            heads[*b as usize]
                .value
                .total_cmp(&heads[*a as usize].value)
                .then(a.cmp(b))
        };
        if take > 0 && take < heads.len() {
            self.ranked.select_nth_unstable_by(take - 1, by_value);
            self.ranked[..take].sort_unstable();
        }
        let mut sum = 0.0;
        for (rank, i) in self.ranked.iter().enumerate() {
            let head = &mut heads[*i as usize];
            head.taken = rank < take;
            if head.taken {
                sum += head.value;
                self.worst_taken = self.worst_taken.min(head.value);
            } else {
                self.best_left = self.best_left.max(head.value);
            }
        }
        Some(sum)
    }

    /// What an option's best package gains at the prices, without its cost; optionally counts its units as used.
    fn package(&mut self, facts: &Facts, choice: u32, count: bool) -> f64 {
        let offers = facts.offers(choice);
        if facts.choices[choice as usize].tight {
            return self.tight_package(facts, choice, offers, count);
        }
        if count {
            let mut value = 0.0;
            for offer in offers {
                let gain = offer.saving - self.weight[offer.line as usize];
                if gain > 0.0 {
                    value += gain * offer.units;
                    self.used[offer.line as usize] += offer.units;
                }
            }
            return value;
        }
        // Four sums at a time, since each waits for the addition before.
        let weight = &self.weight[..];
        let gain =
            |offer: &Offer| (offer.saving - weight[offer.line as usize]).max(0.0) * offer.units;
        let (mut a, mut b, mut c, mut d) = (0.0, 0.0, 0.0, 0.0);
        let mut fours = offers.chunks_exact(4);
        for four in &mut fours {
            a += gain(&four[0]);
            b += gain(&four[1]);
            c += gain(&four[2]);
            d += gain(&four[3]);
        }
        for offer in fours.remainder() {
            a += gain(offer);
        }
        (a + b) + (c + d)
    }

    /// The same where capacity or a shared SKU binds: the limits are nested, so what gains most goes first. The order is
    /// kept from one evaluation to the next, in which prices move little, so that sorting is mostly looking.
    fn tight_package(&mut self, facts: &Facts, choice: u32, offers: &[Offer], count: bool) -> f64 {
        let Choice { node, first, .. } = facts.choices[choice as usize];
        let (value, units) = self.without_limits(offers);
        let most = facts.capacity[node as usize];
        if !facts.shared && units <= most {
            if count {
                self.count(offers);
            }
            return value;
        }
        if facts.shared && units - self.over_pools(facts, node, offers) <= most {
            if count {
                self.count(offers);
                for (_, line, over) in &self.pooled {
                    self.used[*line as usize] -= over;
                }
            }
            return value
                - self
                    .pooled
                    .iter()
                    .map(|(gain, _, over)| gain * over)
                    .sum::<f64>();
        }
        if self.order.len() != facts.offers.len() {
            self.order.clear();
            self.order.extend(0..facts.offers.len() as u32);
        }
        let order = &mut self.order[first as usize..][..offers.len()];
        let Relaxation { gains, weight, .. } = self;
        gains.clear();
        for i in 0..order.len() {
            let offer = &facts.offers[order[i] as usize];
            let gain = offer.saving - weight[offer.line as usize];
            gains.push(gain);
            let (moved, mut at) = (order[i], i);
            while at > 0 && gains[at - 1] < gain {
                gains[at] = gains[at - 1];
                order[at] = order[at - 1];
                at -= 1;
            }
            gains[at] = gain;
            order[at] = moved;
        }
        if facts.shared {
            self.pool_left.resize(facts.skus, 0.0);
            for offer in offers {
                let sku = facts.sku[offer.line as usize];
                self.pool_left[sku as usize] = facts.held(node, sku);
            }
        }
        let mut room = facts.capacity[node as usize];
        let mut value = 0.0;
        for (gain, offer) in gains.iter().zip(order) {
            if *gain <= 0.0 || room <= 0.0 {
                break;
            }
            let offer = &facts.offers[*offer as usize];
            let mut units = offer.units.min(room);
            if facts.shared {
                let left = &mut self.pool_left[facts.sku[offer.line as usize] as usize];
                units = units.min(*left);
                *left -= units;
            }
            room -= units;
            value += gain * units;
            if count {
                self.used[offer.line as usize] += units;
            }
        }
        value
    }

    /// What a package gains, and its units, where nothing but its offers limits it.
    fn without_limits(&self, offers: &[Offer]) -> (f64, f64) {
        let (mut value, mut units) = (0.0, 0.0);
        for offer in offers {
            let gain = offer.saving - self.weight[offer.line as usize];
            value += gain.max(0.0) * offer.units;
            units += if gain > 0.0 { offer.units } else { 0.0 };
        }
        (value, units)
    }

    fn count(&mut self, offers: &[Offer]) {
        for offer in offers {
            if offer.saving > self.weight[offer.line as usize] {
                self.used[offer.line as usize] += offer.units;
            }
        }
    }

    /// How many units more of SKUs that lines share such a package would have than the node; `pooled` says by line.
    fn over_pools(&mut self, facts: &Facts, node: u32, offers: &[Offer]) -> f64 {
        self.pooled.clear();
        self.pool_left.resize(facts.skus, 0.0);
        for offer in offers
            .iter()
            .filter(|offer| facts.pooled[offer.line as usize])
        {
            let gain = offer.saving - self.weight[offer.line as usize];
            if gain > 0.0 {
                let sku = facts.sku[offer.line as usize];
                self.pool_left[sku as usize] = facts.held(node, sku);
                self.pooled.push((gain, offer.line, offer.units));
            }
        }
        self.pooled
            .sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let mut over = 0.0;
        for (_, line, units) in &mut self.pooled {
            let left = &mut self.pool_left[facts.sku[*line as usize] as usize];
            let taken = units.min(*left);
            *left -= taken;
            *units -= taken;
            over += *units;
        }
        over
    }

    /// The most that a plan can gain which has this option as a package, its node's head being `head`.
    pub fn with(&self, bound: f64, head: &Head, value: f64, (least, most): (usize, usize)) -> f64 {
        if head.taken {
            return bound - head.value + value;
        }
        // Where no more may be taken it replaces the worst; where fewer had to be, the worst was a loss.
        let replaces = self.taken > 0
            && (self.taken >= most || (self.taken == least && self.worst_taken < 0.0));
        bound + value - if replaces { self.worst_taken } else { 0.0 }
    }

    /// The most that a plan can gain without a node whose head is taken.
    pub fn without(&self, bound: f64, head: &Head, least: usize) -> f64 {
        let next = if self.taken <= least {
            self.best_left
        } else {
            self.best_left.max(0.0)
        };
        bound - head.value + next
    }

    /// An option's value at the prices of the last evaluation.
    pub fn value(&mut self, facts: &Facts, choice: u32) -> f64 {
        self.package(facts, choice, false) - facts.choices[choice as usize].fixed
    }
}
