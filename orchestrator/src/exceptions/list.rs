//! The inbox: what needs a person, by when it starts to cost.

use engine::model::{
    ExceptionCounts, ExceptionFilter, ExceptionId, ExceptionKind, ExceptionRow, ExceptionState,
    FulfillmentId, OrderId, Page, Permission, UserId,
};
use sea_orm::prelude::Uuid;
use sea_orm::{ConnectionTrait, FromQueryResult, Value};

use super::parse;
use crate::clock::from_micros;
use crate::paging::{bad_cursor, page_of};
use crate::store::sql::{self, values};
use crate::{Actor, Error, Orchestrator, PageRequest, Result, Who, today};

const ROW: &str = "SELECT e.id, e.kind, e.state, e.order_id, o.number, e.fulfillment_id, e.node, e.cause, e.evidence,
    e.at_stake, COALESCE(o.currency, m.currency) AS currency, e.due_at, e.snoozed_until, e.assigned_to,
    u.name AS assigned_name, e.resolution, e.times, e.raised_at, e.updated_at, e.closed_at
  FROM exceptions e JOIN merchants m ON m.id = e.merchant_id
    LEFT JOIN orders o ON o.id = e.order_id LEFT JOIN users u ON u.id = e.assigned_to";

/// What has no date comes after everything that has one.
const NEVER: i64 = i64::MAX;

#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
    kind: String,
    state: String,
    order_id: Option<Uuid>,
    number: Option<i64>,
    fulfillment_id: Option<Uuid>,
    node: Option<String>,
    cause: String,
    evidence: String,
    at_stake: i64,
    currency: String,
    due_at: Option<i64>,
    snoozed_until: Option<i64>,
    assigned_to: Option<Uuid>,
    assigned_name: Option<String>,
    resolution: Option<String>,
    times: i64,
    raised_at: i64,
    updated_at: i64,
    closed_at: Option<i64>,
}

impl Row {
    fn view(self) -> Result<ExceptionRow> {
        Ok(ExceptionRow {
            id: ExceptionId(self.id),
            kind: parse(&self.kind)?,
            state: parse(&self.state)?,
            order: self.order_id.map(OrderId),
            order_number: self.number,
            fulfillment: self.fulfillment_id.map(FulfillmentId),
            node: self.node,
            cause: self.cause,
            evidence: serde_json::from_str(&self.evidence).unwrap_or_default(),
            at_stake: self.at_stake,
            currency: self.currency.parse().map_err(Error::internal)?,
            due_at: self.due_at.map(from_micros),
            snoozed_until: self.snoozed_until.map(from_micros),
            assigned_to: self.assigned_to.map(UserId),
            assigned_name: self.assigned_name,
            resolution: self.resolution,
            times: self.times,
            raised_at: from_micros(self.raised_at),
            updated_at: from_micros(self.updated_at),
            closed_at: self.closed_at.map(from_micros),
        })
    }
}

/// Exceptions that pass the filter: open ones by when they start to cost, closed ones the newest first.
pub async fn list(
    orc: &Orchestrator,
    actor: &Actor,
    filter: &ExceptionFilter,
    page: &PageRequest,
) -> Result<Page<ExceptionRow>> {
    actor.check(Permission::ReadOrders)?;
    let limit = page.limit()?;
    let now = orc.now().timestamp_micros();
    let mut sql = String::new();
    let mut bound = values![actor.merchant.0];
    let state = filter.state.unwrap_or(ExceptionState::Open);
    sql.push_str(" WHERE e.merchant_id = ? AND e.state = ?");
    bound.push(state.as_str().into());
    if state == ExceptionState::Open {
        let snoozed = if filter.snoozed { "" } else { "NOT " };
        sql.push_str(" AND ");
        sql.push_str(snoozed);
        sql.push_str("(e.snoozed_until IS NOT NULL AND e.snoozed_until > ?)");
        bound.push(now.into());
    }
    if let Some(kind) = filter.kind {
        sql.push_str(" AND e.kind = ?");
        bound.push(kind.as_str().into());
    }
    if let Some(order) = filter.order {
        sql.push_str(" AND e.order_id = ?");
        bound.push(order.0.into());
    }
    if let (true, Who::User { id, .. }) = (filter.mine, &actor.who) {
        sql.push_str(" AND e.assigned_to = ?");
        bound.push(id.0.into());
    }
    if let Some(from) = filter.closed_from {
        sql.push_str(" AND e.closed_at >= ?");
        bound.push(from.timestamp_micros().into());
    }
    let total = format!("SELECT count(*) AS n FROM exceptions e{sql}");
    let total = sql::number(orc.reader(), &total, bound.clone()).await?;
    let closed = matches!(state, ExceptionState::Automatic | ExceptionState::Resolved);
    let key = if closed {
        "COALESCE(e.closed_at, 0)".to_owned()
    } else {
        format!("COALESCE(e.due_at, {NEVER})")
    };
    let (than, way) = if closed { ("<", "DESC") } else { (">", "ASC") };
    if let Some(after) = page.after()? {
        let (at, id) = after.split_once(' ').ok_or_else(bad_cursor)?;
        let at: i64 = at.parse().map_err(|_| bad_cursor())?;
        let id: ExceptionId = id.parse().map_err(|_| bad_cursor())?;
        sql = format!("{sql} AND ({key} {than} ? OR ({key} = ? AND e.id {than} ?))");
        bound.extend::<Vec<Value>>(values![at, at, id.0]);
    }
    let sql = format!(
        "{ROW}{sql} ORDER BY {key} {way}, e.id {way} LIMIT {}",
        limit + 1
    );
    let rows: Vec<Row> = sql::all(orc.reader(), &sql, bound).await?;
    let page = page_of(rows, limit, Some(total as u64), |row| {
        let at = if closed {
            row.closed_at.unwrap_or(0)
        } else {
            row.due_at.unwrap_or(NEVER)
        };
        format!("{at} {}", ExceptionId(row.id))
    });
    Ok(Page {
        items: page
            .items
            .into_iter()
            .map(Row::view)
            .collect::<Result<_>>()?,
        next_cursor: page.next_cursor,
        total: page.total,
    })
}

/// One of them.
pub async fn get(orc: &Orchestrator, actor: &Actor, id: ExceptionId) -> Result<ExceptionRow> {
    actor.check(Permission::ReadOrders)?;
    load(orc.reader(), actor, id).await
}

pub(super) async fn load(
    on: &impl ConnectionTrait,
    actor: &Actor,
    id: ExceptionId,
) -> Result<ExceptionRow> {
    let sql = format!("{ROW} WHERE e.merchant_id = ? AND e.id = ?");
    let row: Option<Row> = sql::one(on, &sql, values![actor.merchant.0, id.0]).await?;
    row.ok_or_else(|| Error::not_found("exception", id.to_string()))?
        .view()
}

/// How many there are, for the badge and the tabs.
pub async fn counts(orc: &Orchestrator, actor: &Actor) -> Result<ExceptionCounts> {
    #[derive(FromQueryResult)]
    struct Group {
        kind: String,
        state: String,
        snoozed: i32,
        n: i64,
    }
    actor.check(Permission::ReadOrders)?;
    let now = orc.now().timestamp_micros();
    let sql = "SELECT kind, state, CASE WHEN snoozed_until > ? THEN 1 ELSE 0 END AS snoozed, count(*) AS n
               FROM exceptions WHERE merchant_id = ? AND closed_at IS NULL GROUP BY 1, 2, 3";
    let groups: Vec<Group> = sql::all(orc.reader(), sql, values![now, actor.merchant.0]).await?;
    let mut counts = ExceptionCounts::default();
    for group in groups {
        let n = group.n as u64;
        match parse(&group.state)? {
            ExceptionState::Repairing => counts.repairing += n,
            _ if group.snoozed == 1 => counts.snoozed += n,
            _ => counts.open.push((parse::<ExceptionKind>(&group.kind)?, n)),
        }
    }
    counts.open.sort_unstable();
    let since = today::start_of_day(orc, actor).await?;
    let sql = "SELECT count(*) AS n FROM exceptions WHERE merchant_id = ? AND state = 'automatic' AND closed_at >= ?";
    let bound = values![actor.merchant.0, since];
    counts.automatic_today = sql::number(orc.reader(), sql, bound).await? as u64;
    Ok(counts)
}
