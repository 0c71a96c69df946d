//! How pages for customers are sent.

use axum::response::{Html, IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY};
use http::{Extensions, HeaderName, HeaderValue, StatusCode};

use crate::security::CspNonce;
use crate::state::AppState;

pub fn html(status: StatusCode, page: String) -> Response {
    (status, Html(page)).into_response()
}

/// What the page's style is allowed by.
pub fn style_nonce(extensions: &Extensions) -> String {
    let nonce = extensions.get::<CspNonce>();
    nonce.map(|nonce| nonce.0.to_string()).unwrap_or_default()
}

/// `GET /t/live.js`
pub async fn script() -> Response {
    let kind = HeaderValue::from_static("text/javascript; charset=utf-8");
    let kept = HeaderValue::from_static("public, max-age=3600");
    (
        [(CONTENT_TYPE, kind), (CACHE_CONTROL, kept)],
        app::tracking::SCRIPT,
    )
        .into_response()
}

/// Puts the headers on that keep a page private.
pub fn seal(state: &AppState, mut response: Response, nonce: &str) -> Response {
    // Pictures come from the merchant, who keeps them where it likes.
    let pictures = if state.config.is_https() {
        "https: data:"
    } else {
        "'self' https: data:"
    };
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'nonce-{nonce}'; img-src {pictures}; connect-src 'self'; \
         form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    );
    let headers = response.headers_mut();
    let fixed = [
        (REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("x-robots-tag"), "noindex, nofollow"),
        (
            HeaderName::from_static("permissions-policy"),
            "accelerometer=(), camera=(), geolocation=(), gyroscope=(), microphone=(), payment=(), usb=(), browsing-topics=()",
        ),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers
        .entry(CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("private, no-store"));
    if let Ok(policy) = HeaderValue::try_from(policy) {
        headers.entry(CONTENT_SECURITY_POLICY).or_insert(policy);
    }
    response
}
