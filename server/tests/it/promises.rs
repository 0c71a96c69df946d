//! What shoppers are told, and whether orders keep to it.

use std::time::{Duration, Instant};

use engine::model::KeyKind;
use orchestrator::accounts::{self, NewKey};
use orchestrator::{Options, Orchestrator};
use serde_json::{Value, json};

use crate::support::{TestApp, order};

/// Tuesday before Thanksgiving, 11:47 in New York.
const TUESDAY: &str = "2026-11-24T16:47:00Z";

fn weekdays<T: serde::Serialize>(value: T) -> Value {
    json!({"mon": value, "tue": value, "wed": value, "thu": value, "fri": value})
}

pub(super) fn warehouse(postal: &str, per_package: f64) -> Value {
    json!({"name": "Warehouse", "kind": "warehouse", "address": {"postal_code": postal, "country": "US", "city": "Town"},
        "week": weekdays(json!({"open": "08:00", "close": "18:00", "cutoff": "14:00"})),
        "holidays": {"country": "US"}, "handling": {"per_package": per_package, "per_unit": 0.0}})
}

pub(super) fn service(level: &str, near: u32, far: u32, price: f64) -> Value {
    let five = ["mon", "tue", "wed", "thu", "fri"];
    json!({"carrier": "Post", "level": level, "pickups": five, "delivers_on": five, "zones": [
        {"up_to_km": 500.0, "per_package": price, "per_kg": 0.0, "transit_days": near},
        {"up_to_km": 6000.0, "per_package": price, "per_kg": 0.0, "transit_days": far}]})
}

/// `east` in New York and `west` in San Francisco; ten of A and five of B lie in the east. It is Tuesday.
pub(super) async fn shop(app: TestApp) -> TestApp {
    let app = app.with_network().await;
    app.put("nodes/east", &warehouse("10001", 100.0))
        .await
        .expect(200);
    app.put("nodes/west", &warehouse("94105", 100.0))
        .await
        .expect(200);
    app.put("services/ground", &service("standard", 2, 5, 700.0))
        .await
        .expect(200);
    app.put("services/air", &service("express", 1, 1, 2000.0))
        .await
        .expect(201);
    app.put(
        "promise_settings",
        &json!({"prices": {"standard": 499, "express": 1499}}),
    )
    .await
    .expect(200);
    app.clock.set(TUESDAY.parse().unwrap());
    app
}

pub(super) fn basket(sku: &str, quantity: u32) -> Value {
    json!({"lines": [{"sku": sku, "quantity": quantity}], "destination": {"country": "US", "postal_code": "10002"}})
}

pub(super) async fn publishable(app: &TestApp, origins: &[&str]) -> String {
    let new = NewKey {
        name: "Shop".into(),
        kind: KeyKind::Publishable,
        scopes: vec![],
        origins: origins.iter().map(ToString::to_string).collect(),
    };
    accounts::add_key(&app.orc, &app.system(), new)
        .await
        .unwrap()
        .1
}

/// The order that cites a promise, planned.
pub(super) async fn cite(
    app: &TestApp,
    id: &str,
    promise: &Value,
    sku: &str,
    quantity: i64,
) -> Value {
    let mut order = order(id, sku, quantity);
    order["placed_at"] = json!(TUESDAY);
    order["delivery"] = json!({"method": "ship", "level": "standard", "promise_id": promise});
    app.post("orders", &order).await.expect(201);
    app.route().await;
    app.get(&format!("orders/web:{id}")).await.expect(200)
}

/// Asks until the answer has this status; at most the second that an answer may be behind the ledger.
pub(super) async fn soon(app: &TestApp, basket: &Value, status: &str) -> Value {
    let start = Instant::now();
    loop {
        let answer = app.post("promises", basket).await.expect(201);
        if answer["status"] == status {
            return answer;
        }
        assert!(start.elapsed() < Duration::from_secs(1), "still {answer}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

pub(super) async fn fulfil(app: &TestApp, order: &Value, last: &str) {
    let id = order["fulfillments"][0]["id"].as_str().unwrap();
    for action in ["accept", "pack", "ship"] {
        app.post(&format!("fulfillments/{id}/{action}"), &json!({}))
            .await
            .expect(200);
    }
    app.clock.set(last.parse().unwrap());
    app.post(&format!("fulfillments/{id}/deliver"), &json!({}))
        .await
        .expect(200);
}

both! {
    async fn a_basket_is_told_when_it_arrives_and_until_when_to_order(app: TestApp) {
        let app = shop(app).await;
        let told = app.post("promises", &basket("A", 2)).await.expect(201);
        assert_eq!((&told["status"], &told["now"]), (&json!("ok"), &json!(TUESDAY)), "{told}");
        let options = told["options"].as_array().unwrap();
        let ids: Vec<_> = options.iter().map(|option| option["id"].as_str().unwrap()).collect();
        assert_eq!(ids, ["standard", "express"]);
        let standard = &options[0];
        assert_eq!(standard["date"], json!({"from": "2026-11-27", "by": "2026-11-27"}));
        assert_eq!(standard["text"]["sentence"], "Get it by Fri, Nov 27 if you order within 2 h 13 min");
        assert_eq!(standard["cutoff_at"], "2026-11-24T19:00:00Z");
        assert_eq!(standard["price"], json!({"amount": 499, "currency": "USD"}));
        assert_eq!(standard["packages"], 1);
        assert_eq!(standard["confidence"], 0.95);
        assert_eq!(options[1]["date"]["by"], "2026-11-25");
        assert_eq!(told["expires_at"], "2026-11-24T16:57:00Z");
        assert_eq!(told["destination"], json!({"country": "US", "postal": "10002", "tz": "America/New_York", "precision": "postal"}));
        // Nothing is reserved, and shops are not told who sends it.
        assert_eq!(app.get("stock?node=east&sku=A").await.expect(200)["items"][0]["reserved"], 0);
        assert!(!told.to_string().contains("east"), "{told}");
        let mut with_hints = basket("A", 2);
        with_hints["hints"] = json!(true);
        let hinted = app.post("promises", &with_hints).await.expect(201);
        assert_eq!(hinted["options"][0]["hints"][0]["node"], "east");
        let key = publishable(&app, &[]).await;
        app.post("promises", &basket("A", 2)).key(&key).await.expect(201);
        app.post("promises", &with_hints).key(&key).await.problem(403, "");
    }

    async fn what_cannot_be_promised_says_why(app: TestApp) {
        let app = shop(app).await;
        let ask = async |change: &Value| {
            let mut asked = basket("A", 1);
            asked.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
            app.post("promises", &asked).await.expect(201)
        };
        for (change, status, reason) in [
            (json!({"lines": [{"sku": "A", "quantity": 50}]}), "unavailable", json!("no_stock")),
            (json!({"lines": [{"sku": "Z"}]}), "unavailable", json!("unknown_sku")),
            (json!({"lines": [{"sku": "Z"}, {"sku": "A"}]}), "partial", Value::Null),
            (json!({"destination": {"country": "US", "postal_code": "00000"}}), "unavailable", json!("bad_postal")),
            (json!({"destination": {"country": "DE", "postal_code": "80331"}}), "unavailable", json!("no_service")),
        ] {
            let told = ask(&change).await;
            assert_eq!((&told["status"], &told["reason"]), (&json!(status), &reason), "{change}: {told}");
        }
        assert_eq!(ask(&json!({"lines": [{"sku": "Z"}, {"sku": "A"}]})).await["unknown"], json!(["Z"]));
        let country = ask(&json!({"destination": {"country": "US"}})).await;
        assert_eq!((&country["destination"]["precision"], &country["cutoff_at"]), (&json!("country"), &Value::Null), "{country}");
        let german = ask(&json!({"locale": "de-DE"})).await;
        assert_eq!(german["options"][0]["text"]["summary"], "Lieferung bis Fr., 27. Nov.");
        for (change, pointer) in [
            (json!({"lines": []}), "#/lines"),
            (json!({"lines": [{"sku": "A", "quantity": 0}]}), "#/lines/0/quantity"),
            (json!({"destination": {"country": "us"}}), "#/destination/country"),
            (json!({"destination": {}}), "#/destination/country"),
        ] {
            let mut asked = basket("A", 1);
            asked.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
            app.post("promises", &asked).await.problem(422, pointer);
        }
        app.put("promise_settings", &json!({"target": 1.5})).await.problem(422, "#/target");
        app.put("promise_settings", &json!({"on": false})).await.expect(200);
        let off = soon(&app, &basket("A", 1), "none").await;
        assert_eq!((&off["options"], &off["text"]), (&json!([]), &json!("")));
    }

    async fn a_shop_page_asks_without_header_or_preflight(app: TestApp) {
        let app = shop(app).await;
        let key = publishable(&app, &[]).await;
        let path = format!("/api/v1/promise?key={key}&sku=A&qty=2&sku=B&country=US&postal=10002&locale=en-US&channel=web");
        let answer = app.get(&path).no_key().header("origin", "https://shop.example").await;
        let told = answer.expect(200);
        assert_eq!(told["options"][0]["text"]["summary"], "Get it by Fri, Nov 27");
        assert_eq!(answer.header("access-control-allow-origin"), "*");
        assert_eq!(answer.header("cache-control"), "public, max-age=30, s-maxage=60, stale-while-revalidate=60, stale-if-error=300");
        assert_eq!(app.get(&path).no_key().await.expect(200)["id"], told["id"], "the same question a moment later");
        let html = app.get(&path.replace("/promise?", "/promise.html?")).no_key().await;
        assert!(html.header("content-type").starts_with("text/html"));
        assert!(html.text().contains("<time datetime=\"2026-11-27\" aria-label=\"Get it by Fri, Nov 27\">Get it by Fri, Nov 27 if you order within 2 h 13 min</time>"), "{}", html.text());
        for (query, status, pointer) in [
            (format!("key={key}&sku=A&qty=x&country=US"), 422, "#/qty"),
            (format!("key={key}&qty=1&country=US"), 422, "#/qty"),
            (format!("key={key}&sku=A&country=us"), 422, "#/country"),
            (format!("key={key}&country=US"), 422, "#/sku"),
            (format!("key={key}&sku=A&country=US&colour=red"), 422, "#/colour"),
            ("sku=A&country=US".to_owned(), 401, ""),
            ("key=pk_nobody&sku=A&country=US".to_owned(), 401, ""),
            (format!("key={}&sku=A&country=US", app.key), 401, ""),
        ] {
            let answer = app.get(&format!("/api/v1/promise?{query}")).no_key().await;
            answer.problem(status, pointer);
            assert_eq!((answer.header("access-control-allow-origin"), answer.header("cache-control")), ("*", "no-store"), "{query}");
        }
        let bound = publishable(&app, &["https://shop.example"]).await;
        let path = path.replace(&key, &bound);
        app.get(&path).no_key().header("origin", "https://shop.example").await.expect(200);
        app.get(&path).no_key().header("origin", "https://other.example").await.problem(403, "");
        // A publishable key asks for promises and does nothing else.
        app.get("orders").key(&key).await.problem(403, "");
    }

    async fn collection_is_offered_where_everything_is_and_near(app: TestApp) {
        let app = shop(app).await;
        let mut store = warehouse("10003", 100.0);
        store["offers"] = json!(["pickup"]);
        store["name"] = json!("Union Square");
        app.put("nodes/store", &store).await.expect(201);
        app.put("stock", &json!([{"node": "store", "sku": "A", "on_hand": 1}])).await.expect(200);
        let start = Instant::now();
        let told = loop {
            let told = app.post("promises", &basket("A", 1)).await.expect(201);
            if told["options"].as_array().unwrap().len() == 3 { break told }
            assert!(start.elapsed() < Duration::from_secs(1), "{told}");
        };
        let pickup = &told["options"][2];
        assert_eq!((&pickup["id"], &pickup["method"], &pickup["store"]["name"]), (&json!("store"), &json!("pickup"), &json!("Union Square")));
        assert_eq!(pickup["date"]["by"], "2026-11-24", "{pickup}");
        let two = app.post("promises", &basket("A", 2)).await.expect(201);
        assert_eq!(two["options"].as_array().unwrap().len(), 2, "only one lies in the store");
        let mut order = order("1", "A", 1);
        order["delivery"] = json!({"method": "pickup", "node": "store", "promise_id": told["id"]});
        app.post("orders", &order).await.expect(201);
        app.route().await;
        let order = app.get("orders/web:1").await.expect(200);
        assert_eq!((&order["promise"]["option"], &order["promise"]["routed_within"]), (&json!("store"), &json!(true)), "{order}");
    }

    async fn answers_follow_the_stock_within_a_second_whoever_changed_it(app: TestApp) {
        let app = shop(app).await;
        assert_eq!(app.post("promises", &basket("B", 5)).await.expect(201)["status"], "ok");
        let elsewhere = Orchestrator::open(Options { clock: app.clock.clone(), ..Options::new(&app.state.config.database_url) }).await.unwrap();
        let counts = |on_hand| serde_json::from_value(json!([{"node": "east", "sku": "B", "on_hand": on_hand}])).unwrap();
        orchestrator::stock::count(&elsewhere, &app.system(), counts(1)).await.unwrap();
        soon(&app, &basket("B", 5), "unavailable").await;
        orchestrator::stock::count(&elsewhere, &app.system(), counts(9)).await.unwrap();
        soon(&app, &basket("B", 5), "ok").await;
        app.put("stock", &json!([{"node": "east", "sku": "B", "on_hand": 0}])).await.expect(200);
        soon(&app, &basket("B", 1), "unavailable").await;
        let mut full = warehouse("10001", 100.0);
        full["daily_capacity"] = json!(0);
        app.put("nodes/east", &full).await.expect(200);
        soon(&app, &basket("A", 1), "unavailable").await;
        elsewhere.close().await;
    }

    async fn an_order_keeps_to_its_promise_where_a_cheaper_way_would_break_it(app: TestApp) {
        let app = shop(app).await;
        // The east is dear: without a promise the west, which takes five days, sends what it has.
        app.put("nodes/east", &warehouse("10001", 3_000.0)).await.expect(200);
        let told = app.post("promises", &basket("A", 1)).await.expect(201);
        assert_eq!(told["options"][0]["date"]["by"], "2026-11-27");
        app.put("stock", &json!([{"node": "west", "sku": "A", "on_hand": 10}])).await.expect(200);
        let free = app.routed_order("free", "A", 1).await;
        assert_eq!((&free["fulfillments"][0]["node"], &free["promise"]), (&json!("west"), &Value::Null));
        let cited = cite(&app, "cited", &told["id"], "A", 1).await;
        assert_eq!(cited["fulfillments"][0]["node"], "east", "{cited}");
        let promise = &cited["promise"];
        assert_eq!((&promise["option"], &promise["by"], &promise["routed_within"]), (&json!("standard"), &json!("2026-11-27"), &json!(true)));
        let by_token = cite(&app, "token", &told["token"], "A", 1).await;
        assert_eq!(by_token["promise"]["id"], told["id"]);
        fulfil(&app, &cited, "2026-11-27T20:00:00Z").await;
        let kept = app.get("orders/web:cited").await.expect(200);
        assert_eq!((&kept["promise"]["outcome"], &kept["promise"]["days_late"]), (&json!("kept"), &json!(0)));
        fulfil(&app, &by_token, "2026-11-30T15:00:00Z").await;
        let late = app.get("orders/web:token").await.expect(200);
        assert_eq!((&late["promise"]["outcome"], &late["promise"]["delivered_on"], &late["promise"]["days_late"]), (&json!("late"), &json!("2026-11-30"), &json!(3)));
        let kinds: Vec<Value> = app.get("events?limit=200").await.expect(200)["items"].as_array().unwrap().iter().map(|e| e["kind"].clone()).collect();
        assert!(kinds.contains(&json!("promise.kept")) && kinds.contains(&json!("promise.late")));
    }

    async fn a_node_whose_cut_off_was_missed_says_by_how_many_minutes(app: TestApp) {
        let app = shop(app).await;
        // South is dearer, and takes orders for the day until 17:00.
        let mut south = warehouse("19103", 300.0);
        south["week"] = weekdays(json!({"open": "08:00", "close": "18:00", "cutoff": "17:00"}));
        app.put("nodes/south", &south).await.expect(201);
        app.put("stock", &json!([{"node": "south", "sku": "A", "on_hand": 10}])).await.expect(200);
        app.clock.set("2026-11-24T18:55:00Z".parse().unwrap());
        let told = soon(&app, &basket("A", 1), "ok").await;
        app.clock.set("2026-11-24T19:03:30Z".parse().unwrap());
        let order = cite(&app, "missed", &told["id"], "A", 1).await;
        assert_eq!((&order["fulfillments"][0]["node"], &order["promise"]["routed_within"]), (&json!("south"), &json!(true)), "{order}");
        let decisions = app.get("orders/web:missed/decisions").await.expect(200);
        let candidates = decisions["items"][0]["explanation"]["candidates"].as_array().unwrap();
        let east = candidates.iter().find(|candidate| candidate["node"] == "east").unwrap();
        let sooner = json!({"kind": "cut_off", "service": "ground", "minutes": 4});
        assert!(east["changes"].as_array().unwrap().contains(&sooner), "{east}");
    }

    async fn an_order_that_cannot_keep_its_promise_is_taken_and_says_why(app: TestApp) {
        let app = shop(app).await;
        let told = app.post("promises", &basket("A", 1)).await.expect(201);
        let id = &told["id"];
        app.put("stock", &json!([{"node": "east", "sku": "A", "on_hand": 0}, {"node": "west", "sku": "A", "on_hand": 5}])).await.expect(200);
        let far = cite(&app, "far", id, "A", 1).await;
        assert_eq!((&far["status"], &far["promise"]["routed_within"]), (&json!("routed"), &json!(false)));
        assert!(far["promise"]["why_not"].as_str().unwrap().contains("Fri, Nov 27"), "{far}");
        let more = cite(&app, "more", id, "A", 2).await;
        assert!(more["promise"]["why_not"].as_str().unwrap().contains("another basket"), "{more}");
        app.put("stock", &json!([{"node": "west", "sku": "A", "on_hand": 0}])).await.expect(200);
        let waits = cite(&app, "waits", id, "A", 1).await;
        assert_eq!((&waits["status"], &waits["promise"]["why_not"]), (&json!("backordered"), &json!("some of it waits: no stock")));
        app.clock.set("2026-11-24T17:30:00Z".parse().unwrap());
        let expired = cite(&app, "expired", id, "A", 1).await;
        assert!(expired["promise"]["why_not"].as_str().unwrap().contains("had ended"), "{expired}");
        let mut unknown = order("unknown", "A", 1);
        for reference in ["prm_00000000000000000000000000000000", "Friday", "eyJpZCI6MX0.AAAA"] {
            unknown["delivery"] = json!({"promise_id": reference});
            app.post("orders", &unknown).await.problem(422, "#/delivery/promise_id");
        }
        let forged = told["token"].as_str().unwrap().split_once('.').unwrap();
        unknown["delivery"] = json!({"promise_id": format!("{}.{}", forged.0, forged.0)});
        app.post("orders", &unknown).await.problem(422, "#/delivery/promise_id");
        let other = app.other_merchant().await;
        app.put("products/A", &json!({"name": "A", "weight_g": 1})).key(&other).await.expect(201);
        unknown["delivery"] = json!({"promise_id": id});
        app.post("orders", &unknown).key(&other).await.problem(422, "#/delivery/promise_id");
    }

    async fn what_carriers_really_take_moves_the_date(app: TestApp) {
        let app = shop(app).await;
        app.put("stock", &json!([{"node": "east", "sku": "A", "on_hand": 100}])).await.expect(200);
        // Forty packages that were to take two days of delivery take three: until Monday.
        for n in 0..40 {
            app.clock.set(TUESDAY.parse().unwrap());
            let order = app.routed_order(&n.to_string(), "A", 1).await;
            fulfil(&app, &order, "2026-11-30T15:00:00Z").await;
        }
        app.clock.set(TUESDAY.parse().unwrap());
        let start = Instant::now();
        loop {
            let told = app.post("promises", &basket("A", 1)).await.expect(201);
            if told["options"][0]["date"]["by"] == "2026-11-30" { break }
            assert!(start.elapsed() < Duration::from_secs(1), "{told}");
        }
    }
}

/// Reserved units of A in the east.
async fn reserved(app: &TestApp) -> i64 {
    app.get("stock?node=east&sku=A").await.expect(200)["items"][0]["reserved"]
        .as_i64()
        .unwrap()
}

fn to_hold(quantity: u32) -> Value {
    let mut basket = basket("A", quantity);
    basket["hold"] = json!(true);
    basket
}

both! {
    async fn what_is_held_at_the_checkout_is_nobody_elses_and_becomes_the_orders(app: TestApp) {
        let app = shop(app).await;
        let told = app.post("promises", &to_hold(8)).await.expect(201);
        assert_eq!(told["held_until"], "2026-11-24T17:02:00Z", "{told}");
        assert_eq!(reserved(&app).await, 8);
        let other = app.routed_order("other", "A", 5).await;
        assert_eq!(other["status"], "backordered", "two are left");
        assert_eq!(other["lines"][0]["allocated"], 2);
        let mine = cite(&app, "mine", &told["id"], "A", 8).await;
        assert_eq!((&mine["status"], &mine["promise"]["routed_within"]), (&json!("routed"), &json!(true)), "{mine}");
        assert_eq!(reserved(&app).await, 10);
        // Twice is once: who cites it again has no further claim.
        let again = cite(&app, "again", &told["id"], "A", 8).await;
        assert_eq!(again["status"], "backordered");
        assert_eq!(reserved(&app).await, 10);
        app.clock.advance(chrono::Duration::hours(1));
        assert_eq!(orchestrator::promises::expire(&app.orc).await.unwrap(), 0, "it is the order's now");
    }

    async fn a_hold_that_has_ended_goes_to_who_waits(app: TestApp) {
        let app = shop(app).await;
        app.post("promises", &to_hold(10)).await.expect(201);
        assert_eq!(app.routed_order("waits", "A", 3).await["status"], "backordered");
        app.clock.advance(chrono::Duration::seconds(899));
        assert_eq!(orchestrator::promises::expire(&app.orc).await.unwrap(), 0);
        app.clock.advance(chrono::Duration::seconds(2));
        assert_eq!(orchestrator::promises::expire(&app.orc).await.unwrap(), 1);
        assert_eq!(reserved(&app).await, 0);
        app.route().await;
        assert_eq!(app.get("orders/web:waits").await.expect(200)["status"], "routed");
    }

    async fn only_what_is_there_can_be_held_by_whoever_may_place_orders(app: TestApp) {
        let app = shop(app).await;
        let key = publishable(&app, &[]).await;
        app.post("promises", &to_hold(1)).key(&key).await.problem(403, "");
        // Twenty shoppers want one of ten, at once.
        let asked = to_hold(1);
        let answers = futures::future::join_all((0..20).map(|_| async { app.post("promises", &asked).await.expect(201) })).await;
        let held = answers.iter().filter(|told| told["held_until"].is_string()).count();
        assert_eq!((held, reserved(&app).await), (10, 10));
        // The same request again holds nothing more, and answers the same.
        app.put("stock", &json!([{"node": "east", "sku": "A", "on_hand": 20}])).await.expect(200);
        soon(&app, &basket("A", 10), "ok").await;
        let first = app.post("promises", &asked).header("idempotency-key", "k").await.expect(201);
        let second = app.post("promises", &asked).header("idempotency-key", "k").await.expect(201);
        assert_eq!((first, reserved(&app).await), (second, 11));
    }

    async fn an_order_that_is_cancelled_before_it_is_planned_gives_its_hold_back(app: TestApp) {
        let app = shop(app).await;
        let told = app.post("promises", &to_hold(4)).await.expect(201);
        let mut order = order("1", "A", 4);
        order["delivery"] = json!({"promise_id": told["id"]});
        app.post("orders", &order).await.expect(201);
        app.call("POST", "orders/web:1/cancel").await.expect(200);
        assert_eq!(reserved(&app).await, 0);
    }
}

both! {
    async fn what_is_on_its_way_is_promised_from_its_date_and_to_no_two(app: TestApp) {
        let app = shop(app).await;
        // Ten are here and enough for nine; five come on Monday morning.
        let coming = json!([{"node": "east", "sku": "A", "incoming": [{"quantity": 5, "expected_at": "2026-11-30T14:00:00Z"}]}]);
        app.put("stock/incoming", &coming).await.expect(200);
        assert_eq!(app.get("stock?node=east&sku=A").await.expect(200)["items"][0]["incoming"][0]["quantity"], 5);
        let nine = app.post("promises", &basket("A", 9)).await.expect(201);
        assert_eq!((&nine["options"][0]["date"]["by"], &nine["options"][0]["goods_from"]), (&json!("2026-11-27"), &Value::Null));
        let told = soon(&app, &basket("A", 12), "ok").await;
        assert_eq!(told["options"][0]["goods_from"], "2026-11-30T14:00:00Z", "{told}");
        assert_eq!(told["options"][0]["date"]["by"], "2026-12-02");
        soon(&app, &basket("A", 16), "unavailable").await;
        let waits = cite(&app, "waits", &told["id"], "A", 12).await;
        assert_eq!((&waits["status"], &waits["promise"]["routed_within"], &waits["promise"]["why_not"]),
            (&json!("backordered"), &Value::Null, &Value::Null), "what it waits for was promised with it: {waits}");
        // Two of the five are spoken for.
        soon(&app, &basket("A", 4), "unavailable").await;
        soon(&app, &basket("A", 3), "ok").await;
        app.clock.set("2026-11-30T14:00:00Z".parse().unwrap());
        app.put("stock/incoming", &json!([{"node": "east", "sku": "A", "incoming": []}])).await.expect(200);
        app.post("stock/adjustments", &json!([{"node": "east", "sku": "A", "delta": 5, "reason": "received"}])).await.expect(200);
        app.route().await;
        let routed = app.get("orders/web:waits").await.expect(200);
        assert_eq!((&routed["status"], &routed["promise"]["routed_within"]), (&json!("routed"), &json!(true)), "{routed}");
        for (incoming, pointer) in [
            (json!([{"quantity": 0, "expected_at": "2026-11-30T14:00:00Z"}]), "#/0/incoming/0/quantity"),
            (json!([{"quantity": 1}]), "#/0/incoming/0/expected_at"),
        ] {
            app.put("stock/incoming", &json!([{"node": "east", "sku": "A", "incoming": incoming}])).await.problem(422, pointer);
        }
        app.put("stock/incoming", &json!([{"node": "moon", "sku": "A", "incoming": []}])).await.problem(422, "#/0/node");
    }
}

both! {
    async fn without_the_ledger_the_answer_is_the_service_table(app: TestApp) {
        let app = shop(app).await;
        let ask = async || {
            let asked = serde_json::from_value(basket("A", 1)).unwrap();
            let told = orchestrator::promises::ask_public(&app.orc, &app.system(), asked).await.unwrap();
            serde_json::to_value(&*told).unwrap()
        };
        assert_eq!(ask().await["status"], "ok");
        app.orc.clone().close().await;
        let start = Instant::now();
        let told = loop {
            tokio::time::sleep(Duration::from_millis(500)).await;
            let told = ask().await;
            if told["status"] != "ok" { break told }
            assert!(start.elapsed() < Duration::from_secs(8), "{told}");
        };
        assert_eq!(told["status"], "degraded", "{told}");
        let standard = &told["options"][0];
        assert_eq!((&standard["days"], &standard["date"], &standard["cutoff_at"]), (&json!({"min": 2, "max": 6}), &Value::Null, &Value::Null));
    }
}
