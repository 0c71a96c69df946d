//! A shop as a merchant would write one: product page, cart and checkout. It knows nothing of Baton but its public
//! API (`api`) and the widget, and keeps the cart in a cookie (`cart`). `pages` is what it looks like.

mod api;
mod cart;
mod pages;

use axum::extract::{Path, Query, State};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Form, Router};
use chrono::Utc;
use http::header::{CONTENT_TYPE, SET_COOKIE};
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};

use self::api::Api;
use self::cart::Cart;
use crate::state::AppState;

/// The first page's products.
const SHOWN: usize = 24;

/// The shop's pages. `key` is the secret key with which the shop's server calls the API.
pub fn router(state: &AppState, key: &str) -> Router<AppState> {
    Router::new()
        .route("/demo/shop", get(shelf))
        .route("/demo/shop/style.css", get(style))
        .route("/demo/shop/products/{sku}", get(product))
        .route("/demo/shop/cart", get(show_cart).post(change_cart))
        .route("/demo/shop/checkout", get(checkout))
        .route("/demo/shop/orders", post(order))
        .route("/demo/shop/orders/{id}", get(thanks))
        .with_state(Api::new(state, key))
}

/// A page that says what went wrong, as the API has said it.
struct Failure(StatusCode, Value);

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let detail = self.1["detail"].as_str().unwrap_or("Something went wrong");
        (self.0, Html(pages::failure(detail))).into_response()
    }
}

async fn style() -> impl IntoResponse {
    (
        [(CONTENT_TYPE, "text/css; charset=utf-8")],
        include_str!("shop.css"),
    )
}

async fn shelf(State(api): State<Api>, headers: HeaderMap) -> Result<Html<String>, Failure> {
    let products = api.get(&format!("/products?limit={SHOWN}")).await?;
    Ok(Html(pages::shelf(&products, &Cart::of(&headers))))
}

async fn product(
    State(api): State<Api>,
    Path(sku): Path<String>,
    headers: HeaderMap,
) -> Result<Html<String>, Failure> {
    let product = api.product(&sku).await?;
    Ok(Html(pages::product(&product, &Cart::of(&headers))))
}

async fn show_cart(State(api): State<Api>, headers: HeaderMap) -> Result<Html<String>, Failure> {
    let cart = Cart::of(&headers);
    Ok(Html(pages::cart(&api.lines(&cart).await?, &cart)))
}

#[derive(Deserialize)]
struct CartChange {
    sku: String,
    /// How many more.
    add: Option<u32>,
    /// How many in all.
    quantity: Option<u32>,
}

async fn change_cart(headers: HeaderMap, Form(change): Form<CartChange>) -> Response {
    let mut cart = Cart::of(&headers);
    match (change.add, change.quantity) {
        (Some(more), _) => cart.set(&change.sku, cart.quantity(&change.sku).saturating_add(more)),
        (_, Some(all)) => cart.set(&change.sku, all),
        _ => {}
    }
    let cookie = [(SET_COOKIE, cart.cookie())];
    (cookie, Redirect::to("/demo/shop/cart")).into_response()
}

#[derive(Deserialize)]
struct Destination {
    #[serde(default)]
    postal: String,
}

/// Asks for the postal code, then shows what there is to choose from.
async fn checkout(
    State(api): State<Api>,
    Query(to): Query<Destination>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let cart = Cart::of(&headers);
    if cart.lines.is_empty() {
        return Ok(Redirect::to("/demo/shop/cart").into_response());
    }
    let postal = to.postal.trim();
    let promise = if postal.is_empty() {
        None
    } else {
        Some(api.promise(&cart, postal).await?)
    };
    let lines = api.lines(&cart).await?;
    let page = pages::checkout(&lines, &cart, postal, promise.as_ref(), &[]);
    Ok(Html(page).into_response())
}

/// The checkout's form.
#[derive(Deserialize)]
struct Checkout {
    /// Made with the page: sent twice it is the same order.
    reference: String,
    promise_id: String,
    /// `delivery standard`, `pickup st-101`
    option: String,
    name: String,
    email: String,
    line1: String,
    city: String,
    region: String,
    postal: String,
}

async fn order(
    State(api): State<Api>,
    headers: HeaderMap,
    Form(form): Form<Checkout>,
) -> Result<Response, Failure> {
    let cart = Cart::of(&headers);
    let (method, id) = form
        .option
        .split_once(' ')
        .unwrap_or(("delivery", "standard"));
    let promise = Some(&form.promise_id).filter(|id| !id.is_empty());
    let delivery = match method {
        "pickup" => json!({"method": "pickup", "node": id, "promise_id": promise}),
        _ => json!({"method": "ship", "level": id, "promise_id": promise}),
    };
    let lines = cart.lines.iter().enumerate().map(|(i, (sku, quantity))| {
        json!({"external_id": (i + 1).to_string(), "sku": sku, "quantity": quantity, "unit_price": pages::price(sku)})
    });
    let order = json!({
        "channel": "web",
        "external_id": form.reference,
        "placed_at": Utc::now().to_rfc3339(),
        "currency": "USD",
        "customer": {"name": form.name, "email": form.email, "phone": null},
        "ship_to": {
            "name": form.name, "line1": form.line1, "line2": null, "city": form.city, "region": form.region,
            "postal_code": form.postal, "country": "US",
        },
        "lines": lines.collect::<Vec<_>>(),
        "delivery": delivery,
    });
    let placed = match api.post("/orders", &order).await {
        // Sent twice: the first one counts.
        Err(Failure(StatusCode::CONFLICT, _)) => {
            let reference = api::segment(&form.reference);
            api.get(&format!("/orders/web:{reference}")).await
        }
        other => other,
    };
    match placed {
        Ok(order) => {
            let id = order["id"].as_str().unwrap_or_default();
            let cookie = [(SET_COOKIE, Cart::default().cookie())];
            let page = Redirect::to(&format!("/demo/shop/orders/{id}"));
            Ok((cookie, page).into_response())
        }
        // The fields again, with what is wrong with them.
        Err(Failure(StatusCode::UNPROCESSABLE_ENTITY, problem)) => {
            let wrong = problem["errors"].as_array().cloned().unwrap_or_default();
            let wrong: Vec<_> = wrong.iter().filter_map(|e| e["detail"].as_str()).collect();
            let promise = api.promise(&cart, &form.postal).await?;
            let lines = api.lines(&cart).await?;
            let page = pages::checkout(&lines, &cart, &form.postal, Some(&promise), &wrong);
            Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(page)).into_response())
        }
        Err(other) => Err(other),
    }
}

async fn thanks(State(api): State<Api>, Path(id): Path<String>) -> Result<Html<String>, Failure> {
    let order = api.get(&format!("/orders/{}", api::segment(&id))).await?;
    Ok(Html(pages::thanks(&order)))
}
