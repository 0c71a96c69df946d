//! Pages that do without the program. Those before sign-in are plain forms: they work at once, and meanwhile the browser
//! fetches it for the page that follows. The packing slip is only there to be printed.

mod set_up;
mod sign_in;
mod slip;

pub use set_up::SetUpPage;
pub use sign_in::SignInPage;
pub use slip::SlipPage;
