//! What carriers say of packages, and what customers are shown of their orders.
//!
//! 1. `scans`: what a carrier reports is kept as it came, once, whether or not its number is known yet.
//! 2. `parcels`: what a package's scans come to, with the date on which it is expected (`travel`). A delivered package
//!    moves its fulfillment on; one that gets late is noticed before its promise breaks.
//! 3. `links` and `visits`: who may look, and how much they see. `view`: what they see.
//! 4. `actions`: what customers do with their orders themselves, some of it with a mailed code (`codes`); `lookup` sends
//!    a lost link again.
//! 5. `settings`: the merchant's name, logo and color there.

mod actions;
mod codes;
mod links;
mod lookup;
mod parcels;
mod scans;
mod settings;
mod travel;
mod view;
mod visits;

pub use actions::{
    Cancellable, Problem, address, cancel, cancel_needs_code, cancellable, change_address,
    preview_address, report_problem,
};
pub use codes::{CodeSent, enter_code, send_code};
pub use links::{Access, Tier, open, page_link, revoke, rotate};
pub use lookup::send_link;
pub use parcels::check_due;
pub use scans::report;
pub use settings::{put_settings, settings};
pub use view::{reads_white, time_of_day, version, view};
pub use visits::{KNOWN_FOR, enter, forget_old, share, visit};

pub(crate) use links::{FirstLinks, first_links, link_of};
pub(crate) use parcels::shipped;
pub(crate) use settings::{LinkKeys, of_merchant as settings_of};
pub(crate) use travel::Travel;
