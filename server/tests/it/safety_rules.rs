//! Stock that is kept back from sale by rule.

use serde_json::{Value, json};

use crate::support::TestApp;

async fn kept_back(app: &TestApp, node: &str, sku: &str) -> Value {
    let rows = app
        .get(&format!("stock?node={node}&sku={sku}"))
        .await
        .expect(200);
    let row = &rows["items"][0];
    json!([row["safety_stock"], row["available"]])
}

both! {
    async fn the_narrowest_rule_holds_and_less_is_for_sale(app: TestApp) {
        let app = app.with_network().await;
        app.put("products/B", &json!({"name": "Thing B", "weight_g": 500, "category": "tea"})).await.expect(200);
        let rules = json!([{"units": 1}, {"node_kind": "warehouse", "units": 2}, {"category": "tea", "units": 3}]);
        let put = app.put("stock/rules", &rules).await.expect(200);
        assert_eq!(put["changed"], 2, "{put}");
        assert_eq!(kept_back(&app, "east", "A").await, json!([2, 8]));
        assert_eq!(kept_back(&app, "east", "B").await, json!([3, 2]));
        assert_eq!(app.get("stock/rules").await.expect(200).as_array().unwrap().len(), 3);
        assert_eq!(app.put("stock/rules", &rules).await.expect(200)["changed"], 0, "the same again");
        // Nothing of what is kept back is sold.
        let order = app.routed_order("1", "B", 3).await;
        assert_eq!((&order["status"], &order["lines"][0]["allocated"]), (&json!("backordered"), &json!(2)));
        // A category that ends, ends its rule; who waits goes on.
        app.put("products/B", &json!({"name": "Thing B", "weight_g": 500})).await.expect(200);
        app.route().await;
        assert_eq!(app.get("orders/web:1").await.expect(200)["status"], "routed");
        assert_eq!(kept_back(&app, "east", "B").await, json!([2, 0]));
        // What comes new follows the rules, and what was said of a row itself is narrower than all of them.
        app.put("stock", &json!([{"node": "west", "sku": "A", "on_hand": 9}, {"node": "west", "sku": "B", "on_hand": 9, "safety_stock": 0}])).await.expect(200);
        assert_eq!(kept_back(&app, "west", "A").await, json!([2, 7]));
        assert_eq!(kept_back(&app, "west", "B").await, json!([0, 9]));
        let west = json!({"name": "w", "kind": "store", "address": {"postal_code": "94105", "country": "US"}});
        app.put("nodes/west", &west).await.expect(200);
        assert_eq!(kept_back(&app, "west", "A").await, json!([1, 8]));
        app.put("stock/rules", &json!([])).await.expect(200);
        assert_eq!(kept_back(&app, "east", "A").await, json!([0, 10]));
        app.get("events?limit=200").await.expect(200)["items"].as_array().unwrap().iter()
            .find(|event| event["kind"] == "stock.rules_changed").unwrap();
    }

    async fn what_is_no_rule_is_refused_by_field(app: TestApp) {
        let app = app.with_network().await;
        for (rule, pointer) in [
            (json!({"units": -1}), "#/0/units"),
            (json!({}), "#/0/units"),
            (json!({"sku": "Z", "units": 1}), "#/0/sku"),
            (json!({"node": "moon", "units": 1}), "#/0/node"),
            (json!({"sku": "A", "category": "tea", "units": 1}), "#/0/category"),
            (json!({"node": "east", "node_kind": "store", "units": 1}), "#/0/node_kind"),
            (json!({"colour": "red", "units": 1}), "#/0/colour"),
        ] {
            app.put("stock/rules", &json!([rule])).await.problem(422, pointer);
        }
        app.put("stock/rules", &json!([{"sku": "A", "units": 1}, {"sku": "A", "units": 2}])).await.problem(422, "#/1/units");
        assert_eq!(app.get("stock/rules").await.expect(200), json!([]));
        let other = app.other_merchant().await;
        app.put("stock/rules", &json!([{"units": 1}])).await.expect(200);
        assert_eq!(app.get("stock/rules").key(&other).await.expect(200), json!([]));
    }
}
