//! Every failure as a problem document (RFC 9457): what went wrong, and for bad fields where and what would be right.
//! Never an empty body, never a stack trace.

use std::any::Any;

use axum::body::Body;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use engine::model::{FieldError, RowProblem};
use http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use orchestrator::Error;
use serde::Serialize;
use utoipa::ToSchema;

/// What went wrong, for machines and people.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Problem {
    /// Which kind of problem it is: an address with more about it.
    #[serde(rename = "type")]
    #[schema(example = "/docs#problem-invalid")]
    pub kind: String,
    /// The kind in words; the same for every problem of the kind.
    pub title: &'static str,
    /// The HTTP status.
    #[serde(serialize_with = "as_number")]
    #[schema(value_type = u16)]
    pub status: StatusCode,
    /// This very problem in words.
    pub detail: String,
    /// For bad fields: which, and what would be right.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub errors: Vec<FieldError>,
    #[serde(skip)]
    #[schema(ignore)]
    retry_after_s: Option<u64>,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde asks for a reference"
)]
fn as_number<S: serde::Serializer>(status: &StatusCode, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u16(status.as_u16())
}

/// A kind of problem. The one list of them, which `/docs` shows.
pub struct Kind {
    pub slug: &'static str,
    pub status: StatusCode,
    pub title: &'static str,
    pub about: &'static str,
}

macro_rules! kinds {
    ($($name:ident $slug:literal $status:ident $title:literal $about:literal)*) => {
        $(const $name: Kind = Kind { slug: $slug, status: StatusCode::$status, title: $title, about: $about };)*
        /// Every kind of problem.
        pub const KINDS: &[Kind] = &[$($name),*];
    };
}

kinds! {
    MALFORMED "malformed" BAD_REQUEST "The request cannot be read"
        "The body is not JSON in UTF-8, or something else about the request's form is wrong."
    UNAUTHENTICATED "unauthenticated" UNAUTHORIZED "Who is asking?"
        "Send an API key that is in use as 'Authorization: Bearer sk_…', or sign in."
    FORBIDDEN "forbidden" FORBIDDEN "Not allowed"
        "The key or the person is known, but may not do this. The detail names the permission."
    CROSS_SITE "cross-site" FORBIDDEN "This request came from another site"
        "Pages only accept changes from their own site."
    NOT_FOUND "not-found" NOT_FOUND "There is no such thing"
        "Nothing of yours has this address, id or code."
    METHOD "method-not-allowed" METHOD_NOT_ALLOWED "This address knows other methods"
        "The header 'Allow' names the methods that the address takes."
    CONFLICT "conflict" CONFLICT "The state does not allow it"
        "The detail names the state that stands against it."
    KEY_RUNNING "idempotency-key-running" CONFLICT "The first request is still running"
        "A request with this Idempotency-Key has not ended yet; send it again in a moment."
    TOO_LARGE "too-large" PAYLOAD_TOO_LARGE "The body is too large"
        "A body has 10 MB at most. Send it in parts."
    MEDIA_TYPE "unsupported-media-type" UNSUPPORTED_MEDIA_TYPE "The body is of another type"
        "Bodies are JSON ('Content-Type: application/json'), and those of imports are CSV ('text/csv')."
    INVALID "invalid" UNPROCESSABLE_ENTITY "Some fields are not right"
        "Nothing was kept. 'errors' points to each field and says what would be right."
    KEY_REUSED "idempotency-key-reused" UNPROCESSABLE_ENTITY "The Idempotency-Key was used before"
        "It came with another request. A new request needs a new key."
    THROTTLED "throttled" TOO_MANY_REQUESTS "Too many requests"
        "Wait for as many seconds as the header 'Retry-After' says."
    INTERNAL "internal" INTERNAL_SERVER_ERROR "Something failed here"
        "It is no fault of the request. The log has the details under the request's id."
    UNAVAILABLE "unavailable" SERVICE_UNAVAILABLE "Not available right now"
        "Try again in a moment."
}

impl Problem {
    fn new(kind: &Kind, detail: impl Into<String>) -> Self {
        Problem {
            kind: format!("/docs#problem-{}", kind.slug),
            title: kind.title,
            status: kind.status,
            detail: detail.into(),
            errors: Vec::new(),
            retry_after_s: None,
        }
    }

    /// The request cannot be read; the pointer says where, if that is known.
    pub fn malformed(pointer: Option<String>, detail: String) -> Self {
        let errors = pointer
            .map(|pointer| FieldError::new(pointer, detail.clone()))
            .into_iter()
            .collect();
        Problem {
            errors,
            ..Problem::new(&MALFORMED, detail)
        }
    }

    /// One bad field.
    pub fn field(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Error::field(pointer, detail).into()
    }

    pub fn unauthenticated(detail: impl Into<String>) -> Self {
        Problem::new(&UNAUTHENTICATED, detail)
    }

    pub fn cross_site() -> Self {
        Problem::new(
            &CROSS_SITE,
            "a form or script of another site sent this request",
        )
    }

    pub fn not_found(detail: impl Into<String>) -> Self {
        Problem::new(&NOT_FOUND, detail)
    }

    pub fn too_large() -> Self {
        Problem::new(&TOO_LARGE, "the body is larger than 10 MB")
    }

    /// The body is of another type than the one that is taken.
    pub fn media_type(headers: &HeaderMap, taken: &str) -> Self {
        let given = headers.get(CONTENT_TYPE);
        let given = given.and_then(|given| given.to_str().ok());
        let given = given.unwrap_or_default();
        Problem::new(
            &MEDIA_TYPE,
            format!("the body is '{given}'; send 'Content-Type: {taken}'"),
        )
    }

    /// Rows of a file that do not fit; each pointer is `#/LINE/COLUMN`.
    pub fn rows(problems: &[RowProblem]) -> Self {
        let errors = problems.iter().map(|problem| {
            let column = problem.column.as_deref().map(|column| format!("/{column}"));
            FieldError::new(
                format!("#/{}{}", problem.line, column.unwrap_or_default()),
                format!("{}; right would be {}", problem.wrong, problem.right),
            )
        });
        Error::Invalid(errors.collect()).into()
    }

    pub fn throttled(retry_after_s: u64) -> Self {
        Error::Throttled { retry_after_s }.into()
    }

    /// More was asked than somebody may in a minute.
    pub fn over_quota(retry_after_s: u64, whose: &str) -> Self {
        Problem {
            retry_after_s: Some(retry_after_s),
            ..Problem::new(
                &THROTTLED,
                format!("{whose} has asked for too many promises; ask again in {retry_after_s} s"),
            )
        }
    }

    /// A failure that came without words of ours.
    fn of_status(status: StatusCode, method: &Method, path: &str) -> Self {
        let kind = KINDS
            .iter()
            .find(|kind| kind.status == status && kind.slug != CROSS_SITE.slug);
        let detail = match status {
            StatusCode::NOT_FOUND => format!("there is nothing at {path}"),
            StatusCode::METHOD_NOT_ALLOWED => format!("{path} does not take {method}"),
            _ => kind
                .map_or("the request could not be answered", |kind| kind.about)
                .to_owned(),
        };
        match kind {
            Some(kind) => Problem::new(kind, detail),
            None => Problem {
                kind: "about:blank".to_owned(),
                title: status.canonical_reason().unwrap_or("The request failed"),
                status,
                ..Problem::new(&MALFORMED, detail)
            },
        }
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let detail = error.to_string();
        match error {
            Error::Invalid(errors) => Problem {
                errors,
                ..Problem::new(&INVALID, detail)
            },
            Error::NotFound { .. } => Problem::new(&NOT_FOUND, detail),
            Error::Conflict(_) => Problem::new(&CONFLICT, detail),
            Error::KeyReused => Problem::new(&KEY_REUSED, detail),
            Error::KeyRunning => Problem {
                retry_after_s: Some(1),
                ..Problem::new(&KEY_RUNNING, detail)
            },
            Error::Unauthenticated(_) => Problem::new(&UNAUTHENTICATED, detail),
            Error::Forbidden(_) | Error::Elsewhere(_) => Problem::new(&FORBIDDEN, detail),
            Error::Throttled { retry_after_s } => Problem {
                retry_after_s: Some(retry_after_s),
                ..Problem::new(&THROTTLED, detail)
            },
            Error::Unavailable(_) => Problem {
                retry_after_s: Some(2),
                ..Problem::new(&UNAVAILABLE, detail)
            },
            Error::Database(error) => {
                tracing::error!(%error, "the database failed");
                Problem::new(&INTERNAL, INTERNAL.about)
            }
            Error::Internal(error) => {
                tracing::error!(%error, "a use case failed");
                Problem::new(&INTERNAL, INTERNAL.about)
            }
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut headers = HeaderMap::new();
        headers.insert(
            CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        if let Some(seconds) = self.retry_after_s {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(
                WWW_AUTHENTICATE,
                HeaderValue::from_static("Bearer realm=\"Baton\""),
            );
        }
        // A document of strings always serializes.
        let body = serde_json::to_vec(&self).unwrap_or_default();
        (self.status, headers, body).into_response()
    }
}

/// Gives failures that came from elsewhere (routing, limits, extractors) the same shape as ours.
pub async fn finish(request: Request, next: Next) -> Response {
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let response = next.run(request).await;
    let failed = response.status().is_client_error() || response.status().is_server_error();
    if !failed || has_its_own_words(response.headers()) {
        return response;
    }
    let (mut parts, _) = response.into_parts();
    let problem = Problem::of_status(parts.status, &method, &path).into_response();
    let (shape, body) = problem.into_parts();
    parts.headers.remove(http::header::CONTENT_LENGTH);
    parts.headers.extend(shape.headers);
    Response::from_parts(parts, body)
}

/// Pages and server functions say themselves what is wrong.
fn has_its_own_words(headers: &HeaderMap) -> bool {
    let content = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    headers.contains_key("serverfnerror")
        || !(content.is_empty() || content.starts_with("text/plain"))
}

/// What a panic becomes. Its message goes to the log only.
pub fn of_panic(panic: Box<dyn Any + Send>) -> http::Response<Body> {
    let message = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("no message");
    tracing::error!(message, "a handler panicked");
    Problem::new(&INTERNAL, INTERNAL.about).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_failed_inside_is_not_told_outside() {
        let problem = Problem::from(Error::Internal("secret path /etc".to_owned()));
        assert_eq!(problem.status, StatusCode::INTERNAL_SERVER_ERROR);
        assert!(!serde_json::to_string(&problem).unwrap().contains("secret"));
    }

    #[test]
    fn a_bad_field_is_pointed_to() {
        let json =
            serde_json::to_value(Problem::field("#/lines/0/sku", "unknown SKU 'X'")).unwrap();
        assert_eq!(json["status"], 422);
        assert_eq!(json["type"], "/docs#problem-invalid");
        assert_eq!(json["errors"][0]["pointer"], "#/lines/0/sku");
    }
}
