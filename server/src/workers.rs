//! What runs beside the requests.

use std::time::Duration;

use orchestrator::{Orchestrator, routing};

/// Orders in one batch.
const BATCH: usize = 128;

/// Plans orders as long as there are some, then waits for more.
pub async fn route(orc: Orchestrator) {
    loop {
        match routing::run(&orc, BATCH).await {
            Ok(report) if report.planned > 0 => {}
            Ok(_) => routing::wait_for_work(&orc).await,
            Err(error) => {
                tracing::error!(%error, "routing failed, trying again");
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        }
    }
}
