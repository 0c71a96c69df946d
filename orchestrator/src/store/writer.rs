//! The one writer of a process. It takes changes from a queue and commits as many of the same merchant as are waiting
//! in one transaction, so that durability is paid once for the group; each change has a savepoint of its own and
//! fails alone. A change is acknowledged only after the commit.

use std::any::Any;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};
use std::time::Instant;

use engine::model::MerchantId;
use futures::FutureExt;
use futures::future::BoxFuture;
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbErr, SqliteTransactionMode, TransactionOptions,
    TransactionTrait,
};
use tokio::sync::{Mutex, mpsc, oneshot};
use tokio::task::JoinHandle;

use super::{Inner, Tx};
use crate::{Clock, Error, Result};

/// Changes that may wait; past it, callers wait to be let into the queue.
const QUEUE: usize = 4_096;
/// Changes in one transaction.
const GROUP: usize = 64;

pub(super) struct Writer {
    queue: mpsc::Sender<Box<dyn Job>>,
    task: Mutex<Option<JoinHandle<()>>>,
    stop: tokio::sync::watch::Sender<bool>,
}

impl Writer {
    pub fn start(
        connection: DatabaseConnection,
        clock: Arc<dyn Clock>,
        inner: Weak<Inner>,
    ) -> Self {
        let (queue, jobs) = mpsc::channel(QUEUE);
        let (stop, stopped) = tokio::sync::watch::channel(false);
        let task = tokio::spawn(
            Loop {
                connection,
                clock,
                inner,
                jobs,
                stopped,
                carried: None,
            }
            .run(),
        );
        Writer {
            queue,
            task: Mutex::new(Some(task)),
            stop,
        }
    }

    pub fn queued(&self) -> usize {
        QUEUE - self.queue.capacity()
    }

    pub async fn submit<T, F>(&self, merchant: Option<MerchantId>, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T>> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let job = Work {
            merchant,
            change: Some(work),
            outcome: None,
            reply,
        };
        let closed = || Error::Unavailable("the ledger is closing".to_owned());
        self.queue.send(Box::new(job)).await.map_err(|_| closed())?;
        answer.await.map_err(|_| closed())?
    }

    pub async fn stop(&self) {
        let _ = self.stop.send(true);
        if let Some(task) = self.task.lock().await.take() {
            let _ = task.await;
        }
    }
}

/// A change, with the caller that waits for it.
trait Job: Send {
    fn merchant(&self) -> Option<MerchantId>;
    /// Whether what it did is to be kept.
    fn run<'t>(&'t mut self, tx: &'t mut Tx) -> Pin<Box<dyn Future<Output = bool> + Send + 't>>;
    fn finish(self: Box<Self>, committed: Result<(), &DbErr>);
}

struct Work<T, F> {
    merchant: Option<MerchantId>,
    change: Option<F>,
    outcome: Option<Result<T>>,
    reply: oneshot::Sender<Result<T>>,
}

impl<T, F> Job for Work<T, F>
where
    T: Send,
    F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T>> + Send,
{
    fn merchant(&self) -> Option<MerchantId> {
        self.merchant
    }

    fn run<'t>(&'t mut self, tx: &'t mut Tx) -> Pin<Box<dyn Future<Output = bool> + Send + 't>> {
        Box::pin(async move {
            let Some(work) = self.change.take() else {
                return false;
            };
            // A defect in one change must not end the writer, and with it every other change.
            let outcome = AssertUnwindSafe(work(tx))
                .catch_unwind()
                .await
                .unwrap_or_else(|panic| {
                    tracing::error!(
                        panic = panic_text(&*panic),
                        "a change failed in an unforeseen way"
                    );
                    Err(Error::Internal(
                        "this change failed in an unforeseen way; nothing was written".to_owned(),
                    ))
                });
            let keep = outcome.is_ok();
            self.outcome = Some(outcome);
            keep
        })
    }

    fn finish(self: Box<Self>, committed: Result<(), &DbErr>) {
        let answer = match (self.outcome, committed) {
            // It failed by itself, whatever became of the group.
            (Some(Err(error)), _) => Err(error),
            (Some(Ok(value)), Ok(())) => Ok(value),
            (_, Err(error)) => Err(Error::Unavailable(format!(
                "the database did not commit: {error}"
            ))),
            (None, Ok(())) => Err(Error::Internal("the change was not tried".to_owned())),
        };
        // The caller may have gone; what was committed stays.
        let _ = self.reply.send(answer);
    }
}

fn panic_text(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("?")
}

struct Loop {
    connection: DatabaseConnection,
    clock: Arc<dyn Clock>,
    inner: Weak<Inner>,
    jobs: mpsc::Receiver<Box<dyn Job>>,
    stopped: tokio::sync::watch::Receiver<bool>,
    /// Taken from the queue, but of another merchant than the group before.
    carried: Option<Box<dyn Job>>,
}

impl Loop {
    async fn run(mut self) {
        while let Some(first) = self.next().await {
            let merchant = first.merchant();
            let mut group = vec![first];
            while merchant.is_some() && group.len() < GROUP {
                match self.jobs.try_recv() {
                    Ok(job) if job.merchant() == merchant => group.push(job),
                    Ok(other) => {
                        self.carried = Some(other);
                        break;
                    }
                    Err(_) => break,
                }
            }
            self.commit(merchant, group).await;
        }
        let _ = self.connection.close().await;
    }

    async fn next(&mut self) -> Option<Box<dyn Job>> {
        if let Some(job) = self.carried.take() {
            return Some(job);
        }
        if *self.stopped.borrow() {
            return self.jobs.try_recv().ok();
        }
        tokio::select! {
            biased;
            job = self.jobs.recv() => job,
            _ = self.stopped.changed() => self.jobs.try_recv().ok(),
        }
    }

    async fn commit(&mut self, merchant: Option<MerchantId>, mut group: Vec<Box<dyn Job>>) {
        let start = Instant::now();
        let jobs = group.len();
        let outcome = self.transact(merchant, &mut group).await;
        let committed = match &outcome {
            Ok(_) => Ok(()),
            Err(error) => {
                tracing::error!(%error, jobs, "a transaction failed");
                Err(error)
            }
        };
        if let Some(inner) = self.inner.upgrade() {
            let counters = &inner.counters;
            counters.commits.fetch_add(1, Ordering::Relaxed);
            counters.jobs.fetch_add(jobs as u64, Ordering::Relaxed);
            counters
                .write_us
                .fetch_add(start.elapsed().as_micros() as u64, Ordering::Relaxed);
            if let Ok(done) = &outcome {
                if done.orders_waiting {
                    inner.orders_waiting.notify_one();
                }
                if let (Some(merchant), Some(seq)) = (merchant, done.event_seq) {
                    inner.hub.publish(merchant, seq);
                }
            }
        }
        for job in group {
            job.finish(committed);
        }
    }

    async fn transact(
        &mut self,
        merchant: Option<MerchantId>,
        group: &mut [Box<dyn Job>],
    ) -> Result<Done, DbErr> {
        // SQLite refuses a reader that becomes a writer when another process wrote in between, so it is a writer from
        // its first statement.
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let connection = self.connection.begin_with_options(options).await?;
        let mut tx = Tx::begin(connection, merchant, self.clock.now()).await?;
        let alone = group.len() == 1;
        for job in group {
            if alone {
                if !job.run(&mut tx).await {
                    tx.into_connection().rollback().await?;
                    return Ok(Done::default());
                }
                break;
            }
            tx.set_now(self.clock.now());
            let mark = tx.mark();
            tx.conn().execute_unprepared("SAVEPOINT change").await?;
            if job.run(&mut tx).await {
                tx.conn()
                    .execute_unprepared("RELEASE SAVEPOINT change")
                    .await?;
            } else {
                tx.conn()
                    .execute_unprepared("ROLLBACK TO SAVEPOINT change")
                    .await?;
                tx.conn()
                    .execute_unprepared("RELEASE SAVEPOINT change")
                    .await?;
                tx.restore(mark);
            }
        }
        tx.flush().await?;
        let done = Done {
            event_seq: tx.new_event_seq(),
            orders_waiting: tx.orders_waiting(),
        };
        tx.into_connection().commit().await?;
        Ok(done)
    }
}

#[derive(Default)]
struct Done {
    /// Number of the last event, if there are new ones.
    event_seq: Option<i64>,
    orders_waiting: bool,
}
