//! The process around the ledger: everything that speaks HTTP or runs in the background. [`api`] has the handlers,
//! each of which calls one use case; [`problem`] gives every failure the same shape; [`workers`] plans orders.

pub mod api;
pub mod problem;
pub mod request;
pub mod workers;
