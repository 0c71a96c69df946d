use engine::model::FieldError;
use serde::{Deserialize, Serialize};
use server_fn::codec::JsonEncoding;
use server_fn::error::{FromServerFnError, ServerFnErrorErr};

/// Why a call from a page failed; each kind has a state of its own on the page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum AppError {
    /// Nobody is signed in any more.
    SignedOut,
    /// The person's role does not go this far; the text says what would be needed.
    Forbidden(String),
    NotFound(String),
    /// What was entered does not fit.
    Invalid(Vec<FieldError>),
    /// The thing's state does not allow it.
    Conflict(String),
    /// Too many attempts.
    Throttled {
        retry_after_s: u64,
    },
    /// The server was not reached.
    Offline,
    /// Something broke, or is not there for the moment.
    Failed(String),
}

impl std::fmt::Display for AppError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            AppError::SignedOut => f.write_str("You are signed out. Sign in again to go on."),
            AppError::Forbidden(text)
            | AppError::NotFound(text)
            | AppError::Conflict(text)
            | AppError::Failed(text) => f.write_str(&capitalized(text)),
            AppError::Invalid(errors) => {
                let text: Vec<_> = errors.iter().map(|e| capitalized(&e.detail)).collect();
                f.write_str(&text.join(". "))
            }
            AppError::Throttled { retry_after_s } => {
                write!(f, "Too many attempts. Try again in {retry_after_s} s.")
            }
            AppError::Offline => f.write_str("The server does not answer. Check the connection."),
        }
    }
}

fn capitalized(text: &str) -> String {
    let mut chars = text.chars();
    chars
        .next()
        .map(|first| first.to_uppercase().chain(chars).collect())
        .unwrap_or_default()
}

impl FromServerFnError for AppError {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            ServerFnErrorErr::Request(_) => AppError::Offline,
            ServerFnErrorErr::Args(text) | ServerFnErrorErr::MissingArg(text) => {
                AppError::Invalid(vec![FieldError::new("#", text)])
            }
            other => AppError::Failed(other.to_string()),
        }
    }

    #[cfg(feature = "ssr")]
    fn ser(&self) -> server_fn::Bytes {
        use server_fn::Encodes;
        // A form that is sent without the program is led back to its page, whatever came of it.
        if !is_plain_form() {
            self.answer();
        }
        JsonEncoding::encode(self).unwrap_or_default()
    }
}

#[cfg(feature = "ssr")]
fn is_plain_form() -> bool {
    let accepts = |parts: http::request::Parts| {
        let accept = parts.headers.get(http::header::ACCEPT)?.to_str().ok()?;
        Some(accept.contains("text/html"))
    };
    leptos::prelude::use_context()
        .and_then(accepts)
        .unwrap_or(false)
}

#[cfg(feature = "ssr")]
impl AppError {
    /// Gives the answer that is being made the status that says the same.
    pub fn answer(&self) {
        use http::StatusCode;
        let Some(response) = leptos::prelude::use_context::<leptos_axum::ResponseOptions>() else {
            return;
        };
        response.set_status(match self {
            AppError::SignedOut => StatusCode::UNAUTHORIZED,
            AppError::Forbidden(_) => StatusCode::FORBIDDEN,
            AppError::NotFound(_) => StatusCode::NOT_FOUND,
            AppError::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
            AppError::Conflict(_) => StatusCode::CONFLICT,
            AppError::Throttled { .. } => StatusCode::TOO_MANY_REQUESTS,
            AppError::Offline | AppError::Failed(_) => StatusCode::INTERNAL_SERVER_ERROR,
        });
    }
}

#[cfg(feature = "ssr")]
impl From<orchestrator::Error> for AppError {
    fn from(error: orchestrator::Error) -> Self {
        use orchestrator::Error as E;
        match error {
            E::Invalid(errors) => AppError::Invalid(errors),
            E::NotFound { .. } => AppError::NotFound(error.to_string()),
            E::Conflict(text) => AppError::Conflict(text),
            E::KeyReused | E::KeyRunning => AppError::Conflict(error.to_string()),
            E::Unauthenticated(_) => AppError::SignedOut,
            E::Forbidden(permission) => AppError::Forbidden(permission.label().to_owned()),
            E::Elsewhere(_) => AppError::Forbidden(error.to_string()),
            E::Throttled { retry_after_s } => AppError::Throttled { retry_after_s },
            E::Unavailable(text) => AppError::Failed(text),
            E::Database(_) | E::Internal(_) => {
                // The log has the cause; the page only has what helps its reader.
                leptos::logging::error!("a page's call failed: {error}");
                AppError::Failed("something broke here; try again in a moment".to_owned())
            }
        }
    }
}
