//! The pages for customers: what a link opens, for whom, and how much of it.

use engine::model::Scope;
use serde_json::{Value, json};

use crate::support::TestApp;
use crate::tracking::{page, ship, token_of};

/// What a browser says when somebody opens a page.
const OPENS: (&str, &str) = ("sec-fetch-mode", "navigate");

/// The address and the cookie that a browser gets for a link.
async fn entered(app: &TestApp, token: &str) -> (String, String) {
    let answer = app
        .get(&format!("/t/{token}"))
        .no_key()
        .header(OPENS.0, OPENS.1)
        .await;
    assert_eq!(answer.status, 303, "{}", answer.text());
    let cookie = answer.header("set-cookie").to_owned();
    for part in ["HttpOnly", "Secure", "SameSite=Lax", "Path=/t/o/"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    let pair = cookie.split(';').next().unwrap().to_owned();
    (answer.header("location").to_owned(), pair)
}

both! {
    async fn a_link_shows_the_order_without_its_secrets(app: TestApp) {
        let app = app.with_network().await;
        let order = app.routed_order("1001", "A", 2).await;
        let token = token_of(&order);
        assert!(token.len() >= 22 && !order["id"].as_str().unwrap().contains(&token));
        ship(&app, &order["fulfillments"][0], "1Z999AA10123456784").await;
        let answer = app.get(&format!("/t/{token}")).no_key().await;
        assert_eq!(answer.status, 200);
        let html = answer.text();
        for shown in ["Order 1001", "Thing A", "Post", "6784", "New York", "aria-current=\"step\"", "<ol class=\"steps\""] {
            assert!(html.contains(shown), "{shown} in {html}");
        }
        let json = page(&app, &order).await.to_string();
        for secret in ["1Z999AA10123456784", "Cy Customer", "cy@example.com", "1 Road", "10002", "$2.78", "278", "east"] {
            assert!(!html.contains(secret), "{secret} in the page");
            assert!(!json.contains(secret), "{secret} in {json}");
        }
        assert_eq!(answer.header("cache-control"), "private, no-store");
        assert_eq!(answer.header("referrer-policy"), "no-referrer");
        assert_eq!(answer.header("x-robots-tag"), "noindex, nofollow");
        let policy = answer.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'nonce-") && policy.contains("frame-ancestors 'none'"), "{policy}");
        let script = app.get("/t/live.js").no_key().await;
        assert_eq!(script.status, 200);
        let bytes = html.len() + script.body.len();
        assert!(bytes < 50_000, "{bytes} bytes");
        assert!(!html.contains("wasm"), "no program");
        // Nothing stored has the token.
        let events = app.get("events?limit=200").await.text();
        assert!(!events.contains(&token));
    }

    async fn a_browser_is_known_by_a_cookie_and_sees_more(app: TestApp) {
        let app = app.with_network().await;
        let order = app.routed_order("1001", "A", 2).await;
        ship(&app, &order["fulfillments"][0], "1Z999AA10123456784").await;
        let token = token_of(&order);
        let (address, cookie) = entered(&app, &token).await;
        assert!(!address.contains(&token) && !cookie.contains(&token));
        let html = app.get(&address).no_key().header("cookie", &cookie).await.text();
        for shown in ["1Z999AA10123456784", "$2.78", "R•••"] {
            assert!(html.contains(shown), "{shown} in {html}");
        }
        for secret in ["Cy Customer", "cy@example.com", "1 Road", "10002"] {
            assert!(!html.contains(secret), "{secret} in the page");
        }
        // The address is worth nothing without the cookie, and the cookie nothing for another order.
        let stranger = app.get(&address).no_key().await;
        assert_eq!((stranger.status, stranger.text().contains("Thing A")), (404, false));
        let second = app.routed_order("1002", "A", 1).await;
        let (elsewhere, _) = entered(&app, &token_of(&second)).await;
        let pair = format!("{}={}", elsewhere.replace("/t/o/", "baton_order_"), cookie.split('=').nth(1).unwrap());
        assert_eq!(app.get(&elsewhere).no_key().header("cookie", &pair).await.status, 404);
        // What it shares is worth less, also in a browser that opens it.
        let shared = app.post(&format!("{address}/share"), &json!({})).no_key().header("cookie", &cookie).header("sec-fetch-site", "same-origin").await.text();
        let link = shared.split("href=\"").find_map(|part| part.split_once("/t/").filter(|(host, _)| host.ends_with("3000"))).unwrap().1;
        let link = link.split('"').next().unwrap();
        let seen = app.get(&format!("/t/{link}")).no_key().header(OPENS.0, OPENS.1).await;
        assert_eq!((seen.status, seen.text().contains("$2.78"), seen.text().contains("6784")), (200, false, true));
        // Another site's page cannot act with the cookie.
        let forged = app.post(&format!("{address}/share"), &json!({})).no_key().header("cookie", &cookie).header("sec-fetch-site", "cross-site").await;
        assert_eq!(forged.status, 403);
    }

    async fn a_link_can_be_replaced_and_ended_and_not_be_guessed(app: TestApp) {
        let app = app.with_network().await;
        let order = app.routed_order("1001", "A", 2).await;
        let token = token_of(&order);
        let (address, cookie) = entered(&app, &token).await;
        let fresh = orchestrator::tracking::rotate(&app.orc, &app.system(), order["id"].as_str().unwrap()).await.unwrap();
        assert_eq!(app.get(&format!("/t/{token}")).no_key().await.status, 404);
        assert_eq!(app.get(&address).no_key().header("cookie", &cookie).await.status, 404, "who came by the old link is out");
        assert_eq!(app.get(&fresh).no_key().await.status, 200);
        orchestrator::tracking::revoke(&app.orc, &app.system(), order["id"].as_str().unwrap()).await.unwrap();
        assert_eq!(app.get(&fresh).no_key().await.status, 404);
        assert_eq!(app.get("orders/web:1001").await.expect(200)["tracking_url"], Value::Null);
        app.get(&format!("tracking/{token}")).no_key().await.problem(404, "");
        // An id, a number or a hash of them opens nothing, and who tries many has to wait.
        let id = order["id"].as_str().unwrap();
        for guess in [id, "1001", &id[4..28], &"A".repeat(24), "..%2f"] {
            let answer = app.get(&format!("/t/{guess}")).no_key().await;
            assert_eq!(answer.status, 404, "{guess}");
        }
        let mut waits = false;
        for n in 0..40 {
            waits |= app.get(&format!("/t/{n:024}")).no_key().await.status == 429;
        }
        assert!(waits);
    }

    async fn an_old_link_says_where_the_order_stands_and_no_more(app: TestApp) {
        let app = app.with_network().await;
        let order = app.routed_order("1001", "A", 2).await;
        ship(&app, &order["fulfillments"][0], "1Z").await;
        let ful = order["fulfillments"][0]["id"].as_str().unwrap();
        app.post(&format!("fulfillments/{ful}/deliver"), &json!({})).await.expect(200);
        app.clock.advance(chrono::Duration::days(20));
        assert_eq!(page(&app, &order).await["packages"].as_array().unwrap().len(), 1);
        app.clock.advance(chrono::Duration::days(2));
        let old = page(&app, &order).await;
        assert_eq!((&old["state"], &old["packages"], &old["summary"]), (&json!("delivered"), &json!([]), &Value::Null));
        let html = app.get(&format!("/t/{}", token_of(&order))).no_key().await.text();
        assert!(html.contains("Delivered on") && !html.contains("Thing A"), "{html}");
    }

    async fn pages_speak_the_customers_language_and_wear_the_merchants_color(app: TestApp) {
        let app = app.with_network().await;
        let order = app.routed_order("1001", "A", 2).await;
        let settings = json!({"name": "Tea & Co", "logo_url": "https://cdn.example/logo.png", "color": "#ffcc00", "contact": "help@tea.example"});
        app.put("tracking_settings", &settings).await.expect(200);
        let address = format!("/t/{}", token_of(&order));
        let german = app.get(&address).no_key().header("accept-language", "de-AT,en;q=0.5").await.text();
        for shown in ["lang=\"de-DE\"", "In Vorbereitung", "Tea &amp; Co", "https://cdn.example/logo.png", "--brand:#ffcc00;--on-brand:#000", "mailto:help@tea.example"] {
            assert!(german.contains(shown), "{shown} in {german}");
        }
        let spanish = app.get(&format!("{address}?lang=es")).no_key().header("accept-language", "de").await.text();
        assert!(spanish.contains("En preparación"), "{spanish}");
        app.put("tracking_settings", &json!({"color": "red"})).await.problem(422, "#/color");
        let reader = app.new_key(&[Scope::NetworkRead]).await;
        app.put("tracking_settings", &settings).key(&reader).await.problem(403, "");
    }
}
