//! Orders that come in at the same time are taken in together. Whoever comes first starts a task that takes what waits,
//! batch after batch, until nothing does: alone, an order waits for nobody; among many, it shares the reads, the
//! statements and the commit with those that came while the batch before it was written.

use std::collections::{HashMap, HashSet, VecDeque};
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, PoisonError};

use engine::model::MerchantId;
use futures::FutureExt;
use futures::future::{BoxFuture, join_all};
use tokio::sync::oneshot;

use super::place::{Incoming, Placed, place_many};
use crate::idempotency::Guard;
use crate::{Error, Orchestrator, Result};

/// Orders in one batch.
const BATCH: usize = 64;
/// Orders of a merchant that may wait; past it, callers are told to come again.
const MOST_WAITING: usize = 4_096;

/// What waits, by merchant. A merchant is in it for as long as a task works for it.
#[derive(Default)]
pub(crate) struct Intake(Mutex<HashMap<MerchantId, VecDeque<Waiting>>>);

struct Waiting {
    order: Arc<Incoming>,
    reply: oneshot::Sender<Result<Placed>>,
    /// Keeps a second request with the same idempotency key out until the first has its answer.
    running: Option<Guard>,
}

impl Waiting {
    fn answer(self, answer: Result<Placed>) {
        // Who repeats the request from now on gets the stored answer.
        drop(self.running);
        // The caller may have gone; what was taken in stays.
        let _ = self.reply.send(answer);
    }
}

impl Intake {
    pub(super) async fn take(&self, orc: &Orchestrator, order: Incoming) -> Result<Placed> {
        let merchant = order.actor.merchant;
        let ticket = order.actor.idempotency.as_ref();
        let running = ticket.map(|ticket| orc.running_keys().enter(merchant, ticket));
        let (reply, answer) = oneshot::channel();
        let is_first = self.push(
            merchant,
            Waiting {
                order: Arc::new(order),
                reply,
                running: running.transpose()?,
            },
        )?;
        if is_first {
            tokio::spawn(take_all(orc.clone(), merchant));
        }
        answer
            .await
            .map_err(|_| Error::Unavailable("the ledger is closing".to_owned()))?
    }

    /// Whether there is no task yet that would take it.
    fn push(&self, merchant: MerchantId, waiting: Waiting) -> Result<bool> {
        let mut merchants = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(queue) = merchants.get_mut(&merchant) {
            if queue.len() >= MOST_WAITING {
                let text =
                    format!("{MOST_WAITING} orders wait to be taken in; try again in a moment");
                return Err(Error::Unavailable(text));
            }
            queue.push_back(waiting);
            return Ok(false);
        }
        merchants.insert(merchant, VecDeque::from([waiting]));
        Ok(true)
    }

    /// The next batch, oldest first; when there is none, the task ends. An order that the channel has sent twice within
    /// the batch waits for the next one, where the first is there to compare it with.
    fn next(&self, merchant: MerchantId) -> Option<Vec<Waiting>> {
        let mut merchants = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let queue = merchants.get_mut(&merchant)?;
        if queue.is_empty() {
            merchants.remove(&merchant);
            return None;
        }
        let mut seen = HashSet::new();
        let (mut batch, mut later) = (Vec::new(), VecDeque::new());
        while batch.len() < BATCH
            && let Some(waiting) = queue.pop_front()
        {
            let new = &waiting.order.new;
            if seen.insert((new.channel.clone(), new.external_id.clone())) {
                batch.push(waiting);
            } else {
                later.push_back(waiting);
            }
        }
        later.append(queue);
        *queue = later;
        Some(batch)
    }
}

async fn take_all(orc: Orchestrator, merchant: MerchantId) {
    while let Some(batch) = orc.intake().next(merchant) {
        // A defect must not leave the orders after it without anybody who takes them.
        if AssertUnwindSafe(take_batch(&orc, batch))
            .catch_unwind()
            .await
            .is_err()
        {
            tracing::error!("taking orders in failed in an unforeseen way");
        }
    }
}

/// A batch that fails as a whole is tried order by order, so that none of them suffers for another.
fn take_batch(orc: &Orchestrator, batch: Vec<Waiting>) -> BoxFuture<'_, ()> {
    async move {
        let orders: Vec<_> = batch.iter().map(|waiting| waiting.order.clone()).collect();
        match place_many(orc, &orders).await {
            Ok(answers) => {
                for (waiting, answer) in batch.into_iter().zip(answers) {
                    waiting.answer(answer);
                }
            }
            Err(error) if batch.len() > 1 => {
                tracing::warn!(%error, orders = batch.len(), "a batch of orders is tried one by one");
                join_all(batch.into_iter().map(|waiting| take_batch(orc, vec![waiting]))).await;
            }
            Err(error) => {
                if let Some(waiting) = batch.into_iter().next() {
                    waiting.answer(Err(error));
                }
            }
        }
    }
    .boxed()
}
