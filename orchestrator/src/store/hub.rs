//! Who wants to know that a merchant's log has grown. Readers are only told how far it reaches and read the log
//! themselves, so none can miss or repeat an event.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use engine::model::MerchantId;
use sea_orm::{FromQueryResult, prelude::Uuid};
use tokio::sync::watch;

use super::Orchestrator;
use super::sql::{self, values};

#[derive(Default)]
pub(crate) struct Hub(Mutex<HashMap<MerchantId, watch::Sender<i64>>>);

impl Hub {
    pub fn watch(&self, merchant: MerchantId) -> watch::Receiver<i64> {
        let mut merchants = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        merchants
            .entry(merchant)
            .or_insert_with(|| watch::Sender::new(0))
            .subscribe()
    }

    pub fn publish(&self, merchant: MerchantId, seq: i64) {
        let mut merchants = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let sender = merchants
            .entry(merchant)
            .or_insert_with(|| watch::Sender::new(0));
        sender.send_if_modified(|known| {
            let newer = seq > *known;
            *known = seq.max(*known);
            newer
        });
    }

    fn is_watched(&self) -> bool {
        let merchants = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        merchants.values().any(|sender| sender.receiver_count() > 0)
    }
}

/// Other processes write to the same database; what they have added is looked for twice a second while somebody
/// watches.
pub(super) fn watch_other_processes(orchestrator: &Orchestrator) {
    #[derive(FromQueryResult)]
    struct Row {
        id: Uuid,
        event_seq: i64,
    }
    let weak = orchestrator.downgrade();
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(Duration::from_millis(500)).await;
            let Some(orchestrator) = weak.upgrade() else {
                return;
            };
            if !orchestrator.hub().is_watched() {
                continue;
            }
            let rows = sql::all::<Row>(
                orchestrator.reader(),
                "SELECT id, event_seq FROM merchants",
                values![],
            )
            .await;
            for row in rows.unwrap_or_default() {
                orchestrator
                    .hub()
                    .publish(MerchantId(row.id), row.event_seq);
            }
        }
    });
}
