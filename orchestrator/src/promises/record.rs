//! How promises turned out, and what shoppers would be told: for the merchant's own eyes.

use chrono::{DateTime, SubsecRound, Utc};
use engine::model::{
    FieldError, KeptRow, NewPromise, Permission, PromiseId, PromiseRecord, PromiseView,
};
use sea_orm::FromQueryResult;
use uuid::Uuid;

use super::{ask, compute};
use crate::store::sql::{self, values};
use crate::{Actor, Error, Orchestrator, Result};

/// How far ahead a preview may look.
const FARTHEST: chrono::Duration = chrono::Duration::days(7);

/// What a shopper would be told at that time, with the nodes behind it. Nothing is stored.
pub async fn preview(
    orc: &Orchestrator,
    actor: &Actor,
    mut asked: NewPromise,
    at: Option<DateTime<Utc>>,
) -> Result<PromiseView> {
    (asked.hints, asked.hold) = (true, false);
    actor.check(Permission::ReadNetwork)?;
    ask::check_question(&asked)?;
    let now = orc.now();
    let at = at.unwrap_or(now).trunc_subsecs(0);
    if at < now - chrono::Duration::minutes(1) || at > now + FARTHEST {
        let detail = "a preview is for a time from now to 7 days ahead";
        return Err(Error::Invalid(vec![FieldError::new("#/at", detail)]));
    }
    let shared = orc.promise_world(actor.merchant).await?;
    let (id, fresh) = (PromiseId(Uuid::now_v7()), shared.is_fresh());
    Ok(shared.read(|world| compute::answer(world, &asked, id, at, fresh).view))
}

/// Groups that a table shows at most.
const MOST_ROWS: u32 = 20;
/// Stated probabilities, in fifths of the upper part: where promises are made.
const STATED: &str = "CASE WHEN probability < 0.8 THEN 'below 80 %' WHEN probability < 0.85 THEN '80 to 85 %'
    WHEN probability < 0.9 THEN '85 to 90 %' WHEN probability < 0.95 THEN '90 to 95 %' ELSE '95 % and above' END";

/// What became of the promises that orders cite: kept or late, and how that compares with what was stated.
pub async fn track_record(orc: &Orchestrator, actor: &Actor) -> Result<PromiseRecord> {
    #[derive(FromQueryResult)]
    struct Counts {
        open: i64,
        outside: i64,
        kept: i64,
        late: i64,
    }
    actor.check(Permission::ReadOrders)?;
    let count = |what: &str| format!("CAST(count(CASE WHEN {what} THEN 1 END) AS BIGINT)");
    let sql = format!(
        "SELECT {} AS open, {} AS outside, {} AS kept, {} AS late FROM order_promises WHERE merchant_id = ?",
        count("outcome IS NULL"),
        count("outcome IS NULL AND NOT routed_within"),
        count("outcome = 'kept'"),
        count("outcome = 'late'"),
    );
    let counts: Option<Counts> = sql::one(orc.reader(), &sql, values![actor.merchant.0]).await?;
    let counts = counts.ok_or_else(|| Error::Internal("no counts of promises".to_owned()))?;
    let number = |n: i64| n.unsigned_abs();
    Ok(PromiseRecord {
        open: number(counts.open),
        outside: number(counts.outside),
        kept: number(counts.kept),
        late: number(counts.late),
        by_stated: rows(orc, actor, STATED, "name").await?,
        by_channel: rows(orc, actor, "channel", "promised DESC, name").await?,
        by_node: rows(orc, actor, "coalesce(node, '')", "promised DESC, name").await?,
        by_lane: rows(orc, actor, "coalesce(lane, '')", "promised DESC, name").await?,
    })
}

async fn rows(orc: &Orchestrator, actor: &Actor, by: &str, order: &str) -> Result<Vec<KeptRow>> {
    #[derive(FromQueryResult)]
    struct Row {
        name: String,
        promised: i64,
        kept: i64,
        stated: Option<f64>,
        days_late: i64,
    }
    let sql = format!(
        "SELECT {by} AS name, count(*) AS promised, CAST(count(CASE WHEN outcome = 'kept' THEN 1 END) AS BIGINT) AS kept,
         avg(probability) AS stated, CAST(coalesce(sum(days_late), 0) AS BIGINT) AS days_late
         FROM order_promises WHERE merchant_id = ? AND outcome IS NOT NULL GROUP BY 1 ORDER BY {order} LIMIT {MOST_ROWS}"
    );
    let rows: Vec<Row> = sql::all(orc.reader(), &sql, values![actor.merchant.0]).await?;
    let rows = rows.into_iter().map(|row| KeptRow {
        name: row.name,
        promised: row.promised.unsigned_abs(),
        kept: row.kept.unsigned_abs(),
        stated: row.stated.unwrap_or(0.0),
        days_late: row.days_late.unsigned_abs(),
    });
    Ok(rows.collect())
}
