//! Gives back what was held for too long: at the checkout, and at nodes for customers who did not come.

use std::time::Duration;

use orchestrator::{fulfillments, promises};

use crate::state::AppState;

const EVERY: Duration = Duration::from_secs(2);

pub async fn work(state: AppState) {
    let orc = &state.orchestrator;
    let mut shutdown = state.shutdown.clone();
    loop {
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            () = shutdown.wait() => return,
        }
        match promises::expire(orc).await {
            Ok(0) => {}
            Ok(ended) => tracing::debug!(ended, "holds at the checkout have ended"),
            Err(error) => tracing::warn!(%error, "holds cannot be ended; it is tried again"),
        }
        match fulfillments::expire(orc).await {
            Ok(0) => {}
            Ok(ended) => tracing::debug!(ended, "fulfillments were not collected"),
            Err(error) => tracing::warn!(%error, "pickups cannot be ended; it is tried again"),
        }
    }
}
