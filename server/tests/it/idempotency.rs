//! A call with an Idempotency-Key can be repeated.

use serde_json::json;

use crate::support::order;

both! {
    async fn the_same_call_again_gets_the_same_answer(app: TestApp) {
        let app = app.with_network().await;
        let first = app.post("orders", &order("1", "A", 2)).header("idempotency-key", "k-1").await;
        let again = app.post("orders", &order("1", "A", 2)).header("idempotency-key", "k-1").await;
        assert_eq!(first.expect(201), again.expect(201));
        assert_eq!(first.header("idempotency-replayed"), "");
        assert_eq!(again.header("idempotency-replayed"), "true");
        assert_eq!(app.get("orders").await.expect(200)["items"].as_array().unwrap().len(), 1);

        let adjust = json!([{"node": "east", "sku": "A", "delta": 3, "reason": "found"}]);
        for _ in 0..2 {
            app.post("stock/adjustments", &adjust).header("idempotency-key", "k-2").await.expect(200);
        }
        let stock = app.get("stock?node=east&sku=A").await.expect(200);
        assert_eq!(stock["items"][0]["on_hand"], 13, "adjusted once");
    }

    async fn the_key_is_good_for_one_request_only(app: TestApp) {
        let app = app.with_network().await;
        app.post("orders", &order("1", "A", 2)).header("idempotency-key", "k").await.expect(201);
        let problem = app.post("orders", &order("2", "A", 2)).header("idempotency-key", "k").await.problem(422, "");
        assert_eq!(problem["type"], "/docs#problem-idempotency-key-reused");
        let adjust = json!([{"node": "east", "sku": "A", "delta": 3, "reason": "found"}]);
        app.post("stock/adjustments", &adjust).header("idempotency-key", "k").await.problem(422, "");
        app.post("orders", &order("3", "A", 2)).header("idempotency-key", &"x".repeat(300)).await.problem(422, "");
    }

    async fn a_call_that_was_refused_can_be_repeated_when_mended(app: TestApp) {
        app.post("orders", &order("1", "A", 2)).header("idempotency-key", "k").await.problem(422, "#/lines/0/sku");
        let app = app.with_network().await;
        app.post("orders", &order("1", "A", 2)).header("idempotency-key", "k").await.expect(201);
    }

    /// Many at once: one does the work, the others get its answer or are told that it still runs.
    async fn calls_at_the_same_time_do_the_work_once(app: TestApp) {
        let app = app.with_network().await;
        let calls = (0..16).map(|_| async { app.post("orders", &order("1", "A", 2)).header("idempotency-key", "k").await });
        let answers = futures::future::join_all(calls).await;
        for answer in &answers {
            if answer.status == 409 {
                let problem = answer.problem(409, "");
                assert_eq!(problem["type"], "/docs#problem-idempotency-key-running");
                assert_eq!(answer.header("retry-after"), "1");
            } else {
                answer.expect(201);
            }
        }
        let fresh = answers.iter().filter(|a| a.status == 201 && a.header("idempotency-replayed").is_empty()).count();
        assert_eq!(fresh, 1);
        assert_eq!(app.get("orders").await.expect(200)["items"].as_array().unwrap().len(), 1);
    }

    async fn merchants_do_not_share_keys(app: TestApp) {
        let app = app.with_network().await;
        let other = app.other_merchant().await;
        let product = json!({"name": "Tea", "weight_g": 100});
        app.put("products/T", &product).header("idempotency-key", "k").await.expect(201);
        let answer = app.put("products/T", &product).key(&other).header("idempotency-key", "k").await;
        answer.expect(201);
        assert_eq!(answer.header("idempotency-replayed"), "");
    }
}
