//! The event log as a feed and as a stream.

use serde_json::json;

use crate::support::order;

both! {
    async fn the_feed_is_numbered_without_gaps(app: TestApp) {
        let app = app.with_network().await;
        app.routed_order("1", "A", 2).await;
        let (mut after, mut kinds) = (0, Vec::new());
        loop {
            let page = app.get(&format!("events?after={after}&limit=3")).await.expect(200);
            for event in page["items"].as_array().unwrap() {
                after += 1;
                assert_eq!(event["seq"], after);
                kinds.push(event["kind"].as_str().unwrap().to_owned());
            }
            if page["next_cursor"].is_null() {
                break;
            }
            assert_eq!(page["next_cursor"], after.to_string());
        }
        assert!(kinds.contains(&"order.routed".to_owned()), "{kinds:?}");
        let report = orchestrator::events::verify(&app.orc, app.owner.merchant.id).await.unwrap();
        assert_eq!((report.events, report.first_bad), (after, None));
    }

    async fn the_stream_goes_on_where_the_reader_was_cut_off(app: TestApp) {
        let app = app.with_network().await;
        let start = app.get("events?limit=200").await.expect(200)["items"].as_array().unwrap().len() as i64;
        let mut stream = app.get("stream").open().await;
        app.post("orders", &order("1", "A", 1)).await.expect(201);
        let (first, event) = stream.next().await.unwrap();
        assert_eq!((first, &event["seq"]), (start + 1, &json!(start + 1)));
        drop(stream);
        for i in 2..=150 {
            app.post("orders", &order(&i.to_string(), "A", 1)).await.expect(201);
        }
        let mut stream = app.get("stream").header("last-event-id", &first.to_string()).open().await;
        for expected in first + 1..=first + 149 {
            assert_eq!(stream.next().await.unwrap().0, expected);
        }
        // It is at the end now, and hears of what comes.
        app.post("orders", &order("151", "A", 1)).await.expect(201);
        assert_eq!(stream.next().await.unwrap().0, first + 150);
        let mut stream = app.get(&format!("stream?after={}", first + 149)).open().await;
        assert_eq!(stream.next().await.unwrap().0, first + 150);
    }

    /// Readers and writers at once: each reader sees every event once, in order.
    async fn nothing_is_skipped_or_repeated_while_orders_pour_in(app: TestApp) {
        let app = app.with_network().await;
        let mut streams = Vec::new();
        for _ in 0..3 {
            streams.push(app.get("stream?after=0").open().await);
        }
        let write = async {
            let calls = (0..60).map(|i| async move { i });
            for i in futures::future::join_all(calls).await {
                app.post("orders", &order(&format!("x{i}"), "A", 1)).await.expect(201);
            }
            app.route().await;
        };
        let read = futures::future::join_all(streams.iter_mut().map(|stream| async {
            for expected in 1..=120 {
                assert_eq!(stream.next().await.unwrap().0, expected);
            }
        }));
        tokio::join!(write, read);
    }

    async fn a_position_that_cannot_be_is_refused(app: TestApp) {
        app.get("stream?after=99999").await.problem(422, "#/after");
        app.get("stream?after=-1").await.problem(422, "#/after");
        app.get("stream").header("last-event-id", "abc").await.problem(422, "#/headers/Last-Event-ID");
        app.get("stream?behind=3").await.problem(422, "#/behind");
    }

    async fn streams_end_with_the_server(app: TestApp) {
        let app = app.with_network().await;
        let mut stream = app.get("stream").open().await;
        assert!(app.get("/metrics").await.text().contains("baton_streams_open 1"));
        app.trigger.trigger();
        assert_eq!(stream.next().await, None);
        app.get("/readyz").await.problem(503, "");
    }
}
