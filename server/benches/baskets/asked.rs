//! What the router asks the engine for the demonstration's orders.

use std::sync::Arc;

use chrono::Utc;
use engine::routing::Problem;
use orchestrator::{ManualClock, Options, Orchestrator, orders, routing};
use server::demo::{self, Data};

/// The problems of the first orders, each as the router saw it.
pub async fn problems(count: usize) -> Vec<Problem> {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("demo.db").display());
    let orc = Orchestrator::open(Options {
        clock: Arc::new(ManualClock::new(Utc::now())),
        ..Options::new(&url)
    })
    .await
    .unwrap();
    let data = Data::load().unwrap();
    let merchant = demo::fill(&orc, &data, 144.0).await.unwrap();
    let actor = demo::actor(merchant);
    let mut problems = Vec::with_capacity(count);
    for n in 0..count {
        let order = demo::order(&data, n, orc.now());
        orders::place(&orc, &actor, order).await.unwrap();
        if n % 64 == 63 || n + 1 == count {
            while routing::run(&orc, 64).await.unwrap().planned > 0 {}
        }
    }
    for n in 0..count {
        let order = format!("{}:{}", demo::channel(n), demo::external_id(n));
        let asked = routing::asked(&orc, &actor, &order).await.unwrap();
        problems.extend(asked.into_iter().next());
    }
    problems
}
