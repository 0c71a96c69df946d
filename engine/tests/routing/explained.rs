//! Explanations hold: each gap is that of the best plan there is, each change does what it says and no step less does.

use engine::routing::{Candidate, Change, Explanation, Problem, Verdict, explain, plan};

use super::{brute_force, sample, sound_plan};

fn explained(problem: &Problem) -> Explanation {
    let plan = sound_plan(problem);
    assert!(plan.optimal);
    explain(problem, &plan)
}

fn is_chosen(problem: &Problem, node: &str) -> bool {
    plan(problem)
        .unwrap()
        .packages
        .iter()
        .any(|package| package.node == node)
}

#[test]
fn a_node_s_gap_is_what_the_cheapest_plan_with_it_or_without_it_costs_more() {
    let (mut with, mut without) = (0, 0);
    for id in 0..400 {
        let problem = sample::problem(id, 21, sample::TINY);
        let total = sound_plan(&problem).cost.total;
        for candidate in explained(&problem).candidates {
            let other = match candidate.verdict {
                Verdict::Feasible => {
                    with += 1;
                    brute_force::cheapest(&problem, Some(&candidate.node))
                }
                Verdict::Chosen => {
                    without += 1;
                    let mut others = problem.clone();
                    others.nodes.retain(|node| node.id != candidate.node);
                    brute_force::cheapest(&others, None)
                }
                Verdict::Excluded => continue,
            };
            let gap = candidate.cost_gap.unwrap();
            assert!(
                (total + gap - other).abs() < 0.003,
                "problem {id}, {}: {gap}, not {}",
                candidate.node,
                other - total
            );
            let parts = candidate.gap_by_part.unwrap();
            let sum = parts.shipping
                + parts.handling
                + parts.opportunity
                + parts.late
                + parts.extra_packages
                + parts.unfilled;
            assert!(
                (sum - gap).abs() < 0.01,
                "problem {id}, {}: {sum} is not {gap}",
                candidate.node
            );
        }
    }
    assert!(
        with > 200 && without > 200,
        "{with} feasible, {without} chosen"
    );
}

#[test]
fn each_change_brings_its_node_into_the_plan_and_one_step_less_does_not() {
    let mut seen = [0; 4];
    for id in 0..500 {
        let shape = if id % 25 == 0 {
            sample::SMALL
        } else {
            sample::TINY
        };
        let problem = with_cut_offs(sample::problem(id, 31, shape), id);
        for candidate in explained(&problem).candidates {
            for change in &candidate.changes {
                seen[match change {
                    Change::Cost { .. } => 0,
                    Change::Stock { .. } => 1,
                    Change::Capacity { .. } => 2,
                    Change::CutOff { .. } => 3,
                }] += 1;
                check(&problem, &candidate, change, id);
            }
        }
    }
    assert!(
        seen.iter().all(|count| *count > 20),
        "cost, stock, capacity, cut-off: {seen:?}"
    );
}

/// The problem, with some nodes that are late with a service, most of them for a cut-off that has passed.
fn with_cut_offs(mut problem: Problem, id: u64) -> Problem {
    let random = &mut sample::Random::new(id);
    problem.policy.late_per_package = random.int(100, 3_000) as f64;
    let order = &mut problem.order;
    for service in &problem.services {
        for node in &problem.nodes {
            if random.chance(0.4) {
                let late = order.late_from.entry(service.id.clone()).or_default();
                late.push(node.id.clone());
                if random.chance(0.8) {
                    let missed = order.missed_by.entry(service.id.clone()).or_default();
                    missed.insert(node.id.clone(), random.int(1, 90));
                }
            }
        }
    }
    problem
}

fn check(problem: &Problem, candidate: &Candidate, change: &Change, id: u64) {
    let node = &candidate.node;
    assert!(
        is_chosen(&change.apply(problem, node), node),
        "problem {id}, {node}: {change:?} is not enough"
    );
    let less = change
        .one_step_less()
        .map_or_else(|| problem.clone(), |less| less.apply(problem, node));
    assert!(
        !is_chosen(&less, node),
        "problem {id}, {node}: less than {change:?} is enough"
    );
}

#[test]
fn where_no_change_is_named_none_of_its_kind_would_do() {
    for id in 0..150 {
        let problem = sample::problem(id, 41, sample::TINY);
        for candidate in explained(&problem).candidates {
            if candidate.verdict == Verdict::Chosen {
                continue;
            }
            assert!(candidate.changes_sought);
            let node = &candidate.node;
            if !candidate
                .changes
                .iter()
                .any(|change| matches!(change, Change::Stock { .. }))
            {
                for line in &problem.order.lines {
                    let change = Change::Stock {
                        sku: line.sku.clone(),
                        units: 20,
                    };
                    assert!(
                        !is_chosen(&change.apply(&problem, node), node),
                        "problem {id}, {node}: {change:?}"
                    );
                }
            }
            if !candidate
                .changes
                .iter()
                .any(|change| matches!(change, Change::Capacity { .. }))
            {
                let change = Change::Capacity { units: 50 };
                assert!(
                    !is_chosen(&change.apply(&problem, node), node),
                    "problem {id}, {node}: {change:?}"
                );
            }
        }
    }
}

#[test]
fn a_split_says_what_one_package_would_have_cost_and_how_long_it_would_have_taken() {
    let mut splits = 0;
    for id in 0..200 {
        let problem = sample::problem(id, 51, sample::TINY);
        let total = sound_plan(&problem).cost.total;
        let split = explained(&problem).split;
        assert_eq!(split.is_some(), sound_plan(&problem).packages.len() > 1);
        let Some(split) = split else { continue };
        splits += 1;
        let mut one = problem.clone();
        one.policy.max_packages = Some(1);
        let best = brute_force::cheapest(&one, None);
        assert!(
            (split.single.total - best).abs() < 0.002,
            "problem {id}: {} and {best}",
            split.single.total
        );
        assert!((split.single.costs_more - (best - total)).abs() < 0.003);
        let service = problem
            .services
            .iter()
            .find(|s| s.id == split.single.service)
            .unwrap();
        assert!(
            service
                .zones
                .iter()
                .any(|zone| zone.transit_days == split.single.transit_days)
        );
    }
    assert!(splits > 20, "{splits}");
}
