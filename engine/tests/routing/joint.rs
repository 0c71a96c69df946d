//! All waiting orders together, against every plan tried, against HiGHS, and against the orders taken one by one.

use engine::routing::joint::{
    JointLimits, JointPlan, JointProblem, json, plan_jointly, plan_jointly_with,
};
use engine::routing::{Problem, plan};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::every_plan::EveryPlan;
use super::{check_sound, hostile, sample};

fn alone(problem: &JointProblem, order: usize) -> Problem {
    Problem {
        order: problem.orders[order].clone(),
        nodes: problem.nodes.clone(),
        services: problem.services.clone(),
        policy: problem.policy,
    }
}

/// Takes a plan's units off the nodes; whether there were as many.
fn take(problem: &mut JointProblem, order: usize, plan: &engine::routing::Plan) -> bool {
    let mut there_were = true;
    for package in &plan.packages {
        let mut nodes = problem.nodes.iter_mut();
        let node = nodes.find(|node| node.id == package.node).unwrap();
        for part in &package.lines {
            let mut lines = problem.orders[order].lines.iter();
            let line = lines.find(|line| line.id == part.line).unwrap();
            let units = u64::from(part.quantity);
            let held = node.stock.entry(line.sku.clone()).or_default();
            there_were &= *held >= units && node.capacity.is_none_or(|room| room >= units);
            *held = held.saturating_sub(units);
            node.capacity = node.capacity.map(|room| room.saturating_sub(units));
        }
    }
    there_were
}

/// The plans, checked: each is one, together they take no more than there is, and the figures are theirs.
fn sound(problem: &JointProblem, limits: JointLimits) -> JointPlan {
    let joint = plan_jointly_with(problem, &limits).unwrap();
    assert_eq!(joint.plans.len(), problem.orders.len());
    let mut left = problem.clone();
    let mut total = 0.0;
    for (o, plan) in joint.plans.iter().enumerate() {
        assert_eq!(plan.id, problem.orders[o].id);
        check_sound(&alone(problem, o), plan);
        assert!(take(&mut left, o, plan), "{}: more than there is", plan.id);
        total += plan.cost.total;
    }
    assert!(
        (total - joint.total).abs() < 0.01,
        "the plans cost {total} and not {}",
        joint.total
    );
    assert!(joint.bound <= joint.total && joint.total <= joint.one_by_one);
    joint
}

#[test]
fn one_by_one_is_what_the_orders_cost_each_planned_on_what_is_left() {
    let mut same = 0;
    for id in 0..40 {
        let problem = sample::window(id, 3, sample::WINDOW);
        let joint = sound(&problem, JointLimits::default());
        let mut left = problem.clone();
        let mut total = 0.0;
        for o in 0..problem.orders.len() {
            let plan = plan(&alone(&left, o)).unwrap();
            take(&mut left, o, &plan);
            total += plan.cost.total;
        }
        same += usize::from((total - joint.one_by_one).abs() < 0.01);
    }
    // Of equally cheap plans either may be taken, and the next order finds other units left.
    assert!(same >= 38, "{same} of 40");
}

#[test]
fn an_order_leaves_the_unit_that_another_one_needs_more() {
    let order = |id: &str, lon: f64| {
        json!({ "id": id, "destination": { "lat": 40.0, "lon": lon },
            "lines": [{ "id": "1", "sku": "A", "quantity": 1, "weight_g": 100 }] })
    };
    let node = |id: &str, lon: f64| json!({ "id": id, "kind": "warehouse", "lat": 40.0, "lon": lon, "stock": { "A": 1 } });
    let zone = |up_to_km: f64, per_package: f64| json!({ "up_to_km": up_to_km, "per_package": per_package, "per_kg": 0.0, "transit_days": 1 });
    // "a" is nearest to both; the second one's other node is far away.
    let problem = json!({
        "orders": [order("first", -80.0), order("second", -75.0)],
        "nodes": [node("a", -78.0), node("b", -85.0)],
        "services": [{ "id": "s", "zones": [zone(300.0, 500.0), zone(600.0, 700.0), zone(6000.0, 2000.0)] }],
        "policy": { "unfilled_per_unit": 100_000 }
    });
    let problem: JointProblem = serde_json::from_value(problem).unwrap();
    let joint = sound(&problem, JointLimits::default());
    assert_eq!((joint.one_by_one, joint.total), (2_500.0, 1_200.0));
    assert_eq!(joint.plans[0].packages[0].node, "b");
    assert_eq!(joint.plans[1].packages[0].node, "a");
    assert!(joint.bound > 1_199.0, "{}", joint.bound);
}

#[test]
fn of_small_windows_no_plans_are_below_the_bound_and_nearly_all_totals_are_the_least() {
    let mut least = 0;
    for id in 0..300 {
        let problem = sample::window(id, 5, sample::TINY_WINDOW);
        let joint = sound(&problem, JointLimits::default());
        // Plans that cost as much are known; only cheaper ones are looked for.
        let best = EveryPlan::cheapest(&problem, joint.total - 0.002);
        assert!(
            joint.bound <= best + 0.005,
            "window {id}: bound {}, {best} possible",
            joint.bound
        );
        least += usize::from(best >= joint.total - 0.002);
    }
    assert!(least >= 297, "{least} of 300");
}

#[derive(serde::Deserialize)]
struct Answer {
    total: f64,
    proved: bool,
    bound: f64,
}

/// `scripts/milp-totals.sh` makes the file again.
#[test]
fn nine_tenths_of_what_highs_gains_over_one_by_one_are_gained() {
    let (mut ours, mut theirs, mut proved) = (0.0, 0.0, 0);
    let text = include_str!("../cases/joint-totals.jsonl");
    for (id, line) in text.lines().enumerate() {
        let answer: Answer = serde_json::from_str(line).unwrap();
        let problem = sample::window(id as u64, 7, sample::WINDOW);
        let joint = sound(&problem, JointLimits::default());
        assert!(
            joint.bound <= answer.total + 0.01,
            "window {id}: bound {}, {} possible",
            joint.bound,
            answer.total
        );
        assert!(
            joint.total >= answer.bound - 0.01,
            "window {id}: {}, {} proved",
            joint.total,
            answer.bound
        );
        if answer.proved {
            proved += 1;
            ours += joint.one_by_one - joint.total;
            theirs += joint.one_by_one - answer.total;
        }
    }
    assert!(proved >= 30, "HiGHS proved {proved}");
    assert!(ours >= 0.9 * theirs, "{ours} of {theirs}");
}

#[test]
fn a_window_that_is_cut_off_still_has_sound_plans() {
    for id in 0..12 {
        let problem = sample::window(id, 9, sample::WINDOW);
        let best = sound(&problem, JointLimits::default());
        for max_explored in [0, 1, 100, 1_000, 5_000] {
            let joint = sound(&problem, JointLimits { max_explored });
            assert!(joint.bound <= best.total + 0.01, "window {id}");
        }
    }
}

#[test]
fn the_same_window_gets_the_same_plans() {
    for id in 0..6 {
        let problem = sample::window(id, 13, sample::WINDOW);
        let text = |problem| serde_json::to_string(&plan_jointly(problem).unwrap()).unwrap();
        let again = serde_json::from_str(&serde_json::to_string(&problem).unwrap()).unwrap();
        assert_eq!(text(&problem), text(&again));
    }
}

/// The answer to a text, and whether it was taken for a window.
fn answer(text: &str) -> (Value, bool) {
    let mut output = Vec::new();
    let is_fine = json::run(text.as_bytes(), &mut output, None).unwrap();
    (serde_json::from_slice(&output).unwrap(), is_fine)
}

#[test]
fn bad_windows_are_refused_with_the_field() {
    let fine = json!(sample::window(0, 1, sample::TINY_WINDOW));
    assert!(answer(&fine.to_string()).1);
    let refused = |change: &dyn Fn(&mut Value)| {
        let mut bad = fine.clone();
        change(&mut bad);
        let (answer, is_fine) = answer(&bad.to_string());
        assert!(!is_fine);
        let of = |field: &str| answer["error"][field].as_str().unwrap().to_owned();
        (of("pointer"), of("detail"))
    };
    let quantity = refused(&|w| w["orders"][1]["lines"][0]["quantity"] = json!(0));
    assert_eq!(quantity.0, "#/orders/1/lines/0/quantity");
    let id = refused(&|w| w["orders"][1]["id"] = w["orders"][0]["id"].clone());
    assert_eq!(id.0, "#/orders/1/id");
    let node = refused(&|w| w["nodes"][0]["lat"] = json!(91));
    assert_eq!(node.0, "#/nodes/0");
    let unknown = refused(&|w| w["color"] = json!(1));
    assert!(unknown.1.contains("color"), "{}", unknown.1);
}

#[test]
fn a_window_without_nodes_or_orders_is_answered() {
    let mut problem = sample::window(0, 1, sample::TINY_WINDOW);
    problem.nodes.clear();
    let joint = sound(&problem, JointLimits::default());
    let all_unfilled = joint.plans.iter().all(|plan| plan.packages.is_empty());
    assert!(all_unfilled && joint.one_by_one <= joint.total);
    problem.orders.clear();
    let joint = sound(&problem, JointLimits::default());
    assert!(joint.plans.is_empty() && joint.total.abs() < 1e-9);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]
    #[test]
    fn whatever_window_parses_is_planned_or_refused_and_never_panics(
        id in 0u64..200,
        changes in prop::collection::vec((prop::collection::vec(0usize..9, 1..7), hostile::strange(), any::<bool>()), 1..6),
    ) {
        let mut value = json!(sample::window(id, 9, sample::TINY_WINDOW));
        for (steps, new, remove) in &changes {
            hostile::put(&mut value, steps, new, *remove);
        }
        if let Ok(problem) = serde_json::from_value::<JointProblem>(value)
            && let Ok(joint) = plan_jointly_with(&problem, &JointLimits { max_explored: 2_000 })
        {
            prop_assert_eq!(joint.plans.len(), problem.orders.len());
            prop_assert!(joint.total.is_finite() && joint.bound <= joint.total);
        }
    }
}
