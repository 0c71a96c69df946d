//! What runs in the background, in the same process.

mod bulk;
mod carriers;
mod holds;
pub mod letters;
mod repair;
mod router;
mod services;
mod sweeper;

use tokio::task::JoinSet;

use crate::state::AppState;

/// Starts them all; they end with the state's shutdown.
pub fn start(state: &AppState) -> JoinSet<()> {
    let mut workers = JoinSet::new();
    workers.spawn(router::work(state.clone()));
    workers.spawn(bulk::work(state.clone()));
    workers.spawn(carriers::work(state.clone()));
    workers.spawn(letters::work(state.clone()));
    workers.spawn(holds::work(state.clone()));
    workers.spawn(repair::work(state.clone()));
    workers.spawn(services::work(state.clone()));
    workers.spawn(sweeper::work(state.clone()));
    workers
}
