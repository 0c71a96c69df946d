//! Carriers' services as their screens see and change them.

use chrono::{DateTime, Duration, Utc};
use engine::model::{LaneTimes, LeansOn, Service, ServiceTimes};
use orchestrator::{Error, PageRequest, network, promises};
use serde_json::json;

use crate::support::{TestApp, order};

/// Sends one unit of A to a postal code and delivers it after so many days.
async fn deliver(app: &TestApp, n: i64, postal: &str, days: i64) {
    let monday: DateTime<Utc> = "2027-02-01T17:00:00Z".parse().unwrap();
    app.clock.set(monday + Duration::weeks(n));
    let mut order = order(&n.to_string(), "A", 1);
    order["placed_at"] = json!(app.orc.now());
    order["ship_to"]["postal_code"] = json!(postal);
    let placed = app.post("orders", &order).await.expect(201);
    app.route().await;
    let path = format!("orders/{}", placed["id"].as_str().unwrap());
    let routed = app.get(&path).await.expect(200);
    let fulfillment = routed["fulfillments"][0]["id"].as_str().unwrap();
    for action in ["accept", "pack", "ship"] {
        let path = format!("fulfillments/{fulfillment}/{action}");
        app.post(&path, &json!({})).await.expect(200);
    }
    app.clock.advance(Duration::days(days));
    let path = format!("fulfillments/{fulfillment}/deliver");
    app.post(&path, &json!({})).await.expect(200);
}

async fn times(app: &TestApp, limit: u64, cursor: Option<String>) -> ServiceTimes {
    let page = PageRequest {
        limit,
        cursor,
        with_total: true,
    };
    promises::service_times(&app.orc, &app.system(), "ground", &page)
        .await
        .unwrap()
}

fn lane(times: &LaneTimes) -> (&str, &str, u64, Option<u32>, Option<u32>) {
    let days = &times.observed;
    let (half, nine) = (days.quantile(0.5), days.quantile(0.9));
    (&times.origin, &times.destination, days.total(), half, nine)
}

/// Service ground, which moves every day of the year, with one zone of three days.
async fn carrier(app: TestApp) -> TestApp {
    let app = app.with_network().await;
    let service = json!({"carrier": "Post", "level": "standard", "works_on": {"US": ["*"]},
        "zones": [{"up_to_km": 6000.0, "per_package": 700.0, "per_kg": 50.0, "transit_days": 3}]});
    app.put("services/ground", &service).await.expect(200);
    app
}

both! {
    async fn what_was_observed_stands_beside_what_is_stated(app: TestApp) {
        let app = carrier(app).await;
        let before = times(&app, 50, None).await;
        assert_eq!((before.zones.len(), before.lanes.items.len()), (1, 0));
        assert_eq!((before.zones[0].expected.p90, before.zones[0].leans_on), (Some(3), LeansOn::Belief));

        for (n, (postal, days)) in [("10002", 3), ("10002", 3), ("94105", 4), ("10002", 5)].into_iter().enumerate() {
            deliver(&app, n as i64, postal, days).await;
        }
        let all = times(&app, 50, None).await;
        let zone = &all.zones[0];
        assert_eq!((zone.stated_days, zone.observed.total()), (3, 4));
        assert_eq!((zone.observed.quantile(0.5), zone.observed.quantile(0.9)), (Some(3), Some(5)));
        assert_eq!(zone.observed.share_within(3), Some(0.5));
        assert_eq!(zone.leans_on, LeansOn::Belief, "four deliveries are too few to stand on");
        let lanes: Vec<_> = all.lanes.items.iter().map(lane).collect();
        assert_eq!(lanes, [("US-100", "US-100", 3, Some(3), Some(5)), ("US-100", "US-941", 1, Some(4), Some(4))]);

        let first = times(&app, 1, None).await.lanes;
        assert_eq!((first.items.len(), first.total), (1, Some(2)));
        let second = times(&app, 1, first.next_cursor).await.lanes;
        assert_eq!((lane(&second.items[0]).1, second.next_cursor), ("US-941", None));
    }

    async fn nobody_overwrites_a_service_that_somebody_else_has_changed(app: TestApp) {
        let app = carrier(app).await;
        let (orc, actor) = (&app.orc, app.system());
        let seen: Service = network::service(orc, &actor, "ground").await.unwrap();
        let mut faster = seen.clone();
        faster.zones[0].transit_days = 2;
        let twice = network::change_service(orc, &actor, None, faster.clone()).await;
        assert!(matches!(&twice, Err(Error::Conflict(text)) if text.contains("already")), "{twice:?}");
        network::change_service(orc, &actor, Some(seen.clone()), faster.clone()).await.unwrap();
        let mut dearer = seen.clone();
        dearer.zones[0].per_package = 900.0;
        let late = network::change_service(orc, &actor, Some(seen), dearer).await;
        assert!(matches!(&late, Err(Error::Conflict(text)) if text.contains("since you opened it")), "{late:?}");
        assert_eq!(network::service(orc, &actor, "ground").await.unwrap(), faster);
        let renamed = Service { code: "air".into(), ..faster.clone() };
        let renamed = network::change_service(orc, &actor, Some(faster), renamed).await;
        assert!(matches!(&renamed, Err(Error::Invalid(errors)) if errors[0].pointer == "#/code"), "{renamed:?}");
    }
}
