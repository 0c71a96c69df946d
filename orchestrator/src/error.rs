use engine::model::{FieldError, Permission};
use sea_orm::DbErr;

/// Why a use case did not do what it was asked; says what the caller can do about it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Something in the request is wrong; each entry names the field and what would be right.
    #[error("{}", summary(.0))]
    Invalid(Vec<FieldError>),
    #[error("there is no {what} '{id}'")]
    NotFound { what: &'static str, id: String },
    /// The thing's state does not allow it; the text names the state.
    #[error("{0}")]
    Conflict(String),
    /// The idempotency key was used before for something else.
    #[error("this Idempotency-Key was used before with another request; send a new key")]
    KeyReused,
    /// The first request with this idempotency key has not ended yet.
    #[error("the first request with this Idempotency-Key is still running; try again in a moment")]
    KeyRunning,
    #[error("{0}")]
    Unauthenticated(String),
    #[error("this needs the permission '{}': {}", .0.as_str(), .0.label())]
    Forbidden(Permission),
    /// A publishable key on a page that it is not for.
    #[error("this key is not for pages of {0}: add the origin to the key's list")]
    Elsewhere(String),
    #[error("too many attempts; try again in {retry_after_s} s")]
    Throttled { retry_after_s: u64 },
    /// Try again later.
    #[error("{0}")]
    Unavailable(String),
    #[error("the database failed")]
    Database(#[from] DbErr),
    #[error("{0}")]
    Internal(String),
}

pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// One wrong field.
    pub fn field(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Error::Invalid(vec![FieldError::new(pointer, detail)])
    }

    pub(crate) fn not_found(what: &'static str, id: impl Into<String>) -> Self {
        Error::NotFound {
            what,
            id: id.into(),
        }
    }

    pub(crate) fn internal(error: impl std::fmt::Display) -> Self {
        Error::Internal(error.to_string())
    }
}

fn summary(errors: &[FieldError]) -> String {
    match errors {
        [] => "the request is not valid".into(),
        [one] => one.detail.clone(),
        [first, rest @ ..] => format!("{} (and {} more)", first.detail, rest.len()),
    }
}
