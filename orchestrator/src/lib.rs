//! The ledger of Baton and its use cases. This is the only crate that knows the database; a page, an API handler
//! or a worker calls one function here and formats its answer.
//!
//! A tour, along the life of an order:
//!
//! 1. [`accounts`]: merchants, people, keys. Each use case takes an [`Actor`] and asks it what it may do.
//! 2. [`network`] and [`stock`]: what is sold, where it lies, and how it travels.
//! 3. [`orders`]: `place` takes an order in, one transaction.
//! 4. [`routing`]: takes waiting orders in batches, asks `engine::routing` for the cheapest plan on plain values,
//!    and commits it: stock reserved by condition, fulfillments and the decision written, or nothing at all.
//! 5. [`fulfillments`]: what nodes do with their work.
//! 6. [`repair`]: trouble is seen, what it concerns is planned again, and [`exceptions`] tell what became of it.
//! 7. [`promises`]: what shoppers are told before there is an order, and whether it came true.
//! 8. [`tracking`]: what carriers say of packages, and what customers are shown of it.
//! 9. [`messages`]: what customers are written.
//! 10. [`events`]: the merchant's log, which every change above appends to in its own transaction. Timeline, live
//!     stream and audit read it. [`today`] sums it all up.
//! 11. [`personal`]: what people set for themselves, such as lists that they have named.
//!
//! Below them lies `store`: the connection, the one writer that commits in groups, and the tables.

pub mod accounts;
mod actor;
mod clock;
mod error;
pub mod events;
pub mod exceptions;
pub mod fulfillments;
mod idempotency;
pub mod messages;
pub mod network;
pub mod orders;
mod paging;
pub mod personal;
pub mod places;
pub mod promises;
pub mod repair;
pub mod routing;
pub mod sessions;
pub mod sheet;
pub mod stock;
mod store;
pub mod today;
pub mod tracking;

pub use actor::{Actor, Who};
pub use clock::{Clock, ManualClock, SystemClock};
pub use error::{Error, Result};
pub use idempotency::Ticket;
pub use paging::PageRequest;
pub use store::{Options, Orchestrator, Stats};
