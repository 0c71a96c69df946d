//! From what the search found to the plan: packages, their exact cost, and why units are left.

use super::assign::Assigner;
use super::facts::{Choice, Facts, zone_at};
use super::figures::thousandths;
use super::plan::{Cost, Package, PackageCost, PackageLine, Plan, Unfilled, UnfilledReason};
use super::problem::Parts;
use super::search::Found;
use crate::geo;

/// A package as the search sees it: the option, and the units of each line.
pub(super) type Filled = (Choice, Vec<u32>);

/// The plan that was found, in the problem's own terms.
pub(super) fn report(problem: Parts, facts: &Facts, found: &Found) -> Plan {
    let (packages, cost, unfilled) = assemble(problem, facts, &filled(facts, &found.open));
    let gap = (!found.proved && found.total > 0.0)
        .then(|| thousandths((found.total - found.bound) / found.total));
    Plan {
        id: problem.order.id.clone(),
        packages,
        unfilled,
        cost: cost.rounded(),
        optimal: found.proved,
        explored: found.explored,
        gap,
    }
}

/// What the opened packages send.
pub(super) fn filled(facts: &Facts, open: &[u32]) -> Vec<Filled> {
    let mut assigner = Assigner::default();
    assigner.assign(facts, open, f64::NEG_INFINITY);
    let of_package = |(p, choice): (usize, &u32)| {
        let mut units = vec![0; facts.lines()];
        for sent in assigner
            .sent
            .iter()
            .filter(|sent| sent.package as usize == p)
        {
            units[sent.line as usize] = sent.units as u32;
        }
        (facts.choices[*choice as usize], units)
    };
    open.iter().enumerate().map(of_package).collect()
}

/// Packages, their cost before it is rounded, and what is left with its reasons. A package of nothing is none.
pub(super) fn assemble(
    problem: Parts,
    facts: &Facts,
    filled: &[Filled],
) -> (Vec<Package>, Cost, Vec<Unfilled>) {
    let lines = &problem.order.lines;
    let mut packages = Vec::with_capacity(filled.len());
    let mut cost = Cost::default();
    let mut left: Vec<u32> = lines.iter().map(|line| line.quantity).collect();
    let mut taken = vec![0.0; facts.stock.len()];
    for (choice, units) in filled {
        for (j, units) in units.iter().enumerate() {
            left[j] -= units;
            taken[choice.node as usize * facts.skus + facts.sku[j] as usize] += f64::from(*units);
        }
        if units.iter().any(|units| *units > 0) {
            packages.push(package(problem, choice, units, &mut cost));
        }
    }
    cost.extra_packages = packages.len().saturating_sub(1) as f64 * facts.extra_package;
    cost.unfilled = left.iter().map(|units| f64::from(*units)).sum::<f64>() * facts.unfilled;
    cost.total = cost.shipping
        + cost.handling
        + cost.opportunity
        + cost.late
        + cost.extra_packages
        + cost.unfilled;
    let unfilled = (0..lines.len()).filter(|j| left[*j] > 0).map(|j| Unfilled {
        line: lines[j].id.clone(),
        quantity: left[j],
        reason: reason(problem, facts, &taken, &packages, j),
    });
    let unfilled = unfilled.collect();
    (packages, cost, unfilled)
}

/// One package with its cost, which is added to the plan's.
fn package(problem: Parts, choice: &Choice, units: &[u32], plan: &mut Cost) -> Package {
    let node = &problem.nodes[choice.node as usize];
    let service = &problem.services[choice.service as usize];
    let zone = &service.zones[choice.zone as usize];
    let (mut weight_g, mut opportunity, mut count) = (0.0, 0.0, 0.0);
    let mut lines = Vec::new();
    for (line, &quantity) in problem
        .order
        .lines
        .iter()
        .zip(units)
        .filter(|(_, units)| **units > 0)
    {
        let units = f64::from(quantity);
        weight_g += line.weight_g * units;
        opportunity += node.opportunity.get(&line.sku).copied().unwrap_or(0.0) * units;
        count += units;
        lines.push(PackageLine {
            line: line.id.clone(),
            quantity,
        });
    }
    let cost = PackageCost {
        shipping: zone.per_package + zone.per_kg * weight_g / 1000.0,
        handling: node.handling.per_package + node.handling.per_unit * count,
        opportunity,
        late: if choice.late {
            problem.policy.late_per_package
        } else {
            0.0
        },
    };
    plan.shipping += cost.shipping;
    plan.handling += cost.handling;
    plan.opportunity += cost.opportunity;
    plan.late += cost.late;
    Package {
        node: node.id.clone(),
        service: service.id.clone(),
        lines,
        late: choice.late,
        cost: cost.rounded(),
    }
}

/// The first thing that keeps a line's remaining units from being sent; `taken` is what the plan takes, as the stock.
fn reason(
    problem: Parts,
    facts: &Facts,
    taken: &[f64],
    packages: &[Package],
    line: usize,
) -> UnfilledReason {
    let spec = &problem.order.lines[line];
    let of_node = |n: usize| n * facts.skus..(n + 1) * facts.skus;
    let sku = facts.sku[line] as usize;
    let mut nodes: Vec<usize> = (0..problem.nodes.len())
        .filter(|n| facts.stock[of_node(*n)][sku] > taken[of_node(*n)][sku])
        .collect();
    if nodes.is_empty() {
        return UnfilledReason::NoStock;
    }
    nodes.retain(|n| {
        spec.requires
            .iter()
            .all(|r| problem.nodes[*n].provides.contains(r))
    });
    if nodes.is_empty() {
        return UnfilledReason::NoCapability;
    }
    nodes.retain(|n| is_reached(problem, *n));
    if nodes.is_empty() {
        return UnfilledReason::NoService;
    }
    if nodes
        .iter()
        .all(|n| facts.capacity[*n] <= taken[of_node(*n)].iter().sum())
    {
        return UnfilledReason::NoCapacity;
    }
    let sends = |n: &usize| {
        packages
            .iter()
            .any(|package| package.node == problem.nodes[*n].id)
    };
    if packages.len() >= facts.max_packages && !nodes.iter().any(sends) {
        return UnfilledReason::MaxPackages;
    }
    UnfilledReason::TooCostly
}

/// Whether any service takes a package from a node to the destination.
pub(super) fn is_reached(problem: Parts, node: usize) -> bool {
    let node = &problem.nodes[node];
    let to = &problem.order.destination;
    let km = geo::distance_km(node.lat, node.lon, to.lat, to.lon);
    problem
        .services
        .iter()
        .any(|service| service.serves(&node.id) && zone_at(service, km).is_some())
}
