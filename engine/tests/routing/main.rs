//! The solver against answers that others found: every plan tried, HiGHS, and what anyone can work out by hand.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod brute_force;
mod every_plan;
mod explained;
mod facts;
mod hostile;
mod joint;
mod limits;
mod milp;
#[path = "../support/sample.rs"]
mod sample;

use engine::routing::{Plan, Problem, plan};

/// The plan, checked to be one: no unit invented or lost, no stock or capacity exceeded, the cost that of its parts.
fn sound_plan(problem: &Problem) -> Plan {
    let plan = plan(problem).unwrap();
    check_sound(problem, &plan);
    plan
}

fn check_sound(problem: &Problem, plan: &Plan) {
    let id = &problem.order.id;
    for line in &problem.order.lines {
        let of_line = |l: &&engine::routing::PackageLine| l.line == line.id;
        let sent: u32 = plan
            .packages
            .iter()
            .flat_map(|p| &p.lines)
            .filter(of_line)
            .map(|l| l.quantity)
            .sum();
        let left: u32 = plan
            .unfilled
            .iter()
            .filter(|u| u.line == line.id)
            .map(|u| u.quantity)
            .sum();
        assert_eq!(sent + left, line.quantity, "{id}: line {}", line.id);
    }
    let mut total = 0.0;
    for (i, package) in plan.packages.iter().enumerate() {
        assert!(
            plan.packages[..i].iter().all(|p| p.node != package.node),
            "{id}: a node sends once"
        );
        let node = problem.nodes.iter().find(|n| n.id == package.node).unwrap();
        let units: u64 = package.lines.iter().map(|l| u64::from(l.quantity)).sum();
        assert!(units > 0, "{id}: an empty package");
        assert!(
            node.capacity.is_none_or(|most| units <= most),
            "{id}: capacity of {}",
            node.id
        );
        for (sku, held) in &node.stock {
            let takes = |l: &&engine::routing::PackageLine| {
                problem
                    .order
                    .lines
                    .iter()
                    .any(|line| line.id == l.line && line.sku == *sku)
            };
            let taken: u64 = package
                .lines
                .iter()
                .filter(takes)
                .map(|l| u64::from(l.quantity))
                .sum();
            assert!(taken <= *held, "{id}: {} has {held} of {sku}", node.id);
        }
        total += package.cost.total();
    }
    assert!(
        problem
            .policy
            .max_packages
            .is_none_or(|most| plan.packages.len() <= most as usize),
        "{id}: packages"
    );
    total += plan.cost.extra_packages + plan.cost.unfilled;
    assert!(
        (total - plan.cost.total).abs() < 0.01,
        "{id}: {total} is not {}",
        plan.cost.total
    );
}
