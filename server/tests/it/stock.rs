//! Counting, adjusting and reading stock.

use serde_json::{Value, json};

both! {
    async fn counts_are_kept_and_what_is_kept_back_is_not_available(app: TestApp) {
        let app = app.with_network().await;
        let rows = json!([{"node": "west", "sku": "A", "on_hand": 8, "safety_stock": 3}]);
        let counted = app.put("stock", &rows).await.expect(200);
        assert_eq!((&counted["rows"], &counted["changed"]), (&json!(1), &json!(1)));
        let row = &app.get("stock?node=west&sku=A").await.expect(200)["items"][0];
        assert_eq!((&row["on_hand"], &row["reserved"], &row["available"]), (&json!(8), &json!(0), &json!(5)));
        assert_eq!(row["incoming"], json!([]));
        let again = app.put("stock", &rows).await.expect(200);
        assert_eq!(again["changed"], 0, "the same count changes nothing");
    }

    async fn one_bad_row_and_none_is_kept(app: TestApp) {
        let app = app.with_network().await;
        let rows = json!([{"node": "east", "sku": "A", "on_hand": 99}, {"node": "moon", "sku": "A", "on_hand": 1},
            {"node": "east", "sku": "NOPE", "on_hand": 1}, {"node": "east", "sku": "B", "on_hand": -1}]);
        let problem = app.put("stock", &rows).await.problem(422, "#/3/on_hand");
        assert!(problem["errors"].as_array().unwrap().iter().all(|e| e["pointer"] != "#/0/on_hand"));
        app.put("stock", &json!([{"node": "moon", "sku": "A", "on_hand": 1}])).await.problem(422, "#/0/node");
        app.put("stock", &json!([{"node": "east", "sku": "NOPE", "on_hand": 1}])).await.problem(422, "#/0/sku");
        app.put("stock", &json!([{"node": "east", "sku": "A", "on_hand": 1, "color": 1}])).await.problem(422, "#/0/color");
        app.put("stock", &json!([])).await.problem(422, "#");
        assert_eq!(app.get("stock?node=east&sku=A").await.expect(200)["items"][0]["on_hand"], 10);
    }

    async fn adjustments_add_up_and_need_a_reason(app: TestApp) {
        let app = app.with_network().await;
        let rows = json!([{"node": "east", "sku": "A", "delta": -4, "reason": "damaged"},
            {"node": "west", "sku": "B", "delta": 2, "reason": "received"}]);
        let answer = app.post("stock/adjustments", &rows).await.expect(200);
        assert_eq!((&answer[0]["on_hand"], &answer[1]["on_hand"]), (&json!(6), &json!(2)));
        app.post("stock/adjustments", &json!([{"node": "east", "sku": "A", "delta": 0, "reason": "x"}])).await.problem(422, "#/0/delta");
        app.post("stock/adjustments", &json!([{"node": "east", "sku": "A", "delta": 1}])).await.problem(422, "#/0/reason");
        app.post("stock/adjustments", &json!([{"node": "east", "sku": "A", "delta": 1, "reason": ""}])).await.problem(422, "#/0/reason");
    }

    async fn ten_thousand_rows_at_once(app: TestApp) {
        let app = app.with_network().await;
        let products = (0..5_000).map(|i| engine::model::Product {
            sku: format!("S{i}"), name: "Thing".into(), weight_g: 1, dimensions_mm: None, requires: vec![], category: None, barcode: None,
            image_url: None,
        });
        orchestrator::network::import_products(&app.orc, &app.system(), products.collect()).await.unwrap();
        let rows: Vec<Value> = (0..10_000)
            .map(|i| json!({"node": if i < 5_000 { "east" } else { "west" }, "sku": format!("S{}", i % 5_000), "on_hand": i}))
            .collect();
        let start = std::time::Instant::now();
        let counted = app.put("stock", &json!(rows)).await.expect(200);
        println!("10,000 rows took {:?}", start.elapsed());
        assert_eq!(counted["rows"], 10_000);
        assert_eq!(app.get("stock?node=west&sku=S4999").await.expect(200)["items"][0]["on_hand"], 9_999);
        let too_many = [rows, vec![json!({"node": "east", "sku": "A", "on_hand": 1})]].concat();
        app.put("stock", &json!(too_many)).await.problem(422, "#");
    }
}
