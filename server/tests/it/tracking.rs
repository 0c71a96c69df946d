//! What carriers say of packages, and what becomes of it.

use chrono::{DateTime, Duration, Utc};
use engine::model::Scope;
use serde_json::{Value, json};

use crate::support::{TestApp, order};

fn scan(number: &str, id: &str, status: &str, at: DateTime<Utc>) -> Value {
    json!({"tracking_number": number, "event_id": id, "status": status, "occurred_at": at.to_rfc3339()})
}

/// Accepts, packs and ships what a fulfillment has, under this number.
pub async fn ship(app: &TestApp, fulfillment: &Value, number: &str) {
    let id = fulfillment["id"].as_str().unwrap();
    for action in ["accept", "pack"] {
        app.post(&format!("fulfillments/{id}/{action}"), &json!({}))
            .await
            .expect(200);
    }
    let body = json!({"service": "ground", "tracking_number": number});
    app.post(&format!("fulfillments/{id}/ship"), &body)
        .await
        .expect(200);
}

/// The order as whoever has its link sees it.
pub async fn page(app: &TestApp, order: &Value) -> Value {
    let order = app
        .get(&format!("orders/{}", order["id"].as_str().unwrap()))
        .await
        .expect(200);
    let token = token_of(&order);
    app.get(&format!("tracking/{token}"))
        .no_key()
        .await
        .expect(200)
}

pub fn token_of(order: &Value) -> String {
    let url = order["tracking_url"].as_str().unwrap();
    url.rsplit('/').next().unwrap().to_owned()
}

struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % n as u64) as usize
    }

    fn shuffle<T>(&mut self, items: &mut [T]) {
        for i in (1..items.len()).rev() {
            items.swap(i, self.below(i + 1));
        }
    }
}

both! {
    async fn scans_move_a_package_to_its_customer(app: TestApp) {
        app.clock.set("2026-12-02T15:00:00Z".parse().unwrap());
        let app = app.with_network().await;
        let order = app.routed_order("1", "A", 2).await;
        let promised = page(&app, &order).await;
        assert_eq!((&promised["state"], &promised["headline"]), (&json!("preparing"), &json!("Arriving by Sat, Dec 5")));
        ship(&app, &order["fulfillments"][0], "1Z").await;
        let now = app.orc.now();
        let shown = page(&app, &order).await;
        assert_eq!((&shown["state"], &shown["packages"][0]["detail"]), (&json!("shipped"), &json!("Waiting for the carrier’s first scan since Wed, Dec 2")));
        let first = json!([scan("1Z", "e1", "in_transit", now + Duration::hours(1))]);
        assert_eq!(app.post("tracking_events", &first).await.expect(200), json!({"accepted": 1, "repeated": 0, "unmatched": 0}));
        assert_eq!(app.post("tracking_events", &first).await.expect(200), json!({"accepted": 0, "repeated": 1, "unmatched": 0}));
        assert_eq!(page(&app, &order).await["state"], "in_transit");
        app.clock.advance(Duration::days(2));
        let now = app.orc.now();
        let more = json!([scan("1Z", "e3", "out_for_delivery", now), scan("1Z", "e2", "in_transit.arrived_at_hub", now - Duration::hours(9))]);
        app.post("tracking_events", &more).await.expect(200);
        let shown = page(&app, &order).await;
        assert_eq!(shown["headline"], "Out for delivery: it arrives today");
        // The driver reports in the evening what was delivered at noon.
        app.clock.advance(Duration::hours(7));
        app.post("tracking_events", &json!([scan("1Z", "e4", "delivered", now + Duration::hours(2))])).await.expect(200);
        let after = app.get("orders/web:1").await.expect(200);
        assert_eq!((&after["status"], &after["fulfillments"][0]["status"]), (&json!("delivered"), &json!("delivered")));
        let shown = page(&app, &order).await;
        assert_eq!(shown["headline"], "Delivered on Fri, Dec 4");
        let texts: Vec<_> = shown["history"].as_array().unwrap().iter().flat_map(|day| day["events"].as_array().unwrap())
            .map(|event| event["text"].as_str().unwrap()).collect();
        assert_eq!(texts[..4], ["Delivered", "Out for delivery", "On its way", "On its way"]);
        assert_eq!(texts.last(), Some(&"We received your order"));
    }

    async fn a_scan_waits_for_the_package_with_its_number(app: TestApp) {
        let app = app.with_network().await;
        let order = app.routed_order("1", "A", 1).await;
        let early = json!([scan("9X", "e1", "delivered", app.orc.now())]);
        assert_eq!(app.post("tracking_events", &early).await.expect(200)["unmatched"], 1);
        assert_eq!(app.get("orders/web:1").await.expect(200)["status"], "routed");
        ship(&app, &order["fulfillments"][0], "9X").await;
        assert_eq!(app.get("orders/web:1").await.expect(200)["status"], "delivered");
    }

    async fn what_is_malformed_is_named_and_nothing_is_kept(app: TestApp) {
        let app = app.with_network().await;
        let now = app.orc.now();
        let bad = json!([scan("1Z", "e1", "in_transit", now), scan("", "e2", "in_transit", now)]);
        app.post("tracking_events", &bad).await.problem(422, "#/1/tracking_number");
        let far = json!([scan("1Z", "e1", "in_transit", now + Duration::days(9))]);
        app.post("tracking_events", &far).await.problem(422, "#/0/occurred_at");
        app.post("tracking_events", &json!([{"tracking_number": "1Z", "event_id": "e", "status": "in_transit"}])).await.problem(422, "#/0/occurred_at");
        app.post("tracking_events", &json!([])).await.problem(422, "#");
        app.post("tracking_events", &scan("", "e2", "in_transit", now)).await.problem(422, "#/tracking_number");
        app.post("tracking_events", &json!("a scan")).await.problem(422, "#");
        // A word that nobody knows is no mistake.
        let odd = json!([scan("1Z", "e1", "beamed_up", now)]);
        assert_eq!(app.post("tracking_events", &odd).await.expect(200)["accepted"], 1);
        assert_eq!(app.post("tracking_events", &odd[0]).await.expect(200)["repeated"], 1, "one alone");
        let reader = app.new_key(&[Scope::OrdersRead]).await;
        app.post("tracking_events", &odd).key(&reader).await.problem(403, "");
        let carrier = app.new_key(&[Scope::TrackingWrite]).await;
        assert_eq!(app.post("tracking_events", &odd).key(&carrier).await.expect(200)["repeated"], 1);
    }

    async fn another_merchants_numbers_are_others(app: TestApp) {
        let app = app.with_network().await;
        let order = app.routed_order("1", "A", 1).await;
        ship(&app, &order["fulfillments"][0], "1Z").await;
        let other = app.other_merchant().await;
        let delivered = json!([scan("1Z", "e1", "delivered", app.orc.now())]);
        assert_eq!(app.post("tracking_events", &delivered).key(&other).await.expect(200)["unmatched"], 1);
        assert_eq!(app.get("orders/web:1").await.expect(200)["status"], "shipped");
        assert_eq!(app.post("tracking_events", &delivered).await.expect(200)["accepted"], 1, "the same id of another merchant's");
        assert_eq!(app.get("orders/web:1").await.expect(200)["status"], "delivered");
    }

    /// The same scans end in the same state, whatever order they come in, however often, in whatever parts, and whether
    /// the package is handed over before or after them.
    async fn any_order_of_the_same_scans_ends_in_the_same_state(app: TestApp) {
        let start: DateTime<Utc> = "2026-12-01T15:00:00Z".parse().unwrap();
        app.clock.set(start);
        let app = app.with_network().await;
        app.put("stock", &json!([{"node": "east", "sku": "A", "on_hand": 500}, {"node": "east", "sku": "B", "on_hand": 0}, {"node": "west", "sku": "B", "on_hand": 500}])).await.expect(200);
        let scripts: [&[(usize, &str, i64)]; 3] = [
            &[(0, "pre_transit", 1), (0, "in_transit", 5), (0, "delayed.weather", 20), (0, "in_transit", 30), (0, "out_for_delivery", 60), (0, "delivered", 66),
                (1, "in_transit", 4), (1, "failed_attempt", 50), (1, "out_for_delivery", 70), (1, "delivered", 74)],
            &[(0, "in_transit", 5), (0, "delivered", 30), (0, "in_transit", 31), (0, "delivered", 52), (1, "exception.damaged", 9), (1, "return_to_sender", 40), (1, "in_transit", 44)],
            &[(0, "beamed up", 3), (0, "out_for_delivery", 80), (0, "in_transit", 10), (1, "delivered", 20), (1, "exception", 25), (1, "delivered", 31)],
        ];
        let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
        for (s, script) in scripts.iter().enumerate() {
            let mut ends: Vec<(String, Vec<String>)> = Vec::new();
            for round in 0..6 {
                app.clock.set(start);
                let name = format!("{s}-{round}");
                let promise = app.post("promises", &json!({"lines": [{"sku": "A"}, {"sku": "B"}], "destination": {"country": "US", "postal_code": "10002"}})).await.expect(201);
                let mut new = order(&name, "A", 1);
                new["lines"].as_array_mut().unwrap().push(json!({"external_id": "2", "sku": "B", "quantity": 1, "unit_price": 5}));
                new["delivery"] = json!({"level": "standard", "promise_id": promise["id"]});
                app.post("orders", &new).await.expect(201);
                app.route().await;
                let placed = app.get(&format!("orders/web:{name}")).await.expect(200);
                let mut parts = placed["fulfillments"].as_array().unwrap().clone();
                parts.sort_by_key(|part| part["node"].to_string());
                assert_eq!(parts.len(), 2, "{placed}");
                let mut scans: Vec<Value> = script.iter().enumerate()
                    .map(|(i, (package, status, hours))| scan(&format!("{name}-{package}"), &format!("{name}/{i}"), status, start + Duration::hours(*hours))).collect();
                // The first round is in order and once; the others are not.
                let mut ships = vec![0, 0];
                if round > 0 {
                    for _ in 0..dice.below(5) {
                        scans.push(scans[dice.below(script.len())].clone());
                    }
                    dice.shuffle(&mut scans);
                    ships = vec![dice.below(scans.len() + 1), dice.below(scans.len() + 1)];
                }
                // Everything is handed over in the same moment, and everything else is heard later.
                for (i, part) in parts.iter().enumerate() {
                    if ships[i] == 0 {
                        ship(&app, part, &format!("{name}-{i}")).await;
                    }
                }
                let mut at = 0;
                app.clock.set(start + Duration::hours(90));
                while at < scans.len() {
                    let to = if round == 0 { at + 1 } else { (at + 1 + dice.below(4)).min(scans.len()) };
                    app.post("tracking_events", &json!(scans[at..to])).await.expect(200);
                    for (i, part) in parts.iter().enumerate() {
                        if ships[i] > at && ships[i] <= to {
                            app.clock.set(start);
                            ship(&app, part, &format!("{name}-{i}")).await;
                            app.clock.set(start + Duration::hours(90));
                        }
                    }
                    at = to;
                }
                // What was adopted long ago is looked at now, like everything else.
                while orchestrator::tracking::check_due(&app.orc).await.unwrap() > 0 {}
                let after = app.get(&format!("orders/web:{name}")).await.expect(200);
                let shown = page(&app, &after).await;
                let mut packages = shown["packages"].as_array().unwrap().clone();
                packages.sort_by_key(|package| package["items"].to_string());
                let seen: Vec<_> = packages.iter().map(|p| format!("{} {} {} {}", p["state"], p["headline"], p["detail"], p["delayed"])).collect();
                let statuses: Vec<_> = after["fulfillments"].as_array().unwrap().iter().map(|f| f["status"].to_string()).collect();
                let promise = &after["promise"];
                let end = (format!("{} {} {} {} {} {}", after["status"], statuses.join(" "), promise["outcome"], promise["delivered_on"], promise["days_late"], shown["headline"]), seen);
                ends.push(end);
            }
            for end in &ends {
                assert_eq!(*end, ends[0], "script {s}");
            }
        }
    }

    async fn what_does_not_move_is_late_before_its_promise_breaks(app: TestApp) {
        app.clock.set("2026-12-01T15:00:00Z".parse().unwrap());
        let app = app.with_network().await;
        let promise = app.post("promises", &json!({"lines": [{"sku": "A"}], "destination": {"country": "US", "postal_code": "10002"}})).await.expect(201);
        let mut new = order("1", "A", 1);
        new["delivery"] = json!({"level": "standard", "promise_id": promise["id"]});
        app.post("orders", &new).await.expect(201);
        app.route().await;
        let placed = app.get("orders/web:1").await.expect(200);
        assert_eq!(placed["promise"]["by"], "2026-12-04");
        ship(&app, &placed["fulfillments"][0], "1Z").await;
        app.clock.advance(Duration::hours(23));
        orchestrator::tracking::check_due(&app.orc).await.unwrap();
        assert_eq!(page(&app, &placed).await["packages"][0]["delayed"], Value::Null);
        app.clock.advance(Duration::hours(26));
        orchestrator::tracking::check_due(&app.orc).await.unwrap();
        let late = page(&app, &placed).await;
        assert_eq!(late["packages"][0]["delayed"], "no_first_scan", "{late}");
        assert!(late["expected_by"].as_str() > Some("2026-12-04"), "{late}");
        let kinds = |events: Value| events["items"].as_array().unwrap().iter().filter(|e| e["kind"] == "parcel.delayed").count();
        assert_eq!(kinds(app.get("events?limit=200").await.expect(200)), 1);
        // Told once a day, and not again for the same date.
        app.clock.advance(Duration::hours(2));
        orchestrator::tracking::check_due(&app.orc).await.unwrap();
        assert_eq!(kinds(app.get("events?limit=200").await.expect(200)), 1);
        // It turns up: on its way after all.
        app.post("tracking_events", &json!([scan("1Z", "e1", "out_for_delivery", app.orc.now())])).await.expect(200);
        let shown = page(&app, &placed).await;
        assert_eq!((&shown["packages"][0]["delayed"], &shown["detail"]), (&Value::Null, &json!("On time")));
        app.post("tracking_events", &json!([scan("1Z", "e2", "delivered", app.orc.now())])).await.expect(200);
        assert_eq!(app.get("orders/web:1").await.expect(200)["promise"]["outcome"], "kept");
    }
}
