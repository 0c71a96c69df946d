//! Products, nodes and services.

use serde_json::json;

both! {
    async fn a_put_makes_then_changes_and_says_which(app: TestApp) {
        let product = json!({"name": "Tea", "weight_g": 250, "requires": ["cold"], "barcode": "4006381333931",
            "dimensions_mm": {"length": 100, "width": 50, "height": 40}});
        let made = app.put("products/TEA", &product).await.expect(201);
        assert_eq!((&made["sku"], &made["requires"]), (&json!("TEA"), &json!(["cold"])));
        let changed = app.put("products/TEA", &json!({"name": "Green tea", "weight_g": 250})).await.expect(200);
        assert_eq!(changed["requires"], json!([]));
        assert_eq!(app.get("products/TEA").await.expect(200)["name"], "Green tea");
        app.put("products/TEA", &json!({"sku": "COFFEE", "name": "x", "weight_g": 1})).await.problem(422, "#/sku");
        app.put("products/TEA", &json!({"name": "x"})).await.problem(422, "#/weight_g");
        app.put("products/TEA", &json!({"name": "x", "weight_g": -1})).await.problem(422, "#/weight_g");
        app.put("products/TEA", &json!({"name": "x", "weight_g": 2_000_000})).await.problem(422, "#/weight_g");
    }

    async fn codes_may_have_any_letters(app: TestApp) {
        app.put("products/T%C3%A9%20%231", &json!({"name": "Tea", "weight_g": 250})).await.expect(201);
        assert_eq!(app.get("products/T%C3%A9%20%231").await.expect(200)["sku"], "Té #1");
        app.put("products/a%2Fb", &json!({"name": "Tea", "weight_g": 250})).await.problem(422, "#/sku");
    }

    async fn a_node_finds_its_place_and_time_by_its_postal_code(app: TestApp) {
        let node = json!({"name": "West", "kind": "store", "address": {"postal_code": "94105", "country": "US"}});
        let node = app.put("nodes/w", &node).await.expect(201);
        assert_eq!(node["time_zone"], "America/Los_Angeles");
        assert!((node["location"]["lat"].as_f64().unwrap() - 37.79).abs() < 0.1, "{node}");
        assert_eq!((&node["offers"], &node["status"]), (&json!(["ship"]), &json!("active")));
        let bad = |change: serde_json::Value| {
            let mut node = json!({"name": "N", "kind": "store", "address": {"postal_code": "94105", "country": "US"}});
            node.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
            node
        };
        app.put("nodes/x", &bad(json!({"kind": "castle"}))).await.problem(422, "#/kind");
        app.put("nodes/x", &bad(json!({"address": {"postal_code": "00000", "country": "US"}}))).await.problem(422, "#/address/postal_code");
        app.put("nodes/x", &bad(json!({"time_zone": "Mars/Base"}))).await.problem(422, "#/time_zone");
        app.get("nodes/x").await.problem(404, "");
    }

    async fn a_service_needs_zones(app: TestApp) {
        app.put("services/s", &json!({"carrier": "P", "level": "standard"})).await.problem(422, "#/zones");
        app.put("services/s", &json!({"carrier": "P", "level": "standard", "zones": []})).await.problem(422, "#/zones");
        let zone = json!({"up_to_km": 100.0, "per_package": 5.0, "per_kg": 1.0, "transit_days": 1});
        let service = json!({"carrier": "P", "level": "standard", "zones": [zone]});
        let made = app.put("services/s", &service).await.expect(201);
        assert_eq!(made["delivers_on"].as_array().unwrap().len(), 7);
        assert_eq!(app.get("services/s").await.expect(200), made);
        assert_eq!(app.get("services").await.expect(200)["items"], json!([made]));
    }

    async fn lists_go_page_by_page_without_gap_or_repetition(app: TestApp) {
        for i in 0..7 {
            app.put(&format!("products/P{i}"), &json!({"name": "Thing", "weight_g": 1})).await.expect(201);
        }
        let (mut seen, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = app.get(&format!("products?limit=3&cursor={cursor}")).await.expect(200);
            assert!(page["items"].as_array().unwrap().len() <= 3);
            seen.extend(page["items"].as_array().unwrap().iter().map(|p| p["sku"].as_str().unwrap().to_owned()));
            match page["next_cursor"].as_str() {
                Some(next) => next.clone_into(&mut cursor),
                None => break,
            }
        }
        assert_eq!(seen, (0..7).map(|i| format!("P{i}")).collect::<Vec<_>>());
        assert_eq!(app.get("products?q=p5&total=true").await.expect(200)["total"], 1);
    }
}
