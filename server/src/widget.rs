//! The script of `<delivery-promise>`, as shops load it: under a name that always has the newest, and under one with
//! its hash that never changes what it names. It is built into the executable, so the two cannot differ.

use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde::Serialize;

use crate::problem::Problem;
use crate::state::AppState;

/// What `node widget/build.mjs` has made.
const SCRIPT: &str = include_str!("../../widget/promise.min.js");
const INTEGRITY: &str = include_str!("../../widget/promise.sri");

/// The newest is asked for again after five minutes, and shown meanwhile.
const SHORT: HeaderValue =
    HeaderValue::from_static("public, max-age=300, stale-while-revalidate=86400");
const FOREVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// How to embed exactly this script.
#[derive(Debug, Serialize)]
pub struct Pinned {
    /// `/widget/v1/promise.….js`
    pub script: String,
    /// What browsers check it against: `sha384-…`
    pub integrity: &'static str,
}

/// The name with the hash, and the hash for the `integrity` attribute.
pub fn pinned() -> Pinned {
    Pinned {
        script: format!("/widget/v1/promise.{}.js", version()),
        integrity: INTEGRITY.trim(),
    }
}

/// The first letters and digits of the hash.
fn version() -> String {
    let hash = INTEGRITY.trim().trim_start_matches("sha384-");
    hash.chars()
        .filter(char::is_ascii_alphanumeric)
        .take(16)
        .collect()
}

/// Public files for every origin: no session, no key.
pub fn router() -> Router<AppState> {
    Router::new()
        .route("/widget/v1/promise.js", get(newest))
        .route(
            "/widget/v1/promise.json",
            get(async || public(Json(pinned()), SHORT)),
        )
        .route("/widget/v1/{file}", get(by_hash))
}

/// `GET /widget/v1/promise.js`
async fn newest(headers: HeaderMap) -> Response {
    let tag = format!("\"{}\"", version());
    let known = headers
        .get(IF_NONE_MATCH)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|tags| tags.contains(&tag));
    let mut response = if known {
        public(StatusCode::NOT_MODIFIED, SHORT)
    } else {
        script(SHORT)
    };
    if let Ok(tag) = HeaderValue::try_from(tag) {
        response.headers_mut().insert(ETAG, tag);
    }
    response
}

/// `GET /widget/v1/promise.<hash>.js`
async fn by_hash(Path(file): Path<String>) -> Result<Response, Problem> {
    let path = format!("/widget/v1/{file}");
    if path == pinned().script {
        Ok(script(FOREVER))
    } else {
        Err(Problem::not_found(format!(
            "there is nothing at {path}; this version's script is at {}",
            pinned().script
        )))
    }
}

fn script(cached: HeaderValue) -> Response {
    let mut response = public(SCRIPT, cached);
    let kind = HeaderValue::from_static("text/javascript; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response
}

/// Shops are other origins, some of which let in only what says that it is for them.
fn public(body: impl IntoResponse, cached: HeaderValue) -> Response {
    let everybody = [
        (CACHE_CONTROL, cached),
        (ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*")),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            HeaderValue::from_static("cross-origin"),
        ),
    ];
    (everybody, body).into_response()
}
