//! Calls that can be repeated: the answer to a request with an idempotency key is stored in the transaction that did
//! what was asked, so that it exists exactly if the work does.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use engine::model::MerchantId;
use futures::FutureExt;
use futures::future::BoxFuture;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::store::Tx;
use crate::store::sql::{self, values};
use crate::store::tables::idempotency_keys::{self, Column};
use crate::{Actor, Error, Orchestrator, Result};

/// For how long an answer is kept.
pub(crate) const KEPT_FOR: chrono::Duration = chrono::Duration::hours(48);

/// An idempotency key with the request that it came with.
#[derive(Debug, Clone)]
pub struct Ticket {
    pub(crate) key: String,
    fingerprint: String,
    replayed: Arc<AtomicBool>,
}

impl Ticket {
    /// `route` and `body` are what has to be the same when the key comes again.
    pub fn new(key: &str, route: &str, body: &[u8]) -> Result<Self> {
        if key.is_empty()
            || key.len() > 255
            || !key.bytes().all(|b| b.is_ascii_graphic() || b == b' ')
        {
            return Err(Error::field(
                "#/headers/Idempotency-Key",
                "an Idempotency-Key has 1 to 255 printable ASCII characters",
            ));
        }
        let mut hasher = blake3::Hasher::new();
        hasher
            .update(&(route.len() as u64).to_le_bytes())
            .update(route.as_bytes())
            .update(body);
        Ok(Ticket {
            key: key.to_owned(),
            fingerprint: hasher.finalize().to_hex().to_string(),
            replayed: Arc::default(),
        })
    }

    /// The ticket of one part of a request that is written in several.
    #[must_use]
    pub(crate) fn of_part(&self, part: usize) -> Self {
        Ticket {
            key: format!("{}\u{1}{part}", self.key),
            ..self.clone()
        }
    }

    /// Whether the answer was one that was stored before.
    pub fn replayed(&self) -> bool {
        self.replayed.load(Ordering::SeqCst)
    }

    /// The stored answer, for a request that is the same as the one that it was given to.
    pub(crate) fn replay<T: DeserializeOwned>(
        &self,
        stored: &idempotency_keys::Model,
    ) -> Result<T> {
        if stored.fingerprint != self.fingerprint {
            return Err(Error::KeyReused);
        }
        self.replayed.store(true, Ordering::SeqCst);
        serde_json::from_str(&stored.answer).map_err(Error::internal)
    }

    /// The answer as it is to be stored.
    pub(crate) fn answered<T: Serialize>(
        &self,
        tx: &Tx,
        answer: &T,
    ) -> Result<idempotency_keys::Model> {
        Ok(idempotency_keys::Model {
            merchant_id: tx.merchant().0,
            key: self.key.clone(),
            fingerprint: self.fingerprint.clone(),
            answer: serde_json::to_string(answer).map_err(Error::internal)?,
            created_at: tx.now_us(),
        })
    }
}

/// The answers that were given to these keys, by key.
pub(crate) async fn stored(
    tx: &Tx,
    tickets: &[&Ticket],
) -> Result<HashMap<String, idempotency_keys::Model>> {
    if tickets.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = idempotency_keys::Entity::find()
        .filter(Column::MerchantId.eq(tx.merchant().0))
        .filter(Column::Key.is_in(tickets.iter().map(|ticket| ticket.key.as_str())))
        .all(tx.conn())
        .await?;
    Ok(rows.into_iter().map(|row| (row.key.clone(), row)).collect())
}

/// Keys whose first request has not ended, in this process. Across processes the writers wait for each other.
#[derive(Clone, Default)]
pub(crate) struct Running(Arc<Mutex<HashSet<(MerchantId, String)>>>);

/// Keeps others with the same key out until it is dropped.
pub(crate) struct Guard(Running, (MerchantId, String));

impl Running {
    pub(crate) fn enter(&self, merchant: MerchantId, ticket: &Ticket) -> Result<Guard> {
        let entry = (merchant, ticket.key.clone());
        let mut running = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if running.insert(entry.clone()) {
            Ok(Guard(self.clone(), entry))
        } else {
            Err(Error::KeyRunning)
        }
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        let mut running = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        running.remove(&self.1);
    }
}

impl Orchestrator {
    /// [`Orchestrator::write`], once for each idempotency key.
    pub(crate) async fn write_once<T, F>(&self, actor: &Actor, work: F) -> Result<T>
    where
        T: Serialize + DeserializeOwned + Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T>> + Send + 'static,
    {
        let Some(ticket) = actor.idempotency.clone() else {
            return self.write(actor.merchant, work).await;
        };
        let _running = self.running_keys().enter(actor.merchant, &ticket)?;
        self.write(actor.merchant, move |tx| {
            async move {
                if let Some(stored) = stored(tx, &[&ticket]).await?.get(&ticket.key) {
                    return ticket.replay(stored);
                }
                let value = work(tx).await?;
                let row = ticket.answered(tx, &value)?;
                sql::insert(tx.conn(), vec![row]).await?;
                Ok(value)
            }
            .boxed()
        })
        .await
    }

    /// Forgets answers that nobody will ask for again; returns how many.
    pub async fn forget_old_answers(&self) -> Result<u64> {
        self.write_global(|tx| {
            async move {
                let limit = (tx.now() - KEPT_FOR).timestamp_micros();
                Ok(sql::run(
                    tx.conn(),
                    "DELETE FROM idempotency_keys WHERE created_at < ?",
                    values![limit],
                )
                .await?)
            }
            .boxed()
        })
        .await
    }
}
