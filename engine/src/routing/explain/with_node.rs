//! The cheapest plan with a package from a node, and the cheapest one without any.

use super::Work;
use crate::routing::assign::Assigner;
use crate::routing::facts::{Choice, Facts};
use crate::routing::plan::Cost;
use crate::routing::problem::Problem;
use crate::routing::report::{Filled, assemble, filled};

/// The cost of the cheapest plan in which a node sends at least one unit. `None` where there is none, or the work did
/// not suffice to find it.
pub(super) fn plan_with(
    problem: &Problem,
    facts: &Facts,
    node: usize,
    work: &mut Work,
) -> Option<Cost> {
    let of_node = |facts: &Facts| {
        let choices = facts
            .choices
            .iter()
            .enumerate()
            .filter(|(_, choice)| choice.node as usize == node);
        choices.map(|(c, _)| c as u32).collect::<Vec<u32>>()
    };
    let packages = cheapest_with(problem, node, &of_node(facts), work)?;
    if sends(&packages, node) {
        return Some(assemble(problem.parts(), facts, &packages).1.rounded());
    }
    // The package would rather be empty. So one unit of a line is put into it first: each line, each service.
    let mut best: Option<Cost> = None;
    for choice in of_node(facts) {
        let service = facts.choices[choice as usize];
        for line in facts.offers(choice).iter().map(|offer| offer.line as usize) {
            let mut packages = cheapest_with_unit(problem, service, line, work)?;
            if problem.order.lines[line].quantity == 1 {
                for (_, units) in &mut packages {
                    units.insert(line, 0);
                }
            }
            for (choice, units) in &mut packages {
                units[line] += u32::from(choice.node as usize == node);
            }
            let cost = assemble(problem.parts(), facts, &packages).1.rounded();
            if best.is_none_or(|best| cost.total < best.total) {
                best = Some(cost);
            }
        }
    }
    best
}

/// What is cheapest for the rest of the order, once a node sends one unit of a line with a service. The node's package
/// is among those returned, without that unit; a line of one unit is not in them.
fn cheapest_with_unit(
    problem: &Problem,
    service: Choice,
    line: usize,
    work: &mut Work,
) -> Option<Vec<Filled>> {
    let node = service.node as usize;
    let mut rest = problem.clone();
    let sku = rest.order.lines[line].sku.clone();
    if rest.order.lines[line].quantity == 1 {
        rest.order.lines.remove(line);
    } else {
        rest.order.lines[line].quantity -= 1;
    }
    *rest.nodes[node].stock.get_mut(&sku)? -= 1;
    rest.nodes[node].capacity = rest.nodes[node].capacity.map(|units| units - 1);
    let facts = Facts::new(&rest);
    let same = |choice: &Choice| choice.node == service.node && choice.service == service.service;
    if let Some(same) = facts.choices.iter().position(same) {
        return cheapest_with(&rest, node, &[same as u32], work);
    }
    // Nothing more fits into it.
    let mut others = without(&rest, node);
    others.policy.max_packages = others
        .policy
        .max_packages
        .map(|most| most.saturating_sub(1));
    let facts = Facts::new(&others);
    let found = work.solve(&facts)?;
    let mut packages = filled(&facts, &found.open);
    packages.push((service, vec![0; rest.order.lines.len()]));
    Some(packages)
}

/// The cost of the cheapest plan without a node.
pub(super) fn plan_without(problem: &Problem, node: usize, work: &mut Work) -> Option<Cost> {
    let others = without(problem, node);
    let facts = Facts::new(&others);
    let found = work.solve(&facts)?;
    Some(
        assemble(others.parts(), &facts, &filled(&facts, &found.open))
            .1
            .rounded(),
    )
}

fn without(problem: &Problem, node: usize) -> Problem {
    let mut others = problem.clone();
    others.nodes[node].stock.clear();
    others
}

/// Whether a node sends anything in a plan.
pub(super) fn sends(packages: &[Filled], node: usize) -> bool {
    packages
        .iter()
        .any(|(choice, units)| choice.node as usize == node && units.iter().any(|units| *units > 0))
}

/// The cheapest plan that has one of a node's packages, even if it may be empty: a bonus for such a package makes any
/// plan that has one better than all that have none.
fn cheapest_with(
    problem: &Problem,
    node: usize,
    choices: &[u32],
    work: &mut Work,
) -> Option<Vec<Filled>> {
    let mut facts = Facts::new(problem);
    if facts.max_packages == 0 || choices.is_empty() {
        return None;
    }
    let mut assigner = Assigner::default();
    let alone = choices
        .iter()
        .map(|c| assigner.assign(&facts, &[*c], f64::NEG_INFINITY))
        .fold(f64::MIN, f64::max);
    // No plan gains more than everything at the best saving, for nothing.
    let mut most = vec![0.0f64; facts.lines()];
    for c in 0..facts.choices.len() as u32 {
        for offer in facts.offers(c) {
            let best = &mut most[offer.line as usize];
            *best = best.max(offer.saving);
        }
    }
    let all: f64 = most
        .iter()
        .zip(&facts.quantity)
        .map(|(saving, units)| saving * units)
        .sum();
    let bonus = (all - alone).max(0.0) + 1.0;
    for choice in choices {
        facts.choices[*choice as usize].fixed -= bonus;
    }
    let found = work.solve(&facts)?;
    let has = found
        .open
        .iter()
        .any(|c| facts.choices[*c as usize].node as usize == node);
    has.then(|| filled(&facts, &found.open))
}
