//! The work of nodes.

use serde_json::json;

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
}
