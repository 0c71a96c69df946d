//! `engine/tests/cases/routing-facts.json`: problems whose answer can be worked out by hand.

use engine::routing::Problem;
use serde_json::{Map, Value, json};

use super::sound_plan;

/// A case leaves out what it is not about; this is what it then means.
fn filled_in(case: &Value) -> Problem {
    let with = |base: Value, over: &Value| {
        let mut map: Map<String, Value> = base.as_object().cloned().unwrap_or_default();
        map.extend(over.as_object().cloned().unwrap_or_default());
        Value::Object(map)
    };
    let nodes: Vec<Value> = case["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|node| with(json!({ "kind": "store", "lat": 40.0, "lon": -75.0 }), node))
        .collect();
    let lines: Vec<Value> = case["lines"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(sku, line)| with(json!({ "id": sku, "sku": sku, "weight_g": 500 }), line))
        .collect();
    let zones = json!([{ "up_to_km": 300, "per_package": 500, "per_kg": 100, "transit_days": 1 },
                       { "up_to_km": 6000, "per_package": 900, "per_kg": 200, "transit_days": 4 }]);
    let services = case
        .get("services")
        .cloned()
        .unwrap_or(json!([{ "id": "ground", "nodes": null, "zones": zones }]));
    let policy = with(
        json!({ "extra_package": 300, "unfilled_per_unit": 100_000, "max_packages": null, "late_per_package": 0 }),
        &case["policy"],
    );
    let order = with(
        json!({ "id": "case", "destination": { "lat": 40.0, "lon": -75.0 }, "lines": lines }),
        &case["order"],
    );
    serde_json::from_value(
        json!({ "order": order, "nodes": nodes, "services": services, "policy": policy }),
    )
    .unwrap()
}

#[test]
fn what_can_be_worked_out_by_hand_comes_out() {
    let cases: Vec<Value> =
        serde_json::from_str(include_str!("../cases/routing-facts.json")).unwrap();
    for case in cases {
        let name = case["name"].as_str().unwrap();
        let plan = sound_plan(&filled_in(&case));
        assert!(plan.optimal, "{name}");
        let sent: Value = plan
            .packages
            .iter()
            .map(|p| {
                let lines: Map<String, Value> = p
                    .lines
                    .iter()
                    .map(|l| (l.line.clone(), json!(l.quantity)))
                    .collect();
                (format!("{}/{}", p.node, p.service), Value::Object(lines))
            })
            .collect::<Map<String, Value>>()
            .into();
        let left: Value = json!(
            plan.unfilled
                .iter()
                .map(|u| json!([u.line, u.quantity, u.reason]))
                .collect::<Vec<_>>()
        );
        let expect = &case["expect"];
        if let Some(count) = expect.get("packages").and_then(Value::as_u64) {
            assert_eq!(plan.packages.len() as u64, count, "{name}: {sent}");
        }
        if let Some(want) = expect.get("sent") {
            assert_eq!(&sent, want, "{name}");
        }
        assert_eq!(
            left,
            expect.get("unfilled").cloned().unwrap_or(json!([])),
            "{name}"
        );
        if let Some(total) = expect.get("total").and_then(Value::as_f64) {
            assert!(
                (plan.cost.total - total).abs() < 0.001,
                "{name}: {}",
                plan.cost.total
            );
        }
    }
}
