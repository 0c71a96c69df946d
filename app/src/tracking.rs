//! What customers see: plain pages without the program, whole at the first byte, readable without a script and below
//! 50 kB in all. A small script keeps the page of an order up to date where there is one.

mod acts;
mod forms;
mod frame;
mod letter;
mod mailbox;
pub(crate) mod markup;
mod order;

pub use acts::{Act, CodeState, address, cancel, code, confirm_address, confirm_cancel, problem};
pub use forms::{lookup, not_found, shared};
pub use frame::{Frame, SCRIPT};
pub use letter::{Written, write};
pub use mailbox::mailbox;
pub use markup::Markup;
pub use order::{Place, page};
