//! The one-time link that leads the first visitor of an empty installation through set-up.

use std::sync::{Mutex, PoisonError};

use app::server_context::SetupPort;

use crate::letters;

/// Holds the token while set-up is open.
#[derive(Default)]
pub struct SetupToken(Mutex<Option<String>>);

impl SetupToken {
    /// Opens set-up and returns the token of the link.
    pub fn open(&self) -> String {
        let token = letters::random(32);
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(token.clone());
        token
    }
}

impl SetupPort for SetupToken {
    fn check(&self, token: &str) -> bool {
        let open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Every byte is looked at, so that the time tells nothing about the token.
        open.as_ref().is_some_and(|open| {
            open.len() == token.len()
                && open
                    .bytes()
                    .zip(token.bytes())
                    .fold(0, |diff, (a, b)| diff | (a ^ b))
                    == 0
        })
    }

    fn use_up(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_link_works_until_it_is_used() {
        let gate = SetupToken::default();
        assert!(!gate.check(""));
        let token = gate.open();
        assert!(gate.check(&token) && !gate.check(&token[1..]) && !gate.check("guess"));
        gate.use_up();
        assert!(!gate.check(&token));
    }
}
