//! Days before the first one: orders that were promised a date, worked on with a share of trouble, scanned on their way
//! and delivered in time or late, so that every screen and every customer's page has something to show from the start.
//!
//! They are lived through with a clock of their own, before the server opens the ledger.

use std::sync::Arc;

use anyhow::{Context, Result};
use chrono::{DateTime, Duration, Utc};
use orchestrator::{
    Actor, Error, ManualClock, Options, Orchestrator, fulfillments, promises, repair, routing,
    tracking,
};

use super::data::Data;
use super::orders::{self, external_id};
use super::staff::Staff;
use super::trouble::Trouble;

/// Days that are lived through.
const DAYS: i64 = 7;
/// Minutes between two looks at everything.
const STEP_MINUTES: i64 = 120;
/// Orders of a day.
const ORDERS_A_DAY: usize = 14;
/// Orders of the last day are left to be worked on.
const LAST_ORDERS: i64 = 1;

/// Lives through the days before now in an empty database; in one that is filled it does nothing.
pub async fn live_through(database_url: &str, data: &Data, trouble: u32) -> Result<()> {
    let now = Utc::now();
    let clock = Arc::new(ManualClock::new(now - Duration::days(DAYS)));
    let options = Options {
        clock: clock.clone(),
        read_connections: 2,
        ..Options::new(database_url)
    };
    let orc = Orchestrator::open(options).await?;
    if orchestrator::accounts::is_empty(&orc).await? {
        let merchant = super::fill(&orc, data, 1.0).await?;
        let actor = super::actor(merchant);
        let started = std::time::Instant::now();
        let lived = live(&orc, data, &actor, &clock, now, trouble).await;
        lived.context("the demonstration's days before the first")?;
        tracing::info!(
            seconds = started.elapsed().as_secs_f64(),
            days = DAYS,
            "the demonstration has a past"
        );
    }
    orc.close().await;
    Ok(())
}

async fn live(
    orc: &Orchestrator,
    data: &Data,
    actor: &Actor,
    clock: &ManualClock,
    end: DateTime<Utc>,
    percent: u32,
) -> Result<()> {
    let mut staff = Staff::new(data, 1.0, percent);
    let mut trouble = Trouble::new(data, percent);
    let steps_a_day = 24 * 60 / STEP_MINUTES;
    let mut n = 0;
    let mut step = 0;
    // The ledger's times are in microseconds, and those of the system are finer.
    while end - orc.now() > Duration::seconds(1) {
        // People come before what is late is looked for: they have had these two hours.
        staff.work(orc, actor).await?;
        let day = step / steps_a_day;
        // Shops are asleep in a third of the hours.
        let due = ((step % steps_a_day) as usize * ORDERS_A_DAY).div_ceil(steps_a_day as usize);
        let due = day as usize * ORDERS_A_DAY + due;
        while n < due && day < DAYS - LAST_ORDERS {
            place(orc, actor, data, n).await?;
            n += 1;
        }
        trouble.strike(orc, actor).await?;
        settle(orc).await?;
        clock.advance(Duration::minutes(STEP_MINUTES).min(end - orc.now()));
        step += 1;
    }
    settle(orc).await?;
    trouble.end(orc, actor).await?;
    Ok(())
}

/// Everything that Baton does by itself, until it comes to rest.
async fn settle(orc: &Orchestrator) -> Result<()> {
    repair::watch(orc).await?;
    tracking::check_due(orc).await?;
    promises::expire(orc).await?;
    fulfillments::expire(orc).await?;
    for _ in 0..20 {
        if routing::run(orc, 100).await?.planned == 0 {
            break;
        }
    }
    Ok(())
}

/// Places the order with this number, as a shopper would: most have seen a date before.
pub async fn place(orc: &Orchestrator, actor: &Actor, data: &Data, n: usize) -> Result<(), Error> {
    let mut order = orders::order(data, n, orc.now());
    if let Some(asked) = orders::question(&order, n) {
        match promises::ask(orc, actor, asked).await {
            Ok(promise) => order.delivery.promise_id = Some(promise.id.to_string()),
            Err(error) => tracing::debug!(order = n, %error, "a shopper sees no date"),
        }
    }
    match orchestrator::orders::place(orc, actor, order).await {
        Ok(_) => Ok(()),
        Err(Error::Invalid(errors)) => {
            tracing::warn!(
                order = external_id(n),
                ?errors,
                "an order of the demonstration is passed over"
            );
            Ok(())
        }
        Err(error) => Err(error),
    }
}
