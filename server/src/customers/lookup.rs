//! The form that sends somebody the link of their order again. It never says whether there is one: the answer is the
//! same and as quick, since it is looked only after it was given.

use axum::Form;
use axum::extract::{Query, State};
use axum::response::Response;
use http::StatusCode;
use http::request::Parts;
use orchestrator::tracking;
use serde::Deserialize;

use super::limits::network;
use super::replies::html;
use super::{Said, plain_frame};
use crate::client;
use crate::state::AppState;

/// Tries within ten minutes.
const PER_NETWORK: u32 = 20;
const PER_ORDER: u32 = 5;
const PER_PROOF: u32 = 5;
const ALL: u32 = 2_000;

/// `GET /t`
pub async fn show(Query(said): Query<Said>, parts: Parts) -> Response {
    let frame = plain_frame(&parts, &said);
    let page = app::tracking::lookup(&frame.borrowed(), None);
    html(StatusCode::OK, page)
}

/// What was entered.
#[derive(Deserialize)]
pub struct Asked {
    #[serde(default)]
    number: String,
    #[serde(default)]
    proof: String,
}

/// `POST /t`
pub async fn ask(
    State(state): State<AppState>,
    Query(said): Query<Said>,
    parts: Parts,
    Form(asked): Form<Asked>,
) -> Response {
    let frame = plain_frame(&parts, &said);
    let trusted = &state.config.trusted_proxies;
    let from = network(client::address(&parts.extensions, &parts.headers, trusted));
    if !state
        .limits
        .allows(&format!("lookup from {from}"), PER_NETWORK)
    {
        let page = app::tracking::lookup(&frame.borrowed(), Some("slow"));
        return html(StatusCode::TOO_MANY_REQUESTS, page);
    }
    let (number, proof) = (
        asked.number.trim().to_owned(),
        asked.proof.trim().to_owned(),
    );
    let fits = !number.is_empty() && number.len() <= 100 && !proof.is_empty() && proof.len() <= 200;
    // Who is over one of these hears nothing else than everybody.
    let of_order = state
        .limits
        .allows(&format!("lookup of {number}"), PER_ORDER);
    let by_proof = state
        .limits
        .allows(&format!("lookup by {}", proof.to_lowercase()), PER_PROOF);
    let of_all = state.limits.allows("lookup", ALL);
    if fits && of_order && by_proof && of_all {
        let orc = state.orchestrator.clone();
        tokio::spawn(async move {
            if let Err(error) = tracking::send_link(&orc, &number, &proof).await {
                tracing::warn!(%error, "a link could not be sent again");
            }
        });
    } else if fits {
        tracing::warn!(
            of_order,
            by_proof,
            of_all,
            "many lookups: one is not looked at"
        );
    }
    let page = app::tracking::lookup(&frame.borrowed(), Some("lookup_done"));
    html(StatusCode::OK, page)
}
