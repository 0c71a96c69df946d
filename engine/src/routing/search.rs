//! Which packages to open: depth first, with bounds.

use super::assign::{Assignment, assign};
use super::figures::thousandths;
use super::options::Facts;
use super::plan::{
    Cost, Limits, Package, PackageCost, PackageLine, Plan, Unfilled, UnfilledReason,
};
use super::problem::Problem;

/// What the search came back with.
pub(super) struct Found {
    /// Choices opened, by node.
    pub open: Vec<usize>,
    pub assignment: Assignment,
    pub explored: u64,
    pub proved: bool,
    /// No plan is cheaper than this.
    pub bound: f64,
    pub total: f64,
}

/// An assignment is worth so many bounds when work is counted.
const ASSIGNMENT_WORK: u64 = 10;

struct Search<'a> {
    facts: &'a Facts,
    /// Cheapest way for each line among the choices from an index on.
    cheapest_from: Vec<Vec<f64>>,
    /// Cheapest fixed cost among the choices from an index on.
    fixed_from: Vec<f64>,
    order: Vec<usize>,
    open: Vec<usize>,
    best: Vec<usize>,
    best_total: f64,
    explored: u64,
    limit: u64,
}

pub(super) fn search(facts: &Facts, limits: Limits) -> Found {
    let mut order: Vec<usize> = (0..facts.choices.len()).collect();
    // What does most for its price comes first: its plan alone.
    let alone: Vec<f64> = (0..order.len())
        .map(|c| facts.choices[c].fixed + assign(facts, &[c]).cost)
        .collect();
    order.sort_by(|a, b| alone[*a].total_cmp(&alone[*b]).then(a.cmp(b)));
    let lines = facts.quantity.len();
    let mut cheapest_from = vec![vec![facts.unfilled; lines]; order.len() + 1];
    let mut fixed_from = vec![f64::INFINITY; order.len() + 1];
    for i in (0..order.len()).rev() {
        let choice = &facts.choices[order[i]];
        let row: Vec<f64> = (0..lines)
            .map(|j| cheapest_from[i + 1][j].min(choice.unit[j]))
            .collect();
        cheapest_from[i] = row;
        fixed_from[i] = fixed_from[i + 1].min(choice.fixed);
    }
    let nothing = assign(facts, &[]).cost;
    let mut search = Search {
        facts,
        cheapest_from,
        fixed_from,
        explored: order.len() as u64 * ASSIGNMENT_WORK,
        order,
        open: Vec::new(),
        best: Vec::new(),
        best_total: nothing,
        limit: limits.max_explored,
    };
    search.greedy();
    let root = search.bound_of_more(0, 0.0).min(nothing);
    search.branch(0, 0.0);
    let proved = search.explored < search.limit;
    let mut open = search.best;
    open.sort_by_key(|c| facts.choices[*c].node);
    let assignment = assign(facts, &open);
    let bound = if proved {
        search.best_total
    } else {
        root.min(search.best_total)
    };
    Found {
        open,
        assignment,
        explored: search.explored,
        proved,
        bound,
        total: search.best_total,
    }
}

impl Search<'_> {
    fn total(&mut self, open: &[usize]) -> f64 {
        self.explored += ASSIGNMENT_WORK;
        self.fixed(open) + assign(self.facts, open).cost
    }

    fn fixed(&self, open: &[usize]) -> f64 {
        let extra = open.len().saturating_sub(1) as f64 * self.facts.extra_package;
        open.iter()
            .map(|c| self.facts.choices[*c].fixed)
            .sum::<f64>()
            + extra
    }

    /// A first plan: open what helps most, again and again.
    fn greedy(&mut self) {
        let mut open: Vec<usize> = Vec::new();
        while open.len() < self.facts.max_packages {
            let mut best = None;
            for i in 0..self.order.len() {
                let c = self.order[i];
                if open
                    .iter()
                    .any(|o| self.facts.choices[*o].node == self.facts.choices[c].node)
                {
                    continue;
                }
                open.push(c);
                let total = self.total(&open);
                open.pop();
                if total < self.best_total - 1e-7 {
                    self.best_total = total;
                    best = Some(c);
                }
            }
            let Some(c) = best else { return };
            open.push(c);
            self.best.clone_from(&open);
        }
    }

    /// No plan that opens one more of the choices from `i` on can cost less.
    fn bound_of_more(&self, i: usize, fixed: f64) -> f64 {
        let extra = if self.open.is_empty() {
            0.0
        } else {
            self.facts.extra_package
        };
        let units = (0..self.facts.quantity.len()).map(|j| {
            let opened = self.open.iter().map(|c| self.facts.choices[*c].unit[j]);
            let cheapest = opened.fold(self.cheapest_from[i][j], f64::min);
            cheapest * self.facts.quantity[j] as f64
        });
        fixed + extra + self.fixed_from[i] + units.sum::<f64>()
    }

    fn branch(&mut self, from: usize, fixed: f64) {
        if self.open.len() >= self.facts.max_packages {
            return;
        }
        for i in from..self.order.len() {
            self.explored += 1;
            if self.explored >= self.limit {
                return;
            }
            if self.bound_of_more(i, fixed) >= self.best_total - 1e-7 {
                return;
            }
            let c = self.order[i];
            let choice = &self.facts.choices[c];
            if self
                .open
                .iter()
                .any(|o| self.facts.choices[*o].node == choice.node)
            {
                continue;
            }
            self.open.push(c);
            let fixed = self.fixed(&self.open);
            let open = std::mem::take(&mut self.open);
            let total = self.total(&open);
            self.open = open;
            if total < self.best_total - 1e-7 {
                self.best_total = total;
                self.best.clone_from(&self.open);
            }
            self.branch(i + 1, fixed);
            self.open.pop();
        }
    }
}

pub(super) fn report(problem: &Problem, facts: &Facts, found: &Found) -> Plan {
    let lines = &problem.order.lines;
    let mut packages = Vec::new();
    let mut cost = Cost::default();
    let mut left = facts.quantity.clone();
    let mut sent_from: Vec<Vec<u64>> = vec![vec![0; facts.skus]; problem.nodes.len()];
    for (p, &c) in found.open.iter().enumerate() {
        let choice = &facts.choices[c];
        let node = &problem.nodes[choice.node];
        let units = &found.assignment.units[p];
        let total_units: u64 = units.iter().sum();
        if total_units == 0 {
            continue;
        }
        let mut weight_g = 0.0;
        let mut opportunity = 0.0;
        let mut parts = Vec::new();
        for (j, line) in lines.iter().enumerate().filter(|(j, _)| units[*j] > 0) {
            left[j] -= units[j];
            sent_from[choice.node][facts.sku[j]] += units[j];
            weight_g += line.weight_g * units[j] as f64;
            opportunity +=
                node.opportunity.get(&line.sku).copied().unwrap_or(0.0) * units[j] as f64;
            parts.push(PackageLine {
                line: line.id.clone(),
                quantity: units[j] as u32,
            });
        }
        let package = PackageCost {
            shipping: thousandths(choice.per_package + choice.per_kg * weight_g / 1000.0),
            handling: thousandths(
                node.handling.per_package + node.handling.per_unit * total_units as f64,
            ),
            opportunity: thousandths(opportunity),
            late: if choice.late {
                thousandths(problem.policy.late_per_package)
            } else {
                0.0
            },
        };
        cost.shipping += package.shipping;
        cost.handling += package.handling;
        cost.opportunity += package.opportunity;
        cost.late += package.late;
        packages.push(Package {
            node: node.id.clone(),
            service: problem.services[choice.service].id.clone(),
            lines: parts,
            late: choice.late,
            cost: package,
        });
    }
    cost.extra_packages =
        thousandths(packages.len().saturating_sub(1) as f64 * facts.extra_package);
    cost.unfilled = thousandths(left.iter().sum::<u64>() as f64 * facts.unfilled);
    for part in [
        &mut cost.shipping,
        &mut cost.handling,
        &mut cost.opportunity,
        &mut cost.late,
    ] {
        *part = thousandths(*part);
    }
    cost.total = thousandths(
        cost.shipping
            + cost.handling
            + cost.opportunity
            + cost.late
            + cost.extra_packages
            + cost.unfilled,
    );
    let unfilled = lines
        .iter()
        .enumerate()
        .filter(|(j, _)| left[*j] > 0)
        .map(|(j, line)| Unfilled {
            line: line.id.clone(),
            quantity: left[j] as u32,
            reason: reason(problem, facts, found, &sent_from, packages.len(), j),
        });
    let unfilled = unfilled.collect();
    let gap = (!found.proved && found.total > 0.0)
        .then(|| thousandths((found.total - found.bound) / found.total));
    Plan {
        id: problem.order.id.clone(),
        packages,
        unfilled,
        cost,
        optimal: found.proved,
        explored: found.explored,
        gap,
    }
}

/// The first thing that keeps a line's remaining units from being sent.
fn reason(
    problem: &Problem,
    facts: &Facts,
    found: &Found,
    sent_from: &[Vec<u64>],
    packages: usize,
    line: usize,
) -> UnfilledReason {
    let sku = facts.sku[line];
    let spec = &problem.order.lines[line];
    let with_stock: Vec<usize> = (0..problem.nodes.len())
        .filter(|n| facts.stock[*n][sku] > sent_from[*n][sku])
        .collect();
    if with_stock.is_empty() {
        return UnfilledReason::NoStock;
    }
    let able: Vec<usize> = with_stock
        .into_iter()
        .filter(|n| {
            spec.requires
                .iter()
                .all(|r| problem.nodes[*n].provides.contains(r))
        })
        .collect();
    if able.is_empty() {
        return UnfilledReason::NoCapability;
    }
    let reach = |n: &usize| {
        let node = &problem.nodes[*n];
        let to = &problem.order.destination;
        let km = crate::geo::distance_km(node.lat, node.lon, to.lat, to.lon);
        problem.services.iter().any(|service| {
            service
                .nodes
                .as_ref()
                .is_none_or(|nodes| nodes.contains(&node.id))
                && service.zones.iter().any(|zone| zone.up_to_km >= km)
        })
    };
    let able: Vec<usize> = able.into_iter().filter(reach).collect();
    if able.is_empty() {
        return UnfilledReason::NoService;
    }
    if able
        .iter()
        .all(|n| facts.capacity[*n] <= sent_from[*n].iter().sum())
    {
        return UnfilledReason::NoCapacity;
    }
    let is_open = |n: &usize| found.open.iter().any(|c| facts.choices[*c].node == *n);
    if packages >= facts.max_packages && !able.iter().any(is_open) {
        return UnfilledReason::MaxPackages;
    }
    UnfilledReason::TooCostly
}
