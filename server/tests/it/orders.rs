//! The main job: an order in, routed, and explained.

use serde_json::json;

use crate::support::order;

both! {
    async fn an_order_is_taken_routed_and_explained(app: TestApp) {
        let app = app.with_network().await;
        let placed = app.post("orders", &order("1001", "A", 2)).await.expect(201);
        assert_eq!((&placed["status"], &placed["channel"]), (&json!("received"), &json!("web")));
        assert!(placed["id"].as_str().unwrap().starts_with("ord_"));
        assert_eq!(placed["waiting"][0]["quantity"], 2);
        app.route().await;
        let order = app.get("orders/web:1001").await.expect(200);
        assert_eq!((&order["id"], &order["status"]), (&placed["id"], &json!("routed")));
        assert_eq!((&order["lines"][0]["quantity"], &order["lines"][0]["allocated"]), (&json!(2), &json!(2)));
        let fulfillment = &order["fulfillments"][0];
        assert_eq!((&fulfillment["node"], &fulfillment["service"]), (&json!("east"), &json!("ground")));
        assert_eq!((&fulfillment["status"], &order["waiting"]), (&json!("assigned"), &json!([])));
        for field in ["number", "external_id", "placed_at", "currency", "promise", "tracking_url"] {
            assert!(order.get(field).is_some(), "{field}");
        }
        let stock = app.get("stock?node=east&sku=A").await.expect(200);
        assert_eq!((&stock["items"][0]["reserved"], &stock["items"][0]["available"]), (&json!(2), &json!(8)));

        let decisions = app.get("orders/web:1001/decisions").await.expect(200);
        let decision = &decisions["items"][0];
        assert_eq!((&decision["run"], &decision["trigger"]), (&json!(1), &json!("new_order")));
        assert_eq!(decision["plan"]["packages"][0]["node"], "east");
        assert_eq!(decision["plan"]["optimal"], true);
        assert!(!decision["problem"]["nodes"].as_array().unwrap().is_empty());
    }

    async fn the_same_order_again_is_no_second_order(app: TestApp) {
        let app = app.with_network().await;
        let first = app.post("orders", &order("1", "A", 2)).await.expect(201);
        let again = app.post("orders", &order("1", "A", 2)).await.expect(200);
        assert_eq!(first["id"], again["id"]);
        let problem = app.post("orders", &order("1", "A", 3)).await.problem(409, "");
        assert_eq!(problem["type"], "/docs#problem-conflict");
        let mut elsewhere = order("1", "A", 2);
        elsewhere["channel"] = json!("mobile");
        app.post("orders", &elsewhere).await.expect(201);
    }

    async fn without_stock_an_order_waits_and_says_so(app: TestApp) {
        let app = app.with_network().await;
        let order = app.routed_order("1", "A", 12).await;
        assert_eq!(order["status"], "backordered");
        assert_eq!((&order["waiting"][0]["quantity"], &order["waiting"][0]["reason"]), (&json!(2), &json!("no_stock")));
        app.put("stock", &json!([{"node": "west", "sku": "A", "on_hand": 5}])).await.expect(200);
        app.route().await;
        let order = app.get("orders/web:1").await.expect(200);
        assert_eq!((&order["status"], &order["waiting"]), (&json!("routed"), &json!([])));
    }

    async fn hold_release_cancel_and_reroute(app: TestApp) {
        let app = app.with_network().await;
        app.routed_order("1", "A", 2).await;
        let held = app.post("orders/web:1/hold", &json!({"reason": "the customer called"})).await.expect(200);
        assert_eq!((&held["status"], &held["hold_reason"]), (&json!("on_hold"), &json!("the customer called")));
        app.call("POST", "orders/web:1/hold").await.expect(200);
        app.post("orders/web:1/reroute", &json!({})).await.problem(409, "");
        app.call("POST", "orders/web:1/release").await.expect(200);
        app.route().await;
        assert_eq!(app.get("orders/web:1").await.expect(200)["status"], "routed");
        app.call("POST", "orders/web:1/reroute").await.expect(200);
        app.route().await;
        assert_eq!(app.get("orders/web:1").await.expect(200)["status"], "routed");
        let events = app.get("events?limit=200").await.expect(200).to_string();
        assert!(events.contains("order.reroute_kept"), "there is nothing better, and it says so");
        assert_eq!(app.call("POST", "orders/web:1/cancel").await.expect(200)["status"], "cancelled");
        assert_eq!(app.call("POST", "orders/web:1/cancel").await.expect(200)["status"], "cancelled");
        let problem = app.call("POST", "orders/web:1/hold").await.problem(409, "");
        assert!(problem["detail"].as_str().unwrap().contains("cancelled"), "{problem}");
        let stock = app.get("stock?node=east&sku=A").await.expect(200);
        assert_eq!(stock["items"][0]["reserved"], 0, "the stock is given back");
        app.post("orders/web:1/hold", &json!({"why": "?"})).await.problem(422, "#/why");
    }

    async fn lists_filter_in_the_database_and_page(app: TestApp) {
        let app = app.with_network().await;
        for i in 0..5 {
            app.routed_order(&format!("r{i}"), "A", 1).await;
        }
        app.routed_order("w", "B", 50).await;
        let ids = |answer: serde_json::Value| -> Vec<String> {
            answer["items"].as_array().unwrap().iter().map(|o| o["external_id"].as_str().unwrap().to_owned()).collect()
        };
        assert_eq!(ids(app.get("orders?status=backordered").await.expect(200)), ["w"]);
        assert_eq!(ids(app.get("orders?status=routed,backordered&sort=oldest&limit=2").await.expect(200)), ["r0", "r1"]);
        assert_eq!(ids(app.get("orders?channel=mobile").await.expect(200)), Vec::<String>::new());
        assert_eq!(ids(app.get("orders?q=r3").await.expect(200)), ["r3"]);
        let first = app.get("orders?limit=4&total=true").await.expect(200);
        assert_eq!(first["total"], 6);
        let next = app.get(&format!("orders?limit=4&cursor={}", first["next_cursor"].as_str().unwrap())).await.expect(200);
        assert_eq!([ids(first), ids(next.clone())].concat(), ["w", "r4", "r3", "r2", "r1", "r0"]);
        assert!(next["next_cursor"].is_null());
    }

    /// Any part of what people know of an order finds it, and nothing else does.
    async fn text_finds_what_contains_it(app: TestApp) {
        let app = app.with_network().await;
        for (external_id, name) in [("SO-100%", "Zoë Ångström"), ("SO_1001", "Ben Baker"), ("SO-1002", "Bea O'Neil")] {
            let mut order = order(external_id, "A", 1);
            order["customer"]["name"] = json!(name);
            app.post("orders", &order).await.expect(201);
        }
        app.route().await;
        let first = app.get("fulfillments").await.expect(200)["items"][0].clone();
        let (fulfillment, order) = (first["id"].as_str().unwrap(), first["order_number"].as_i64().unwrap());
        for action in ["accept", "pack"] {
            app.call("POST", &format!("fulfillments/{fulfillment}/{action}")).await.expect(200);
        }
        app.post(&format!("fulfillments/{fulfillment}/ship"), &json!({"tracking_number": "1Z 999"})).await.expect(200);
        let first = app.get(&format!("orders?q=%23{order}")).await.expect(200)["items"][0]["external_id"].clone();
        for (q, found) in [
            ("so", vec!["SO-1002", "SO_1001", "SO-100%"]),
            ("100%25", vec!["SO-100%"]),
            ("o_1", vec!["SO_1001"]),
            ("o'n", vec!["SO-1002"]),
            ("%C3%85NGSTR", vec!["SO-100%"]),
            ("BAKER", vec!["SO_1001"]),
            ("zz", vec![]),
            ("nobody-has-this", vec![]),
            ("%22%20OR%201", vec![]),
            ("%00", vec![]),
            ("1Z%20999", vec![first.as_str().unwrap()]),
        ] {
            let list = app.get(&format!("orders?q={q}&total=true")).await.expect(200);
            let ids: Vec<_> = list["items"].as_array().unwrap().iter().map(|o| o["external_id"].as_str().unwrap()).collect();
            assert_eq!((ids.len() as u64, list["total"].as_u64().unwrap()), (found.len() as u64, ids.len() as u64), "{q}");
            assert_eq!(ids, found, "{q}");
        }
        let in_a_state = app.get("orders?q=so&status=shipped&total=true").await.expect(200);
        assert_eq!(in_a_state["total"], 1);
        let elsewhere = app.get("orders?q=so&node=west&total=true").await.expect(200);
        assert_eq!(elsewhere["total"], 0);
    }

    /// What one waits for, the worker does by itself.
    async fn the_worker_routes_within_a_second(app: TestApp) {
        let app = app.with_network().await;
        let mut workers = server::workers::start(&app.state);
        app.post("orders", &order("1", "A", 2)).await.expect(201);
        let start = std::time::Instant::now();
        while app.get("orders/web:1").await.expect(200)["status"] != "routed" {
            assert!(start.elapsed().as_secs() < 10, "it is still not routed");
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        println!("routed after {:?}", start.elapsed());
        app.trigger.trigger();
        while workers.join_next().await.is_some() {}
    }
}
