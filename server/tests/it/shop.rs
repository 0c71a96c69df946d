//! The demonstration's shop, as a visitor without a script uses it.

use serde_json::Value;
use server::demo::shop;

use crate::support::{Answer, TestApp};

/// A Baton with a shop on it.
async fn with_shop(app: TestApp) -> TestApp {
    let mut app = app.with_network().await;
    app.router = server::http::router_with(&app.state, shop::router(&app.state, &app.key));
    app
}

async fn send(app: &TestApp, path: &str, cookie: &str, form: &str) -> Answer {
    app.call("POST", path)
        .no_key()
        .header("cookie", cookie)
        .header("content-type", "application/x-www-form-urlencoded")
        .bytes(form.as_bytes().to_vec())
        .await
}

/// The value of a hidden field.
fn hidden(page: &str, name: &str) -> String {
    let (_, rest) = page
        .split_once(&format!("name=\"{name}\" value=\""))
        .unwrap();
    rest.split('"').next().unwrap().to_owned()
}

both! {
    async fn a_basket_becomes_an_order_that_cites_what_was_promised(app: TestApp) {
        let app = with_shop(app).await;
        assert!(app.get("/demo/shop").no_key().await.text().contains("Thing A"));
        let product = app.get("/demo/shop/products/A").no_key().await;
        assert!(product.text().contains("<delivery-promise key=\"pk_demo_baton\" sku=\"A\""));

        let added = send(&app, "/demo/shop/cart", "", "sku=A&add=2").await;
        assert_eq!((added.status, added.header("location")), (303, "/demo/shop/cart"));
        let cookie = added.header("set-cookie").split(';').next().unwrap().to_owned();
        let cart = app.get("/demo/shop/cart").no_key().header("cookie", &cookie).await;
        assert!(cart.text().contains("sku=\"A\" qty=\"2\""), "{}", cart.text());

        let unknown = app.get("/demo/shop/checkout?postal=00000").no_key().header("cookie", &cookie).await;
        assert!(unknown.text().contains("We do not know this postal code"), "{}", unknown.text());
        let checkout = app.get("/demo/shop/checkout?postal=10002").no_key().header("cookie", &cookie).await.text();
        assert!(checkout.contains("value=\"delivery standard\" required"), "{checkout}");
        let promise = hidden(&checkout, "promise_id");

        let form = format!("reference={}&promise_id={promise}&option=delivery+standard&name=Robin+Reed\
            &email=robin%40example.com&line1=1+Main+Street&city=New+York&region=NY&postal=10002", hidden(&checkout, "reference"));
        let placed = send(&app, "/demo/shop/orders", &cookie, &form).await;
        assert_eq!(placed.status, 303, "{}", placed.text());
        let page = placed.header("location").to_owned();
        assert!(placed.header("set-cookie").starts_with("demo_cart=;"), "the cart is empty again");
        // An impatient visitor sends it twice.
        assert_eq!(send(&app, "/demo/shop/orders", &cookie, &form).await.header("location"), page);

        let id = page.strip_prefix("/demo/shop/orders/").unwrap();
        let order: Value = app.get(&format!("orders/{id}")).await.expect(200);
        assert_eq!((&order["lines"][0]["sku"], &order["lines"][0]["quantity"]), (&"A".into(), &2.into()));
        assert_eq!(order["promise"]["id"], promise.as_str());
        let thanks = app.get(&page).no_key().await.text();
        assert!(thanks.contains(&format!("#{}", order["number"])), "{thanks}");
        assert!(thanks.contains(order["promise"]["by"].as_str().unwrap()), "{thanks}");
    }

    async fn what_is_wrong_with_an_order_is_said_above_its_fields(app: TestApp) {
        let app = with_shop(app).await;
        let form = "reference=r1&promise_id=prm_nothing&option=delivery+standard&name=Robin&email=x%40example.com&line1=1&city=C&region=NY&postal=10002";
        let refused = send(&app, "/demo/shop/orders", "demo_cart=A:1", form).await;
        assert_eq!(refused.status, 422);
        assert!(refused.text().contains("there is no promise 'prm_nothing'"), "{}", refused.text());
        let missing = app.get("/demo/shop/products/%3Cb%3E").no_key().await;
        assert_eq!(missing.status, 404);
        assert!(!missing.text().contains("<b>"), "{}", missing.text());
    }

    async fn only_demonstrations_have_a_shop(app: TestApp) {
        assert_eq!(app.get("/demo/shop").no_key().await.status, 404);
    }
}
