//! Pages as the server hands them out; what is on them is tested in the browser.

use app::calls::session::SetUp;
use leptos::server_fn::ServerFn;

both! {
    async fn a_page_names_its_nonce_in_the_policy(app: TestApp) {
        let answer = app.get("/no/such/page").no_key().header("accept", "text/html").await;
        assert_eq!(answer.status, 404);
        assert!(answer.header("content-type").starts_with("text/html"), "{}", answer.header("content-type"));
        let policy = answer.header("content-security-policy").to_owned();
        for part in ["default-src 'self'", "'wasm-unsafe-eval'", "object-src 'none'", "form-action 'self'", "base-uri 'self'"] {
            assert!(policy.contains(part), "{part} in {policy}");
        }
        assert!(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"));
        let page = answer.text();
        for nonce in page.split(" nonce=\"").skip(1).map(|rest| rest.split('"').next().unwrap()) {
            assert!(policy.contains(&format!("'nonce-{nonce}'")), "{nonce} in {policy}");
        }
        assert!(page.matches("<script").count() == 0 || page.contains("nonce="), "inline scripts carry the nonce");
        let other = app.get("/no/such/page").no_key().await;
        assert_ne!(other.header("content-security-policy"), policy, "a nonce is used once");
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!(answer.header("strict-transport-security"), "", "only over TLS");
    }

    async fn nobody_gets_out_of_the_folder_of_files(app: TestApp) {
        for path in ["/pkg/../../Cargo.toml", "/pkg/..%2f..%2fCargo.toml", "/%2e%2e/Cargo.toml", "/pkg/none.wasm"] {
            let answer = app.get(path).no_key().await;
            assert!(answer.status == 404 || answer.status == 400, "{path}: {}", answer.status);
            assert!(!answer.text().contains("[workspace]"));
        }
    }

    /// The command line may have made the merchant while the link was out.
    async fn the_link_of_the_log_makes_no_second_merchant(app: TestApp) {
        let token = app.state.setup.open();
        let form = format!("token={token}&merchant_name=Second&currency=USD&time_zone=UTC&owner_name=Eve\
            &owner_email=eve%40example.com&owner_password=another+long+password");
        let answer = app.call("POST", SetUp::url()).no_key().header("sec-fetch-site", "same-origin")
            .header("content-type", "application/x-www-form-urlencoded").bytes(form.into_bytes()).await;
        assert!(answer.text().contains("there is a merchant already"), "{} {}", answer.status, answer.text());
        let merchants = orchestrator::accounts::merchants(&app.orc).await.unwrap();
        assert_eq!(merchants.len(), 1);
    }

    async fn the_api_never_answers_with_a_page(app: TestApp) {
        for path in ["/api/v1/nothing", "/api/v1/orders/a/b/c", "/api/v1/"] {
            app.get(path).header("accept", "text/html").await.problem(404, "");
        }
    }
}
