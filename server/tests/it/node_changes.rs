//! What a changed node would move, told before it is saved.

use chrono::{DateTime, Utc};
use engine::model::{Moved, Node, NodeChange};
use orchestrator::{Error, network, promises};
use serde_json::{Value, json};

use crate::support::{TestApp, order};

/// Tuesday, 11:47 in New York.
const TUESDAY: &str = "2026-12-01T16:47:00Z";

/// `east` in New York works on weekdays from 8 to 18 and takes orders until 14; the carrier moves on weekdays.
async fn shop(app: TestApp) -> TestApp {
    let app = app.with_network().await;
    let hours = json!({"open": "08:00", "close": "18:00", "cutoff": "14:00"});
    let week = json!({"mon": hours, "tue": hours, "wed": hours, "thu": hours, "fri": hours});
    let east = json!({"name": "East", "kind": "warehouse", "address": {"postal_code": "10001", "country": "US", "region": "NY"},
        "week": week, "holidays": {"country": "US"}});
    app.put("nodes/east", &east).await.expect(200);
    let five = ["mon", "tue", "wed", "thu", "fri"];
    let ground = json!({"carrier": "Post", "level": "standard", "pickups": five, "delivers_on": five,
        "zones": [{"up_to_km": 6000.0, "per_package": 700.0, "per_kg": 50.0, "transit_days": 3}]});
    app.put("services/ground", &ground).await.expect(200);
    app.clock.set(TUESDAY.parse().unwrap());
    app
}

async fn east(app: &TestApp) -> Node {
    network::node(&app.orc, &app.system(), "east")
        .await
        .unwrap()
}

async fn change(app: &TestApp, change: impl FnOnce(&mut Node)) -> NodeChange {
    let mut node = east(app).await;
    change(&mut node);
    promises::node_change(&app.orc, &app.system(), node)
        .await
        .unwrap()
}

fn cutoff(node: &mut Node, at: &str) {
    for hours in node.week.as_mut().unwrap().values_mut() {
        hours.cutoff = Some(at.to_owned());
    }
}

async fn ask(app: &TestApp, postal: &str) -> Value {
    let basket = json!({"lines": [{"sku": "A", "quantity": 1}], "destination": {"country": "US", "postal_code": postal}});
    app.post("promises", &basket).await.expect(201)
}

fn moved(of: u64, moved: u64, later: u64) -> Moved {
    Moved { of, moved, later }
}

both! {
    async fn a_change_says_what_it_moves_before_it_is_saved(app: TestApp) {
        let app = shop(app).await;
        let before = east(&app).await;
        for postal in ["10002", "10002", "94105"] {
            assert_eq!(ask(&app, postal).await["status"], "ok");
        }
        let mut placed = order("1", "A", 1);
        placed["placed_at"] = json!(TUESDAY);
        app.post("orders", &placed).await.expect(201);
        app.route().await;
        // This one came after the cut-off and leaves tomorrow either way.
        let evening: DateTime<Utc> = "2026-12-01T20:00:00Z".parse().unwrap();
        app.clock.set(evening);
        placed["external_id"] = json!("2");
        placed["placed_at"] = json!(evening);
        app.post("orders", &placed).await.expect(201);
        app.route().await;

        let nothing = change(&app, |_| ()).await;
        assert_eq!((nothing.orders, nothing.promises), (moved(2, 0, 0), moved(2, 0, 0)), "the same question counts once");
        assert!(!nothing.moves_anything());

        // An earlier cut-off: the first order would have missed it. Questions are asked again now, after either.
        let earlier = change(&app, |node| cutoff(node, "11:00")).await;
        assert_eq!((earlier.orders, earlier.promises), (moved(2, 1, 1), moved(2, 0, 0)));
        // A later one: the second would still leave today, and shoppers would be told a day less.
        let later = change(&app, |node| cutoff(node, "17:00")).await;
        assert_eq!((later.orders, later.promises), (moved(2, 1, 0), moved(2, 2, 0)));
        // Closed tomorrow: the order of the evening and what is told now are a day later.
        let closed = change(&app, |node| node.closed_on.push("2026-12-02".parse().unwrap())).await;
        assert_eq!((closed.orders, closed.promises), (moved(2, 1, 1), moved(2, 2, 2)));
        assert_eq!(east(&app).await, before, "nothing was written");
    }

    async fn the_preview_lists_working_days_and_holidays_and_leaves_weekends_out(app: TestApp) {
        let app = shop(app).await;
        let preview = change(&app, |node| node.closed_on.push("2026-12-03".parse().unwrap())).await;
        let worked: Vec<_> = preview.days.iter().filter(|day| day.open.is_some()).collect();
        assert_eq!(worked.len(), 14);
        assert!(preview.days.iter().all(|day| day.weekday != "Sat" && day.weekday != "Sun"));
        let closed = preview.days.iter().find(|day| day.date.to_string() == "2026-12-03").unwrap();
        assert_eq!((&closed.open, closed.note.as_deref()), (&None, Some("Closed on this date")));
        assert_eq!(worked[0].cutoff_at, Some("2026-12-01T19:00:00Z".parse().unwrap()));
        assert!(preview.holidays.iter().any(|day| day.name == "Christmas Day" && day.date.to_string() == "2026-12-25"));
    }

    async fn what_cannot_be_is_said_field_by_field_and_nobody_overwrites_another(app: TestApp) {
        let app = shop(app).await;
        let (orc, actor) = (&app.orc, app.system());
        let seen = east(&app).await;
        let mut wrong = seen.clone();
        cutoff(&mut wrong, "25:00");
        let refused = promises::node_change(orc, &actor, wrong).await;
        assert!(matches!(&refused, Err(Error::Invalid(errors)) if errors[0].pointer == "#/week/fri/cutoff"), "{refused:?}");
        let mut mine = seen.clone();
        mine.daily_capacity = Some(40);
        network::change_node(orc, &actor, Some(seen.clone()), mine).await.unwrap();
        let mut theirs = seen.clone();
        theirs.pack_minutes = 30;
        let late = network::change_node(orc, &actor, Some(seen), theirs).await;
        assert!(matches!(&late, Err(Error::Conflict(text)) if text.contains("since you opened it")), "{late:?}");
        assert_eq!(east(&app).await.daily_capacity, Some(40));
    }

    async fn pausing_says_what_stays_and_what_would_be_missing(app: TestApp) {
        let app = shop(app).await;
        app.put("stock", &json!([{"node": "west", "sku": "A", "on_hand": 5}])).await.expect(200);
        app.routed_order("1", "A", 2).await;
        app.routed_order("2", "B", 1).await;
        let touched = network::pausing(&app.orc, &app.system(), "east").await.unwrap();
        assert_eq!((touched.open_orders, touched.open_units), (2, 3));
        assert_eq!((touched.others, touched.others_near), (1, 0));
        assert_eq!(touched.only_here, 1, "B lies nowhere else");
        let mut west = serde_json::to_value(network::node(&app.orc, &app.system(), "west").await.unwrap()).unwrap();
        west["status"] = json!("paused");
        app.put("nodes/west", &west).await.expect(200);
        let alone = network::pausing(&app.orc, &app.system(), "east").await.unwrap();
        assert_eq!((alone.others, alone.only_here), (0, 2));
    }
}
