//! A few orders choose together, each one of its kept plans, so that what they take fits and costs least.

use std::collections::BTreeMap;

use super::solver::Way;

/// Orders in a group, at most.
pub(super) const MOST: usize = 9;
/// Plans of each that are looked at: the cheapest at the prices.
const PLANS: usize = 16;
/// Plans tried, at most.
const TRIES: u64 = 4_000;
/// Plans tried in a unit of work.
const TRIES_PER_UNIT: u64 = 20;

/// What a group chose.
pub(super) struct Chosen {
    /// By member, which of its kept plans; `None` when nothing is cheap enough.
    pub at: Option<Vec<usize>>,
    pub work: u64,
}

/// Chooses on what is `left`, which is the same afterwards, so that all costs less than `enough`.
pub(super) fn choose(kept: &[&[Way]], price: &[f64], left: &mut [f64], enough: f64) -> Chosen {
    let lists: Vec<Vec<(f64, usize)>> = kept.iter().map(|ways| ranked(ways, price)).collect();
    let mut rest = vec![0.0; lists.len() + 1];
    for (m, list) in lists.iter().enumerate().rev() {
        rest[m] = rest[m + 1] + list.first().map_or(f64::INFINITY, |best| best.0);
    }
    let mut group = Group {
        kept,
        worth: worth(kept, &lists, price, left),
        lists,
        rest,
        left,
        picked: vec![0; kept.len()],
        best: enough,
        best_picked: None,
        tries: 0,
    };
    group.pick(0, 0.0, 0.0);
    Chosen {
        at: group.best_picked,
        work: 1 + group.tries / TRIES_PER_UNIT,
    }
}

/// An order's cheapest plans at the prices.
fn ranked(ways: &[Way], price: &[f64]) -> Vec<(f64, usize)> {
    let costs = ways.iter().map(|way| way.at_prices(price));
    let mut list: Vec<(f64, usize)> = costs.zip(0..).collect();
    list.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    list.truncate(PLANS);
    list
}

/// What the most that the group could take of what is left is worth. Costs with prices, less this, are no more than
/// costs without.
fn worth(kept: &[&[Way]], lists: &[Vec<(f64, usize)>], price: &[f64], left: &[f64]) -> f64 {
    let mut most: BTreeMap<u32, f64> = BTreeMap::new();
    for (ways, list) in kept.iter().zip(lists) {
        let mut of_order: BTreeMap<u32, f64> = BTreeMap::new();
        for (of, units) in list.iter().flat_map(|(_, at)| &ways[*at].uses) {
            let most = of_order.entry(*of).or_default();
            *most = most.max(*units);
        }
        for (of, units) in of_order {
            *most.entry(of).or_default() += units;
        }
    }
    most.iter()
        .map(|(of, units)| price[*of as usize] * units.min(left[*of as usize]))
        .sum()
}

struct Group<'a> {
    kept: &'a [&'a [Way]],
    /// By order, its plans: what each costs at the prices, and where it is.
    lists: Vec<Vec<(f64, usize)>>,
    /// What the orders from this one on cost at the prices at least.
    rest: Vec<f64>,
    worth: f64,
    left: &'a mut [f64],
    picked: Vec<usize>,
    best: f64,
    best_picked: Option<Vec<usize>>,
    tries: u64,
}

impl Group<'_> {
    /// Picks for the `m`-th order and those after it, the ones before it costing so much, with prices and without.
    fn pick(&mut self, m: usize, priced: f64, cost: f64) {
        if m == self.lists.len() {
            if cost < self.best {
                self.best = cost;
                self.best_picked = Some(self.picked.clone());
            }
            return;
        }
        for i in 0..self.lists[m].len() {
            let (own, at) = self.lists[m][i];
            self.tries += 1;
            let least = priced + own + self.rest[m + 1] - self.worth;
            if self.tries > TRIES || least >= self.best {
                return;
            }
            let way: &Way = &self.kept[m][at];
            let mut uses = way.uses.iter();
            if uses.any(|(of, units)| self.left[*of as usize] < *units) {
                continue;
            }
            way.uses
                .iter()
                .for_each(|(of, units)| self.left[*of as usize] -= units);
            self.picked[m] = at;
            self.pick(m + 1, priced + own, cost + way.cost);
            way.uses
                .iter()
                .for_each(|(of, units)| self.left[*of as usize] += units);
        }
    }
}
