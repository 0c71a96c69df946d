//! `/demo/mailbox`: what customers were written where no mail server is set up. In the demonstration everybody may look,
//! since nobody in it is real; elsewhere it takes somebody who may see customers.

use axum::Extension;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use engine::model::{MerchantId, Permission};
use engine::promise::Locale;
use http::header::CONTENT_SECURITY_POLICY;
use http::request::Parts;
use http::{HeaderValue, StatusCode};
use orchestrator::{accounts, messages};
use serde::Deserialize;

use super::replies::{html, style_nonce};
use crate::problem::Problem;
use crate::session::Visit;
use crate::state::AppState;
use app::tracking::Frame;

const SHOWN: u64 = 100;

/// Whose mailbox the reader may open.
async fn merchant(state: &AppState, visit: &Visit) -> Result<MerchantId, Problem> {
    if let Some(viewer) = &visit.viewer
        && viewer.may(Permission::ReadCustomers)
    {
        return Ok(viewer.merchant.id);
    }
    let merchants = accounts::merchants(&state.orchestrator).await?;
    let demo = merchants.iter().find(|merchant| merchant.demo);
    demo.map(|merchant| merchant.id)
        .ok_or_else(|| Problem::unauthenticated("sign in to see what customers were written"))
}

/// Whom the messages went to.
#[derive(Debug, Default, Deserialize)]
pub struct To {
    #[serde(default)]
    to: String,
}

/// `GET /demo/mailbox?to=`
pub async fn list(
    State(state): State<AppState>,
    Extension(visit): Extension<Visit>,
    Query(To { to }): Query<To>,
    parts: Parts,
) -> Result<Response, Problem> {
    let merchant = merchant(&state, &visit).await?;
    let only = Some(to.trim()).filter(|to| !to.is_empty());
    let mails = messages::mailbox(&state.orchestrator, merchant, only, SHOWN).await?;
    let frame = Frame {
        locale: Locale::of("en-US"),
        nonce: &style_nonce(&parts.extensions),
        merchant: None,
        is_dark: true,
    };
    Ok(html(
        StatusCode::OK,
        app::tracking::mailbox(&frame, &mails, &to),
    ))
}

/// `GET /demo/mailbox/{id}`: the message as its reader gets it; `?text` its other half.
pub async fn show(
    State(state): State<AppState>,
    Extension(visit): Extension<Visit>,
    Path(id): Path<uuid::Uuid>,
    parts: Parts,
) -> Result<Response, Problem> {
    let merchant = merchant(&state, &visit).await?;
    let mail = messages::mail(&state.orchestrator, merchant, id).await?;
    let mail = mail.ok_or_else(|| Problem::not_found("there is no such message"))?;
    if parts.uri.query() == Some("text") {
        return Ok(axum::response::IntoResponse::into_response(mail.text));
    }
    let mut response = html(StatusCode::OK, mail.html);
    // As mail programs show it: its own styles, pictures, and no script whatever.
    let policy = HeaderValue::from_static(
        "default-src 'none'; style-src 'unsafe-inline'; img-src https: data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    );
    response
        .headers_mut()
        .insert(CONTENT_SECURITY_POLICY, policy);
    Ok(response)
}
