//! The work of nodes.

use chrono::{DateTime, Duration, Utc};
use engine::model::{FulfillmentId, Role, Scope, Urgency, WorkFilter, WorkStep};
use orchestrator::{Actor, PageRequest, Who, events, fulfillments};
use serde_json::{Value, json};

use crate::support::{TestApp, order};

both! {
    async fn from_assigned_to_delivered(app: TestApp) {
        let app = app.with_network().await;
        let order = app.routed_order("1", "A", 2).await;
        let id = order["fulfillments"][0]["id"].as_str().unwrap().to_owned();
        let list = app.get("fulfillments?node=east&status=assigned").await.expect(200);
        assert_eq!((&list["items"][0]["id"], &list["items"][0]["order"]), (&json!(id), &order["id"]));
        let act = |action: &str, body| app.post(&format!("fulfillments/{id}/{action}"), &body);
        let problem = act("ship", json!({})).await.problem(409, "");
        assert!(problem["detail"].as_str().unwrap().contains("assigned"), "{problem}");
        assert_eq!(act("accept", json!({})).await.expect(200)["status"], "accepted");
        assert_eq!(act("accept", json!({})).await.expect(200)["status"], "accepted", "again changes nothing");
        assert_eq!(app.get("orders/web:1").await.expect(200)["status"], "in_progress");
        assert_eq!(app.call("POST", &format!("fulfillments/{id}/pack")).await.expect(200)["status"], "packed");
        act("ship", json!({"service": "balloon"})).await.problem(422, "#/service");
        let shipped = act("ship", json!({"service": "ground", "tracking_number": "1Z"})).await.expect(200);
        assert_eq!((&shipped["status"], &shipped["tracking_number"]), (&json!("shipped"), &json!("1Z")));
        assert_eq!(app.get("orders?q=1Z").await.expect(200)["items"][0]["id"], order["id"]);
        let stock = app.get("stock?node=east&sku=A").await.expect(200);
        assert_eq!((&stock["items"][0]["on_hand"], &stock["items"][0]["reserved"]), (&json!(8), &json!(0)));
        act("deliver", json!({})).await.expect(200);
        assert_eq!(app.get("orders/web:1").await.expect(200)["status"], "delivered");
    }

    async fn rejected_work_goes_elsewhere(app: TestApp) {
        let app = app.with_network().await;
        app.put("stock", &json!([{"node": "west", "sku": "A", "on_hand": 5}])).await.expect(200);
        let order = app.routed_order("1", "A", 2).await;
        let id = order["fulfillments"][0]["id"].as_str().unwrap();
        assert_eq!(order["fulfillments"][0]["node"], "east");
        app.call("POST", &format!("fulfillments/{id}/reject")).await.problem(422, "#/reason");
        app.post(&format!("fulfillments/{id}/reject"), &json!({"reason": "broken"})).await.expect(200);
        app.route().await;
        let order = app.get("orders/web:1").await.expect(200);
        let open: Vec<_> = order["fulfillments"].as_array().unwrap().iter().filter(|f| f["status"] == "assigned").collect();
        assert_eq!((open.len(), &open[0]["node"]), (1, &json!("west")));
    }

    async fn what_is_not_on_the_shelf_is_planned_elsewhere_and_sold_no_more(app: TestApp) {
        let app = app.with_network().await;
        app.put("nodes/east", &json!({"name": "east", "kind": "warehouse", "daily_capacity": 100,
            "handling": {"per_package": 100.0, "per_unit": 30.0}, "address": {"postal_code": "10001", "country": "US"}})).await.expect(200);
        app.put("nodes/west", &json!({"name": "west", "kind": "warehouse",
            "handling": {"per_package": 900.0, "per_unit": 0.0}, "address": {"postal_code": "94105", "country": "US"}})).await.expect(200);
        app.put("stock", &json!([{"node": "west", "sku": "A", "on_hand": 5}])).await.expect(200);
        let order = app.routed_order("1", "A", 3).await;
        let f = &order["fulfillments"][0];
        let (id, line, cost) = (f["id"].as_str().unwrap(), &order["lines"][0]["id"], f["cost"].as_f64().unwrap());
        let short = |picked: i64| json!({"lines": [{"line": line, "picked": picked}]});
        let act = |action: &str, body: &Value| app.post(&format!("fulfillments/{id}/{action}"), body);
        act("short_pick", &short(1)).await.problem(409, "");
        act("accept", &json!({})).await.expect(200);
        act("short_pick", &json!({"lines": []})).await.problem(422, "#/lines");
        act("short_pick", &short(4)).await.problem(422, "#/lines/0/picked");
        act("short_pick", &short(-1)).await.problem(422, "#/lines/0/picked");
        let stranger = json!({"lines": [{"line": format!("lin_{}", "1".repeat(32)), "picked": 0}]});
        act("short_pick", &stranger).await.problem(422, "#/lines/0/line");

        let after = act("short_pick", &short(1)).await.expect(200);
        assert_eq!((&after["status"], &after["lines"][0]["quantity"]), (&json!("accepted"), &json!(1)));
        // Two units less: their handling, and their weight with the carrier.
        let saved = cost - after["cost"].as_f64().unwrap();
        assert!((saved - 2.0 * (30.0 + 0.5 * 50.0)).abs() < 0.001, "{saved}");
        let events = app.get("events?limit=200").await.expect(200);
        let last_event = |kind: &str| events["items"].as_array().unwrap().iter().rfind(|e| e["kind"] == kind).unwrap().clone();
        let told = last_event("fulfillment.short_picked");
        assert_eq!(told["data"]["short"], json!([{"line": line, "sku": "A", "missing": 2, "picked": 1}]));
        let east = app.get("stock?node=east&sku=A").await.expect(200)["items"][0].clone();
        assert_eq!((&east["on_hand"], &east["reserved"]), (&json!(8), &json!(1)), "nobody sells what is not there");

        let seq = events["items"].as_array().unwrap().len();
        assert_eq!(act("short_pick", &short(1)).await.expect(200), after, "again changes nothing");
        assert_eq!(app.get("events?limit=200").await.expect(200)["items"].as_array().unwrap().len(), seq);
        app.route().await;
        let order = app.get("orders/web:1").await.expect(200);
        let rest = &order["fulfillments"][1];
        assert_eq!((&rest["node"], &rest["lines"][0]["quantity"]), (&json!("west"), &json!(2)), "{order}");
        let decisions = app.get("orders/web:1/decisions").await.expect(200);
        assert!(decisions.to_string().contains("short_pick"), "{decisions}");

        // The one that was found has gone to somebody else meanwhile: nothing is left of it.
        let nothing = act("short_pick", &short(0)).await.expect(200);
        assert_eq!((&nothing["status"], &nothing["cause"]), (&json!("rejected"), &json!("out_of_stock")));
        assert_eq!(act("short_pick", &short(0)).await.expect(200), nothing);
        let east = app.get("stock?node=east&sku=A").await.expect(200)["items"][0].clone();
        assert_eq!((&east["on_hand"], &east["reserved"]), (&json!(7), &json!(0)));
        app.route().await;
        let order = app.get("orders/web:1").await.expect(200);
        assert_eq!((&order["status"], &order["lines"][0]["allocated"]), (&json!("routed"), &json!(3)), "{order}");
    }

    async fn a_customer_collects_with_the_code_and_nobody_else_does(app: TestApp) {
        let app = with_store(app).await;
        let id = collected(&app, "1", 2).await;
        let act = |action: &str, body: Value| { let path = format!("fulfillments/{id}/{action}"); let app = &app; async move { app.post(&path, &body).await } };
        act("accept", json!({})).await.expect(200);
        let problem = act("pack", json!({})).await.problem(409, "");
        assert!(problem["detail"].as_str().unwrap().contains("collected"), "{problem}");
        let ready = act("ready_for_pickup", json!({})).await.expect(200);
        assert_eq!(act("ready_for_pickup", json!({})).await.expect(200), ready, "again changes nothing, and the code stays");
        let code = ready["pickup_code"].as_str().unwrap();
        assert!(code.len() == 6 && !code.contains(['0', 'O', '1', 'I', 'L']), "{code}");
        assert!(ready["collect_by"].is_string());
        // Who hands it out has to be told the code.
        let staff = app.new_key(&[Scope::FulfillmentsWrite]).await;
        let seen = app.get("fulfillments?status=ready_for_pickup").key(&staff).await.expect(200);
        assert!(seen["items"][0]["collect_by"].is_string() && !seen.to_string().contains(code), "{seen}");
        assert!(!app.get("events?limit=200").await.expect(200).to_string().contains(code), "no event tells it");

        act("picked_up", json!({"code": ""})).await.problem(422, "#/code");
        for left in ["4 tries are left", "3 tries are left", "2 tries are left", "1 try is left", "15 minutes"] {
            let problem = act("picked_up", json!({"code": "AAAAAA"})).await.problem(422, "#/code");
            assert!(problem["detail"].as_str().unwrap().contains(left), "{problem}");
        }
        act("picked_up", json!({"code": code})).await.problem(429, "");
        app.clock.advance(Duration::minutes(15));
        let spoken = format!("{} {}", &code[..3].to_lowercase(), &code[3..]);
        assert_eq!(act("picked_up", json!({"code": spoken})).await.expect(200)["status"], "picked_up");
        assert_eq!(act("picked_up", json!({"code": "any"})).await.expect(200)["status"], "picked_up", "again changes nothing");
        let order = app.get("orders/web:1").await.expect(200);
        assert_eq!((&order["status"], &order["lines"][0]["shipped"]), (&json!("delivered"), &json!(2)));
        let stock = app.get("stock?node=store&sku=A").await.expect(200);
        assert_eq!((&stock["items"][0]["on_hand"], &stock["items"][0]["reserved"]), (&json!(3), &json!(0)));
    }

    async fn a_wrong_code_with_an_idempotency_key_is_one_try(app: TestApp) {
        let app = with_store(app).await;
        let id = collected(&app, "1", 1).await;
        for action in ["accept", "ready_for_pickup"] {
            app.post(&format!("fulfillments/{id}/{action}"), &json!({})).await.expect(200);
        }
        for _ in 0..6 {
            let call = app.post(&format!("fulfillments/{id}/picked_up"), &json!({"code": "AAAAAA"}));
            let problem = call.header("idempotency-key", "k").await.problem(422, "#/code");
            assert!(problem["detail"].as_str().unwrap().contains("4 tries"), "{problem}");
        }
    }

    async fn what_nobody_collects_goes_back_to_the_shelf(app: TestApp) {
        let app = with_store(app).await;
        app.put("work_settings", &json!({"keep_days": 0})).await.problem(422, "#/keep_days");
        app.put("work_settings", &json!({"keep_days": 2})).await.expect(200);
        let id = collected(&app, "1", 2).await;
        for action in ["accept", "ready_for_pickup"] {
            app.post(&format!("fulfillments/{id}/{action}"), &json!({})).await.expect(200);
        }
        app.clock.advance(Duration::hours(47));
        assert_eq!(fulfillments::expire(&app.orc).await.unwrap(), 0);
        app.clock.advance(Duration::hours(25));
        assert_eq!(fulfillments::expire(&app.orc).await.unwrap(), 1);
        assert_eq!(fulfillments::expire(&app.orc).await.unwrap(), 0);
        let order = app.get("orders/web:1").await.expect(200);
        assert_eq!((&order["status"], &order["lines"][0]["cancelled"]), (&json!("cancelled"), &json!(2)), "{order}");
        assert_eq!(order["fulfillments"][0]["reason"], "Not collected in time");
        let stock = app.get("stock?node=store&sku=A").await.expect(200);
        assert_eq!((&stock["items"][0]["on_hand"], &stock["items"][0]["reserved"]), (&json!(5), &json!(0)));
        app.post(&format!("fulfillments/{id}/picked_up"), &json!({"code": "AAAAAA"})).await.problem(409, "");
    }

    async fn an_order_to_collect_is_that_stores_or_nobodys(app: TestApp) {
        let app = with_store(app).await;
        let id = collected(&app, "2", 1).await;
        app.post(&format!("fulfillments/{id}/reject"), &json!({"reason": "too busy", "cause": "busy"})).await.expect(200);
        app.route().await;
        let rejected = app.get("orders/web:2").await.expect(200);
        let status = (&rejected["status"], rejected["fulfillments"].as_array().unwrap().len());
        assert_eq!(status, (&json!("backordered"), 1), "{rejected}");
        assert_eq!(rejected["fulfillments"][0]["cause"], "busy");
        // The east has more of it, and the order that the store cannot fill waits all the same.
        let mut waiting = order("1", "A", 6);
        waiting["delivery"] = json!({"method": "pickup", "node": "store"});
        app.post("orders", &waiting).await.expect(201);
        app.route().await;
        let order = app.get("orders/web:1").await.expect(200);
        let nodes: Vec<_> = order["fulfillments"].as_array().unwrap().iter().map(|f| f["node"].as_str().unwrap()).collect();
        assert!(nodes.iter().all(|node| *node == "store"), "{order}");
        assert_eq!(order["status"], "backordered", "{order}");
    }

    async fn nodes_have_their_time_to_accept_while_they_are_open(app: TestApp) {
        let app = app.with_network().await;
        let times = json!({"kinds": {"warehouse": {"accept_minutes": 90, "ship_hours": 2}}});
        app.put("work_settings", &json!({"kinds": {"store": {"accept_minutes": 0}}})).await.problem(422, "#/kinds/store/accept_minutes");
        let first = app.routed_order("1", "A", 1).await;
        let time = |order: &Value, field: &str| order["fulfillments"][0][field].as_str().unwrap().parse::<DateTime<Utc>>().unwrap();
        assert_eq!(time(&first, "accept_by") - time(&first, "created_at"), Duration::hours(4));
        app.put("work_settings", &times).await.expect(200);
        assert_eq!(app.get("work_settings").await.expect(200)["keep_days"], 7);
        let second = app.routed_order("2", "A", 1).await;
        assert_eq!(time(&second, "accept_by") - time(&second, "created_at"), Duration::minutes(90));
        assert!(time(&second, "ship_by") - time(&second, "created_at") <= Duration::hours(2));
        let same = app.get("orders/web:1").await.expect(200);
        assert_eq!(time(&first, "accept_by"), time(&same, "accept_by"), "work that is there keeps its time");
    }

    async fn the_list_of_work_begins_with_what_leaves_first_and_is_paged(app: TestApp) {
        let app = app.with_network().await;
        app.put("products/A", &json!({"name": "Thing A", "weight_g": 500, "barcode": "4006381333931"})).await.expect(200);
        app.put("stock/bins", &json!([{"node": "east", "sku": "A", "bin": " A-07 "}])).await.expect(200);
        app.put("stock/bins", &json!([{"node": "east", "sku": "A", "bin": ""}])).await.problem(422, "#/0/bin");
        app.put("stock/bins", &json!([{"node": "moon", "sku": "A", "bin": "1"}])).await.problem(422, "#/0/node");
        app.routed_order("later", "A", 1).await;
        app.put("work_settings", &json!({"kinds": {"warehouse": {"accept_minutes": 5, "ship_hours": 1}}})).await.expect(200);
        app.routed_order("sooner", "A", 2).await;
        let boss = app.system();
        let filter = WorkFilter::default();
        let first = fulfillments::work(&app.orc, &boss, &filter, &PageRequest::first(1)).await.unwrap();
        let item = &first.items[0];
        assert_eq!((item.order_number, item.units(), item.urgency(app.orc.now())), (10_002, 2, Urgency::AtRisk));
        assert_eq!((item.lines[0].bin.as_deref(), item.lines[0].barcode.as_deref()), (Some("A-07"), Some("4006381333931")));
        let next = PageRequest { cursor: first.next_cursor.clone(), ..PageRequest::first(1) };
        let second = fulfillments::work(&app.orc, &boss, &filter, &next).await.unwrap();
        assert_eq!((second.items[0].order_number, second.next_cursor), (10_001, None));
        let rows = app.get("fulfillments?node=east").await.expect(200);
        assert_eq!((&rows["items"][1]["urgency"], &rows["items"][0]["urgency"]), (&json!("at_risk"), &json!("on_time")), "{rows}");
        let counts = fulfillments::work_counts(&app.orc, &boss, Some("east")).await.unwrap();
        assert_eq!(counts, [(WorkStep::ToAccept, 2)].into());
    }

    async fn people_of_a_node_hear_of_its_work_and_see_where_it_goes_and_no_more(app: TestApp) {
        let app = app.with_network().await;
        app.put("stock", &json!([{"node": "west", "sku": "B", "on_hand": 50}])).await.expect(200);
        let ours = app.routed_order("ours", "A", 2).await;
        let theirs = app.routed_order("theirs", "B", 9).await;
        let id = |order: &Value| order["fulfillments"][0]["id"].as_str().unwrap().parse::<FulfillmentId>().unwrap();
        assert_eq!((&ours["fulfillments"][0]["node"], &theirs["fulfillments"][0]["node"]), (&json!("east"), &json!("west")));
        let who = |nodes: &[&str]| Who::User {
            id: app.owner.user.id,
            name: "Flo".into(),
            role: Role::NodeStaff,
            nodes: nodes.iter().map(|node| (*node).to_owned()).collect(),
        };
        let flo = Actor { who: who(&["east"]), ..app.system() };
        let items = fulfillments::work_items(&app.orc, &flo, &[id(&ours), id(&theirs)]).await.unwrap();
        assert_eq!(items.iter().map(|item| item.id).collect::<Vec<_>>(), [id(&ours)]);
        let nobody = Actor { who: who(&[]), ..app.system() };
        let page = PageRequest::first(10);
        let none = fulfillments::work(&app.orc, &nobody, &WorkFilter::default(), &page).await.unwrap();
        assert!(none.items.is_empty());
        assert!(fulfillments::slip(&app.orc, &flo, id(&theirs)).await.is_err());
        let slip = fulfillments::slip(&app.orc, &flo, id(&ours)).await.unwrap();
        assert_eq!(slip.ship_to.unwrap().line1, "1 Road");
        assert!(slip.reference.starts_with("10001-"), "{}", slip.reference);

        let heard = events::heard(&app.orc, &flo, 0, 500).await.unwrap();
        assert_eq!(heard.up_to, Some(events::last_seq(&app.orc, flo.merchant).await.unwrap()));
        let subjects: Vec<_> = heard.events.iter().filter(|e| e.kind == "order.routed").map(|e| e.subject.as_str()).collect();
        assert_eq!(subjects, [ours["id"].as_str().unwrap()]);
        assert!(heard.events.iter().all(|e| e.data.is_null() && e.summary.is_empty() && e.actor.is_empty()));
        assert!(events::list(&app.orc, &flo, 0, 10).await.is_err(), "the log itself is not theirs to read");
        app.post(&format!("fulfillments/{}/accept", id(&ours)), &json!({})).await.expect(200);
        let more = events::heard(&app.orc, &flo, heard.up_to.unwrap(), 500).await.unwrap();
        assert_eq!(more.events.iter().map(|e| e.kind.as_str()).collect::<Vec<_>>(), ["fulfillment.accepted"]);
        // Once it has left, the address is nobody's business there.
        for action in ["pack", "ship"] {
            app.post(&format!("fulfillments/{}/{action}", id(&ours)), &json!({})).await.expect(200);
        }
        assert_eq!(fulfillments::slip(&app.orc, &flo, id(&ours)).await.unwrap().ship_to, None);
    }
}

/// A store where customers collect, with five of A.
async fn with_store(app: TestApp) -> TestApp {
    let app = app.with_network().await;
    let store = json!({"name": "Store", "kind": "store", "offers": ["ship", "pickup"],
        "address": {"postal_code": "10003", "country": "US"}});
    app.put("nodes/store", &store).await.expect(201);
    let stock = json!([{"node": "store", "sku": "A", "on_hand": 5}]);
    app.put("stock", &stock).await.expect(200);
    app
}

/// The fulfillment of an order of A that is collected in the store.
async fn collected(app: &TestApp, external_id: &str, quantity: i64) -> String {
    let mut order = order(external_id, "A", quantity);
    order["delivery"] = json!({"method": "pickup", "node": "store"});
    app.post("orders", &order).await.expect(201);
    app.route().await;
    let order = app
        .get(&format!("orders/web:{external_id}"))
        .await
        .expect(200);
    let f = &order["fulfillments"][0];
    assert_eq!((&f["node"], &f["service"]), (&json!("store"), &Value::Null));
    f["id"].as_str().unwrap().to_owned()
}
