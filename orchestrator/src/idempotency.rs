//! Calls that can be repeated: the answer to a request with an idempotency key is stored in the transaction that did
//! what was asked, so that it exists exactly if the work does.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use engine::model::MerchantId;
use futures::FutureExt;
use futures::future::BoxFuture;
use sea_orm::{EntityTrait, IntoActiveModel};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::store::Tx;
use crate::store::sql::{self, values};
use crate::store::tables::idempotency_keys;
use crate::{Actor, Error, Orchestrator, Result};

/// For how long an answer is kept.
pub(crate) const KEPT_FOR: chrono::Duration = chrono::Duration::hours(48);

/// An idempotency key with the request that it came with.
#[derive(Debug, Clone)]
pub struct Ticket {
    key: String,
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

    /// Whether the answer was one that was stored before.
    pub fn replayed(&self) -> bool {
        self.replayed.load(Ordering::SeqCst)
    }
}

/// Keys whose first request has not ended, in this process. Across processes the writers wait for each other.
#[derive(Default)]
pub(crate) struct Running(Mutex<HashSet<(MerchantId, String)>>);

struct Guard<'a>(&'a Running, (MerchantId, String));

impl Running {
    fn enter(&self, merchant: MerchantId, key: &str) -> Result<Guard<'_>> {
        let entry = (merchant, key.to_owned());
        let mut running = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if running.insert(entry.clone()) {
            Ok(Guard(self, entry))
        } else {
            Err(Error::KeyRunning)
        }
    }
}

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        self.0
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&self.1);
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
        let _running = self.running_keys().enter(actor.merchant, &ticket.key)?;
        self.write(actor.merchant, move |tx| {
            async move {
                let id = (tx.merchant().0, ticket.key.clone());
                if let Some(stored) = idempotency_keys::Entity::find_by_id(id)
                    .one(tx.conn())
                    .await?
                {
                    if stored.fingerprint != ticket.fingerprint {
                        return Err(Error::KeyReused);
                    }
                    ticket.replayed.store(true, Ordering::SeqCst);
                    return serde_json::from_str(&stored.answer).map_err(Error::internal);
                }
                let value = work(tx).await?;
                let row = idempotency_keys::Model {
                    merchant_id: tx.merchant().0,
                    key: ticket.key,
                    fingerprint: ticket.fingerprint,
                    answer: serde_json::to_string(&value).map_err(Error::internal)?,
                    created_at: tx.now_us(),
                };
                idempotency_keys::Entity::insert(row.into_active_model())
                    .exec_without_returning(tx.conn())
                    .await?;
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
