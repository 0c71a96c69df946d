use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use engine::model::EventView;
use http::HeaderMap;
use orchestrator::{Orchestrator, accounts, events};
use serde::Serialize;
use utoipa::ToSchema;

use super::params::Params;
use crate::auth::{Caller, Secret};
use crate::live::{self, Beyond};
use crate::problem::Problem;
use crate::state::AppState;

/// A page of the event log.
#[derive(Serialize, ToSchema)]
pub struct EventPage {
    /// Oldest first.
    items: Vec<EventView>,
    /// Hand it back as `after` for what follows; `null` when the page reaches the end of the log.
    next_cursor: Option<String>,
}

/// The event log as a feed
///
/// Numbered without gaps: read on with the number of the last event that was read.
#[utoipa::path(get, path = "/events", tag = "Events",
    params(("after" = Option<i64>, Query, description = "Only events with a higher number; 0 unless told"),
        ("limit" = Option<u64>, Query, description = "1 to 200, 50 unless told"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before; the same as `after`")),
    responses((status = 200, description = "A page of events", body = EventPage)))]
pub async fn list_events(
    State(orc): State<Orchestrator>,
    Caller(actor): Caller,
    params: Params,
) -> Result<Json<EventPage>, Problem> {
    let params = params.only(&["after", "limit", "cursor"])?;
    let after = params
        .number("cursor")?
        .or(params.number("after")?)
        .unwrap_or(0);
    let limit = match params.number("limit")?.unwrap_or(50) {
        limit @ 1..=200 => limit as u64,
        limit => {
            return Err(Problem::field(
                "#/limit",
                format!("limit is {limit}; it goes from 1 to 200"),
            ));
        }
    };
    let items = events::list(&orc, &actor, after, limit).await?;
    let full = items.len() as u64 == limit;
    let next_cursor = items
        .last()
        .filter(|_| full)
        .map(|event| event.seq.to_string());
    Ok(Json(EventPage { items, next_cursor }))
}

/// The event log as it grows
///
/// Server-sent events: `id` is the event's number, `data` the event. Without a position the stream starts now; with
/// `Last-Event-ID` or `after` it goes on behind that number, without a gap.
#[utoipa::path(get, path = "/stream", tag = "Events",
    params(("after" = Option<i64>, Query, description = "Go on behind this number"),
        ("Last-Event-ID" = Option<i64>, Header, description = "The same, as browsers send it by themselves")),
    responses((status = 200, description = "A stream that does not end", body = String, content_type = "text/event-stream")))]
pub async fn stream_events(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Secret(secret): Secret,
    headers: HeaderMap,
    params: Params,
) -> Result<impl IntoResponse, Problem> {
    let params = params.only(&["after"])?;
    let orc = state.orchestrator.clone();
    let still_allowed: live::StillAllowed = Box::new(move || {
        let (orc, secret) = (orc.clone(), secret.clone());
        Box::pin(async move { accounts::actor_of_key(&orc, &secret).await.is_ok() })
    });
    live::open(
        &state,
        actor,
        &headers,
        params.text("after"),
        Beyond::Refuse,
        still_allowed,
    )
    .await
}
