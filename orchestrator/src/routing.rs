//! The router: takes orders that wait for a plan in batches, asks the engine on plain values, and commits each plan.
//!
//! Claim, plan and commit are three steps. The claim keeps other processes away for a while; a process that dies
//! leaves nothing behind but a claim that ends. The plan is made from what was read, and the commit reserves by
//! condition: when the stock, the capacity, the network or the order has changed meanwhile, nothing is written and
//! the order is planned again with fresh values.

mod commit;
mod decisions;
mod load;
mod preview;
mod problem;
mod timing;
mod together;
mod wake;
mod workload;

pub use decisions::{Replay, asked, decisions, replay};
pub(crate) use load::Placement;
pub(crate) use preview::{Tried, other_nodes, try_out};
pub(crate) use problem::{
    PICKUP, node_spec, of_level, pickup_service, service_spec, waiting_costs,
};
pub(crate) use timing::{When, when};
pub(crate) use wake::{wake_all_backorders, wake_backorders};
pub(crate) use workload::Workload;

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use engine::model::{MerchantId, OrderId, Trigger};
use futures::FutureExt;
use futures::future::join_all;
use sea_orm::FromQueryResult;
use sea_orm::prelude::Uuid;

use crate::network::Network;
use crate::store::Tx;
use crate::store::sql::{self, values};
use crate::{Error, Orchestrator, Result};
use commit::Outcome;
use problem::Planned;

/// How often the router looks for orders that nobody told it of: those of other processes, and claims that ended.
const POLL: Duration = Duration::from_millis(500);

/// Batches of one merchant in a row, before other merchants have their turn.
const BATCHES: usize = 8;

/// Orders that waited already are planned together, so more of them at once: as many as that takes a second for.
const WAITING: usize = 500;

/// What a turn of the router did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RunReport {
    /// Orders looked at.
    pub planned: usize,
    /// Of them, orders with a plan for every unit.
    pub routed: usize,
    /// Orders of which something waits.
    pub backordered: usize,
    /// Orders whose plan found the world changed; they are still due.
    pub conflicts: usize,
    /// Orders that could not be planned at all.
    pub failed: usize,
    pub batches: u32,
    pub took: Duration,
}

/// Waits until an order was taken in here, or until it is time to look for others.
pub async fn wait_for_work(orc: &Orchestrator) {
    let _ = tokio::time::timeout(POLL, orc.orders_waiting().notified()).await;
}

/// Plans each merchant's due orders in batches of at most `limit`: all of them, or a few batches where there are many.
pub async fn run(orc: &Orchestrator, limit: usize) -> Result<RunReport> {
    #[derive(FromQueryResult)]
    struct Row {
        merchant_id: Uuid,
    }
    let start = Instant::now();
    let now = orc.now().timestamp_micros();
    let due = "SELECT DISTINCT merchant_id FROM orders
               WHERE plan_due_at IS NOT NULL AND plan_due_at <= ? AND claimed_until <= ?
               AND (plan_due_at < ? OR plan_trigger <> 'new_order')";
    let bound = values![now, now, window_start(orc, now)];
    let merchants: Vec<Row> = sql::all(orc.reader(), due, bound).await?;
    let mut report = RunReport::default();
    let limit = limit.clamp(1, 500);
    for row in merchants {
        let merchant = MerchantId(row.merchant_id);
        let mut ids = claim(orc, merchant, limit).await?;
        for batch in 1..=BATCHES {
            if ids.is_empty() {
                break;
            }
            // The next batch is claimed in the transaction that commits this one.
            let next = if batch < BATCHES { limit } else { 0 };
            ids = run_batch(orc, merchant, &ids, next, &mut report).await?;
        }
    }
    report.took = start.elapsed();
    let counters = orc.counters();
    counters
        .planned
        .fetch_add(report.planned as u64, Ordering::Relaxed);
    counters
        .conflicts
        .fetch_add(report.conflicts as u64, Ordering::Relaxed);
    counters
        .routing_us
        .fetch_add(report.took.as_micros() as u64, Ordering::Relaxed);
    Ok(report)
}

/// Plans these orders and claims the next ones, at most `next`.
async fn run_batch(
    orc: &Orchestrator,
    merchant: MerchantId,
    ids: &[OrderId],
    next: usize,
    report: &mut RunReport,
) -> Result<Vec<OrderId>> {
    let network = orc.network(merchant).await?;
    let batch = load::load(orc, merchant, &network, ids).await?;
    // The engine computes; the threads that serve requests are not for that.
    let (now, for_plans) = (orc.now(), network.clone());
    let windows = !orc.window().is_zero();
    let plan = move || problem::plan_batch(&for_plans, batch, now, windows);
    let planned = tokio::task::spawn_blocking(plan)
        .await
        .map_err(Error::internal)?;
    let engine_us: u64 = planned.iter().map(|p| p.took_us as u64).sum();
    orc.counters()
        .engine_us
        .fetch_add(engine_us, Ordering::Relaxed);
    report.planned += planned.len();
    report.batches += 1;
    let planned = Arc::new(planned);
    let mut again = Vec::new();
    let (outcomes, claimed) = commit_all(orc, merchant, &network, &planned, next).await;
    for (id, outcome) in outcomes {
        match outcome {
            Ok(Outcome::Routed) => report.routed += 1,
            Ok(Outcome::Backordered) => report.backordered += 1,
            Ok(Outcome::Unchanged) => {}
            Ok(Outcome::Failed) => report.failed += 1,
            Ok(Outcome::Overtaken) | Err(Error::Conflict(_)) => {
                tracing::debug!(order = %id, "planning again");
                again.push(id);
            }
            // The claim ends by itself; the order is tried again then.
            Err(error) => {
                tracing::error!(order = %id, %error, "the plan could not be committed");
                report.failed += 1;
            }
        }
    }
    report.conflicts += again.len();
    unclaim(orc, merchant, again).await?;
    Ok(claimed)
}

/// Commits the plans together, and claims the next orders. When that is not possible, each is tried for itself: then
/// only those fail that have to.
async fn commit_all(
    orc: &Orchestrator,
    merchant: MerchantId,
    network: &Arc<Network>,
    planned: &Arc<Vec<Planned>>,
    next: usize,
) -> (Vec<(OrderId, Result<Outcome>)>, Vec<OrderId>) {
    let commit = |part: Range<usize>, next: usize| {
        let (network, planned) = (network.clone(), planned.clone());
        let claims = Claims::of(orc, next);
        orc.write(merchant, move |tx| {
            async move {
                let outcomes = commit::commit(tx, &network, &planned[part]).await?;
                Ok((outcomes, claims.take(tx).await?))
            }
            .boxed()
        })
    };
    let ids = planned.iter().map(|planned| planned.id);
    match commit(0..planned.len(), next).await {
        Ok((outcomes, claimed)) => {
            return (ids.zip(outcomes.into_iter().map(Ok)).collect(), claimed);
        }
        Err(Error::Conflict(why)) => tracing::debug!(why, "a batch is committed one by one"),
        Err(error) => tracing::warn!(%error, "a batch is committed one by one"),
    }
    let outcomes = join_all((0..planned.len()).map(|i| commit(i..i + 1, 0))).await;
    let outcomes = outcomes
        .into_iter()
        .map(|outcome| outcome.map(|(of_one, _)| of_one[0]));
    (ids.zip(outcomes).collect(), Vec::new())
}

async fn claim(orc: &Orchestrator, merchant: MerchantId, limit: usize) -> Result<Vec<OrderId>> {
    let claims = Claims::of(orc, limit);
    orc.write(merchant, move |tx| {
        async move { claims.take(tx).await }.boxed()
    })
    .await
}

/// When the window of now began: new orders that came since wait for its end. Without windows there is none to wait for.
fn window_start(orc: &Orchestrator, now_us: i64) -> i64 {
    match orc.window().as_micros() as i64 {
        0 => i64::MAX,
        window => now_us - now_us.rem_euclid(window),
    }
}

/// Which orders a process takes.
#[derive(Clone, Copy)]
struct Claims {
    lease: Duration,
    /// New orders at most; 0 for none at all.
    limit: usize,
    /// New orders that came before.
    before_us: i64,
    windows: bool,
}

impl Claims {
    fn of(orc: &Orchestrator, limit: usize) -> Self {
        Claims {
            lease: orc.lease(),
            limit,
            before_us: window_start(orc, orc.now().timestamp_micros()),
            windows: !orc.window().is_zero(),
        }
    }

    /// Takes due orders for this process, oldest first. The merchant's writers take turns, in this process and across
    /// processes, so no order is claimed twice.
    async fn take(self, tx: &Tx) -> Result<Vec<OrderId>> {
        if self.limit == 0 {
            return Ok(Vec::new());
        }
        let mut rows = self.due(tx, self.limit).await?;
        let waited = |row: &Due| self.windows || row.plan_trigger != Trigger::NewOrder.as_str();
        if rows.len() == self.limit && rows.iter().any(waited) {
            rows = self.due(tx, self.limit.max(WAITING)).await?;
        }
        if !rows.is_empty() {
            let sql = format!(
                "UPDATE orders SET claimed_until = ? WHERE id IN {}",
                sql::list(rows.len())
            );
            let mut bound = values![tx.now_us() + self.lease.as_micros() as i64];
            bound.extend(rows.iter().map(|row| sea_orm::Value::from(row.id)));
            sql::run(tx.conn(), &sql, bound).await?;
        }
        Ok(rows.into_iter().map(|row| OrderId(row.id)).collect())
    }

    async fn due(self, tx: &Tx, limit: usize) -> Result<Vec<Due>> {
        let sql = "SELECT id, plan_trigger FROM orders
                   WHERE merchant_id = ? AND plan_due_at IS NOT NULL AND plan_due_at <= ? AND claimed_until <= ?
                   AND (plan_due_at < ? OR plan_trigger <> 'new_order')
                   ORDER BY plan_due_at, COALESCE(promised_by, '9999'), tier DESC, placed_at, number LIMIT ?";
        let now = tx.now_us();
        let bound = values![tx.merchant().0, now, now, self.before_us, limit as i64];
        Ok(sql::all(tx.conn(), sql, bound).await?)
    }
}

#[derive(FromQueryResult)]
struct Due {
    id: Uuid,
    plan_trigger: String,
}

/// Frees every claim, for a process that knows that no other one routes in this database: what an ended process had
/// claimed is planned again at once and not only when its claim ends.
pub async fn forget_claims(orc: &Orchestrator) -> Result<()> {
    for merchant in crate::accounts::merchants(orc).await? {
        orc.write(merchant.id, move |tx| {
            async move {
                sql::run(
                    tx.conn(),
                    "UPDATE orders SET claimed_until = 0 WHERE merchant_id = ? AND plan_due_at IS NOT NULL
                     AND claimed_until > 0",
                    values![tx.merchant().0],
                )
                .await?;
                Ok(())
            }
            .boxed()
        })
        .await?;
    }
    Ok(())
}

async fn unclaim(orc: &Orchestrator, merchant: MerchantId, ids: Vec<OrderId>) -> Result<()> {
    if ids.is_empty() {
        return Ok(());
    }
    orc.write(merchant, move |tx| {
        async move {
            let sql = format!(
                "UPDATE orders SET claimed_until = 0 WHERE id IN {}",
                sql::list(ids.len())
            );
            let ids = ids.into_iter().map(|id| id.0.into()).collect();
            sql::run(tx.conn(), &sql, ids).await?;
            tx.wake_router();
            Ok(())
        }
        .boxed()
    })
    .await
}
