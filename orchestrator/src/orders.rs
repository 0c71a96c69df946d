//! Orders: taken in, listed, read, and what people do with them.

mod act;
mod address;
pub mod bulk;
mod cancel;
mod check;
mod intake;
mod list;
mod moves;
mod place;
mod state;
mod view;

pub use act::act;
pub use address::{AddressChange, change_address, preview_address};
pub use cancel::cancel_lines;
pub(crate) use intake::Intake;
pub use list::{counts, list, neighbours, rows};
pub use moves::{move_to, try_move};
pub use place::{Placed, place};
pub(crate) use state::{Fulfillment, OrderState, set_status};
pub(crate) use view::{fulfillment_views, load_view, resolve};
pub use view::{get, timeline};
