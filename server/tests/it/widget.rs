//! The script that shops load.

both! {
    async fn shops_of_every_origin_load_the_script(app: TestApp) {
        let newest = app.get("/widget/v1/promise.js").no_key().header("origin", "https://shop.example").await;
        assert_eq!(newest.status, 200);
        assert_eq!(newest.header("content-type"), "text/javascript; charset=utf-8");
        assert_eq!(newest.header("access-control-allow-origin"), "*");
        assert_eq!(newest.header("cross-origin-resource-policy"), "cross-origin");
        assert_eq!(newest.header("x-content-type-options"), "nosniff");
        assert_eq!(newest.header("cache-control"), "public, max-age=300, stale-while-revalidate=86400");
        assert_eq!(newest.header("set-cookie"), "");
        assert!(newest.text().contains("\"delivery-promise\""));

        let again = app.get("/widget/v1/promise.js").no_key().header("if-none-match", newest.header("etag")).await;
        assert_eq!((again.status, again.body.len()), (304, 0));
        assert_eq!(again.header("cache-control"), newest.header("cache-control"));
    }

    async fn the_name_with_the_hash_never_changes_what_it_names(app: TestApp) {
        let pinned = app.get("/widget/v1/promise.json").no_key().await.expect(200);
        let path = pinned["script"].as_str().unwrap();
        let script = app.get(path).no_key().await;
        assert_eq!(script.status, 200, "{path}");
        assert_eq!(script.header("cache-control"), "public, max-age=31536000, immutable");
        assert_eq!(script.header("access-control-allow-origin"), "*");
        assert_eq!(script.body, app.get("/widget/v1/promise.js").no_key().await.body);
        assert!(pinned["integrity"].as_str().unwrap().starts_with("sha384-"));
        // Another version's name is not answered with this one, which browsers would refuse.
        for other in ["/widget/v1/promise.0000000000000000.js", "/widget/v1/promise.min.js", "/widget/v1/..%2fpromise.js"] {
            app.get(other).no_key().await.problem(404, "");
        }
    }
}
