//! The API as its callers see it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, Response, StatusCode};
use engine::model::{Currency, KeyKind, Scope};
use orchestrator::{Options, Orchestrator, accounts};
use serde_json::{Value, json};
use tower::ServiceExt;

struct Api {
    router: Router,
    secret: String,
    _folder: tempfile::TempDir,
}

/// An API with one merchant, a key with these scopes, and the router at work.
async fn api(scopes: &[Scope]) -> Api {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}/baton.db", folder.path().display());
    let orc = Orchestrator::open(Options::new(&url)).await.unwrap();
    let new = accounts::NewMerchant {
        merchant_name: "Test".into(),
        currency: Currency::USD,
        time_zone: "America/New_York".into(),
        owner_name: "Ana".into(),
        owner_email: "ana@example.com".into(),
        owner_password: "a long enough password".into(),
    };
    let owner = accounts::actor_of(&accounts::create_merchant(&orc, new).await.unwrap());
    let key = accounts::NewKey {
        name: "Shop".into(),
        kind: KeyKind::Secret,
        scopes: scopes.to_vec(),
        origins: vec![],
    };
    let (_, secret) = accounts::add_key(&orc, &owner, key).await.unwrap();
    tokio::spawn(server::workers::route(orc.clone()));
    Api {
        router: server::api::router(orc),
        secret,
        _folder: folder,
    }
}

impl Api {
    async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Body,
    ) -> Response<Body> {
        let mut request = Request::builder().method(method).uri(path);
        request = request.header("authorization", format!("Bearer {}", self.secret));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.router
            .clone()
            .oneshot(request.body(body).unwrap())
            .await
            .unwrap()
    }

    async fn call(&self, method: &str, path: &str, body: Value) -> (StatusCode, Value) {
        let body = if body.is_null() {
            Body::empty()
        } else {
            Body::from(body.to_string())
        };
        read(self.send(method, path, &[], body).await).await
    }

    async fn set_up(&self) {
        let node = json!({ "name": "East", "kind": "warehouse", "address": { "postal_code": "10001", "country": "US" } });
        assert_eq!(
            self.call("PUT", "/api/v1/nodes/east", node).await.0,
            StatusCode::CREATED
        );
        let zones =
            json!([{ "up_to_km": 6000, "per_package": 700, "per_kg": 50, "transit_days": 2 }]);
        let service = json!({ "carrier": "Post", "level": "standard", "zones": zones });
        assert_eq!(
            self.call("PUT", "/api/v1/services/ground", service).await.0,
            StatusCode::CREATED
        );
        let product = json!({ "name": "Tea", "weight_g": 250 });
        assert_eq!(
            self.call("PUT", "/api/v1/products/TEA", product).await.0,
            StatusCode::CREATED
        );
        let stock = json!([{ "node": "east", "sku": "TEA", "on_hand": 5 }]);
        assert_eq!(
            self.call("PUT", "/api/v1/stock", stock).await.0,
            StatusCode::OK
        );
    }
}

async fn read(response: Response<Body>) -> (StatusCode, Value) {
    let status = response.status();
    let bytes = to_bytes(response.into_body(), 1_000_000).await.unwrap();
    (status, serde_json::from_slice(&bytes).unwrap())
}

fn order(quantity: i64) -> Value {
    json!({ "channel": "web", "external_id": "1001", "placed_at": "2026-11-24T09:30:00-05:00", "currency": "USD",
        "ship_to": { "postal_code": "10002", "country": "US" },
        "lines": [{ "external_id": "1", "sku": "TEA", "quantity": quantity, "unit_price": 139 }] })
}

#[tokio::test]
async fn an_order_is_taken_routed_and_explained() {
    let api = api(Scope::ALL).await;
    api.set_up().await;
    let (status, taken) = api.call("POST", "/api/v1/orders", order(2)).await;
    assert_eq!(
        (status, &taken["status"]),
        (StatusCode::CREATED, &json!("received"))
    );
    let mut routed = json!(null);
    for _ in 0..100 {
        routed = api
            .call("GET", "/api/v1/orders/web:1001", json!(null))
            .await
            .1;
        if routed["status"] == "routed" {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert_eq!(routed["fulfillments"][0]["node"], "east");
    let (_, decisions) = api
        .call("GET", "/api/v1/orders/web:1001/decisions", json!(null))
        .await;
    assert_eq!(decisions["items"][0]["plan"]["optimal"], true);
    assert_eq!(
        decisions["items"][0]["explanation"]["candidates"][0]["verdict"],
        "chosen"
    );
    assert_eq!(
        api.call("POST", "/api/v1/orders", order(2)).await.0,
        StatusCode::OK
    );
    assert_eq!(
        api.call("POST", "/api/v1/orders", order(3)).await.0,
        StatusCode::CONFLICT
    );
}

#[tokio::test]
async fn what_is_wrong_is_pointed_to() {
    let api = api(Scope::ALL).await;
    api.set_up().await;
    let mut wrong_type = order(2);
    wrong_type["lines"][0]["quantity"] = json!("two");
    let mut unknown = order(2);
    unknown["colour"] = json!("red");
    for (body, pointer) in [
        (order(0), "#/lines/0/quantity"),
        (wrong_type, "#/lines/0/quantity"),
        (unknown, "#/colour"),
    ] {
        let (status, problem) = api.call("POST", "/api/v1/orders", body).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{problem}");
    }
    let response = api.send("GET", "/nowhere", &[], Body::empty()).await;
    assert_eq!(
        response.headers()["content-type"],
        "application/problem+json"
    );
}

#[tokio::test]
async fn a_repeated_call_is_answered_from_the_first() {
    let api = api(Scope::ALL).await;
    api.set_up().await;
    let send = async |body: &str| {
        api.send(
            "POST",
            "/api/v1/stock/adjustments",
            &[("idempotency-key", "k")],
            Body::from(body.to_owned()),
        )
        .await
    };
    let body = r#"[{"node": "east", "sku": "TEA", "delta": 4, "reason": "received"}]"#;
    assert!(
        !send(body)
            .await
            .headers()
            .contains_key("idempotency-replayed")
    );
    let again = send(body).await;
    assert_eq!(again.headers()["idempotency-replayed"], "true");
    assert_eq!(read(again).await.1["items"][0]["on_hand"], 9);
    assert_eq!(
        send(&body.replace('4', "5")).await.status(),
        StatusCode::UNPROCESSABLE_ENTITY
    );
}

#[tokio::test]
async fn a_key_does_only_what_its_scopes_say() {
    let api = api(&[Scope::StockRead]).await;
    assert_eq!(
        api.call("GET", "/api/v1/stock", json!(null)).await.0,
        StatusCode::OK
    );
    assert_eq!(
        api.call("GET", "/api/v1/orders", json!(null)).await.0,
        StatusCode::FORBIDDEN
    );
    let stranger = Api {
        secret: "sk_unknown".into(),
        ..api
    };
    assert_eq!(
        stranger.call("GET", "/api/v1/stock", json!(null)).await.0,
        StatusCode::UNAUTHORIZED
    );
}
