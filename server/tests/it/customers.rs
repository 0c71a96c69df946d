//! The pages for customers: what a link opens, for whom, and how much of it.

use engine::model::{MessageKind, Scope};
use orchestrator::messages::{self, Mail};
use serde_json::{Value, json};
use server::workers::letters::{Post, send_due};

use crate::support::{Answer, TestApp};
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

    async fn the_lookup_form_says_the_same_to_everybody(app: TestApp) {
        let app = app.with_network().await;
        let order = app.routed_order("1001", "A", 2).await;
        letters(&app).await;
        let ask = async |number: &str, proof: &str| {
            form(&app, "/t", &format!("number={number}&proof={proof}")).await
        };
        let page = ask("1001", "cy%40example.com").await;
        let (right, body) = (page.status, page.text());
        assert!(body.contains("If they match an order") && !body.contains("cy@example.com"), "{body}");
        for (number, proof) in [("1001", "bo%40example.com"), ("9999", "cy%40example.com"), ("1001", "99999"), ("%23", "x")] {
            let wrong = ask(number, proof).await;
            assert_eq!((wrong.status, stamped(&wrong.text())), (right, stamped(&body)), "{number} {proof}");
        }
        assert_eq!(ask(&format!("%23{}", order["number"]), "10002").await.status, 200, "our number and the postal code");
        for _ in 0..100 {
            if letters(&app).await.iter().filter(|mail| mail.kind == MessageKind::Link).count() == 2 {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        let mails = letters(&app).await;
        let links: Vec<_> = mails.iter().filter(|mail| mail.kind == MessageKind::Link).collect();
        assert_eq!((links.len(), links[0].to.as_str()), (2, "cy@example.com"));
        let token = links[0].text.split("/t/").nth(1).unwrap().split_whitespace().next().unwrap();
        assert_eq!(app.get(&format!("/t/{token}")).no_key().await.status, 200);
        let mut slow = 0;
        for n in 0..30 {
            slow += u32::from(ask(&n.to_string(), "x").await.status == 429);
        }
        assert!(slow > 0);
    }

    async fn a_customer_cancels_a_line_and_then_the_rest_with_a_code(app: TestApp) {
        app.clock.set("2026-11-24T15:00:00Z".parse().unwrap());
        let app = app.with_network().await;
        let mut new = crate::support::order("1001", "A", 2);
        new["lines"].as_array_mut().unwrap().push(json!({"external_id": "2", "sku": "B", "quantity": 1, "unit_price": 500}));
        app.post("orders", &new).await.expect(201);
        app.route().await;
        let order = app.get("orders/web:1001").await.expect(200);
        let (address, cookie) = entered(&app, &token_of(&order)).await;
        let send = |path: String, fields: String| form_with(&app, path, fields, &cookie);
        let line = |i: usize| order["lines"][i]["id"].as_str().unwrap().to_owned();
        // Money is given back, so it takes a code.
        let asked = send(format!("{address}/cancel"), format!("line={}&once=x", line(1))).await;
        assert_eq!((asked.status, asked.header("location")), (303, format!("{address}/code?next=cancel").as_str()));
        let refused = send(format!("{address}/cancel"), format!("line={}&once=x&confirmed=yes", line(1))).await;
        assert_eq!(refused.status, 303, "not without the code either");
        verify(&app, &address, &cookie).await;
        let means = send(format!("{address}/cancel"), format!("line={}&once=x", line(1))).await.text();
        assert!(means.contains("You get back $5.00") && means.contains("Thing B"), "{means}");
        for _ in 0..2 {
            let done = send(format!("{address}/cancel"), format!("line={}&once=abc&confirmed=yes", line(1))).await;
            assert_eq!((done.status, done.header("location")), (303, format!("{address}?done=cancel").as_str()));
        }
        let after = app.get("orders/web:1001").await.expect(200);
        assert_eq!((&after["status"], &after["lines"][1]["cancelled"], &after["fulfillments"][0]["lines"].as_array().unwrap().len()), (&json!("routed"), &json!(1), &1));
        let stock = app.get("stock?node=east").await.expect(200);
        let reserved: Vec<_> = stock["items"].as_array().unwrap().iter().map(|row| row["reserved"].as_i64().unwrap()).collect();
        assert_eq!(reserved, [2, 0]);
        send(format!("{address}/cancel"), format!("line={}&once=abd&confirmed=yes", line(0))).await;
        assert_eq!(app.get("orders/web:1001").await.expect(200)["status"], "cancelled");
        let page = app.get(&address).no_key().header("cookie", &cookie).await.text();
        assert!(page.contains("<h1>Cancelled</h1>"), "{page}");
        let kinds: Vec<_> = letters(&app).await.iter().map(|mail| mail.kind.as_str()).filter(|kind| *kind == "cancelled").collect();
        assert_eq!(kinds.len(), 2, "one for each");
    }

    async fn a_customer_changes_the_address_until_it_has_left(app: TestApp) {
        let app = app.with_network().await;
        let order = app.routed_order("1001", "A", 2).await;
        let (address, cookie) = entered(&app, &token_of(&order)).await;
        let open = |path: String| app.get(&path).no_key().header("cookie", &cookie);
        assert_eq!(open(format!("{address}/address")).await.header("location"), format!("{address}/code?next=address"));
        let wrong = form_with(&app, format!("{address}/code"), "next=address&code=000000".into(), &cookie).await.text();
        assert!(wrong.contains("That is not the code"), "{wrong}");
        verify(&app, &address, &cookie).await;
        let shown = open(format!("{address}/address")).await.text();
        assert!(shown.contains("value=\"1 Road\"") && shown.contains("value=\"10002\""), "{shown}");
        let fields = |postal: &str, more: &str| format!("name=Cy&line1=2+Other+Street&city=San+Francisco&region=CA&postal_code={postal}{more}");
        let bad = form_with(&app, format!("{address}/address"), fields("00000", "&once=a"), &cookie).await;
        assert!(bad.status == 422 && bad.text().contains("is not a US ZIP code"), "{}", bad.text());
        let means = form_with(&app, format!("{address}/address"), fields("94110", "&once=a"), &cookie).await.text();
        assert!(means.contains("At the new address it arrives by"), "{means}");
        let promise = means.split("name=\"promise\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        for _ in 0..2 {
            let done = form_with(&app, format!("{address}/address"), fields("94110", &format!("&once=a1&confirmed=yes&promise={promise}")), &cookie).await;
            assert_eq!(done.status, 303, "{}", done.text());
        }
        app.route().await;
        let after = app.get("orders/web:1001").await.expect(200);
        assert_eq!((&after["status"], &after["ship_to"]["city"], &after["promise"]["id"]), (&json!("routed"), &json!("San Francisco"), &json!(promise)));
        let open_parts = after["fulfillments"].as_array().unwrap().iter().filter(|f| f["status"] == "assigned").cloned().collect::<Vec<_>>();
        assert_eq!(open_parts.len(), 1, "{after}");
        ship(&app, &open_parts[0], "1Z").await;
        let late = form_with(&app, format!("{address}/address"), fields("10002", "&once=a2&confirmed=yes"), &cookie).await.text();
        assert!(late.contains("No longer possible"), "{late}");
    }

    async fn a_problem_is_reported_once_and_becomes_an_exception(app: TestApp) {
        let app = app.with_network().await;
        let order = app.routed_order("1001", "A", 2).await;
        let (address, cookie) = entered(&app, &token_of(&order)).await;
        let send = |fields: &str| form_with(&app, format!("{address}/problem"), fields.to_owned(), &cookie);
        assert_eq!(send("kind=not_received&once=p0").await.status, 409, "nothing was sent");
        ship(&app, &order["fulfillments"][0], "1Z").await;
        assert_eq!(send("kind=sad&once=p1").await.status, 422);
        for _ in 0..2 {
            assert_eq!(send("kind=not_received&text=Nothing+here&once=p2").await.status, 303);
        }
        let events = app.get("events?limit=200").await.expect(200);
        let reported: Vec<_> = events["items"].as_array().unwrap().iter().filter(|e| e["kind"] == "order.problem_reported").collect();
        assert_eq!(reported.len(), 1);
        let raised: Vec<_> = events["items"].as_array().unwrap().iter().filter(|e| e["kind"] == "exception.raised").collect();
        assert_eq!((raised.len(), &raised[0]["data"]["kind"]), (1, &json!("not_received")));
    }

    async fn the_mailbox_is_for_those_who_may_see_customers(app: TestApp) {
        app.clock.set("2026-11-24T15:00:00Z".parse().unwrap());
        let app = app.with_network().await;
        app.routed_order("1001", "A", 2).await;
        assert_eq!(letters(&app).await.len(), 1);
        assert_eq!(app.get("/demo/mailbox").no_key().await.status, 401);
    }
}

/// Sends what is due into the mailbox, and tells what has ever been written, newest first.
pub async fn letters(app: &TestApp) -> Vec<Mail> {
    while send_due(&app.state, &Post::Mailbox).await.unwrap() > 0 {}
    messages::mailbox(&app.orc, app.owner.merchant.id, None, 500)
        .await
        .unwrap()
}

/// A page without what is different each time.
fn stamped(page: &str) -> String {
    page.split("nonce=\"")
        .enumerate()
        .map(|(i, part)| {
            if i == 0 {
                part
            } else {
                part.split_once('"').unwrap().1
            }
        })
        .collect()
}

async fn form(app: &TestApp, path: &str, fields: &str) -> Answer {
    form_with(app, path.to_owned(), fields.to_owned(), "none=1").await
}

/// Sends a form as a browser without a script does.
async fn form_with(app: &TestApp, path: String, fields: String, cookie: &str) -> Answer {
    let call = app.call("POST", &path).no_key().bytes(fields.into_bytes());
    let call = call.header("content-type", "application/x-www-form-urlencoded");
    call.header("cookie", cookie)
        .header("sec-fetch-site", "same-origin")
        .await
}

/// Asks for a code and enters it.
async fn verify(app: &TestApp, address: &str, cookie: &str) {
    let sent = form_with(app, format!("{address}/code"), "next=cancel".into(), cookie)
        .await
        .text();
    assert!(sent.contains("c•••@e•••.com"), "{sent}");
    let mails = letters(app).await;
    let mail = mails
        .iter()
        .find(|mail| mail.kind == MessageKind::Code)
        .unwrap();
    let code = mail.subject.split(' ').next().unwrap();
    let wrong = form_with(
        app,
        format!("{address}/code"),
        "next=cancel&code=1".into(),
        cookie,
    )
    .await;
    assert_eq!(wrong.status, 200);
    let entered = form_with(
        app,
        format!("{address}/code"),
        format!("next=cancel&code={code}"),
        cookie,
    )
    .await;
    assert_eq!(
        (entered.status, entered.header("location")),
        (303, format!("{address}/cancel").as_str())
    );
}
