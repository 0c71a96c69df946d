//! What lies where. Levels are changed by condition within the statement that changes them, and every change is
//! in the ledger with its cause.

mod allocation;
mod bins;
mod change;
mod expected;
mod import;
mod incoming;
mod read;
mod rules;

pub use allocation::{AllocationChange, allocations, divided, put_allocations};
pub(crate) use allocation::{Allocations, Divisions, Taking, divisions};
pub use bins::put_bins;
pub use change::{StockChange, adjust, count};
pub(crate) use change::{reserve, take_out, unreserve};
pub use expected::{expected, incoming_of};
pub use import::import;
pub use incoming::expect;
pub use read::{ledger, list};
pub(crate) use rules::apply_rules;
pub use rules::{RulesChange, put_rules, rules};
