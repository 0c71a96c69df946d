//! Health and figures.

use crate::support::order;

both! {
    async fn the_server_says_how_it_is(app: TestApp) {
        assert_eq!(app.get("/healthz").no_key().await.status, 200);
        assert_eq!(app.get("/readyz").no_key().await.status, 200);
    }

    async fn figures_are_prometheus_text(app: TestApp) {
        let app = app.with_network().await;
        app.routed_order("1", "A", 1).await;
        app.post("orders", &order("2", "A", 1)).await.expect(201);
        app.get("nothing").await.problem(404, "");
        let answer = app.get("/metrics").no_key().await;
        assert_eq!(answer.header("content-type"), "text/plain; version=0.0.4; charset=utf-8");
        let text = answer.text();
        for line in [
            "baton_http_requests_total{route=\"/api/v1/orders\",method=\"POST\",status=\"201\"} 2",
            "baton_http_request_duration_seconds_count{route=\"/api/v1/orders\"} 2",
            "baton_orders{status=\"routed\"} 1",
            "baton_orders{status=\"received\"} 1",
            "baton_router_queue 1",
            "baton_router_planned_total 1",
            "baton_write_queue 0",
        ] {
            assert!(text.lines().any(|l| l == line), "{line} is not in\n{text}");
        }
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let (name, value) = line.rsplit_once(' ').unwrap();
            assert!(name.starts_with("baton_") && value.parse::<f64>().is_ok(), "{line}");
        }
        assert!(!text.contains("web:1") && !text.contains("ord_"), "patterns, not paths");
    }
}
