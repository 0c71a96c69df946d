//! The process around the ledger: everything that speaks HTTP or runs in the background.
//!
//! A tour, along the way of a request:
//!
//! 1. [`config`]: one TOML file and `BATON_…` variables, a default for all of it.
//! 2. [`serve`]: opens the ledger, starts the [`workers`], binds the address and ends gracefully.
//! 3. [`http`]: the router with what every request passes: request id and trace, [`metrics`], panics caught,
//!    compression, the headers of [`security`], and [`problem`], which gives every failure the same shape.
//! 4. [`api`]: one file per resource; a handler calls one use case. [`auth`] turns a key into an actor and a body
//!    into values, [`live`] is the event log as it grows.
//! 5. [`web`]: pages, server functions and assets, behind the [`session`]; [`export`] makes files of what they list.
//!    [`widget`] is the script that shops load.
//!
//! The command line (`main.rs` and `cli/`) is the other way in: it calls the same use cases.

// The types of whole pages are worked out here, where they are sent.
#![recursion_limit = "512"]

pub mod api;
pub mod auth;
pub mod client;
pub mod config;
mod customers;
pub mod demo;
pub mod export;
pub mod http;
mod letters;
pub mod live;
pub mod metrics;
pub mod problem;
pub mod quota;
pub mod security;
pub mod serve;
pub mod session;
pub mod setup;
pub mod state;
pub mod web;
pub mod widget;
pub mod workers;
