use proptest::prelude::*;

use super::*;

fn problem(json: &str) -> Problem {
    serde_json::from_str(json).unwrap()
}

/// Nodes as (stock of A, per package); all at the destination.
fn simple(quantity: u32, nodes: &[(u64, f64)]) -> Problem {
    let nodes: Vec<_> = nodes
        .iter()
        .enumerate()
        .map(|(i, (stock, fixed))| {
            serde_json::json!({ "id": format!("n{i}"), "kind": "store", "lat": 40.0, "lon": -75.0,
                "stock": { "A": stock }, "handling": { "per_package": fixed, "per_unit": 10 } })
        })
        .collect();
    let whole = serde_json::json!({
        "order": { "id": "o", "destination": { "lat": 40.0, "lon": -75.0 },
            "lines": [{ "id": "1", "sku": "A", "quantity": quantity, "weight_g": 500 }] },
        "nodes": nodes,
        "services": [{ "id": "s", "nodes": null,
            "zones": [{ "up_to_km": 100, "per_package": 500, "per_kg": 100, "transit_days": 1 }] }],
        "policy": { "extra_package": 300, "unfilled_per_unit": 100_000, "max_packages": null, "late_per_package": 0 }
    });
    problem(&whole.to_string())
}

fn packages(problem: &Problem) -> usize {
    let plan = plan(problem).unwrap();
    assert!(plan.optimal);
    plan.packages.len()
}

#[test]
fn three_threes_make_five_in_two_packages_and_three_twos_in_three() {
    assert_eq!(packages(&simple(5, &[(3, 0.0), (3, 0.0), (3, 0.0)])), 2);
    assert_eq!(packages(&simple(5, &[(2, 0.0), (2, 0.0), (2, 0.0)])), 3);
    assert_eq!(packages(&simple(5, &[(3, 0.0), (2, 0.0), (5, 200.0)])), 1);
}

#[test]
fn a_unit_that_nobody_has_is_unfilled_with_its_reason() {
    let plan = plan(&simple(5, &[(3, 0.0)])).unwrap();
    assert_eq!(
        plan.unfilled,
        [Unfilled {
            line: "1".into(),
            quantity: 2,
            reason: UnfilledReason::NoStock
        }]
    );
    assert!(
        (plan.cost.total - (500.0 + 3.0 * 60.0 + 200_000.0)).abs() < 1e-9,
        "{:?}",
        plan.cost
    );
}

#[test]
fn a_capacity_of_two_sends_two() {
    let mut problem = simple(5, &[(9, 0.0)]);
    problem.nodes[0].capacity = Some(2);
    let plan = plan(&problem).unwrap();
    assert_eq!(plan.unfilled[0].reason, UnfilledReason::NoCapacity);
    assert_eq!(plan.packages[0].lines[0].quantity, 2);
}

#[test]
fn unknown_fields_are_refused_and_the_lines_after_are_still_solved() {
    let fine = serde_json::to_string(&simple(1, &[(1, 0.0)])).unwrap();
    let input = format!("{{\"colour\": 1}}\n{fine}\n");
    let mut output = Vec::new();
    assert!(!jsonl::run(input.as_bytes(), &mut output, None).unwrap());
    let lines: Vec<serde_json::Value> = String::from_utf8(output)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert!(
        lines[0]["error"]["detail"]
            .as_str()
            .unwrap()
            .contains("colour")
    );
    assert_eq!(lines[1]["optimal"], true);
}

/// Every set of ways, one a node, priced by trying every way to spread the units.
fn cheapest_by_trying_all(problem: &Problem) -> f64 {
    let line = &problem.order.lines[0];
    let zone = &problem.services[0].zones[0];
    let unit = zone.per_kg * line.weight_g / 1000.0;
    let mut best = f64::INFINITY;
    for set in 0..1u32 << problem.nodes.len() {
        let open: Vec<_> = problem
            .nodes
            .iter()
            .enumerate()
            .filter(|(i, _)| set >> i & 1 == 1)
            .map(|(_, n)| n)
            .collect();
        let (mut left, mut cost) = (u64::from(line.quantity), 0.0);
        let mut by_price = open.clone();
        by_price.sort_by(|a, b| a.handling.per_unit.total_cmp(&b.handling.per_unit));
        for node in &by_price {
            let sent = left
                .min(node.stock["A"])
                .min(node.capacity.unwrap_or(u64::MAX));
            left -= sent;
            cost += sent as f64 * (unit + node.handling.per_unit)
                + zone.per_package
                + node.handling.per_package;
        }
        cost += open.len().saturating_sub(1) as f64 * problem.policy.extra_package;
        best = best.min(cost + left as f64 * problem.policy.unfilled_per_unit);
    }
    best
}

proptest! {
    #[test]
    fn the_plan_is_as_cheap_as_the_cheapest_of_all(
        quantity in 1u32..9,
        nodes in prop::collection::vec((0u64..6, 0u32..900, 0u32..400, prop::option::of(0u64..5)), 1..7),
    ) {
        let mut problem = simple(quantity, &nodes.iter().map(|n| (n.0, f64::from(n.1))).collect::<Vec<_>>());
        for (node, (_, _, per_unit, capacity)) in problem.nodes.iter_mut().zip(&nodes) {
            node.handling.per_unit = f64::from(*per_unit);
            node.capacity = *capacity;
        }
        let plan = plan(&problem).unwrap();
        prop_assert!(plan.optimal);
        prop_assert!((plan.cost.total - cheapest_by_trying_all(&problem)).abs() < 1e-3, "{:?}", plan);
        let placed: u32 = plan.packages.iter().flat_map(|p| &p.lines).map(|l| l.quantity).sum();
        let left: u32 = plan.unfilled.iter().map(|u| u.quantity).sum();
        prop_assert_eq!(placed + left, quantity);
    }
}
