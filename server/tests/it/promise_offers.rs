//! What is offered, for how long, and what shop pages and the merchant may ask.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::promises::{basket, cite, fulfil, publishable, service, shop, soon, warehouse};

both! {
    async fn nobody_is_offered_to_pay_more_for_what_is_not_sooner(app: TestApp) {
        let app = shop(app).await;
        let ids = |told: &Value| told["options"].as_array().unwrap().iter().map(|o| o["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
        app.put("services/ground", &service("standard", 1, 1, 700.0)).await.expect(200);
        let told = app.post("promises", &basket("A", 1)).await.expect(201);
        assert_eq!(ids(&told), ["standard"], "express would arrive on the same day for more");
        app.put("promise_settings", &json!({"prices": {"standard": 499, "express": 499}})).await.expect(200);
        let start = Instant::now();
        while ids(&app.post("promises", &basket("A", 1)).await.expect(201)).len() != 2 {
            assert!(start.elapsed() < Duration::from_secs(1), "at the same price both are offered");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    async fn tomorrow_is_not_said_after_midnight(app: TestApp) {
        let app = shop(app).await;
        // 23:55 in New York; what is ordered before the cut-off of Wednesday arrives on Friday.
        app.clock.set("2026-11-25T04:55:00Z".parse().unwrap());
        let told = app.post("promises", &basket("A", 1)).await.expect(201);
        assert_eq!(told["expires_at"], "2026-11-25T05:00:00Z");
        let mut held = basket("A", 1);
        held["hold"] = json!(true);
        let held = app.post("promises", &held).await.expect(201);
        assert_eq!(held["held_until"], "2026-11-25T05:10:00Z", "what is held stays held");
        app.clock.set("2026-11-25T05:08:00Z".parse().unwrap());
        let order = cite(&app, "1", &held["id"], "A", 1).await;
        assert_eq!(order["promise"]["routed_within"], true, "{order}");
    }

    async fn a_full_day_is_seen_by_promises_within_two_seconds(app: TestApp) {
        let app = shop(app).await;
        let mut east = warehouse("10001", 100.0);
        east["daily_capacity"] = json!(2);
        app.put("nodes/east", &east).await.expect(200);
        let by = |told: &Value| told["options"][1]["date"]["by"].clone();
        let told = soon(&app, &basket("A", 1), "ok").await;
        assert_eq!(by(&told), "2026-11-25");
        assert_eq!(app.routed_order("1", "A", 2).await["status"], "routed");
        let start = Instant::now();
        let told = loop {
            let told = app.post("promises", &basket("A", 1)).await.expect(201);
            if by(&told) != "2026-11-25" {
                break told;
            }
            assert!(start.elapsed() < Duration::from_secs(2), "{told}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        };
        assert_eq!(by(&told), "2026-11-27", "worked on on Wednesday, and Thursday is a holiday: {told}");
        let order = cite(&app, "2", &told["id"], "A", 1).await;
        assert_eq!((&order["fulfillments"][0]["work_day"], &order["promise"]["routed_within"]), (&json!("2026-11-25"), &json!(true)), "{order}");
    }

    async fn a_list_of_products_is_one_question(app: TestApp) {
        let app = shop(app).await;
        let key = publishable(&app, &[]).await;
        let path = format!("promises?key={key}&sku=A&sku=B&qty=9&sku=NOPE&country=US&postal=10002");
        let answer = app.get(&path).no_key().await;
        let told = answer.expect(200);
        let statuses: Vec<_> = told["promises"].as_array().unwrap().iter().map(|p| (p["status"].clone(), p["reason"].clone())).collect();
        assert_eq!(statuses, [(json!("ok"), Value::Null), (json!("unavailable"), json!("no_stock")), (json!("unavailable"), json!("unknown_sku"))]);
        assert_eq!(answer.header("access-control-allow-origin"), "*");
        assert!(answer.header("cache-control").starts_with("public, max-age="), "{}", answer.header("cache-control"));
        let alone = app.get(&format!("promise?key={key}&sku=A&country=US&postal=10002")).no_key().await.expect(200);
        assert_eq!(alone["options"], told["promises"][0]["options"]);
        app.get(&format!("promises?key={key}&country=US")).no_key().await.problem(422, "#/sku");
        app.get("promises?key=pk_wrong&sku=A&country=US").no_key().await.problem(401, "");
    }

    async fn who_asks_too_much_is_told_when_to_ask_again(app: TestApp) {
        let mut app = shop(app).await;
        let config = server::config::Config { promises_per_key: 6, promises_per_address: 4, trusted_proxies: vec![[127, 0, 0, 1].into()], ..app.state.config.clone() };
        let (trigger, shutdown) = server::state::shutdown();
        let state = server::state::AppState::new(app.orc.clone(), config, shutdown);
        (app.router, app.trigger, app.state) = (server::http::router(&state), trigger, state);
        let (key, other) = (publishable(&app, &[]).await, publishable(&app, &[]).await);
        let ask = |key: &str, from: &'static str, skus: usize| {
            let skus = "&sku=A".repeat(skus);
            app.get(&format!("promises?key={key}{skus}&country=US")).no_key().header("x-forwarded-for", from)
        };
        ask(&key, "2001:db8::1", 3).await.expect(200);
        let refused = ask(&key, "2001:db8::2", 2).await;
        refused.problem(429, "");
        assert_eq!(refused.header("retry-after"), "15", "the same network, of which one question is left");
        ask(&key, "2001:db8:0:1::1", 3).await.expect(200);
        ask(&key, "9.9.9.9", 1).await.problem(429, "");
        ask(&other, "9.9.9.9", 1).await.expect(200);
        // A key of the merchant's own server is not counted here.
        for _ in 0..8 {
            app.post("promises", &basket("A", 1)).await.expect(201);
        }
    }

    async fn the_record_says_how_promises_turned_out(app: TestApp) {
        let app = shop(app).await;
        let told = app.post("promises", &basket("A", 1)).await.expect(201);
        let order = cite(&app, "1", &told["id"], "A", 1).await;
        let open = app.get("promises/record").await.expect(200);
        assert_eq!((&open["open"], &open["kept"], &open["by_channel"]), (&json!(1), &json!(0), &json!([])));
        fulfil(&app, &order, "2026-11-27T20:00:00Z").await;
        let record = app.get("promises/record").await.expect(200);
        let row = |list: &str| (record[list][0]["name"].clone(), record[list][0]["promised"].clone(), record[list][0]["kept"].clone());
        assert_eq!(row("by_channel"), (json!("web"), json!(1), json!(1)), "{record}");
        assert_eq!(row("by_node").0, "east");
        assert_eq!(row("by_lane").0, "US-100 US-100");
        assert_eq!(row("by_stated").0, "95 % and above");
        let other = app.other_merchant().await;
        assert_eq!(app.get("promises/record").key(&other).await.expect(200)["kept"], 0);
    }
}
