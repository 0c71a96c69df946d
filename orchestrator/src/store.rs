//! The database: one pool to read with, and one writer that commits in groups.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use chrono::{DateTime, Utc};
use engine::model::MerchantId;
use futures::future::BoxFuture;
use migrations::Migrator;
use sea_orm::sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
use sea_orm::{ConnectOptions, Database, DatabaseConnection, DbBackend};
use sea_orm_migration::MigratorTrait;
use tokio::sync::Notify;

use crate::{Clock, Error, Result, SystemClock};

pub(crate) mod hub;
pub(crate) mod sql;
pub(crate) mod tables;
pub(crate) mod tx;
mod writer;

pub(crate) use tx::{NewEvent, Tx};

/// How to open the ledger.
#[derive(Clone)]
pub struct Options {
    /// `sqlite://PATH` or `postgres://…`.
    pub database_url: String,
    pub clock: Arc<dyn Clock>,
    /// Connections to read with.
    pub read_connections: u32,
    /// For how long a router that has claimed orders keeps others from them.
    pub lease: Duration,
    /// For how long new orders wait for others at most, to be planned together; zero plans each at once.
    pub window: Duration,
}

impl Options {
    /// The system's clock and the usual sizes.
    pub fn new(database_url: &str) -> Self {
        Options {
            database_url: database_url.to_owned(),
            clock: Arc::new(SystemClock),
            read_connections: 8,
            lease: Duration::from_secs(30),
            window: Duration::ZERO,
        }
    }
}

/// The open ledger. Cheap to clone.
#[derive(Clone)]
pub struct Orchestrator(Arc<Inner>);

struct Inner {
    reader: DatabaseConnection,
    writer: writer::Writer,
    clock: Arc<dyn Clock>,
    lease: Duration,
    window: Duration,
    hub: hub::Hub,
    orders_waiting: Notify,
    bulk_waiting: Notify,
    counters: Counters,
    keys: crate::accounts::KeyCache,
    networks: crate::network::NetworkCache,
    running: crate::idempotency::Running,
    intake: crate::orders::Intake,
    worlds: crate::promises::Worlds,
    link_keys: crate::tracking::LinkKeys,
}

/// What `/metrics` tells of the ledger.
#[derive(Default)]
pub(crate) struct Counters {
    pub commits: AtomicU64,
    pub jobs: AtomicU64,
    pub write_us: AtomicU64,
    pub planned: AtomicU64,
    pub conflicts: AtomicU64,
    pub engine_us: AtomicU64,
    pub routing_us: AtomicU64,
}

/// Figures since the start of the process.
#[derive(Debug, Clone, Copy, Default)]
pub struct Stats {
    /// Changes that wait for the writer at this moment.
    pub write_queue: u64,
    /// Transactions committed.
    pub commits: u64,
    /// Changes in them.
    pub jobs: u64,
    /// Seconds that the writer spent in transactions.
    pub write_seconds: f64,
    /// Orders planned.
    pub planned: u64,
    /// Plans that found the stock changed and were made again.
    pub conflicts: u64,
    /// Seconds that the engine took for them.
    pub engine_seconds: f64,
    /// Seconds from claim to commit, over all batches.
    pub routing_seconds: f64,
}

impl Orchestrator {
    /// Connects, makes the file and its folder where there is none, brings the tables up to date and starts the
    /// writer.
    pub async fn open(options: Options) -> Result<Self> {
        let url = &options.database_url;
        if !["sqlite:", "postgres:", "postgresql:"]
            .iter()
            .any(|scheme| url.starts_with(scheme))
        {
            return Err(Error::Unavailable(
                "the database URL has to start with sqlite:// or postgres://".to_owned(),
            ));
        }
        if let Some(path) = url
            .strip_prefix("sqlite://")
            .map(|p| p.split('?').next().unwrap_or(p))
            && let Some(folder) = Path::new(path).parent()
        {
            std::fs::create_dir_all(folder).map_err(|e| {
                Error::Unavailable(format!("cannot make the folder {}: {e}", folder.display()))
            })?;
        }
        let write_connection = connect(&options, Purpose::Write).await?;
        migrate(&write_connection).await?;
        let reader = connect(&options, Purpose::Read).await?;
        let hub = hub::Hub::default();
        let orchestrator = Orchestrator(Arc::new_cyclic(|inner: &std::sync::Weak<Inner>| Inner {
            writer: writer::Writer::start(write_connection, options.clock.clone(), inner.clone()),
            reader,
            clock: options.clock.clone(),
            lease: options.lease,
            window: options.window,
            hub,
            orders_waiting: Notify::new(),
            bulk_waiting: Notify::new(),
            counters: Counters::default(),
            keys: crate::accounts::KeyCache::default(),
            networks: crate::network::NetworkCache::default(),
            running: crate::idempotency::Running::default(),
            intake: crate::orders::Intake::default(),
            worlds: crate::promises::Worlds::default(),
            link_keys: crate::tracking::LinkKeys::default(),
        }));
        hub::watch_other_processes(&orchestrator);
        Ok(orchestrator)
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.0.clock.now()
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<()> {
        Ok(self.0.reader.ping().await?)
    }

    /// Ends the writer after what it has been given, and closes the connections.
    pub async fn close(self) {
        self.0.writer.stop().await;
        let _ = self.0.reader.clone().close().await;
    }

    pub fn stats(&self) -> Stats {
        let c = &self.0.counters;
        let seconds = |us: &AtomicU64| us.load(Ordering::Relaxed) as f64 / 1e6;
        Stats {
            write_queue: self.0.writer.queued() as u64,
            commits: c.commits.load(Ordering::Relaxed),
            jobs: c.jobs.load(Ordering::Relaxed),
            write_seconds: seconds(&c.write_us),
            planned: c.planned.load(Ordering::Relaxed),
            conflicts: c.conflicts.load(Ordering::Relaxed),
            engine_seconds: seconds(&c.engine_us),
            routing_seconds: seconds(&c.routing_us),
        }
    }

    pub(crate) fn reader(&self) -> &DatabaseConnection {
        &self.0.reader
    }

    pub(crate) fn counters(&self) -> &Counters {
        &self.0.counters
    }

    pub(crate) fn hub(&self) -> &hub::Hub {
        &self.0.hub
    }

    pub(crate) fn lease(&self) -> Duration {
        self.0.lease
    }

    pub(crate) fn window(&self) -> Duration {
        self.0.window
    }

    pub(crate) fn orders_waiting(&self) -> &Notify {
        &self.0.orders_waiting
    }

    pub(crate) fn bulk_waiting(&self) -> &Notify {
        &self.0.bulk_waiting
    }

    pub(crate) fn key_cache(&self) -> &crate::accounts::KeyCache {
        &self.0.keys
    }

    pub(crate) fn network_cache(&self) -> &crate::network::NetworkCache {
        &self.0.networks
    }

    pub(crate) fn running_keys(&self) -> &crate::idempotency::Running {
        &self.0.running
    }

    pub(crate) fn intake(&self) -> &crate::orders::Intake {
        &self.0.intake
    }

    pub(crate) fn worlds(&self) -> &crate::promises::Worlds {
        &self.0.worlds
    }

    pub(crate) fn link_keys(&self) -> &crate::tracking::LinkKeys {
        &self.0.link_keys
    }

    pub(crate) fn downgrade(&self) -> WeakOrchestrator {
        WeakOrchestrator(Arc::downgrade(&self.0))
    }

    /// One change of one merchant's rows: all of it or nothing, answered once it is durable.
    pub(crate) async fn write<T, F>(&self, merchant: MerchantId, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T>> + Send + 'static,
    {
        self.0.writer.submit(Some(merchant), work).await
    }

    /// One change of rows that belong to no merchant.
    pub(crate) async fn write_global<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T>> + Send + 'static,
    {
        self.0.writer.submit(None, work).await
    }
}

/// For background tasks that must not keep the ledger open.
pub(crate) struct WeakOrchestrator(std::sync::Weak<Inner>);

impl WeakOrchestrator {
    pub(crate) fn upgrade(&self) -> Option<Orchestrator> {
        self.0.upgrade().map(Orchestrator)
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Purpose {
    Read,
    Write,
}

async fn connect(options: &Options, purpose: Purpose) -> Result<DatabaseConnection> {
    let mut connect = ConnectOptions::new(options.database_url.clone());
    let connections = if purpose == Purpose::Write {
        1
    } else {
        options.read_connections.max(1)
    };
    connect
        .max_connections(connections)
        .min_connections(1)
        .acquire_timeout(Duration::from_secs(15))
        .idle_timeout(Option::<Duration>::None)
        .max_lifetime(Option::<Duration>::None)
        .test_before_acquire(false)
        .sqlx_logging(false)
        // What a commit acknowledges has to survive the loss of power: synchronous is FULL, also in WAL mode.
        .map_sqlx_sqlite_opts(move |sqlite| {
            let sqlite = sqlite
                .create_if_missing(true)
                .foreign_keys(true)
                .busy_timeout(Duration::from_secs(15))
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Full)
                .statement_cache_capacity(512)
                .pragma("cache_size", "-65536")
                .pragma("mmap_size", "268435456")
                .pragma("temp_store", "memory");
            if purpose == Purpose::Read {
                sqlite.pragma("query_only", "ON")
            } else {
                sqlite
            }
        });
    if purpose == Purpose::Read {
        // Which way a list is read best depends on what it is filtered by: PostgreSQL plans each call for its values.
        connect.map_sqlx_postgres_opts(|postgres| {
            postgres.options([("plan_cache_mode", "force_custom_plan")])
        });
    }
    Database::connect(connect)
        .await
        .map_err(|e| Error::Unavailable(format!("cannot open the database: {e}")))
}

/// Brings the tables up to date. Several processes may start at once on one PostgreSQL: a lock lets one of them do
/// it while the others wait.
async fn migrate(connection: &DatabaseConnection) -> Result<()> {
    use sea_orm::ConnectionTrait;
    const LOCK: &str = "7236748124";
    let postgres = connection.get_database_backend() == DbBackend::Postgres;
    if postgres {
        connection
            .execute_unprepared(&format!("SELECT pg_advisory_lock({LOCK})"))
            .await?;
    }
    let outcome = Migrator::up(connection, None).await;
    if postgres {
        connection
            .execute_unprepared(&format!("SELECT pg_advisory_unlock({LOCK})"))
            .await?;
    }
    Ok(outcome?)
}
