//! What carriers say of packages, and what customers are shown of their orders.
//!
//! 1. `scans`: what a carrier reports is kept as it came, once, whether or not its number is known yet.
//! 2. `parcels`: what a package's scans come to, with the date on which it is expected (`travel`). A delivered package
//!    moves its fulfillment on; one that gets late is noticed before its promise breaks.
//! 3. `links` and `visits`: who may look, and how much they see. `view`: what they see.
//! 4. `settings`: the merchant's name, logo and color there.

mod links;
mod parcels;
mod scans;
mod settings;
mod travel;
mod view;
mod visits;

pub use links::{Access, Tier, open, page_link, revoke, rotate};
pub use parcels::check_due;
pub use scans::report;
pub use settings::{put_settings, settings};
pub use view::{reads_white, time_of_day, version, view};
pub use visits::{KNOWN_FOR, enter, forget_old, share, visit};

pub(crate) use links::{FirstLinks, first_links};
pub(crate) use parcels::shipped;
pub(crate) use settings::LinkKeys;
pub(crate) use travel::Travel;
