//! A merchant can neither read nor touch another's rows, whatever it calls.

use serde_json::{Value, json};

use crate::support::order;

both! {
    async fn another_merchants_things_are_not_there(app: TestApp) {
        let app = app.with_network().await;
        let mine = app.routed_order("1", "A", 2).await;
        let (order_id, ful) = (mine["id"].as_str().unwrap(), mine["fulfillments"][0]["id"].as_str().unwrap());
        let other = app.other_merchant().await;
        let before = app.get("events?limit=200").await.expect(200);

        for path in ["products/A", "nodes/east", "services/ground", "orders/web:1", "orders/web:1/decisions"] {
            app.get(path).key(&other).await.problem(404, "");
        }
        app.get(&format!("orders/{order_id}")).key(&other).await.problem(404, "");
        app.get(&format!("orders/{order_id}/decisions")).key(&other).await.problem(404, "");
        for path in ["products", "nodes", "services", "stock", "orders", "fulfillments", "fulfillments?node=east",
            "stock?node=east&sku=A", "orders?node=east", "orders?q=web"] {
            assert_eq!(app.get(path).key(&other).await.expect(200)["items"], json!([]), "{path}");
        }
        for action in ["hold", "release", "reroute", "cancel"] {
            app.call("POST", &format!("orders/{order_id}/{action}")).key(&other).await.problem(404, "");
            app.call("POST", &format!("orders/web:1/{action}")).key(&other).await.problem(404, "");
        }
        for action in ["accept", "reject", "short_pick", "pack", "ship", "deliver", "ready_for_pickup", "picked_up"] {
            let body = match action {
                "reject" => json!({"reason": "r"}),
                "short_pick" => json!({"lines": [{"line": mine["lines"][0]["id"], "picked": 0}]}),
                "picked_up" => json!({"code": "ABCDEF"}),
                _ => json!({}),
            };
            app.post(&format!("fulfillments/{ful}/{action}"), &body).key(&other).await.problem(404, "");
        }
        app.put("stock", &json!([{"node": "east", "sku": "A", "on_hand": 0}])).key(&other).await.problem(422, "#/0/node");
        let adjustment = json!([{"node": "east", "sku": "A", "delta": -1, "reason": "x"}]);
        app.post("stock/adjustments", &adjustment).key(&other).await.problem(422, "#/0/node");
        app.post("orders", &order("1", "A", 1)).key(&other).await.problem(422, "#/lines/0/sku");

        let theirs = app.get("events?limit=200").key(&other).await.expect(200);
        assert!(!theirs.to_string().contains("web"), "{theirs}");
        assert_eq!(app.get("events?limit=200").await.expect(200), before, "nothing of mine has changed");
    }

    async fn the_same_codes_are_two_things(app: TestApp) {
        let app = app.with_network().await;
        let other = app.other_merchant().await;
        app.put("products/A", &json!({"name": "Theirs", "weight_g": 9})).key(&other).await.expect(201);
        assert_eq!(app.get("products/A").await.expect(200)["name"], "Thing A");
        let node = json!({"name": "Theirs", "kind": "store", "address": {"postal_code": "94105", "country": "US"}});
        app.put("nodes/east", &node).key(&other).await.expect(201);
        app.put("stock", &json!([{"node": "east", "sku": "A", "on_hand": 3}])).key(&other).await.expect(200);
        let zone = json!({"up_to_km": 6000.0, "per_package": 5.0, "per_kg": 1.0, "transit_days": 1});
        let service = json!({"carrier": "P", "level": "standard", "zones": [zone]});
        app.put("services/ground", &service).key(&other).await.expect(201);
        app.post("orders", &order("1", "A", 2)).key(&other).await.expect(201);
        let mine = app.routed_order("1", "A", 1).await;
        let on_hand = |answer: Value| answer["items"][0]["reserved"].as_i64().unwrap();
        assert_eq!(on_hand(app.get("stock?node=east&sku=A").await.expect(200)), 1);
        assert_eq!(on_hand(app.get("stock?node=east&sku=A").key(&other).await.expect(200)), 2);
        assert_eq!(mine["number"], app.get("orders/web:1").key(&other).await.expect(200)["number"], "each counts its own");
    }

    async fn a_stream_is_deaf_to_others(app: TestApp) {
        let app = app.with_network().await;
        let other = app.other_merchant().await;
        let mut stream = app.get("stream?after=0").key(&other).open().await;
        app.post("orders", &order("1", "A", 1)).await.expect(201);
        app.put("products/T", &json!({"name": "Theirs", "weight_g": 9})).key(&other).await.expect(201);
        loop {
            let (_, event) = stream.next().await.unwrap();
            assert!(!event["kind"].as_str().unwrap().starts_with("order"), "{event}");
            if event["subject"] == "product:T" {
                break;
            }
        }
    }
}
