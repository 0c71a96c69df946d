//! Who may do what: every endpoint without a key, and with every scope.

use engine::model::{Permission, Scope};
use serde_json::{Value, json};

use crate::support::order;

/// Every endpoint with what it needs, and a call that would do something.
fn endpoints() -> Vec<(&'static str, &'static str, Permission, Option<Value>)> {
    use Permission as P;
    let node =
        json!({"name": "N", "kind": "store", "address": {"postal_code": "10001", "country": "US"}});
    let zone = json!({"up_to_km": 100.0, "per_package": 5.0, "per_kg": 1.0, "transit_days": 1});
    let count = json!([{"node": "east", "sku": "A", "on_hand": 10}]);
    let adjustment = json!([{"node": "east", "sku": "A", "delta": 1, "reason": "found"}]);
    let fulfillment = |action: &str| {
        format!("fulfillments/ful_{}/{action}", "0".repeat(32)).leak() as &'static str
    };
    let exception = |action: &str| format!("exceptions/exc_{}{action}", "0".repeat(32));
    let bulk_action = |action: &str| format!("bulk_actions/blk_{}{action}", "0".repeat(32));
    vec![
        (
            "PUT",
            "products/P",
            P::ChangeNetwork,
            Some(json!({"name": "P", "weight_g": 1})),
        ),
        ("GET", "products/A", P::ReadNetwork, None),
        ("GET", "products", P::ReadNetwork, None),
        ("PUT", "nodes/n", P::ChangeNetwork, Some(node)),
        ("GET", "nodes/east", P::ReadNetwork, None),
        ("GET", "nodes", P::ReadNetwork, None),
        (
            "PUT",
            "services/s",
            P::ChangeNetwork,
            Some(json!({"carrier": "P", "level": "standard", "zones": [zone]})),
        ),
        ("GET", "services/ground", P::ReadNetwork, None),
        ("GET", "services", P::ReadNetwork, None),
        ("PUT", "stock", P::ChangeStock, Some(count)),
        (
            "POST",
            "stock/adjustments",
            P::ChangeStock,
            Some(adjustment),
        ),
        ("GET", "stock", P::ReadStock, None),
        (
            "PUT",
            "stock/incoming",
            P::ChangeStock,
            Some(json!([{"node": "east", "sku": "A", "incoming": []}])),
        ),
        ("PUT", "stock/rules", P::ChangeStock, Some(json!([]))),
        ("GET", "stock/rules", P::ReadStock, None),
        (
            "POST",
            "promises",
            P::AskPromises,
            Some(json!({"lines": [{"sku": "A"}], "destination": {"country": "US"}})),
        ),
        ("GET", "promise_settings", P::ReadNetwork, None),
        ("PUT", "promise_settings", P::ChangeNetwork, Some(json!({}))),
        (
            "POST",
            "orders",
            P::PlaceOrders,
            Some(order("scope", "A", 1)),
        ),
        ("GET", "orders", P::ReadOrders, None),
        ("GET", "orders/web:1", P::ReadOrders, None),
        ("GET", "orders/web:1/decisions", P::ReadOrders, None),
        ("POST", "orders/web:1/hold", P::ChangeOrders, None),
        ("POST", "orders/web:1/release", P::ChangeOrders, None),
        ("POST", "orders/web:1/reroute", P::ChangeOrders, None),
        ("POST", "orders/web:1/cancel", P::ChangeOrders, None),
        (
            "POST",
            "bulk_actions",
            P::ChangeOrders,
            Some(json!({"action": "hold", "filter": {}})),
        ),
        ("GET", "bulk_actions", P::ReadOrders, None),
        ("GET", bulk_action("").leak(), P::ReadOrders, None),
        ("POST", bulk_action("/stop").leak(), P::ChangeOrders, None),
        ("GET", "fulfillments", P::ReadFulfillments, None),
        ("POST", fulfillment("accept"), P::WorkFulfillments, None),
        (
            "POST",
            fulfillment("reject"),
            P::WorkFulfillments,
            Some(json!({"reason": "r"})),
        ),
        (
            "POST",
            fulfillment("short_pick"),
            P::WorkFulfillments,
            Some(json!({"lines": [{"line": format!("lin_{}", "0".repeat(32)), "picked": 0}]})),
        ),
        ("POST", fulfillment("pack"), P::WorkFulfillments, None),
        ("POST", fulfillment("ship"), P::WorkFulfillments, None),
        ("POST", fulfillment("deliver"), P::WorkFulfillments, None),
        (
            "POST",
            fulfillment("ready_for_pickup"),
            P::WorkFulfillments,
            None,
        ),
        (
            "POST",
            fulfillment("picked_up"),
            P::WorkFulfillments,
            Some(json!({"code": "ABCDEF"})),
        ),
        (
            "PUT",
            "stock/bins",
            P::ChangeStock,
            Some(json!([{"node": "east", "sku": "A", "bin": "A-1"}])),
        ),
        ("GET", "work_settings", P::ReadNetwork, None),
        (
            "PUT",
            "work_settings",
            P::ChangeNetwork,
            Some(json!({"keep_days": 7})),
        ),
        ("PUT", "stock/allocations", P::ChangeStock, Some(json!([]))),
        ("GET", "stock/allocations", P::ReadStock, None),
        ("GET", "stock/channels?node=east&sku=A", P::ReadStock, None),
        ("GET", "promises/record", P::ReadOrders, None),
        (
            "POST",
            "orders/web:1/move",
            P::ChangeOrders,
            Some(json!({})),
        ),
        ("GET", "exceptions", P::ReadOrders, None),
        ("GET", "exceptions/counts", P::ReadOrders, None),
        ("GET", exception("/fixes").leak(), P::ReadOrders, None),
        (
            "POST",
            exception("/fixes").leak(),
            P::ChangeOrders,
            Some(json!({"fix": "reroute"})),
        ),
        (
            "POST",
            "exceptions",
            P::ChangeOrders,
            Some(json!({"exceptions": [exception("")[11..]], "action": "wake"})),
        ),
        ("GET", "exceptions/settings", P::ReadNetwork, None),
        (
            "PUT",
            "exceptions/settings",
            P::ChangeNetwork,
            Some(json!({})),
        ),
        (
            "POST",
            "tracking_events",
            P::ReportScans,
            Some(
                json!([{"tracking_number": "1", "status": "in_transit", "event_id": "1", "occurred_at": "2026-11-24T10:00:00Z"}]),
            ),
        ),
        ("GET", "tracking_settings", P::ReadNetwork, None),
        (
            "PUT",
            "tracking_settings",
            P::ChangeNetwork,
            Some(json!({})),
        ),
        ("GET", "events", P::ReadEvents, None),
        ("GET", "stream", P::ReadEvents, None),
    ]
}

both! {
    async fn nothing_answers_without_a_key(app: TestApp) {
        for (method, path, _, body) in endpoints() {
            let call = app.call(method, path).json(&body.unwrap_or(Value::Null));
            let answer = call.no_key().await;
            answer.problem(401, "");
            assert!(answer.header("www-authenticate").starts_with("Bearer"), "{path}");
        }
        for wrong in ["sk_wrong", "nonsense", ""] {
            app.get("orders").key(wrong).await.problem(401, "");
        }
        app.get("orders").header("authorization", "Basic YTpi").await.problem(401, "");
    }

    async fn a_key_does_what_its_scopes_say_and_nothing_else(app: TestApp) {
        let app = app.with_network().await;
        app.routed_order("1", "A", 1).await;
        for scope in Scope::ALL {
            let key = app.new_key(&[*scope]).await;
            for (method, path, permission, body) in endpoints() {
                let mut call = app.call(method, path).key(&key);
                if let Some(body) = &body {
                    call = call.json(body);
                }
                let granted = scope.grants(permission);
                if granted && path == "stream" {
                    call.open().await;
                    continue;
                }
                let answer = call.await;
                if granted {
                    assert_ne!(answer.status, 403, "{scope} {method} {path}: {}", answer.text());
                    assert_ne!(answer.status, 401, "{scope} {method} {path}");
                } else {
                    let problem = answer.problem(403, "");
                    assert!(problem["detail"].as_str().unwrap().contains(permission.as_str()), "{scope} {path}: {problem}");
                }
            }
        }
    }

    async fn the_document_describes_every_endpoint_that_is_tested_here(app: TestApp) {
        let document = app.get("openapi.json").await.expect(200);
        let described: usize = document["paths"].as_object().unwrap().values().map(|p| p.as_object().unwrap().len()).sum();
        // The four actions on an order are one operation there. Three for shop pages and the one for customers have their key
        // in the address, and a file is no JSON.
        assert_eq!(described, endpoints().len() - 3 + 5);
    }

    async fn a_revoked_key_is_refused_at_once(app: TestApp) {
        let key = app.new_key(&[Scope::OrdersRead]).await;
        app.get("orders").key(&key).await.expect(200);
        let id = orchestrator::accounts::keys(&app.orc, &app.system()).await.unwrap()[0].id;
        orchestrator::accounts::revoke_key(&app.orc, &app.system(), id).await.unwrap();
        app.get("orders").key(&key).await.problem(401, "");
    }

    async fn who_guesses_keys_has_to_wait(app: TestApp) {
        let mut last = 0;
        for i in 0..40 {
            last = app.get("orders").key(&format!("sk_guess{i}")).await.status;
        }
        assert_eq!(last, 429);
        let answer = app.get("orders").key("sk_guess").await;
        answer.problem(429, "");
        assert!(answer.header("retry-after").parse::<u64>().is_ok_and(|s| s <= 61));
    }
}
