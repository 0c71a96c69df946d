//! Takes carrier services back into use when the time is over for which they were suspended.

use std::time::Duration;

use orchestrator::network;

use crate::state::AppState;

const EVERY: Duration = Duration::from_secs(10);

pub async fn work(state: AppState) {
    let orc = &state.orchestrator;
    let mut shutdown = state.shutdown.clone();
    loop {
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            () = shutdown.wait() => return,
        }
        match network::resume_services(orc).await {
            Ok(0) => {}
            Ok(resumed) => tracing::info!(resumed, "services are in use again"),
            Err(error) => tracing::warn!(%error, "services cannot be resumed; it is tried again"),
        }
    }
}
