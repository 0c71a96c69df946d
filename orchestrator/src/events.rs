//! The merchant's log: numbered without gaps, each entry carrying the hash of the one before it, so that a changed
//! past shows.

use engine::model::{EventId, EventView, MerchantId, Permission};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use sha2::{Digest, Sha256};
use tokio::sync::watch;

use crate::clock::from_micros;
use crate::store::sql::{self, values};
use crate::store::tables::events::{Column, Entity, Model};
use crate::{Actor, Orchestrator, Result};

/// What the first event's `previous_hash` is.
pub(crate) const GENESIS: &str = "";

/// Events with a number above `after`, oldest first, at most `limit` of them.
pub async fn list(
    orc: &Orchestrator,
    actor: &Actor,
    after: i64,
    limit: u64,
) -> Result<Vec<EventView>> {
    actor.check(Permission::ReadEvents)?;
    let rows = Entity::find()
        .filter(Column::MerchantId.eq(actor.merchant.0))
        .filter(Column::Seq.gt(after))
        .order_by_asc(Column::Seq)
        .limit(limit.min(1_000))
        .all(orc.reader())
        .await?;
    Ok(rows.into_iter().map(view).collect())
}

/// What somebody hears of the log.
pub struct Heard {
    pub events: Vec<EventView>,
    /// Number of the last event that was looked at, whether it was theirs to hear or not.
    pub up_to: Option<i64>,
}

/// The next events after `after` for whoever listens: all of them for those who may read the log, and for the people of
/// a node those that are about it, with nothing but what happened to what.
pub async fn heard(orc: &Orchestrator, actor: &Actor, after: i64, limit: u64) -> Result<Heard> {
    let nodes = match actor.only_nodes() {
        Some(nodes) if !actor.may(Permission::ReadEvents) => nodes,
        _ => {
            let events = list(orc, actor, after, limit).await?;
            let up_to = events.last().map(|event| event.seq);
            return Ok(Heard { events, up_to });
        }
    };
    actor.check(Permission::ReadFulfillments)?;
    let rows = Entity::find()
        .filter(Column::MerchantId.eq(actor.merchant.0))
        .filter(Column::Seq.gt(after))
        .order_by_asc(Column::Seq)
        .limit(limit.min(1_000))
        .all(orc.reader())
        .await?;
    let up_to = rows.last().map(|row| row.seq);
    let events = rows.into_iter().map(view);
    let events = events.filter(|event| is_about(&event.data, nodes));
    let thin = |event: EventView| EventView {
        actor: String::new(),
        summary: String::new(),
        data: serde_json::Value::Null,
        ..event
    };
    Ok(Heard {
        events: events.map(thin).collect(),
        up_to,
    })
}

/// Whether an event names one of the nodes: itself, with its fulfillments, or with the stock that it moved.
fn is_about(data: &serde_json::Value, nodes: &[String]) -> bool {
    let is_ours = |of: &serde_json::Value| {
        let node = of["node"].as_str();
        node.is_some_and(|node| nodes.iter().any(|own| own == node))
    };
    let any = |list: &serde_json::Value| list.as_array().is_some_and(|all| all.iter().any(is_ours));
    is_ours(data) || any(&data["fulfillments"]) || any(&data["stock"])
}

/// Events about one thing, newest first, at most `limit` of them.
pub(crate) async fn of_subject(
    orc: &Orchestrator,
    merchant: MerchantId,
    subject: &str,
    limit: u64,
) -> Result<Vec<EventView>> {
    let rows = Entity::find()
        .filter(Column::MerchantId.eq(merchant.0))
        .filter(Column::Subject.eq(subject))
        .order_by_desc(Column::Seq)
        .limit(limit)
        .all(orc.reader())
        .await?;
    Ok(rows.into_iter().map(view).collect())
}

/// Number of the merchant's last event; 0 before the first.
pub async fn last_seq(orc: &Orchestrator, merchant: MerchantId) -> Result<i64> {
    let sql = "SELECT event_seq AS n FROM merchants WHERE id = ?";
    Ok(sql::number(orc.reader(), sql, values![merchant.0]).await?)
}

/// Tells, by the number of the last event that is known here, that the log has grown.
pub fn watch(orc: &Orchestrator, merchant: MerchantId) -> watch::Receiver<i64> {
    orc.hub().watch(merchant)
}

/// What [`verify`] found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifyReport {
    /// Events that fit.
    pub events: i64,
    /// The first one that does not, and why.
    pub first_bad: Option<(i64, String)>,
}

/// Walks the whole chain of the merchant's log.
pub async fn verify(orc: &Orchestrator, merchant: MerchantId) -> Result<VerifyReport> {
    let (mut seq, mut hash) = (0, GENESIS.to_owned());
    let bad = |events, seq, why: &str| VerifyReport {
        events,
        first_bad: Some((seq, why.to_owned())),
    };
    loop {
        let rows = Entity::find()
            .filter(Column::MerchantId.eq(merchant.0))
            .filter(Column::Seq.gt(seq))
            .order_by_asc(Column::Seq)
            .limit(5_000)
            .all(orc.reader())
            .await?;
        if rows.is_empty() {
            break;
        }
        for row in rows {
            if row.seq != seq + 1 {
                return Ok(bad(seq, seq + 1, "it is missing"));
            }
            if row.previous_hash != hash {
                return Ok(bad(
                    seq,
                    row.seq,
                    "it does not carry the hash of the one before it",
                ));
            }
            if row.hash != hash_of(&row) {
                return Ok(bad(seq, row.seq, "its content does not fit its hash"));
            }
            (seq, hash) = (row.seq, row.hash);
        }
    }
    let last = last_seq(orc, merchant).await?;
    if last > seq {
        return Ok(bad(seq, seq + 1, "it is missing, the log should go on"));
    }
    Ok(VerifyReport {
        events: seq,
        first_bad: None,
    })
}

/// SHA-256 over every field, each with its length, so that no two entries read the same.
pub(crate) fn hash_of(event: &Model) -> String {
    let mut hasher = Sha256::new();
    let mut add = |bytes: &[u8]| {
        hasher.update((bytes.len() as u64).to_le_bytes());
        hasher.update(bytes);
    };
    add(event.previous_hash.as_bytes());
    add(event.merchant_id.as_bytes());
    add(&event.seq.to_le_bytes());
    add(event.id.as_bytes());
    add(event.kind.as_bytes());
    add(event.subject.as_bytes());
    add(event.actor.as_bytes());
    add(&event.at.to_le_bytes());
    add(event.summary.as_bytes());
    add(event.data.as_bytes());
    hasher
        .finalize()
        .iter()
        .fold(String::with_capacity(64), |mut hex, byte| {
            use std::fmt::Write;
            let _ = write!(hex, "{byte:02x}");
            hex
        })
}

fn view(row: Model) -> EventView {
    EventView {
        id: EventId(row.id),
        seq: row.seq,
        kind: row.kind,
        subject: row.subject,
        actor: row.actor,
        at: from_micros(row.at),
        summary: row.summary,
        data: serde_json::from_str(&row.data).unwrap_or_default(),
    }
}
