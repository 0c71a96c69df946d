//! Pages before sign-in. Both are plain forms that work without the program.

mod set_up;
mod sign_in;

pub use set_up::SetUpPage;
pub use sign_in::SignInPage;
