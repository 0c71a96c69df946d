//! Looks for trouble that only time tells of.

use std::time::Duration;

use orchestrator::repair;

use crate::state::AppState;

const EVERY: Duration = Duration::from_secs(1);
const PAUSE_AFTER_FAILURE: Duration = Duration::from_secs(5);

pub async fn work(state: AppState) {
    let orc = &state.orchestrator;
    let mut shutdown = state.shutdown.clone();
    let mut pause = EVERY;
    loop {
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = shutdown.wait() => return,
        }
        pause = match repair::watch(orc).await {
            Ok(0) => EVERY,
            Ok(found) => {
                tracing::debug!(found, "looked after what became late");
                Duration::ZERO
            }
            Err(error) => {
                tracing::warn!(%error, "lateness cannot be looked for; it is tried again");
                PAUSE_AFTER_FAILURE
            }
        };
    }
}
