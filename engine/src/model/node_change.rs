use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::node::CalendarDay;

/// What a changed node would make of what is open there and of what shoppers were told.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NodeChange {
    /// The coming days as they would be, until 14 of them are worked; days that are closed every week are left out.
    pub days: Vec<CalendarDay>,
    /// Holidays of the coming year in the country whose holidays it would keep, also those that it would work on.
    pub holidays: Vec<HolidayView>,
    /// Orders with work there that is not handed over yet; those of them that would leave at another time, and later.
    pub orders: Moved,
    /// Questions of shoppers in the last days that a way from this node answers; those of them that would now be told
    /// another date for one of their ways, and a later one (or none).
    pub promises: Moved,
}

/// So many of so many.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moved {
    pub of: u64,
    pub moved: u64,
    pub later: u64,
}

impl NodeChange {
    /// Whether anything that anybody was told would come out otherwise.
    pub fn moves_anything(&self) -> bool {
        self.orders.moved + self.promises.moved > 0
    }
}

/// A public holiday.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HolidayView {
    pub date: NaiveDate,
    pub name: String,
}

/// What pausing a node touches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodePause {
    /// Orders with work there that is not handed over yet, and the units of that work.
    pub open_orders: u64,
    pub open_units: u64,
    /// Other nodes that take part, and those of them in the same country and region.
    pub others: u64,
    pub others_near: u64,
    /// SKUs that only this node has available.
    pub only_here: u64,
}
