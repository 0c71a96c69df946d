//! Every plan of a small problem, tried one by one.

use engine::geo;
use engine::routing::{LineSpec, NodeSpec, Problem, Zone};

use super::{sample, sound_plan};

/// A package that could be sent, priced from the contract and not with the engine's own arithmetic.
struct Way<'a> {
    node: &'a NodeSpec,
    zone: &'a Zone,
}

/// The least total of all plans: each set of packages, each way to spread the units over it. With a node, only of those
/// in which it sends something.
pub fn cheapest(problem: &Problem, must: Option<&str>) -> f64 {
    let to = &problem.order.destination;
    let by_node: Vec<Vec<Way>> = problem
        .nodes
        .iter()
        .map(|node| {
            let km = geo::distance_km(node.lat, node.lon, to.lat, to.lon);
            let ways = problem.services.iter().filter_map(|service| {
                let serves = service
                    .nodes
                    .as_ref()
                    .is_none_or(|ids| ids.contains(&node.id));
                let zone = service.zones.iter().find(|zone| zone.up_to_km >= km);
                zone.filter(|_| serves).map(|zone| Way { node, zone })
            });
            ways.collect()
        })
        .collect();
    let mut best = Best {
        total: f64::INFINITY,
        must,
    };
    open_packages(problem, &by_node, &mut Vec::new(), 0.0, &mut best);
    best.total
}

fn open_packages<'a>(
    problem: &Problem,
    rest: &'a [Vec<Way<'a>>],
    open: &mut Vec<&'a Way<'a>>,
    cost: f64,
    best: &mut Best,
) {
    let Some((first, rest)) = rest.split_first() else {
        let mut left: Vec<_> = open.iter().map(|way| full(way)).collect();
        spread(
            problem,
            &problem.order.lines,
            0,
            open,
            &mut left,
            cost,
            best,
        );
        return;
    };
    open_packages(problem, rest, open, cost, best);
    if problem
        .policy
        .max_packages
        .is_some_and(|most| open.len() >= most as usize)
    {
        return;
    }
    for way in first {
        let late = problem
            .order
            .max_transit_days
            .is_some_and(|most| way.zone.transit_days > most);
        let extra = if open.is_empty() {
            0.0
        } else {
            problem.policy.extra_package
        };
        let fixed = way.zone.per_package
            + way.node.handling.per_package
            + extra
            + if late {
                problem.policy.late_per_package
            } else {
                0.0
            };
        open.push(way);
        open_packages(problem, rest, open, cost + fixed, best);
        open.pop();
    }
}

struct Best<'a> {
    total: f64,
    must: Option<&'a str>,
}

fn full(way: &Way) -> Left {
    (
        way.node.stock.clone(),
        way.node.capacity.unwrap_or(u64::MAX),
    )
}

type Left = (std::collections::BTreeMap<String, u64>, u64);

/// Units of the lines from `lines` on, beginning with the `p`-th package; `sent` of the first line are placed already.
fn spread(
    problem: &Problem,
    lines: &[LineSpec],
    p: usize,
    open: &[&Way],
    left: &mut [Left],
    cost: f64,
    best: &mut Best,
) {
    spread_line(
        problem,
        lines,
        p,
        open,
        left,
        lines.first().map_or(0, |line| u64::from(line.quantity)),
        cost,
        best,
    );
}

#[expect(clippy::too_many_arguments, reason = "a recursion's state")]
fn spread_line(
    problem: &Problem,
    lines: &[LineSpec],
    p: usize,
    open: &[&Way],
    left: &mut [Left],
    wanted: u64,
    cost: f64,
    best: &mut Best,
) {
    if cost >= best.total {
        return;
    }
    let Some(line) = lines.first() else {
        let sends = |id: &str| {
            let at = open.iter().position(|way| way.node.id == id);
            at.is_some_and(|p| left[p] != full(open[p]))
        };
        if best.must.is_none_or(sends) {
            best.total = cost;
        }
        return;
    };
    if p == open.len() {
        let unfilled = wanted as f64 * problem.policy.unfilled_per_unit;
        spread(problem, &lines[1..], 0, open, left, cost + unfilled, best);
        return;
    }
    let way = open[p];
    let can = line.requires.iter().all(|r| way.node.provides.contains(r));
    let held = left[p]
        .0
        .get(&line.sku)
        .copied()
        .unwrap_or(0)
        .min(left[p].1);
    let most = if can { held.min(wanted) } else { 0 };
    let unit = way.zone.per_kg * line.weight_g / 1000.0
        + way.node.handling.per_unit
        + way.node.opportunity.get(&line.sku).copied().unwrap_or(0.0);
    for units in 0..=most {
        let before = left[p].clone();
        if let Some(held) = left[p].0.get_mut(&line.sku) {
            *held -= units;
        }
        left[p].1 -= units;
        spread_line(
            problem,
            lines,
            p + 1,
            open,
            left,
            wanted - units,
            cost + units as f64 * unit,
            best,
        );
        left[p] = before;
    }
}

#[test]
fn of_two_thousand_small_problems_no_plan_is_cheaper_than_the_one_returned() {
    for id in 0..2_000 {
        let problem = sample::problem(id, 11, sample::TINY);
        let plan = sound_plan(&problem);
        let best = cheapest(&problem, None);
        assert!(plan.optimal, "problem {id} is not proved");
        assert!(
            (plan.cost.total - best).abs() < 0.002,
            "problem {id}: {} and {best}",
            plan.cost.total
        );
    }
}
