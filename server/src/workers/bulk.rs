//! Takes actions on many orders further, step by step.

use std::time::Duration;

use orchestrator::orders::bulk;

use crate::state::AppState;

const PAUSE_AFTER_FAILURE: Duration = Duration::from_secs(5);

/// Step after step until no action runs, then waits for one. A step that has begun is ended.
pub async fn work(state: AppState) {
    let orc = &state.orchestrator;
    let mut shutdown = state.shutdown.clone();
    while !shutdown.is_triggered() {
        let pause = async {
            match bulk::advance_all(orc).await {
                Ok(true) => {}
                Ok(false) => bulk::wait_for_work(orc).await,
                Err(error) => {
                    tracing::error!(%error, "actions on many orders pause");
                    tokio::time::sleep(PAUSE_AFTER_FAILURE).await;
                }
            }
        };
        tokio::select! {
            () = pause => {}
            () = shutdown.wait() => return,
        }
    }
}
