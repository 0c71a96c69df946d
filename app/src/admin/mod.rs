//! The merchant's screens, one file or folder each. Each is fetched when it is first opened.

mod carriers;
mod exceptions;
mod inventory;
mod layout;
mod nodes;
mod order;
mod orders;
mod promise;
mod settings;
mod today;
mod work;

pub use carriers::CarriersPage;
pub use exceptions::ExceptionsPage;
pub use inventory::{InventoryPage, LedgerPage, StockSectionsPage};
pub use layout::AdminShell;
pub use nodes::{NodeCalendarPage, NodePage, NodesPage};
pub use order::OrderPage;
#[cfg(feature = "ssr")]
pub use orders::{Column, Shown, columns_for};
pub use orders::{Jobs, OrdersPage, OrdersQuery};
pub use promise::PromisePage;
pub use settings::SettingsPage;
pub use today::TodayPage;
pub use work::WorkPage;
