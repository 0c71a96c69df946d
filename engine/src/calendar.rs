//! When nodes work and carriers move: opening hours and cut-offs by weekday and service, days closed, public holidays,
//! pickups, days of delivery, each in its own time zone with daylight saving.
//!
//! [`NodeCalendar`] and [`ServiceCalendar`] are what a merchant says, as plain data, in the browser too. With the
//! feature `calendar` they become [`WorkCalendar`] and [`CarrierCalendar`], checked field by field, and a
//! [`Timetable`]: a node's coming days worked out as instants, which answers in well under a microsecond.
//!
//! Rules that hold everywhere:
//!
//! - An order counts for a day up to and including the second of its cut-off.
//! - `24:00` is the end of the day: as a cut-off or a pickup its last second, so an order at 00:00:00 is the next day's.
//! - A local time that the clock skips is the first instant after the gap; one that comes twice is the first of the two.
//! - A node's holidays are kept only where it says so; a carrier keeps those of the country (and of the part of it) where
//!   it collects and delivers, apart from the ones it names.

mod spec;

#[cfg(feature = "calendar")]
mod carrier;
#[cfg(feature = "calendar")]
mod clock;
#[cfg(feature = "calendar")]
mod holidays;
#[cfg(feature = "calendar")]
mod open_time;
#[cfg(feature = "calendar")]
mod timetable;
#[cfg(feature = "calendar")]
mod work;

pub use spec::{HolidayRule, NodeCalendar, ServiceCalendar};

#[cfg(feature = "calendar")]
pub use self::{
    carrier::{CarrierCalendar, CarrierDays},
    holidays::{Holiday, Holidays},
    timetable::{Collection, Dispatch, Timetable},
    work::{PICKUP, WorkCalendar, parse},
};
