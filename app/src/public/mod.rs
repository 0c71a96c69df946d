//! Pages before sign-in. Both are plain forms without the program: they work at once, and meanwhile the browser fetches
//! it for the page that follows.

mod set_up;
mod sign_in;

pub use set_up::SetUpPage;
pub use sign_in::SignInPage;
