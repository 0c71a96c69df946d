//! What is to be sent, and how it went.

use chrono::Duration;
use engine::model::{MerchantId, MessageKind, OrderId};
use futures::FutureExt;
use sea_orm::prelude::Uuid;
use sea_orm::{FromQueryResult, Value};

use crate::store::sql::{self, values};
use crate::{Error, Orchestrator, Result};

/// For how long a worker that has taken a message keeps others from it.
const LEASE: Duration = Duration::minutes(2);
/// Tries before it is given up; the last waits for half a day.
const MOST_TRIES: i64 = 12;
const LONGEST_WAIT: Duration = Duration::hours(6);

/// A message that is to be sent.
#[derive(Debug, Clone)]
pub struct Due {
    pub id: Uuid,
    pub merchant: MerchantId,
    pub order: OrderId,
    pub kind: MessageKind,
    pub(super) data: serde_json::Value,
    attempts: i64,
}

/// Takes messages that are due, oldest first; for a while nobody else gets them.
pub async fn due(orc: &Orchestrator, most: usize) -> Result<Vec<Due>> {
    #[derive(FromQueryResult)]
    struct Row {
        id: Uuid,
        merchant_id: Uuid,
        order_id: Uuid,
        kind: String,
        data: String,
        attempts: i64,
    }
    let waiting = "SELECT count(*) AS n FROM (SELECT 1 FROM messages WHERE status = 'waiting' AND due_at <= ? LIMIT 1) w";
    if sql::number(orc.reader(), waiting, values![orc.now().timestamp_micros()]).await? == 0 {
        return Ok(Vec::new());
    }
    orc.write_global(move |tx| {
        async move {
            let sql = "SELECT id, merchant_id, order_id, kind, data, attempts FROM messages
                WHERE status = 'waiting' AND due_at <= ? ORDER BY due_at, id LIMIT ?";
            let rows: Vec<Row> =
                sql::all(tx.conn(), sql, values![tx.now_us(), most as i64]).await?;
            let mut taken = Vec::with_capacity(rows.len());
            for row in rows {
                let until = (tx.now() + LEASE).timestamp_micros();
                // Another process may have been faster.
                let sql = "UPDATE messages SET due_at = ?, attempts = attempts + 1
                    WHERE id = ? AND status = 'waiting' AND due_at <= ?";
                if sql::run(tx.conn(), sql, values![until, row.id, tx.now_us()]).await? == 0 {
                    continue;
                }
                taken.push(Due {
                    id: row.id,
                    merchant: MerchantId(row.merchant_id),
                    order: OrderId(row.order_id),
                    kind: row.kind.parse().map_err(Error::Internal)?,
                    data: serde_json::from_str(&row.data).map_err(Error::internal)?,
                    attempts: row.attempts + 1,
                });
            }
            Ok(taken)
        }
        .boxed()
    })
    .await
}

/// It was sent, or nobody is to be written. What it held is forgotten.
pub async fn sent(orc: &Orchestrator, due: &Due, was_sent: bool) -> Result<()> {
    end(orc, due.id, if was_sent { "sent" } else { "dropped" }, None).await
}

async fn end(
    orc: &Orchestrator,
    id: Uuid,
    status: &'static str,
    problem: Option<String>,
) -> Result<()> {
    orc.write_global(move |tx| {
        async move {
            let sql = "UPDATE messages SET status = ?, data = '{}', done_at = ?, problem = ? WHERE id = ?";
            let bound = values![status, tx.now_us(), problem, id];
            sql::run(tx.conn(), sql, bound).await?;
            Ok(())
        }
        .boxed()
    })
    .await
}

/// It could not be sent. It is tried again later, each time after twice the wait, unless that is no use.
pub async fn failed(orc: &Orchestrator, due: &Due, problem: &str, for_good: bool) -> Result<()> {
    let problem: String = problem.chars().take(500).collect();
    if for_good || due.attempts >= MOST_TRIES {
        return end(orc, due.id, "failed", Some(problem)).await;
    }
    let (id, minutes) = (due.id, 1_i64 << due.attempts.clamp(0, 20));
    orc.write_global(move |tx| {
        async move {
            let again = tx.now() + Duration::minutes(minutes).min(LONGEST_WAIT);
            let sql = "UPDATE messages SET due_at = ?, problem = ? WHERE id = ?";
            let bound: Vec<Value> = values![again.timestamp_micros(), problem, id];
            sql::run(tx.conn(), sql, bound).await?;
            Ok(())
        }
        .boxed()
    })
    .await
}
