//! Plans orders as they come.

use std::time::Duration;

use orchestrator::routing;

use crate::state::AppState;

/// The wait after a failure; each further one doubles it.
const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// Batch after batch until nothing is due, then waits for orders. A batch that has begun is ended.
pub async fn work(state: AppState) {
    let orc = &state.orchestrator;
    let mut shutdown = state.shutdown.clone();
    let mut pause = FIRST_PAUSE;
    while !shutdown.is_triggered() {
        match routing::run(orc, state.config.router_batch as usize).await {
            Ok(report) => {
                pause = FIRST_PAUSE;
                if report.planned > 0 {
                    tracing::debug!(?report, "routed a batch");
                    state.metrics.routed(&report);
                    continue;
                }
                tokio::select! {
                    () = routing::wait_for_work(orc) => {}
                    () = shutdown.wait() => return,
                }
            }
            Err(error) => {
                tracing::error!(%error, pause_ms = pause.as_millis() as u64, "the router pauses");
                tokio::select! {
                    () = tokio::time::sleep(pause) => {}
                    () = shutdown.wait() => return,
                }
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        }
    }
}
