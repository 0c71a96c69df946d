//! What keeps browsers safe: the content security policy with its nonce, the usual headers, and the check that a
//! change comes from our own pages.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::{
    CONTENT_SECURITY_POLICY, CONTENT_TYPE, HOST, ORIGIN, STRICT_TRANSPORT_SECURITY,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use leptos::nonce::Nonce;

use crate::problem::Problem;
use crate::state::AppState;

/// The nonce of a response: the pages stamp it on what they inline, the policy names it.
#[derive(Clone)]
pub struct CspNonce(pub Nonce);

const HEADERS: [(&str, &str); 5] = [
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "strict-origin-when-cross-origin"),
    (
        "permissions-policy",
        "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()",
    ),
    ("cross-origin-opener-policy", "same-origin"),
    ("x-frame-options", "DENY"),
];

/// Puts the nonce into the request and the headers onto the response.
pub async fn headers(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let nonce = Nonce::new();
    request.extensions_mut().insert(CspNonce(nonce.clone()));
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers
            .entry(HeaderName::from_static(name))
            .or_insert(HeaderValue::from_static(value));
    }
    let content = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let policy = if content.starts_with("text/html") {
        page_policy(&nonce, watched_by(&state))
    } else {
        // Nothing else is a page, whatever a browser takes it for.
        "default-src 'none'; frame-ancestors 'none'".to_owned()
    };
    // A page may have a stricter one of its own.
    if let Ok(policy) = HeaderValue::try_from(policy) {
        headers.entry(CONTENT_SECURITY_POLICY).or_insert(policy);
    }
    if state.config.is_https() {
        let year = HeaderValue::from_static("max-age=31536000; includeSubDomains");
        headers.insert(STRICT_TRANSPORT_SECURITY, year);
    }
    response
}

fn page_policy(nonce: &Nonce, reload_port: Option<u32>) -> String {
    let reload = reload_port
        .map(|port| format!(" ws://127.0.0.1:{port} ws://localhost:{port}"))
        .unwrap_or_default();
    format!(
        "default-src 'self'; script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'; style-src 'self' 'nonce-{nonce}'; \
         img-src 'self' data: https:; connect-src 'self'{reload}; frame-ancestors 'none'; base-uri 'self'; \
         form-action 'self'; object-src 'none'"
    )
}

/// While cargo-leptos watches the sources, pages listen on its port for the next build.
fn watched_by(state: &AppState) -> Option<u32> {
    (state.leptos.env == leptos::config::Env::DEV).then_some(state.leptos.reload_port)
}

/// Refuses changes that another site's page has sent. The API is left out: it takes keys, never cookies.
pub async fn same_site_only(request: Request, next: Next) -> Response {
    let safe = matches!(
        *request.method(),
        Method::GET | Method::HEAD | Method::OPTIONS
    );
    let api = request.uri().path().starts_with("/api/v1/");
    if safe || api || is_same_origin(request.headers()) {
        next.run(request).await
    } else {
        Problem::cross_site().into_response()
    }
}

/// Every browser that keeps cookies safe sends one of the two headers with a change; nothing else gets in.
fn is_same_origin(headers: &HeaderMap) -> bool {
    let text = |name: HeaderName| {
        headers
            .get(name)
            .map(|value| value.to_str().unwrap_or_default())
    };
    match (
        text(HeaderName::from_static("sec-fetch-site")),
        text(ORIGIN),
    ) {
        (Some(site), _) => site == "same-origin" || site == "none",
        (None, Some(origin)) => {
            let host = origin.split_once("://").map(|(_, host)| host);
            host.is_some() && host == text(HOST)
        }
        (None, None) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(headers: &[(&'static str, &str)]) -> bool {
        let headers = headers
            .iter()
            .map(|(k, v)| (HeaderName::from_static(k), v.parse().unwrap()))
            .collect();
        is_same_origin(&headers)
    }

    #[test]
    fn only_our_own_pages_may_change_anything() {
        assert!(allowed(&[("sec-fetch-site", "same-origin")]));
        assert!(allowed(&[("sec-fetch-site", "none")]));
        assert!(allowed(&[
            ("origin", "http://127.0.0.1:3000"),
            ("host", "127.0.0.1:3000")
        ]));
        for bad in [
            &[("sec-fetch-site", "same-site")][..],
            &[
                ("sec-fetch-site", "cross-site"),
                ("origin", "http://a"),
                ("host", "a"),
            ],
            &[
                ("origin", "https://evil.example"),
                ("host", "127.0.0.1:3000"),
            ],
            &[("origin", "null"), ("host", "127.0.0.1:3000")],
            &[("host", "127.0.0.1:3000")],
            &[],
        ] {
            assert!(!allowed(bad), "{bad:?}");
        }
    }
}
