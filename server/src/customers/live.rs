//! Tells an open page that there is something new. It says no more than that: the page asks for itself again.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::{Path, State};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures::stream::unfold;
use http::request::Parts;
use orchestrator::events;
use orchestrator::tracking::{self, Access};
use tokio::time::Instant;

use super::{known, opened};
use crate::metrics::Metrics;
use crate::problem::Problem;
use crate::state::AppState;

/// How often it is looked at most, however busy the merchant is.
const EVERY: Duration = Duration::from_secs(1);
/// After this the browser comes back, and it is looked again whether it may.
const LONGEST: Duration = Duration::from_mins(10);

/// `GET /t/{token}/live`
pub async fn by_link(
    State(state): State<AppState>,
    Path(token): Path<String>,
    parts: Parts,
) -> Result<Response, Problem> {
    let access = opened(&state, &parts, &token).await?;
    stream(&state, access).await
}

/// `GET /t/o/{reference}/live`
pub async fn by_cookie(
    State(state): State<AppState>,
    Path(reference): Path<String>,
    parts: Parts,
) -> Result<Response, Problem> {
    let access = known(&state, &parts, &reference).await?;
    stream(&state, access).await
}

async fn stream(state: &AppState, access: Option<Access>) -> Result<Response, Problem> {
    let access = access.ok_or_else(|| Problem::not_found("this link opens nothing".to_owned()))?;
    let until = Instant::now() + LONGEST;
    let woken = events::watch(&state.orchestrator, access.merchant);
    let counted = Metrics::stream_opened(state);
    let start = (state.clone(), access, woken, None::<i64>, counted);
    let stream = unfold(
        start,
        move |(state, access, mut woken, mut last, counted)| async move {
            let mut shutdown = state.shutdown.clone();
            loop {
                if state.shutdown.is_triggered() || Instant::now() >= until {
                    return None;
                }
                woken.borrow_and_update();
                let version = tracking::version(&state.orchestrator, &access).await.ok()?;
                if last != Some(version) {
                    last = Some(version);
                    let event = Event::default().data(version.to_string());
                    return Some((
                        Ok::<_, Infallible>(event),
                        (state, access, woken, last, counted),
                    ));
                }
                tokio::select! {
                    changed = woken.changed() => changed.ok()?,
                    () = shutdown.wait() => return None,
                    () = tokio::time::sleep_until(until) => return None,
                }
                tokio::time::sleep(EVERY).await;
            }
        },
    );
    Ok(Sse::new(stream)
        .keep_alive(KeepAlive::default())
        .into_response())
}
