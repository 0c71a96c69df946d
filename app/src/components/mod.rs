//! What screens share.

mod badge;
mod dialog;
mod icon;
mod keys;
mod live;
mod palette;
mod states;
mod time;
mod toast;
mod visitor;

pub use badge::{FulfillmentBadge, OrderBadge};
pub use dialog::Dialog;
pub use icon::Icon;
pub use keys::{KeyListener, Keys, Screen, ShortcutSheet};
pub use live::{Coalesced, Live, LiveButton};
pub use palette::Palette;
pub use states::{Empty, ErrorState, FormError, Loading};
pub use time::{Clock, When};
pub use toast::{ToastRack, Toasts};
pub use visitor::may;
