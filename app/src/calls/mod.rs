//! Server functions. Each is a public HTTP endpoint: it finds out itself who asks, calls one use case, which checks
//! what they may do, and hands its answer on.

pub mod access;
pub mod carriers;
pub mod customers;
pub mod exceptions;
pub mod network;
pub mod nodes;
pub mod orders;
mod packed;
pub mod personal;
pub mod promise;
pub mod session;
pub mod stock;
pub mod stock_rules;
pub mod today;
pub mod work;

pub use packed::{Answer, Packed, opened};

#[cfg(feature = "ssr")]
mod backend {
    use engine::model::Viewer;
    use leptos::prelude::use_context;
    use orchestrator::{Actor, Orchestrator, accounts};

    use crate::AppError;
    use crate::server_context::PublicUrl;

    /// The ledger, whoever asks.
    pub fn ledger() -> Result<Orchestrator, AppError> {
        use_context::<Orchestrator>()
            .ok_or_else(|| AppError::Failed("the ledger is not there".to_owned()))
    }

    /// The ledger and the person who is signed in.
    pub fn backend() -> Result<(Orchestrator, Actor), AppError> {
        let viewer = use_context::<Viewer>().ok_or(AppError::SignedOut)?;
        Ok((ledger()?, accounts::actor_of(&viewer)))
    }

    /// A path as browsers reach it.
    pub fn absolute(path: &str) -> String {
        let base = use_context::<PublicUrl>().map_or_else(String::new, |url| url.0);
        format!("{base}{path}")
    }

    /// The merchant's time zone: the days that people mean.
    pub fn time_zone() -> Result<String, AppError> {
        let viewer = use_context::<Viewer>().ok_or(AppError::SignedOut)?;
        Ok(viewer.merchant.time_zone)
    }
}

#[cfg(feature = "ssr")]
use backend::{absolute, backend, ledger, time_zone};
