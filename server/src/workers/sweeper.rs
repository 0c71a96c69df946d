//! Forgets what has run out: sessions, answers to idempotency keys, promises, browsers of customers.

use std::time::Duration;

use orchestrator::{promises, sessions, tracking};

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
                promises::forget_old(orc).await?,
                tracking::forget_old(orc).await?,
            ))
        };
        match swept.await {
            Ok((sessions, answers, promises, browsers)) => {
                tracing::debug!(sessions, answers, promises, browsers, "swept");
            }
            Err(error) => tracing::warn!(%error, "sweeping failed; it is tried again later"),
        }
    }
}
