//! When nodes work and carriers move, as merchants say it, and what follows for orders.

use serde_json::{Value, json};

use crate::support::{TestApp, order};

fn weekdays<T: serde::Serialize>(value: T) -> Value {
    json!({"mon": value, "tue": value, "wed": value, "thu": value, "fri": value})
}

/// A node in New York that works on weekdays, keeps holidays and has later cut-offs for what hurries.
fn node(change: &Value) -> Value {
    let mut node = json!({"name": "East", "kind": "warehouse", "address": {"postal_code": "10001", "country": "US"},
        "week": weekdays(json!({"open": "08:00", "close": "18:00", "cutoff": "14:00"})),
        "holidays": {"country": "US"}, "cutoffs": {"air": weekdays("16:00")},
        "pickups": {"air": weekdays(json!(["17:30"]))}, "pack_minutes": 30});
    node.as_object_mut()
        .unwrap()
        .extend(change.as_object().unwrap().clone());
    node
}

fn service(change: &Value) -> Value {
    let zone = json!({"up_to_km": 6000.0, "per_package": 900.0, "per_kg": 50.0, "transit_days": 1});
    let mut service = json!({"carrier": "Post", "level": "express", "zones": [zone],
        "pickups": ["mon", "tue", "wed", "thu", "fri"], "delivers_on": ["mon", "tue", "wed", "thu", "fri"]});
    service
        .as_object_mut()
        .unwrap()
        .extend(change.as_object().unwrap().clone());
    service
}

async fn with_calendars(app: TestApp, now: &str) -> TestApp {
    let app = app.with_network().await;
    app.put("nodes/east", &node(&json!({}))).await.expect(200);
    app.put("services/air", &service(&json!({})))
        .await
        .expect(201);
    app.clock.set(now.parse().unwrap());
    app
}

both! {
    async fn a_calendar_is_kept_as_it_was_said(app: TestApp) {
        let said = node(&json!({"handling_days": 1, "collect_minutes": 90, "closed_on": ["2026-12-24"]}));
        let made = app.put("nodes/east", &said).await.expect(201);
        for field in ["week", "holidays", "cutoffs", "pickups", "handling_days", "pack_minutes", "collect_minutes", "closed_on"] {
            assert!(!made[field].is_null(), "{field}");
        }
        assert_eq!(made["cutoffs"]["air"]["mon"], "16:00");
        assert_eq!(app.get("nodes/east").await.expect(200), made);
        let said = service(&json!({"works_on": {"US": ["Columbus Day"]}, "closed_on": ["2026-12-24"]}));
        let made = app.put("services/air", &said).await.expect(201);
        assert_eq!(made["works_on"], json!({"US": ["Columbus Day"]}));
        assert_eq!(app.get("services/air").await.expect(200), made);
    }

    async fn what_no_calendar_can_be_is_refused_by_field(app: TestApp) {
        for (change, pointer) in [
            (json!({"cutoffs": {"air": {"mon": "19:00"}}}), "#/cutoffs/air/mon"),
            (json!({"cutoffs": {"air": {"sun": "10:00"}}}), "#/cutoffs/air/sun"),
            (json!({"pickups": {"air": {"mon": ["25:00"]}}}), "#/pickups/air/mon/0"),
            (json!({"holidays": {"country": "XX"}}), "#/holidays/country"),
            (json!({"holidays": {"country": "US", "works_on": ["Easter Egg Day"]}}), "#/holidays/works_on/0"),
            (json!({"handling_days": 200}), "#/handling_days"),
        ] {
            app.put("nodes/east", &node(&change)).await.problem(422, pointer);
        }
        for (change, pointer) in [
            (json!({"pickups": []}), "#/pickups"),
            (json!({"delivers_on": ["monday"]}), "#/delivers_on/0"),
            (json!({"pickups": ["monday"]}), "#/pickups/0"),
            (json!({"works_on": {"US": ["Easter Egg Day"]}}), "#/works_on/US/0"),
        ] {
            app.put("services/air", &service(&change)).await.problem(422, pointer);
        }
    }

    async fn each_service_has_its_own_cut_off_and_nobody_works_on_thanksgiving(app: TestApp) {
        // Wednesday, 15:00 in New York: too late for what goes by ground, in time for what flies.
        let app = with_calendars(app, "2026-11-25T20:00:00Z").await;
        let ground = app.routed_order("1", "A", 1).await;
        assert_eq!(ground["fulfillments"][0]["ship_by"], "2026-11-27T23:00:00Z", "{ground}");
        let mut hurries = order("2", "A", 1);
        hurries["delivery"] = json!({"method": "ship", "level": "express"});
        app.post("orders", &hurries).await.expect(201);
        app.route().await;
        let air = app.get("orders/web:2").await.expect(200);
        assert_eq!(air["fulfillments"][0]["ship_by"], "2026-11-25T22:30:00Z", "{air}");
    }

    async fn what_is_full_today_is_worked_on_on_the_next_day_with_room(app: TestApp) {
        // Wednesday noon; Thursday is Thanksgiving.
        let app = with_calendars(app, "2026-11-25T17:00:00Z").await;
        app.put("nodes/east", &node(&json!({"daily_capacity": 3}))).await.expect(200);
        let day_of = |order: &Value| {
            let f = &order["fulfillments"][0];
            (f["work_day"].as_str().unwrap().to_owned(), f["ship_by"].as_str().unwrap().to_owned())
        };
        let on = |day: &str, ship_by: &str| (day.to_owned(), ship_by.to_owned());
        let first = app.routed_order("1", "A", 2).await;
        assert_eq!(day_of(&first), on("2026-11-25", "2026-11-25T23:00:00Z"));
        let second = app.routed_order("2", "A", 2).await;
        assert_eq!(day_of(&second), on("2026-11-27", "2026-11-27T23:00:00Z"), "today has room for one");
        assert_eq!(day_of(&app.routed_order("3", "A", 1).await).0, "2026-11-25");
        // What goes by air after the ground's cut-off would be worked on today, too.
        app.clock.set("2026-11-25T20:00:00Z".parse().unwrap());
        let mut hurries = order("4", "A", 1);
        hurries["delivery"] = json!({"method": "ship", "level": "express"});
        app.post("orders", &hurries).await.expect(201);
        app.route().await;
        let hurries = app.get("orders/web:4").await.expect(200);
        assert_eq!(day_of(&hurries), on("2026-11-27", "2026-11-27T22:30:00Z"));
        assert_eq!(day_of(&app.routed_order("5", "A", 3).await).0, "2026-11-30", "Friday is full as well");
        for replay in orchestrator::routing::replay(&app.orc, &app.system(), "web:5").await.unwrap() {
            assert!(replay.is_same(), "{replay:?}");
        }
        // What is given back makes room again.
        app.post("orders/web:2/cancel", &json!({})).await.expect(200);
        let sixth = app.routed_order("6", "B", 2).await;
        assert_eq!(day_of(&sixth).0, "2026-11-27");
        let id = sixth["fulfillments"][0]["id"].as_str().unwrap();
        app.post(&format!("fulfillments/{id}/reject"), &json!({"reason": "no time"})).await.expect(200);
        assert_eq!(day_of(&app.routed_order("7", "B", 2).await).0, "2026-11-27");
    }

    async fn a_full_node_gives_way_to_one_that_costs_a_little_more(app: TestApp) {
        let app = with_calendars(app, "2026-11-25T17:00:00Z").await;
        app.put("nodes/east", &node(&json!({"daily_capacity": 1}))).await.expect(200);
        let stock = json!([{"node": "west", "sku": "A", "on_hand": 9}]);
        app.put("stock", &stock).await.expect(200);
        let west = |per_package: f64| json!({"name": "West", "kind": "warehouse", "address": {"postal_code": "94105", "country": "US"},
            "handling": {"per_package": per_package, "per_unit": 0.0}});
        app.put("nodes/west", &west(500.0)).await.expect(200);
        assert_eq!(app.routed_order("1", "A", 1).await["fulfillments"][0]["node"], "east");
        let second = app.routed_order("2", "A", 1).await;
        assert_eq!(second["fulfillments"][0]["node"], "west", "two days later cost 600, west costs 500 more");
        app.put("nodes/west", &west(700.0)).await.expect(200);
        let third = app.routed_order("3", "A", 1).await;
        assert_eq!(third["fulfillments"][0]["node"], "east", "it waits until Friday");
        assert_eq!(third["fulfillments"][0]["work_day"], "2026-11-27");
    }

    async fn a_suspended_service_carries_nothing_until_its_time(app: TestApp) {
        let app = with_calendars(app, "2026-11-23T15:00:00Z").await;
        let mut air = service(&json!({}));
        air["suspended_until"] = json!("2026-11-24T12:00:00Z");
        app.put("services/air", &air).await.expect(200);
        assert_eq!(app.get("services/air").await.expect(200)["suspended_until"], "2026-11-24T12:00:00Z");
        let mut hurries = order("1", "A", 1);
        hurries["delivery"] = json!({"method": "ship", "level": "express"});
        app.post("orders", &hurries).await.expect(201);
        app.route().await;
        let waits = app.get("orders/web:1").await.expect(200);
        assert_eq!((&waits["status"], &waits["waiting"][0]["reason"]), (&json!("backordered"), &json!("no_service")), "{waits}");
        let asked = json!({"lines": [{"sku": "A"}], "destination": {"country": "US", "postal_code": "10002"}});
        let told = app.post("promises", &asked).await.expect(201);
        let ids = |told: &Value, list: &str| told[list].as_array().unwrap().iter().map(|o| o["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
        assert_eq!((ids(&told, "options"), ids(&told, "refused")), (vec!["standard".to_owned()], vec!["express".to_owned()]));
        assert_eq!(orchestrator::network::resume_services(&app.orc).await.unwrap(), 0, "not yet");
        app.clock.set("2026-11-24T12:00:00Z".parse().unwrap());
        let told = app.post("promises", &asked).await.expect(201);
        assert_eq!(ids(&told, "options").len(), 2, "its time has come");
        assert_eq!(orchestrator::network::resume_services(&app.orc).await.unwrap(), 1);
        app.route().await;
        assert_eq!(app.get("orders/web:1").await.expect(200)["fulfillments"][0]["service"], "air");
        assert_eq!(app.get("services/air").await.expect(200)["suspended_until"], Value::Null);
        for replay in orchestrator::routing::replay(&app.orc, &app.system(), "web:1").await.unwrap() {
            assert!(replay.is_same(), "{replay:?}");
        }
        let until = Some("2026-11-24T11:00:00Z".parse().unwrap());
        assert!(orchestrator::network::suspend_service(&app.orc, &app.system(), "air", until).await.is_err(), "that is over");
    }
}
