//! Browser sessions, through pages of the test's own behind the same layers as the real ones.

use axum::Router;
use axum::routing::{get, post};
use chrono::Duration;
use server::session::Visit;
use server::web::behind_session;

use crate::support::{Answer, TestApp};

type Seen = axum::Extension<Visit>;

fn with_pages(mut app: TestApp) -> TestApp {
    let user = app.owner.user.id;
    let who = async |visit: Seen| {
        visit
            .0
            .viewer
            .map_or("nobody".to_owned(), |viewer| viewer.user.email)
    };
    let sign_in = async move |visit: Seen| {
        visit
            .0
            .session
            .0
            .sign_in(user)
            .await
            .map(|()| "in")
            .unwrap()
    };
    let sign_out = async |visit: Seen| {
        visit.0.session.0.sign_out().await;
        "out"
    };
    let routes = Router::new()
        .route("/test/who", get(who))
        .route("/test/sign-in", post(sign_in))
        .route("/test/sign-out", post(sign_out));
    app.router = app
        .router
        .merge(behind_session(&app.state, routes).with_state(app.state.clone()));
    app
}

/// The session's cookie that an answer sets.
fn cookie(answer: &Answer) -> String {
    let header = answer.header("set-cookie");
    assert!(header.starts_with("baton_session="), "{header:?}");
    header.split(';').next().unwrap().to_owned()
}

async fn who(app: &TestApp, cookie: &str) -> String {
    app.get("/test/who")
        .no_key()
        .header("cookie", cookie)
        .await
        .text()
}

async fn sign_in(app: &TestApp, cookie: &str) -> Answer {
    app.call("POST", "/test/sign-in")
        .no_key()
        .header("sec-fetch-site", "same-origin")
        .header("cookie", cookie)
        .await
}

both! {
    async fn signing_in_gives_a_cookie_that_scripts_and_other_sites_cannot_have(app: TestApp) {
        let app = with_pages(app);
        assert_eq!(who(&app, "").await, "nobody");
        let answer = sign_in(&app, "").await;
        let header = answer.header("set-cookie").to_owned();
        for part in ["HttpOnly", "Secure", "SameSite=Lax", "Path=/", "Max-Age=43200"] {
            assert!(header.contains(part), "{part} in {header}");
        }
        assert_eq!(who(&app, &cookie(&answer)).await, "ana@example.com");
        assert_eq!(answer.header("cache-control"), "no-store");
    }

    async fn signing_in_changes_the_id_and_ends_the_old_one(app: TestApp) {
        let app = with_pages(app);
        let first = cookie(&sign_in(&app, "").await);
        let second = cookie(&sign_in(&app, &first).await);
        assert_ne!(first, second);
        assert_eq!(who(&app, &first).await, "nobody");
        assert_eq!(who(&app, &second).await, "ana@example.com");
        // An id that somebody has planted is not taken over.
        let planted = "baton_session=AAAAAAAAAAAAAAAAAAAAAA";
        assert_ne!(cookie(&sign_in(&app, planted).await), planted);
        assert_eq!(who(&app, planted).await, "nobody");
    }

    async fn signing_out_ends_it_here_and_in_the_browser(app: TestApp) {
        let app = with_pages(app);
        let mine = cookie(&sign_in(&app, "").await);
        let out = app.call("POST", "/test/sign-out").no_key().header("sec-fetch-site", "same-origin");
        let answer = out.header("cookie", &mine).await;
        assert!(answer.header("set-cookie").contains("Max-Age=0"), "{}", answer.header("set-cookie"));
        assert_eq!(who(&app, &mine).await, "nobody");
    }

    async fn a_session_ends_when_it_is_not_used_and_after_a_week_at_the_latest(app: TestApp) {
        let app = with_pages(app);
        let idle = cookie(&sign_in(&app, "").await);
        app.clock.advance(Duration::hours(13));
        assert_eq!(who(&app, &idle).await, "nobody");

        let busy = cookie(&sign_in(&app, "").await);
        let ends_at = app.orc.now() + Duration::days(7);
        while app.orc.now() + Duration::hours(1) < ends_at {
            assert_eq!(who(&app, &busy).await, "ana@example.com", "at {}", app.orc.now());
            app.clock.advance(Duration::hours(1));
        }
        app.clock.advance(Duration::hours(2));
        assert_eq!(who(&app, &busy).await, "nobody");
    }

    async fn the_table_does_not_hold_the_cookies_value(app: TestApp) {
        let app = with_pages(app);
        let mine = cookie(&sign_in(&app, "").await);
        let id = mine.split_once('=').unwrap().1;
        assert!(orchestrator::sessions::load(&app.orc, id).await.unwrap().is_none());
    }

    async fn changes_come_from_our_own_pages_only(app: TestApp) {
        let app = with_pages(app);
        let post = || app.call("POST", "/test/sign-in").no_key().header("host", "baton.example");
        post().await.problem(403, "");
        post().header("sec-fetch-site", "cross-site").await.problem(403, "");
        post().header("sec-fetch-site", "same-site").await.problem(403, "");
        post().header("origin", "https://evil.example").await.problem(403, "");
        post().header("origin", "null").await.problem(403, "");
        assert_eq!(post().header("origin", "https://baton.example").await.status, 200);
        assert_eq!(post().header("sec-fetch-site", "same-origin").await.status, 200);
        // A key is no cookie: other sites may call the API if they have one.
        app.call("POST", "orders").header("sec-fetch-site", "cross-site").await.problem(422, "");
    }

    async fn the_live_stream_of_pages_asks_who_is_there(app: TestApp) {
        let app = with_pages(app).with_network().await;
        app.get("/admin/events").no_key().await.problem(401, "");
        app.get("/admin/events").await.problem(401, "");
        let mine = cookie(&sign_in(&app, "").await);
        let mut stream = app.get("/admin/events?after=0").no_key().header("cookie", &mine).open().await;
        assert_eq!(stream.next().await.unwrap().0, 1);
        // A page that was open while the database was replaced goes on.
        let mut stream = app.get("/admin/events").no_key().header("cookie", &mine).header("last-event-id", "99999").open().await;
        app.put("products/NEW", &serde_json::json!({"name": "New", "weight_g": 1})).await.expect(201);
        assert_eq!(stream.next().await.unwrap().1["subject"], "product:NEW");
    }
}
