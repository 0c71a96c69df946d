//! The merchant's screens, one file or folder each. Each is fetched when it is first opened.

mod inventory;
mod layout;
mod nodes;
mod order;
mod orders;
mod today;

pub use inventory::{InventoryPage, LedgerPage};
pub use layout::AdminShell;
pub use nodes::{NodePage, NodesPage};
pub use order::OrderPage;
pub use orders::{OrdersPage, OrdersQuery};
pub use today::TodayPage;
