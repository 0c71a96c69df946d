//! Trouble repairs itself: what is concerned is marked and planned again, what can stay stays, and whoever failed is
//! left out for a while. Where no plan is found, or too many were tried, an exception needs a person.
//!
//! Each kind of trouble is seen where it happens, in the same transaction, or by [`watch`] where it happens by time
//! passing. The router then moves only fulfillments that are marked; until their new plan is committed they keep what
//! they have, so that nobody takes it meanwhile.

mod outcome;
mod settings;
mod trouble;
mod watch;

pub(crate) use outcome::{AfterPlan, after_plans};
pub(crate) use settings::of as settings_of;
pub use settings::{put_settings, settings};
pub(crate) use trouble::{
    Seen, begin, capacity_cut, counted, leave_out, node_down, node_failed, service_down,
    stock_short,
};
pub use watch::watch;
