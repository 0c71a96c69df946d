//! From a request to what a use case takes: the key becomes an actor, the body becomes values, the idempotency key
//! becomes a ticket; and back from its answer to a response.

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::response::{IntoResponse, Response};
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, StatusCode};
use orchestrator::{Actor, Error, Ticket, accounts};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::client;
use crate::problem::Problem;
use crate::state::AppState;

/// The actor that the request's key stands for.
pub struct Caller(pub Actor);

/// The request's secret itself, for streams that outlive the look at it.
#[derive(Clone)]
pub struct Secret(pub String);

impl FromRequestParts<AppState> for Secret {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, Problem> {
        let header = parts.headers.get(AUTHORIZATION).ok_or_else(|| {
            Problem::unauthenticated("an API key is needed: send 'Authorization: Bearer sk_…'")
        })?;
        let text = header.to_str().unwrap_or_default();
        let secret = match text.split_once(' ') {
            Some((scheme, secret)) if scheme.eq_ignore_ascii_case("bearer") => secret.trim(),
            _ => {
                return Err(Problem::unauthenticated(
                    "the header has to read 'Authorization: Bearer sk_…'",
                ));
            }
        };
        Ok(Secret(secret.to_owned()))
    }
}

impl FromRequestParts<AppState> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        let address = client::address(
            &parts.extensions,
            &parts.headers,
            &state.config.trusted_proxies,
        );
        if let Some(seconds) = state.throttle.wait_s(address) {
            return Err(Problem::throttled(seconds));
        }
        let Secret(secret) = Secret::from_request_parts(parts, state).await?;
        let actor = accounts::actor_of_key(&state.orchestrator, &secret).await;
        if let Err(Error::Unauthenticated(_)) = &actor {
            state.throttle.failed(address);
        }
        Ok(Caller(actor?))
    }
}

/// A call with a body: who, what, and the ticket that makes it safe to repeat.
pub struct Call<T> {
    pub actor: Actor,
    pub body: T,
    ticket: Option<Ticket>,
}

impl<T: DeserializeOwned> FromRequest<AppState> for Call<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Problem> {
        let (headers, call) = Call::receive(request, state).await?;
        Ok(Call {
            actor: call.actor,
            body: parse(&headers, &call.body)?,
            ticket: call.ticket,
        })
    }
}

/// A call whose body is a CSV file.
pub struct CsvCall(pub Call<Bytes>);

impl FromRequest<AppState> for CsvCall {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Problem> {
        let (headers, call) = Call::receive(request, state).await?;
        let given = essence(&headers);
        if given.is_some_and(|given| given != "text/csv") {
            return Err(Problem::media_type(&headers, "text/csv"));
        }
        Ok(CsvCall(call))
    }
}

impl Call<Bytes> {
    /// Who calls, and the body as it came.
    async fn receive(request: Request, state: &AppState) -> Result<(HeaderMap, Self), Problem> {
        let (mut parts, body) = request.into_parts();
        let Caller(mut actor) = Caller::from_request_parts(&mut parts, state).await?;
        let route = format!("{} {}", parts.method, parts.uri.path());
        let headers = parts.headers.clone();
        let bytes = Bytes::from_request(Request::from_parts(parts, body), state)
            .await
            .map_err(|rejection| match rejection.status() {
                StatusCode::PAYLOAD_TOO_LARGE => Problem::too_large(),
                _ => Problem::malformed(None, "the body could not be read to its end".to_owned()),
            })?;
        let ticket = ticket(&headers, &route, &bytes)?;
        if let Some(ticket) = &ticket {
            actor = actor.with_ticket(ticket.clone());
        }
        let call = Call {
            actor,
            body: bytes,
            ticket,
        };
        Ok((headers, call))
    }
}

/// The body's type without its parameters, in lower case; `None` where it is not told.
fn essence(headers: &HeaderMap) -> Option<String> {
    let given = headers.get(CONTENT_TYPE)?.to_str().unwrap_or_default();
    let essence = given.split(';').next().unwrap_or_default();
    Some(essence.trim().to_ascii_lowercase())
}

fn ticket(headers: &HeaderMap, route: &str, body: &[u8]) -> Result<Option<Ticket>, Problem> {
    let Some(key) = headers.get("idempotency-key") else {
        return Ok(None);
    };
    // What is no text is refused like any other bad key.
    Ok(Some(Ticket::new(
        key.to_str().unwrap_or_default(),
        route,
        body,
    )?))
}

/// An empty body stands for an empty object.
fn parse<T: DeserializeOwned>(headers: &HeaderMap, bytes: &[u8]) -> Result<T, Problem> {
    if bytes.is_empty() {
        return json(b"{}");
    }
    let is_json = |given: &str| {
        given == "application/json" || given.starts_with("application/") && given.ends_with("+json")
    };
    if essence(headers).is_some_and(|given| !is_json(&given)) {
        return Err(Problem::media_type(headers, "application/json"));
    }
    json(bytes)
}

/// JSON to values; what does not fit is pointed to.
pub fn json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let mut pointer = pointer(error.path());
        let error = error.into_inner();
        let text = error.to_string();
        if error.is_data() {
            let detail = without_position(&text);
            // A field that is not there, or there twice, has no path of its own.
            let named = ["missing field `", "duplicate field `"]
                .iter()
                .find_map(|start| detail.strip_prefix(start));
            if let Some(name) = named.and_then(|rest| rest.split('`').next()) {
                pointer = format!("{pointer}/{name}");
            }
            Problem::field(pointer, detail)
        } else {
            Problem::malformed(Some(pointer), format!("the body is not valid JSON: {text}"))
        }
    })?;
    deserializer.end().map_err(|error| {
        Problem::malformed(
            None,
            format!("the body goes on after its JSON value: {error}"),
        )
    })?;
    Ok(value)
}

/// `lines[0].sku` as the JSON pointer `#/lines/0/sku`.
fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    path.iter()
        .fold("#".to_owned(), |pointer, segment| match segment {
            Segment::Seq { index } => format!("{pointer}/{index}"),
            Segment::Map { key } => {
                format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1"))
            }
            Segment::Enum { variant } => format!("{pointer}/{variant}"),
            Segment::Unknown => pointer,
        })
}

/// The pointer says where; line and column are of no use then.
fn without_position(text: &str) -> String {
    text.rsplit_once(" at line ")
        .map_or(text, |(text, _)| text)
        .to_owned()
}

impl<T> Call<T> {
    /// The answer to this call; tells whether it was given before.
    pub fn answer<A: Serialize>(&self, status: StatusCode, value: A) -> Response {
        let mut response = (status, axum::Json(value)).into_response();
        if self.ticket.as_ref().is_some_and(Ticket::replayed) {
            response
                .headers_mut()
                .insert("idempotency-replayed", HeaderValue::from_static("true"));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use engine::model::NewOrder;

    use super::*;

    fn refused(body: &str) -> (u16, String, String) {
        refused_bytes(body.as_bytes())
    }

    fn refused_bytes(body: &[u8]) -> (u16, String, String) {
        let problem = json::<NewOrder>(body).unwrap_err();
        let pointer = problem
            .errors
            .first()
            .map(|error| error.pointer.clone())
            .unwrap_or_default();
        (problem.status.as_u16(), pointer, problem.detail)
    }

    fn order(lines: &str) -> String {
        format!(
            r#"{{"channel": "web", "external_id": "1", "placed_at": "2026-11-24T09:30:00-05:00", "currency": "USD", "lines": {lines}}}"#
        )
    }

    #[test]
    fn what_does_not_fit_is_pointed_to() {
        let cases = [
            (
                order(r#"[{"external_id": "1", "sku": "A", "quantity": "2"}]"#),
                422,
                "#/lines/0/quantity",
            ),
            (
                order(r#"[{"external_id": "1", "sku": "A", "quantity": 1.5}]"#),
                422,
                "#/lines/0/quantity",
            ),
            (
                order(r#"[{"external_id": "1", "sku": "A", "quantity": 1e30}]"#),
                422,
                "#/lines/0/quantity",
            ),
            (
                order(r#"[{"external_id": "1", "quantity": 2}]"#),
                422,
                "#/lines/0/sku",
            ),
            (
                order(r#"[{"external_id": "1", "sku": "A", "quantity": 2, "colour": "red"}]"#),
                422,
                "#/lines/0/colour",
            ),
            (
                order(r#"[{"external_id": "1", "sku": "A", "sku": "B", "quantity": 2}]"#),
                422,
                "#/lines/0/sku",
            ),
            (order("7"), 422, "#/lines"),
            ("[]".to_owned(), 422, "#"),
            ("{\"channel\": ".to_owned(), 400, "#/channel"),
            (
                order(r#"[{"external_id": "1", "sku": "A", "quantity": 1e999}]"#),
                400,
                "#/lines/0/quantity",
            ),
        ];
        for (body, status, pointer) in cases {
            let (got_status, got_pointer, detail) = refused(&body);
            assert_eq!(
                (got_status, got_pointer.as_str()),
                (status, pointer),
                "{body}: {detail}"
            );
        }
    }

    #[test]
    fn text_that_is_no_utf8_and_a_body_that_goes_on_are_refused() {
        let mut bytes = order(r#"[{"external_id": "1", "sku": "AX", "quantity": 2}]"#).into_bytes();
        let x = bytes.iter().position(|byte| *byte == b'X').unwrap();
        bytes[x] = 0xff;
        let (status, pointer, _) = refused_bytes(&bytes);
        assert_eq!((status, pointer.as_str()), (400, "#/lines/0/sku"));
        let (status, _, detail) = refused(&format!("{} x", order("[]")));
        assert_eq!(status, 400, "{detail}");
    }
}
