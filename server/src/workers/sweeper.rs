//! Forgets what has run out: sessions and answers to idempotency keys.

use std::time::Duration;

use orchestrator::sessions;

use crate::state::AppState;

const EVERY: Duration = Duration::from_mins(15);

pub async fn work(state: AppState) {
    let orc = &state.orchestrator;
    let mut shutdown = state.shutdown.clone();
    loop {
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            () = shutdown.wait() => return,
        }
        let swept = async {
            Ok::<_, orchestrator::Error>((
                sessions::delete_expired(orc).await?,
                orc.forget_old_answers().await?,
            ))
        };
        match swept.await {
            Ok((sessions, answers)) => tracing::debug!(sessions, answers, "swept"),
            Err(error) => tracing::warn!(%error, "sweeping failed; it is tried again later"),
        }
    }
}
