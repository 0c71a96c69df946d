//! What screens share.

mod after;
mod badge;
mod confirm;
mod copy;
mod dialog;
mod filters;
mod icon;
mod keys;
mod liking;
mod live;
mod menu;
mod pager;
mod palette;
mod states;
mod time;
mod toast;
mod tray;
mod visitor;

pub use after::after;
pub use badge::{Badge, FulfillmentBadge, OrderBadge};
pub use confirm::{Confirm, Question};
pub use copy::CopyButton;
pub use dialog::{Dialog, open_about};
pub use filters::{Choice, Day, FilterBar};
pub use icon::Icon;
pub use keys::{KeyListener, Keys, Screen, ShortcutSheet, SingleKeys};
pub use liking::Liking;
pub use live::{Coalesced, Happened, Live, LiveButton, when_it_happens};
pub use menu::Menu;
pub use pager::Pager;
pub use palette::Palette;
pub use states::{Empty, ErrorState, FormError, Loading};
pub use time::{Clock, When};
pub use toast::{ToastRack, Toasts};
pub use tray::Tray;
pub use visitor::may;
