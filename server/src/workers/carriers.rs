//! Looks after packages on their way: what does not move is late before its promise breaks.

use std::time::Duration;

use orchestrator::tracking;

use crate::state::AppState;

const EVERY: Duration = Duration::from_secs(30);

pub async fn work(state: AppState) {
    let orc = &state.orchestrator;
    let mut shutdown = state.shutdown.clone();
    loop {
        let pause = match tracking::check_due(orc).await {
            // There may be more.
            Ok(checked) if checked > 0 => Duration::from_millis(100),
            Ok(_) => EVERY,
            Err(error) => {
                tracing::warn!(%error, "packages cannot be looked after; it is tried again");
                EVERY
            }
        };
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = shutdown.wait() => return,
        }
    }
}
