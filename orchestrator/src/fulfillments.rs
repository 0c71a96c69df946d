//! The work of nodes: accepted, rejected, picked, packed, handed over, collected; and by when each of it is due.

mod act;
mod due;
mod list;
mod pickup;
mod settings;
mod short_pick;
mod work;

pub(crate) use act::apply;
pub use act::{FulfillmentAction, act};
pub(crate) use due::{accept_by, ship_by};
pub use list::list;
pub use pickup::expire;
pub(crate) use settings::stored as work_settings;
pub use settings::{put_settings, settings};
pub use work::{WorkCounts, slip, work, work_counts, work_items};
