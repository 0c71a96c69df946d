//! Stock that is divided among channels.

use serde_json::{Value, json};

use crate::support::{TestApp, order};

/// An order of a channel, planned; what of it is allocated.
async fn buys(app: &TestApp, channel: &str, id: &str, quantity: i64) -> i64 {
    let mut order = order(id, "A", quantity);
    order["channel"] = json!(channel);
    app.post("orders", &order).await.expect(201);
    app.route().await;
    let order = app.get(&format!("orders/{channel}:{id}")).await.expect(200);
    order["lines"][0]["allocated"].as_i64().unwrap()
}

/// What each channel has of A at a node: own, reserved, available.
async fn channels(app: &TestApp, node: &str) -> Vec<Value> {
    let rows = app
        .get(&format!("stock/channels?node={node}&sku=A"))
        .await
        .expect(200);
    let rows = rows.as_array().unwrap().iter();
    rows.map(|row| {
        json!([
            row["channel"],
            row["own"],
            row["reserved"],
            row["available"]
        ])
    })
    .collect()
}

async fn promised(app: &TestApp, channel: &str, quantity: i64) -> Value {
    let asked = json!({"channel": channel, "lines": [{"sku": "A", "quantity": quantity}],
        "destination": {"country": "US", "postal_code": "10002"}});
    let told = app.post("promises", &asked).await.expect(201);
    told["status"].clone()
}

both! {
    async fn a_channel_takes_its_own_and_spills_over_only_where_it_may(app: TestApp) {
        let app = app.with_network().await;
        // Of 10 at east: 4 are the web's, 3 the marketplace's, and 3 anybody's.
        let rules = json!([{"channel": "web", "share": 40}, {"channel": "marketplace", "units": 3, "spill_over": true}]);
        let put = app.put("stock/allocations", &rules).await.expect(200);
        assert_eq!((&put["changed"], &put["rules"][0]["spill_over"]), (&json!(true), &json!(false)));
        assert_eq!(app.put("stock/allocations", &rules).await.expect(200)["changed"], false, "the same again");
        assert_eq!(app.get("stock/allocations").await.expect(200).as_array().unwrap().len(), 2);
        assert_eq!(buys(&app, "web", "1", 6).await, 4, "no more than its own");
        assert_eq!(buys(&app, "marketplace", "1", 5).await, 5, "its own and two of what is anybody's");
        assert_eq!(channels(&app, "east").await, [json!(["web", 4, 4, 0]), json!(["marketplace", 3, 5, 1])]);
        assert_eq!(buys(&app, "store", "1", 2).await, 1, "what is left for anybody");
        // What the decision saw is what the channel might take, and it replays as it was.
        for replay in orchestrator::routing::replay(&app.orc, &app.system(), "web:1").await.unwrap() {
            assert!(replay.is_same(), "{replay:?}");
        }
        let row = &app.get("stock?node=east&sku=A").await.expect(200)["items"][0];
        assert_eq!((&row["reserved"], &row["available"]), (&json!(10), &json!(0)));
        // Given back, it is whose it was; who waits gets it.
        app.post("orders/marketplace:1/cancel", &json!({})).await.expect(200);
        app.route().await;
        let allocated = app.get("orders/web:1").await.expect(200)["lines"][0]["allocated"].clone();
        assert_eq!(allocated, 4, "the web's two still wait, for their own share is used up");
        assert_eq!(app.get("orders/store:1").await.expect(200)["lines"][0]["allocated"], 2);
        app.put("stock/allocations", &json!([])).await.expect(200);
        app.route().await;
        assert_eq!(app.get("orders/web:1").await.expect(200)["lines"][0]["allocated"], 6, "nothing is divided any more");
        assert_eq!(channels(&app, "east").await, Vec::<Value>::new());
    }

    async fn the_narrowest_rule_of_a_channel_holds(app: TestApp) {
        let app = app.with_network().await;
        app.put("products/A", &json!({"name": "Thing A", "weight_g": 500, "category": "tea"})).await.expect(200);
        app.put("stock", &json!([{"node": "west", "sku": "A", "on_hand": 10}])).await.expect(200);
        let rules = json!([{"channel": "web", "units": 1}, {"channel": "web", "category": "tea", "units": 2},
            {"channel": "web", "sku": "A", "node": "west", "units": 7}]);
        app.put("stock/allocations", &rules).await.expect(200);
        assert_eq!(channels(&app, "east").await, [json!(["web", 2, 0, 2])]);
        assert_eq!(channels(&app, "west").await, [json!(["web", 7, 0, 7])]);
        app.put("products/A", &json!({"name": "Thing A", "weight_g": 500})).await.expect(200);
        assert_eq!(channels(&app, "east").await, [json!(["web", 1, 0, 1])], "the category has ended");
    }

    async fn promises_and_holds_keep_to_it(app: TestApp) {
        let app = app.with_network().await;
        let rules = json!([{"channel": "web", "share": 40}, {"channel": "marketplace", "share": 60}]);
        app.put("stock/allocations", &rules).await.expect(200);
        assert_eq!(promised(&app, "web", 4).await, "ok");
        assert_eq!(promised(&app, "web", 5).await, "unavailable");
        assert_eq!(promised(&app, "marketplace", 6).await, "ok");
        assert_eq!(promised(&app, "store", 1).await, "unavailable", "all of it is somebody's");
        let hold = json!({"channel": "web", "hold": true, "lines": [{"sku": "A", "quantity": 3}],
            "destination": {"country": "US", "postal_code": "10002"}});
        let held = app.post("promises", &hold).await.expect(201);
        assert!(held["held_until"].is_string());
        assert_eq!(channels(&app, "east").await[0], json!(["web", 4, 3, 1]));
        let mut order = order("1", "A", 3);
        order["delivery"] = json!({"level": "standard", "promise_id": held["id"]});
        app.post("orders", &order).await.expect(201);
        app.route().await;
        assert_eq!(app.get("orders/web:1").await.expect(200)["status"], "routed");
        assert_eq!(channels(&app, "east").await[0], json!(["web", 4, 3, 1]), "the order has what was held");
        // Within a second the world follows: one of its own is left.
        tokio::time::sleep(std::time::Duration::from_millis(900)).await;
        assert_eq!(promised(&app, "web", 2).await, "unavailable");
        assert_eq!(promised(&app, "web", 1).await, "ok");
        app.put("stock/allocations", &json!([])).await.expect(200);
        tokio::time::sleep(std::time::Duration::from_millis(900)).await;
        assert_eq!(promised(&app, "web", 7).await, "ok");
    }

    /// Many orders of three channels at once, more than there is: each channel gets what is set aside for it, and no unit
    /// is left over.
    async fn nobody_takes_what_is_anothers_when_all_come_at_once(app: TestApp) {
        let app = app.with_network().await;
        app.put("stock", &json!([{"node": "east", "sku": "A", "on_hand": 100}, {"node": "west", "sku": "A", "on_hand": 50}])).await.expect(200);
        let rules = json!([{"channel": "web", "share": 50}, {"channel": "marketplace", "share": 20}, {"channel": "marketplace", "node": "west", "units": 15}]);
        app.put("stock/allocations", &rules).await.expect(200);
        let places = ["web", "marketplace", "store"].iter().flat_map(|channel| (0..90).map(move |i| (*channel, i)));
        let places = places.map(|(channel, i)| {
            let app = &app;
            async move {
                let mut order = order(&format!("{i}"), "A", 1);
                order["channel"] = json!(channel);
                app.post("orders", &order).await.expect(201);
            }
        });
        // Two routers beside the orders that come.
        let route = || async {
            for _ in 0..40 {
                orchestrator::routing::run(&app.orc, 16).await.unwrap();
                tokio::task::yield_now().await;
            }
        };
        tokio::join!(futures::future::join_all(places), route(), route());
        app.route().await;
        let reserved = |rows: &[Value], channel: &str| rows.iter().find(|row| row[0] == channel).map_or(0, |row| row[2].as_i64().unwrap());
        let (east, west) = (channels(&app, "east").await, channels(&app, "west").await);
        let of = |channel: &str| reserved(&east, channel) + reserved(&west, channel);
        assert_eq!((of("web"), of("marketplace"), of("store")), (75, 35, 40), "{east:?} {west:?}");
        assert_eq!((reserved(&east, "marketplace"), reserved(&west, "marketplace")), (20, 15));
    }

    async fn what_is_no_rule_is_refused_by_field(app: TestApp) {
        let app = app.with_network().await;
        for (rule, pointer) in [
            (json!({"channel": "moon", "units": 1}), "#/0/channel"),
            (json!({"units": 1}), "#/0/channel"),
            (json!({"channel": "web"}), "#/0/share"),
            (json!({"channel": "web", "share": 1, "units": 1}), "#/0/share"),
            (json!({"channel": "web", "share": 101}), "#/0/share"),
            (json!({"channel": "web", "units": -1}), "#/0/units"),
            (json!({"channel": "web", "units": 1, "sku": "Z"}), "#/0/sku"),
            (json!({"channel": "web", "units": 1, "node": "moon"}), "#/0/node"),
            (json!({"channel": "web", "units": 1, "sku": "A", "category": "tea"}), "#/0/category"),
        ] {
            app.put("stock/allocations", &json!([rule])).await.problem(422, pointer);
        }
        let twice = json!([{"channel": "web", "units": 1}, {"channel": "web", "share": 2}]);
        app.put("stock/allocations", &twice).await.problem(422, "#/1/channel");
        let too_much = json!([{"channel": "web", "share": 60}, {"channel": "store", "share": 41}]);
        app.put("stock/allocations", &too_much).await.problem(422, "#/1/share");
        assert_eq!(app.get("stock/allocations").await.expect(200), json!([]));
        let other = app.other_merchant().await;
        app.put("stock/allocations", &json!([{"channel": "web", "units": 1}])).await.expect(200);
        assert_eq!(app.get("stock/allocations").key(&other).await.expect(200), json!([]));
    }
}
