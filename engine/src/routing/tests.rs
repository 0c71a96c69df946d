use super::*;

#[test]
fn unknown_fields_are_refused_and_the_lines_after_are_still_solved() {
    let fine = serde_json::json!({
        "order": { "id": "o", "destination": { "lat": 40.0, "lon": -75.0 },
            "lines": [{ "id": "1", "sku": "A", "quantity": 1, "weight_g": 500 }] },
        "nodes": [{ "id": "n", "kind": "store", "lat": 40.0, "lon": -75.0, "stock": { "A": 1 } }],
        "services": [{ "id": "s", "nodes": null,
            "zones": [{ "up_to_km": 100, "per_package": 500, "per_kg": 100, "transit_days": 1 }] }],
        "policy": { "extra_package": 300, "unfilled_per_unit": 100_000 }
    });
    let input = format!("{{\"colour\": 1}}\n{fine}\n");
    let mut output = Vec::new();
    assert!(!jsonl::run(input.as_bytes(), &mut output, None).unwrap());
    let lines: Vec<serde_json::Value> = String::from_utf8(output)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let detail = lines[0]["error"]["detail"].as_str().unwrap();
    assert!(detail.contains("colour"), "{detail}");
    assert_eq!(lines[1]["optimal"], true);
}
