//! What shoppers are told: case by case, and what holds of every promise.
#![cfg(feature = "calendar")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod always;
mod network;
mod told;
