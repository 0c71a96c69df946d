//! What is wrong with a request is said as a problem document that points to the field.

use serde_json::{Value, json};

use crate::support::order;

both! {
    async fn a_field_that_does_not_fit_is_pointed_to(app: TestApp) {
        let app = app.with_network().await;
        let with = |path: &str, value: Value| {
            let mut order = order("1", "A", 1);
            *order.pointer_mut(path).unwrap() = value;
            order
        };
        let cases = [
            (with("/lines/0/sku", json!("NOPE")), "#/lines/0/sku"),
            (with("/lines/0/sku", json!(7)), "#/lines/0/sku"),
            (with("/lines/0/quantity", json!(0)), "#/lines/0/quantity"),
            (with("/lines/0/quantity", json!(-3)), "#/lines/0/quantity"),
            (with("/lines/0/quantity", json!(9_007_199_254_740_993_i64)), "#/lines/0/quantity"),
            (with("/lines/0/quantity", json!("2")), "#/lines/0/quantity"),
            (with("/lines", json!([])), "#/lines"),
            (with("/channel", json!("carrier pigeon")), "#/channel"),
            (with("/currency", json!("dollars")), "#/currency"),
            (with("/placed_at", json!("yesterday")), "#/placed_at"),
            (with("/ship_to/postal_code", json!("00000")), "#/ship_to/postal_code"),
            (with("/ship_to", json!({"country": "US"})), "#/ship_to/postal_code"),
        ];
        for (body, pointer) in cases {
            app.post("orders", &body).await.problem(422, pointer);
        }
        let mut unknown = order("1", "A", 1);
        unknown["lines"][0]["colour"] = json!("red");
        app.post("orders", &unknown).await.problem(422, "#/lines/0/colour");
        let list = app.get("orders").await.expect(200);
        assert_eq!(list["items"], json!([]), "nothing was kept");
    }

    async fn a_body_that_cannot_be_read_is_refused(app: TestApp) {
        let send = |bytes: &[u8]| app.call("POST", "orders").header("content-type", "application/json").bytes(bytes.to_vec());
        send(b"{\"channel\": ").await.problem(400, "");
        send(b"{\"channel\": \"\xff\"}").await.problem(400, "#/channel");
        send(b"{} {}").await.problem(422, "");
        send(&vec![b'['; 100_000]).await.problem(422, "");
        send(b"").await.problem(422, "#/channel");
        let huge = format!("{{\"channel\": \"{}\"}}", "x".repeat(11 * 1024 * 1024));
        send(huge.as_bytes()).await.problem(413, "");
        let form = app.call("POST", "orders").header("content-type", "application/x-www-form-urlencoded");
        form.bytes(b"channel=web".to_vec()).await.problem(415, "");
    }

    async fn what_is_not_there_is_said_so(app: TestApp) {
        app.get("unicorns").await.problem(404, "");
        app.get("/api/v1").await.problem(404, "");
        app.get("orders/ord_nothing").await.problem(404, "");
        app.get("orders/web:nothing").await.problem(404, "");
        app.get("products/NOPE").await.problem(404, "");
        app.get("nodes/NOPE").await.problem(404, "");
        app.get("services/NOPE").await.problem(404, "");
        app.post("orders/web:1/teleport", &json!({})).await.problem(404, "");
        app.post("fulfillments/nonsense/accept", &json!({})).await.problem(404, "");
        let missing = "ful_00000000000000000000000000000000";
        app.post(&format!("fulfillments/{missing}/accept"), &json!({})).await.problem(404, "");
        let answer = app.call("DELETE", "orders").await;
        answer.problem(405, "");
        assert!(answer.header("allow").contains("POST"));
    }

    async fn a_query_with_a_typo_is_refused(app: TestApp) {
        app.get("orders?statsu=routed").await.problem(422, "#/statsu");
        app.get("orders?status=sleeping").await.problem(422, "#/status");
        app.get("orders?sort=random").await.problem(422, "#/sort");
        app.get("orders?placed_from=monday").await.problem(422, "#/placed_from");
        app.get("stock?limit=0").await.problem(422, "#/limit");
        app.get("stock?limit=201").await.problem(422, "#/limit");
        app.get("stock?limit=many").await.problem(422, "#/limit");
        app.get("products?cursor=zz").await.problem(422, "#/cursor");
        app.get("events?limit=1000").await.problem(422, "#/limit");
        app.get("fulfillments?status=lost").await.problem(422, "#/status");
    }

    async fn every_answer_has_an_id_and_the_usual_headers(app: TestApp) {
        for path in ["orders", "/healthz", "/nothing", "unicorns"] {
            let answer = app.get(path).await;
            assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
            assert_eq!(answer.header("x-request-id").len(), 32, "{path}");
            assert!(answer.header("content-security-policy").contains("frame-ancestors 'none'"), "{path}");
        }
    }
}
