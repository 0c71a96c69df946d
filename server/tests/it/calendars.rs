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

    async fn what_is_full_today_takes_nothing_more_today(app: TestApp) {
        let app = with_calendars(app, "2026-11-25T17:00:00Z").await;
        app.put("nodes/east", &node(&json!({"daily_capacity": 3}))).await.expect(200);
        assert_eq!(app.routed_order("1", "A", 3).await["status"], "routed");
        let second = app.routed_order("2", "A", 1).await;
        assert_eq!((&second["status"], &second["waiting"][0]["reason"]), (&json!("backordered"), &json!("no_capacity")));
        // What goes by air after the ground's cut-off is worked today, so it finds today full, too.
        app.clock.set("2026-11-25T20:00:00Z".parse().unwrap());
        let mut hurries = order("3", "A", 1);
        hurries["delivery"] = json!({"method": "ship", "level": "express"});
        app.post("orders", &hurries).await.expect(201);
        app.route().await;
        assert_eq!(app.get("orders/web:3").await.expect(200)["status"], "backordered");
        assert_eq!(app.routed_order("4", "A", 1).await["status"], "routed", "Friday has room");
    }
}
