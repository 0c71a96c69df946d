//! The router: what is where, and what every request passes on its way.

use std::time::Instant;

use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::{HeaderName, HeaderValue};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tracing::Instrument;
use uuid::Uuid;

use crate::problem::Problem;
use crate::state::AppState;
use crate::{api, customers, metrics, problem, security, web, widget};

/// Everything that the process answers.
pub fn router(state: &AppState) -> Router {
    router_with(state, Router::new())
}

/// The same, and more routes beside it.
pub fn router_with(state: &AppState, more: Router<AppState>) -> Router {
    api::router()
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics::show))
        .merge(widget::router())
        .merge(customers::router(state))
        .merge(more)
        .merge(web::router(state))
        // The last layer is the first that a request meets.
        .layer(CompressionLayer::new())
        .layer(CatchPanicLayer::custom(problem::of_panic))
        .layer(from_fn(problem::finish))
        .layer(from_fn_with_state(state.clone(), security::headers))
        .layer(from_fn_with_state(state.clone(), observe))
        .with_state(state.clone())
}

/// `GET /readyz`: 200 once requests can be served.
async fn ready(State(state): State<AppState>) -> Result<&'static str, Problem> {
    if state.shutdown.is_triggered() {
        return Err(orchestrator::Error::Unavailable("the server is going down".to_owned()).into());
    }
    state.orchestrator.ping().await.map_err(|error| {
        tracing::warn!(%error, "the database does not answer");
        orchestrator::Error::Unavailable("the database does not answer".to_owned())
    })?;
    Ok("ready\n")
}

/// Gives each request an id and a span, and counts it. Paths and queries may hold personal data: the log has the
/// route's pattern only.
async fn observe(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let start = Instant::now();
    let id = Uuid::now_v7().simple().to_string();
    let method = request.method().to_string();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or("other", MatchedPath::as_str)
        .to_owned();
    let span = tracing::info_span!("request", id, method, route);
    let mut response = next
        .run(request)
        .instrument(span.clone())
        .await
        .into_response();
    if let Ok(id) = HeaderValue::try_from(id) {
        response
            .headers_mut()
            .insert(HeaderName::from_static("x-request-id"), id);
    }
    let (status, took) = (response.status(), start.elapsed());
    state
        .metrics
        .request(&method, &route, status.as_u16(), took);
    let _entered = span.enter();
    if status.is_server_error() {
        tracing::error!(
            status = status.as_u16(),
            took_ms = took.as_secs_f64() * 1e3,
            "answered"
        );
    } else {
        tracing::debug!(
            status = status.as_u16(),
            took_ms = took.as_secs_f64() * 1e3,
            "answered"
        );
    }
    response
}
