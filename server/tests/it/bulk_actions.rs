//! Actions on all orders that pass a filter.

use orchestrator::orders::bulk;
use orchestrator::{Options, Orchestrator};
use serde_json::{Value, json};

use crate::support::{TestApp, order};

/// Takes so many orders in, of which none is planned yet.
async fn orders(app: &TestApp, n: usize) {
    let sends =
        (0..n).map(|i| async move { app.post("orders", &order(&i.to_string(), "A", 1)).await });
    for answer in futures::future::join_all(sends).await {
        answer.expect(201);
    }
}

async fn counted(app: &TestApp, status: &str) -> u64 {
    let list = app
        .get(&format!("orders?status={status}&total=true&limit=1"))
        .await
        .expect(200);
    list["total"].as_u64().unwrap()
}

fn figures(action: &Value) -> (&str, u64, u64, u64) {
    let n = |name: &str| action[name].as_u64().unwrap();
    (
        action["status"].as_str().unwrap(),
        n("total"),
        n("done"),
        n("skipped"),
    )
}

both! {
    async fn an_action_goes_on_in_another_process_where_one_ended(app: TestApp) {
        let app = app.with_network().await;
        orders(&app, 130).await;
        let hold = json!({"action": "hold", "reason": "stock is counted", "filter": {"channel": ["web"]}});
        let started = app.post("bulk_actions", &hold).header("idempotency-key", "b1").await.expect(202);
        assert_eq!(figures(&started), ("running", 130, 0, 0));
        let again = app.post("bulk_actions", &hold).header("idempotency-key", "b1").await.expect(202);
        assert_eq!(again["id"], started["id"]);
        let path = format!("bulk_actions/{}", started["id"].as_str().unwrap());
        assert!(bulk::advance_all(&app.orc).await.unwrap());
        let half = app.get(&path).await.expect(200);
        assert_eq!(figures(&half), ("running", 130, 50, 0));
        assert_eq!(counted(&app, "on_hold").await, 50);
        // An order that comes now is not meant.
        app.post("orders", &order("late", "A", 1)).await.expect(201);
        // Another process takes over.
        let other = Orchestrator::open(Options { clock: app.clock.clone(), ..Options::new(&app.state.config.database_url) })
            .await
            .unwrap();
        while bulk::advance_all(&other).await.unwrap() {}
        let done = app.get(&path).await.expect(200);
        assert_eq!(figures(&done), ("done", 130, 130, 0));
        assert_eq!((counted(&app, "on_hold").await, counted(&app, "received").await), (130, 1));
        // More events than a page holds.
        let (mut after, mut last) = (0, serde_json::Value::Null);
        loop {
            let page = app.get(&format!("events?after={after}&limit=200")).await.expect(200);
            let Some(event) = page["items"].as_array().unwrap().last() else { break };
            after = event["seq"].as_i64().unwrap();
            last = event.clone();
        }
        assert_eq!(last["kind"], "bulk_action.done");
        assert_eq!(last["data"]["done"], 130);
        let held = app.get("orders/web:0").await.expect(200);
        assert_eq!(held["hold_reason"], "stock is counted");
        other.close().await;
    }

    async fn what_the_state_does_not_allow_is_passed_over_with_the_reason(app: TestApp) {
        let app = app.with_network().await;
        orders(&app, 3).await;
        app.post("orders/web:1/cancel", &json!({})).await.expect(200);
        let hold = json!({"action": "hold", "filter": {}});
        let started = app.post("bulk_actions", &hold).await.expect(202);
        while bulk::advance_all(&app.orc).await.unwrap() {}
        let done = app.get(&format!("bulk_actions/{}", started["id"].as_str().unwrap())).await.expect(200);
        assert_eq!(figures(&done), ("done", 3, 2, 1));
        let reason = done["skips"][0]["reason"].as_str().unwrap();
        assert!(reason.contains("is cancelled: hold is not possible"), "{reason}");
        let list = app.get("bulk_actions").await.expect(200);
        assert_eq!(list["items"].as_array().unwrap().len(), 1);
    }

    async fn orders_that_are_named_are_acted_on_and_no_others(app: TestApp) {
        let app = app.with_network().await;
        orders(&app, 4).await;
        let mut named = Vec::new();
        for i in [1, 3] {
            named.push(app.get(&format!("orders/web:{i}")).await.expect(200)["id"].clone());
        }
        let hold = json!({"action": "hold", "filter": {"order": named}});
        let started = app.post("bulk_actions", &hold).await.expect(202);
        assert_eq!(figures(&started), ("running", 2, 0, 0));
        while bulk::advance_all(&app.orc).await.unwrap() {}
        for (i, status) in [(0, "received"), (1, "on_hold"), (2, "received"), (3, "on_hold")] {
            assert_eq!(app.get(&format!("orders/web:{i}")).await.expect(200)["status"], status);
        }
    }

    async fn one_that_is_stopped_goes_no_further(app: TestApp) {
        let app = app.with_network().await;
        orders(&app, 60).await;
        let started = app.post("bulk_actions", &json!({"action": "cancel", "filter": {"status": ["received"]}})).await.expect(202);
        let path = format!("bulk_actions/{}", started["id"].as_str().unwrap());
        bulk::advance_all(&app.orc).await.unwrap();
        let stopped = app.post(&format!("{path}/stop"), &json!({})).await.expect(200);
        assert_eq!(figures(&stopped), ("stopped", 60, 50, 0));
        assert!(!bulk::advance_all(&app.orc).await.unwrap());
        assert_eq!((counted(&app, "cancelled").await, counted(&app, "received").await), (50, 10));
    }

    async fn bad_requests_and_other_merchants_get_nowhere(app: TestApp) {
        let app = app.with_network().await;
        for (body, status, pointer) in [
            (json!({"action": "hold"}), 422, "#/filter"),
            (json!({"action": "burn", "filter": {}}), 422, "#/action"),
            (json!({"action": "hold", "filter": {"colour": "red"}}), 422, "#/filter/colour"),
            (json!({"action": "hold", "filter": {"status": ["lost"]}}), 422, "#/filter/status/0"),
            (json!({"action": "hold", "filter": {"order": ["web:1"]}}), 422, "#/filter/order/0"),
            (json!({"action": "hold", "filter": {"order": vec![format!("ord_{}", "0".repeat(32)); 201]}}), 422, "#/filter/order"),
            (json!({"action": "hold", "reason": "x".repeat(501), "filter": {}}), 422, "#/reason"),
        ] {
            app.post("bulk_actions", &body).await.problem(status, pointer);
        }
        orders(&app, 1).await;
        let started = app.post("bulk_actions", &json!({"action": "hold", "filter": {}})).await.expect(202);
        let path = format!("bulk_actions/{}", started["id"].as_str().unwrap());
        let other = app.other_merchant().await;
        app.get(&path).key(&other).await.problem(404, "");
        app.post(&format!("{path}/stop"), &json!({})).key(&other).await.problem(404, "");
        app.get("bulk_actions/nothing").await.problem(404, "");
    }
}
