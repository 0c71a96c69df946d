//! What a handler needs of a request: the actor behind its key, and its body as values.

use axum::Json;
use axum::body::{Bytes, to_bytes};
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use orchestrator::{Actor, Error, Orchestrator, Ticket, accounts};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_path_to_error::Segment;

use crate::problem::Problem;

/// The largest body, in bytes.
pub const MOST_BYTES: usize = 10_000_000;

/// The actor behind `Authorization: Bearer sk_…`.
pub struct Caller(pub Actor);

impl FromRequestParts<Orchestrator> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, orc: &Orchestrator) -> Result<Self, Problem> {
        let value = parts
            .headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok());
        let secret = value
            .and_then(|value| value.strip_prefix("Bearer "))
            .ok_or_else(|| {
                Problem::from(Error::Unauthenticated(
                    "an API key is needed: Authorization: Bearer sk_…".to_owned(),
                ))
            })?;
        Ok(Caller(accounts::actor_of_key(orc, secret.trim()).await?))
    }
}

/// The actor with a body of JSON, and with the ticket of the `Idempotency-Key` if there is one.
pub struct Call<T> {
    pub actor: Actor,
    pub body: T,
}

impl<T: DeserializeOwned> FromRequest<Orchestrator> for Call<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, orc: &Orchestrator) -> Result<Self, Problem> {
        let (mut parts, body) = request.into_parts();
        let Caller(mut actor) = Caller::from_request_parts(&mut parts, orc).await?;
        let bytes = to_bytes(body, MOST_BYTES).await.map_err(|_| {
            Problem::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                format!("a body has at most {MOST_BYTES} bytes"),
            )
        })?;
        if let Some(key) = parts.headers.get("idempotency-key") {
            let key = key
                .to_str()
                .map_err(|_| Problem::field("#", "the Idempotency-Key is not ASCII"))?;
            let route = format!("{} {}", parts.method, parts.uri.path());
            actor = actor.with_ticket(Ticket::new(key, &route, &bytes)?);
        }
        Ok(Call {
            actor,
            body: parse(&bytes)?,
        })
    }
}

/// Reads JSON; an error points to the field. No body at all reads as an empty object.
fn parse<T: DeserializeOwned>(bytes: &Bytes) -> Result<T, Problem> {
    let bytes: &[u8] = if bytes.iter().all(u8::is_ascii_whitespace) {
        b"{}"
    } else {
        bytes
    };
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let mut pointer = "#".to_owned();
        for segment in error.path() {
            match segment {
                Segment::Seq { index } => pointer.push_str(&["/", &index.to_string()].concat()),
                Segment::Map { key } => pointer.push_str(&["/", key].concat()),
                _ => {}
            }
        }
        Problem::field(pointer, error.inner().to_string())
    })?;
    json.end()
        .map_err(|error| Problem::field("#", error.to_string()))?;
    Ok(value)
}

/// An answer in JSON that says whether it is a stored one.
pub fn answer(status: StatusCode, actor: &Actor, value: &impl Serialize) -> Response {
    let mut response = (status, Json(value)).into_response();
    if actor.idempotency.as_ref().is_some_and(Ticket::replayed) {
        let yes = axum::http::HeaderValue::from_static("true");
        response.headers_mut().insert("idempotency-replayed", yes);
    }
    response
}
