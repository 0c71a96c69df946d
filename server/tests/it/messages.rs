//! What customers are written: each message once, with what it is about.

use chrono::{DateTime, Duration, Utc};
use engine::model::MessageKind;
use serde_json::{Value, json};

use crate::customers::letters;
use crate::support::{TestApp, order};
use crate::tracking::{page, ship, token_of};

fn scan(id: &str, status: &str, at: DateTime<Utc>) -> Value {
    json!([{"tracking_number": "1Z", "event_id": id, "status": status, "occurred_at": at.to_rfc3339()}])
}

async fn kinds(app: &TestApp) -> Vec<&'static str> {
    let mut kinds: Vec<_> = letters(app)
        .await
        .iter()
        .map(|mail| mail.kind.as_str())
        .collect();
    kinds.reverse();
    kinds
}

both! {
    async fn every_step_is_told_once(app: TestApp) {
        app.clock.set("2026-11-24T15:00:00Z".parse().unwrap());
        let app = app.with_network().await;
        let order = app.routed_order("1001", "A", 2).await;
        assert_eq!(kinds(&app).await, ["confirmed"]);
        ship(&app, &order["fulfillments"][0], "1Z").await;
        let now = app.orc.now();
        for _ in 0..2 {
            app.post("tracking_events", &scan("e1", "out_for_delivery", now)).await.expect(200);
            app.post("tracking_events", &scan("e2", "delivered", now + Duration::hours(1))).await.expect(200);
        }
        assert_eq!(kinds(&app).await, ["confirmed", "shipped", "out_for_delivery", "delivered"]);
        let mails = letters(&app).await;
        let shipped = mails.iter().find(|mail| mail.kind == MessageKind::Shipped).unwrap();
        assert_eq!((shipped.to.as_str(), shipped.subject.as_str()), ("cy@example.com", "Your order 1001 is on its way"));
        let link = format!("/t/{}", token_of(&order));
        for body in [&shipped.html, &shipped.text] {
            for part in ["Thing A", link.as_str(), "1Z", "Tea House"] {
                assert!(body.contains(part), "{part} in {body}");
            }
        }
        let data = shipped.html.split("<script type=\"application/ld+json\">").nth(1).unwrap().split("</script>").next().unwrap();
        let data: Value = serde_json::from_str(data).unwrap();
        assert_eq!((&data["@type"], &data["trackingNumber"], &data["carrier"]["name"]), (&json!("ParcelDelivery"), &json!("1Z"), &json!("Post")));
        assert_eq!((&data["partOfOrder"]["orderNumber"], &data["deliveryAddress"]["postalCode"]), (&json!("1001"), &json!("10002")));
        assert!(data["trackingUrl"].as_str().unwrap().ends_with(&link));
    }

    async fn a_delay_is_told_with_its_new_date_and_not_twice_a_day(app: TestApp) {
        app.clock.set("2026-11-24T15:00:00Z".parse().unwrap());
        let app = app.with_network().await;
        let promise = app.post("promises", &json!({"lines": [{"sku": "A"}], "destination": {"country": "US", "postal_code": "10002"}})).await.expect(201);
        let mut new = order("1001", "A", 1);
        new["delivery"] = json!({"level": "standard", "promise_id": promise["id"]});
        app.post("orders", &new).await.expect(201);
        app.route().await;
        let placed = app.get("orders/web:1001").await.expect(200);
        ship(&app, &placed["fulfillments"][0], "1Z").await;
        app.clock.advance(Duration::days(2));
        let now = app.orc.now();
        app.post("tracking_events", &scan("e1", "in_transit", now - Duration::hours(20))).await.expect(200);
        app.post("tracking_events", &scan("e2", "delayed.weather", now)).await.expect(200);
        let mails = letters(&app).await;
        let delayed: Vec<_> = mails.iter().filter(|mail| mail.kind == MessageKind::Delayed).collect();
        assert_eq!(delayed.len(), 1);
        for part in ["Delayed: bad weather", "We had said: by Sat, Nov 28", "The new date: by", "You need not do anything"] {
            assert!(delayed[0].text.contains(part), "{part} in {}", delayed[0].text);
        }
        // Worse within the day is told the next day.
        app.post("tracking_events", &scan("e3", "exception.lost", now + Duration::hours(1))).await.expect(200);
        app.clock.advance(Duration::hours(2));
        let count = async || letters(&app).await.iter().filter(|mail| mail.kind == MessageKind::Delayed).count();
        assert_eq!(count().await, 1);
        app.clock.advance(Duration::hours(23));
        orchestrator::tracking::check_due(&app.orc).await.unwrap();
        assert_eq!(count().await, 2);
        let again = letters(&app).await;
        assert!(again[0].text.contains("We do not know the day yet"), "{}", again[0].text);
    }

    async fn who_collects_is_told_the_code(app: TestApp) {
        app.clock.set("2026-11-24T15:00:00Z".parse().unwrap());
        let app = app.with_network().await;
        let store = json!({"name": "Main Street", "kind": "store", "offers": ["pickup"], "address": {"postal_code": "10003", "country": "US"}});
        app.put("nodes/store", &store).await.expect(201);
        app.put("stock", &json!([{"node": "store", "sku": "A", "on_hand": 3}])).await.expect(200);
        let mut new = order("1001", "A", 1);
        new["delivery"] = json!({"method": "pickup", "node": "store"});
        app.post("orders", &new).await.expect(201);
        app.route().await;
        let placed = app.get("orders/web:1001").await.expect(200);
        let id = placed["fulfillments"][0]["id"].as_str().unwrap();
        for action in ["accept", "ready_for_pickup"] {
            app.post(&format!("fulfillments/{id}/{action}"), &json!({})).await.expect(200);
        }
        assert_eq!(kinds(&app).await, ["confirmed", "ready_to_collect"]);
        let mails = letters(&app).await;
        let code = mails[0].text.split("Your code to collect it: ").nth(1).unwrap();
        let code = code.split_whitespace().next().unwrap();
        assert!(mails[0].text.contains("Collect at Main Street"), "{}", mails[0].text);
        // Whoever has only the link does not see it.
        let shown = page(&app, &placed).await;
        assert_eq!((&shown["state"], &shown["packages"][0]["pickup_code"]), (&json!("ready_to_collect"), &Value::Null));
        app.post(&format!("fulfillments/{id}/picked_up"), &json!({"code": code})).await.expect(200);
        let shown = page(&app, &placed).await;
        assert_eq!(shown["steps"][3]["is_current"], true, "{shown}");
    }

    async fn nobody_is_written_where_messages_are_off_or_the_order_is_of_the_past(app: TestApp) {
        app.clock.set("2026-11-24T15:00:00Z".parse().unwrap());
        let app = app.with_network().await;
        app.put("tracking_settings", &json!({"messages_on": false})).await.expect(200);
        app.routed_order("1", "A", 1).await;
        app.put("tracking_settings", &json!({})).await.expect(200);
        let mut old = order("2", "A", 1);
        old["placed_at"] = json!((app.orc.now() - Duration::days(10)).to_rfc3339());
        app.post("orders", &old).await.expect(201);
        let mut quiet = order("3", "A", 1);
        quiet["customer"]["email"] = Value::Null;
        app.post("orders", &quiet).await.expect(201);
        // The first is looked at when it is to be sent.
        assert_eq!(kinds(&app).await.len(), 1);
        app.put("tracking_settings", &json!({"messages_on": false})).await.expect(200);
        app.post("orders", &order("4", "A", 1)).await.expect(201);
        assert_eq!(kinds(&app).await.len(), 1);
    }
}
