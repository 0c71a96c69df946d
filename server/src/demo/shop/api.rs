//! Calls of the API as any shop's server makes them, with a secret key.

use std::fmt::Write;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{Request, StatusCode};
use serde_json::{Value, json};
use tower::Service;
use uuid::Uuid;

use super::Failure;
use super::cart::Cart;
use crate::state::AppState;

/// The largest answer.
const LARGEST: usize = 1024 * 1024;

/// The API. It is in this process, so no network is needed to reach it; nothing else is different.
#[derive(Clone)]
pub struct Api {
    router: Router,
    key: Arc<str>,
}

/// A line of the cart with its product.
pub struct Line {
    pub sku: String,
    pub name: String,
    pub quantity: u32,
}

impl Api {
    pub fn new(state: &AppState, key: &str) -> Self {
        Api {
            router: crate::api::router().with_state(state.clone()),
            key: key.into(),
        }
    }

    pub async fn get(&self, path: &str) -> Result<Value, Failure> {
        self.call(Request::get(address(path)), Body::empty()).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Result<Value, Failure> {
        let request = Request::post(address(path))
            .header(CONTENT_TYPE, "application/json")
            .header("idempotency-key", Uuid::now_v7().to_string());
        self.call(request, Body::from(body.to_string())).await
    }

    pub async fn product(&self, sku: &str) -> Result<Value, Failure> {
        self.get(&format!("/products/{}", segment(sku))).await
    }

    /// What can be promised for the cart.
    pub async fn promise(&self, cart: &Cart, postal: &str) -> Result<Value, Failure> {
        let lines = cart.lines.iter();
        let lines = lines.map(|(sku, quantity)| json!({"sku": sku, "quantity": quantity}));
        let ask = json!({
            "lines": lines.collect::<Vec<_>>(),
            "destination": {"country": "US", "postal_code": postal},
            "channel": "web",
            "locale": "en-US",
        });
        self.post("/promises", &ask).await
    }

    pub async fn lines(&self, cart: &Cart) -> Result<Vec<Line>, Failure> {
        let mut lines = Vec::new();
        for (sku, quantity) in &cart.lines {
            let product = self.product(sku).await?;
            lines.push(Line {
                sku: sku.clone(),
                name: product["name"].as_str().unwrap_or(sku).to_owned(),
                quantity: *quantity,
            });
        }
        Ok(lines)
    }

    async fn call(&self, request: http::request::Builder, body: Body) -> Result<Value, Failure> {
        let broken = |what: String| Failure(StatusCode::BAD_GATEWAY, json!({"detail": what}));
        let request = request
            .header(AUTHORIZATION, format!("Bearer {}", self.key))
            .body(body)
            .map_err(|error| broken(error.to_string()))?;
        let Ok(response) = self.router.clone().call(request).await;
        let status = response.status();
        let body = to_bytes(response.into_body(), LARGEST).await;
        let body = body.map_err(|error| broken(error.to_string()))?;
        let body = serde_json::from_slice(&body).map_err(|error| broken(error.to_string()))?;
        if status.is_success() {
            Ok(body)
        } else {
            Err(Failure(status, body))
        }
    }
}

fn address(path: &str) -> String {
    format!("{}{path}", crate::api::PREFIX)
}

/// A value as a segment of a path.
pub fn segment(value: &str) -> String {
    let mut out = String::new();
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}
