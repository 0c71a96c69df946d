//! Packages on their way: what their scans come to, and when they will arrive.
//!
//! [`fold`] makes one state of a package's scans. It sorts them itself, so that whatever order they came in, and
//! however often, the state is the same. With the feature `calendar`, `Journey` says by when a package arrives, given
//! how long it has been on its way without having arrived.

#[cfg(feature = "calendar")]
mod journey;
mod scans;

#[cfg(feature = "calendar")]
pub use journey::Journey;
pub use scans::{Delay, ParcelState, Scan, fold};
