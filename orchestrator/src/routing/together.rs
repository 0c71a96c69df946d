//! Orders that waited are planned together: all of them give up what they have, the engine says what each should get
//! of the stock and capacity that they share, and each is then planned on that and on what nobody else needs.
//!
//! The last step is why a decision still stands for itself. An order's plan is the cheapest on what was left for it;
//! its stored inputs say what that was, and the same inputs give the same plan.
//!
//! Taken one by one, the older order has the first choice. Together it may be given another node than that, when this
//! saves another one more; but it never waits for units that it would have had, nor misses a date that it would have kept.

use std::collections::{BTreeMap, HashMap};

use engine::model::Together;
use engine::routing::Plan;
use engine::routing::joint::{JointProblem, plan_jointly};

use super::load::DueOrder;
use super::problem::{Desk, Inputs, Planned, PlannedUnits, Seen, World, problem_of, units_of};
use crate::promises::Within;

/// Less than this is no gain, in minor units.
const NO_GAIN: f64 = 0.5;

/// Plans the orders together where that is better than one by one; `world` is what they leave.
pub(super) fn plan(desk: &Desk, world: &mut World, orders: Vec<DueOrder>) -> Vec<Planned> {
    if orders.len() < 2 {
        return desk.in_turn(world, orders);
    }
    let (mut turned, mut joined) = (world.clone(), world.clone());
    let in_turn = desk.in_turn(&mut turned, orders.clone());
    let Some(mut together) = jointly(desk, &mut joined, orders) else {
        *world = turned;
        return in_turn;
    };
    let saves = cost_of(&in_turn) - cost_of(&together);
    let none_is_worse_off = in_turn
        .iter()
        .zip(&together)
        .all(|(before, now)| waiting(now) <= waiting(before) && !breaks_more(before, now));
    if saves < NO_GAIN || !none_is_worse_off {
        *world = turned;
        return in_turn;
    }
    for planned in &mut together {
        if let Some(together) = &mut planned.inputs.together {
            together.saves = saves;
        }
    }
    *world = joined;
    together
}

/// The orders' plans, in their order; none when the engine refuses one of the problems.
fn jointly(desk: &Desk, world: &mut World, orders: Vec<DueOrder>) -> Option<Vec<Planned>> {
    for due in &orders {
        due.its_own().for_each(|held| world.give_back(held));
    }
    let mut given: Vec<Vec<PlannedUnits>> = orders.iter().map(|_| Vec::new()).collect();
    for group in groups(desk, world, &orders) {
        let seen: Vec<Seen> = group
            .iter()
            .map(|i| desk.look(world, &orders[*i]))
            .collect();
        let joint = plan_jointly(&shared(desk, &seen)).ok()?;
        for ((i, seen), plan) in group.iter().zip(&seen).zip(&joint.plans) {
            let order = &seen.inputs.order;
            given[*i] = units_of(&orders[*i], order, plan, &seen.work_days);
            world.take(&given[*i]);
        }
    }
    let count = orders.len() as u32;
    let planned = orders.into_iter().enumerate().map(|(i, due)| {
        world.leave(&given[i]);
        let together = Together {
            orders: count,
            saves: 0.0,
            kept: kept(&due, &given[i + 1..]),
        };
        desk.plan(world, due, Some(together))
    });
    Some(planned.collect())
}

/// Orders that may use the same nodes, services and stock, the group of the oldest order first.
fn groups(desk: &Desk, world: &World, orders: &[DueOrder]) -> Vec<Vec<usize>> {
    let mut groups: Vec<Vec<usize>> = Vec::new();
    let mut by_question = HashMap::new();
    for (i, due) in orders.iter().enumerate() {
        let Inputs {
            level,
            pickup,
            without,
            ..
        } = desk.look(world, due).inputs;
        // Where stock is divided, each channel sees another part of it.
        let channel = world.is_divided().then_some(&due.order.channel);
        let group = *by_question
            .entry((level, pickup, without, channel))
            .or_insert(groups.len());
        if group == groups.len() {
            groups.push(Vec::new());
        }
        groups[group].push(i);
    }
    groups
}

/// One problem of what the orders of a group see.
fn shared(desk: &Desk, seen: &[Seen]) -> JointProblem {
    let mut all = seen[0].inputs.clone();
    for other in &seen[1..] {
        for (node, holds) in &other.inputs.stock {
            let stock = all.stock.entry(node.clone()).or_default();
            stock.extend(holds.iter().map(|(sku, units)| (sku.clone(), *units)));
        }
        // A node may work on them on different days; the day with the most room is the one that they share.
        for (node, room) in &other.inputs.capacity {
            let most = all.capacity.entry(node.clone()).or_default();
            *most = (*most).max(*room);
        }
    }
    let problem = problem_of(desk.snapshot(), &all);
    JointProblem {
        orders: seen.iter().map(|seen| seen.inputs.order.clone()).collect(),
        nodes: problem.nodes,
        services: problem.services,
        policy: problem.policy,
    }
}

/// Units of the order's SKUs that the ones after it are given.
fn kept(due: &DueOrder, others: &[Vec<PlannedUnits>]) -> BTreeMap<String, BTreeMap<String, u64>> {
    let mut kept: BTreeMap<String, BTreeMap<String, u64>> = BTreeMap::new();
    for units in others.iter().flatten() {
        if due.lines.iter().any(|line| line.sku == units.sku) {
            let of_node = kept.entry(units.node.clone()).or_default();
            *of_node.entry(units.sku.clone()).or_default() += units.quantity as u64;
        }
    }
    kept
}

/// Whether the promise that the order would keep alone is broken together.
fn breaks_more(before: &Planned, now: &Planned) -> bool {
    let keeps = |planned: &Planned| planned.within.as_ref().is_none_or(Within::is_kept);
    keeps(before) && !keeps(now)
}

fn plans(planned: &[Planned]) -> impl Iterator<Item = &Plan> {
    planned
        .iter()
        .filter_map(|planned| planned.plan.as_ref().ok())
}

fn cost_of(planned: &[Planned]) -> f64 {
    plans(planned).map(|plan| plan.cost.total).sum()
}

/// Units that an order has to wait for; all of them when it has no plan.
fn waiting(planned: &Planned) -> u32 {
    match &planned.plan {
        Ok(plan) => plan.unfilled.iter().map(|unfilled| unfilled.quantity).sum(),
        Err(_) => u32::MAX,
    }
}
