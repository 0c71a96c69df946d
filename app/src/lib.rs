//! What people see.
//!
//! [`shell`] is the document around every page, [`App`] the routes in it. `admin` has one file or folder a screen,
//! `public` the pages before sign-in, `tracking` the pages for customers, `components` what screens share, and `calls` the server functions: each asks one
//! use case and nothing else. [`server_context`] is what the server hands in.
//!
//! The same code renders on the server (feature `ssr`) and comes alive in the browser (feature `hydrate`).
#![recursion_limit = "512"]

mod admin;
pub mod calls;
mod components;
mod error;
#[cfg(feature = "ssr")]
pub mod export;
mod format;
mod lazy;
#[cfg(feature = "ssr")]
mod public;
mod query;
mod routes;
#[cfg(feature = "ssr")]
pub mod server_context;
#[cfg(feature = "ssr")]
mod shell;
#[cfg(feature = "ssr")]
pub mod tracking;
mod week;

pub use error::AppError;
pub use routes::App;
#[cfg(feature = "ssr")]
pub use shell::shell;
