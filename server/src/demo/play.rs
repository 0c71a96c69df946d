use std::time::Duration;

use orchestrator::{Actor, Error, Orchestrator};
use tokio::time::Instant;

use super::data::Data;
use super::history::place;
use super::orders::{channel, external_id};
use super::staff::Staff;
use super::trouble::Trouble;
use crate::state::AppState;

/// Orders that are there at once, so that no screen is empty.
const BACKLOG: usize = 150;
/// Nobody waits longer than this for something to happen, whatever the shops' nights were like.
const LONGEST_PAUSE: Duration = Duration::from_secs(8);
const STAFF_TICK: Duration = Duration::from_secs(2);

/// Places orders and lets people work on them until the process ends. At speed 0 nothing happens by itself.
pub async fn work(state: AppState, data: Data, actor: Actor) {
    let speed = state.config.demo_speed;
    if speed <= 0.0 {
        return;
    }
    let orc = state.orchestrator.clone();
    let mut shutdown = state.shutdown.clone();
    let percent = state.config.demo_trouble;
    let mut staff = Staff::new(&data, speed, percent);
    let mut trouble = Trouble::new(&data, percent);
    tokio::select! {
        () = shutdown.wait() => {}
        // An order that is being placed is placed or not; the next start finds out which.
        () = place_all(&orc, &data, &actor, speed) => {}
        () = async {
            loop {
                tokio::time::sleep(STAFF_TICK).await;
                let round = async {
                    trouble.strike(&orc, &actor).await?;
                    staff.work(&orc, &actor).await
                };
                if let Err(error) = round.await {
                    tracing::warn!(%error, "the demonstration's people pause");
                }
            }
        } => {}
    }
}

async fn place_all(orc: &Orchestrator, data: &Data, actor: &Actor, speed: f64) {
    let mut n = loop {
        match first_unplaced(orc, actor).await {
            Ok(n) => break n,
            Err(error) => {
                tracing::warn!(%error, "the demonstration's orders wait for the database");
                tokio::time::sleep(LONGEST_PAUSE).await;
            }
        }
    };
    let mut due = Instant::now();
    loop {
        if n >= BACKLOG {
            tokio::time::sleep_until(due).await;
            due = due.max(Instant::now() - LONGEST_PAUSE) + pause_after(data, n, speed);
        }
        match place(orc, actor, data, n).await {
            Ok(()) => n += 1,
            Err(error) => {
                tracing::warn!(order = n, %error, "an order of the demonstration is tried again");
                tokio::time::sleep(LONGEST_PAUSE).await;
            }
        }
    }
}

/// From this basket to the next one, as recorded, but faster.
pub fn pause_after(data: &Data, n: usize, speed: f64) -> Duration {
    let at = |n: usize| data.baskets[n % data.baskets.len()].placed_at;
    let seconds = (at(n + 1) - at(n)).num_seconds().max(0) as f64;
    Duration::from_secs_f64((seconds / speed).min(LONGEST_PAUSE.as_secs_f64()))
}

/// Orders are placed one after the other, so the first one that is not there can be looked for by halves.
async fn first_unplaced(orc: &Orchestrator, actor: &Actor) -> Result<usize, Error> {
    let placed = async |n: usize| {
        let reference = format!("{}:{}", channel(n), external_id(n));
        match orchestrator::orders::get(orc, actor, &reference).await {
            Ok(_) => Ok(true),
            Err(Error::NotFound { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    };
    let mut beyond = 1;
    while placed(beyond - 1).await? {
        beyond *= 2;
    }
    let (mut from, mut to) = (beyond / 2, beyond - 1);
    while from < to {
        let middle = usize::midpoint(from, to);
        if placed(middle).await? {
            from = middle + 1;
        } else {
            to = middle;
        }
    }
    Ok(from)
}
