//! The same action on all orders that pass a filter, however many: stored, done in the background a few orders at a
//! time, and seen while it runs.
//!
//! An action goes through the orders by number, from the first to the last that there was when it began. How far it has
//! come is written in the transaction that acts on the orders: a process that ends leaves nothing half done, and any
//! process of the database goes on from there. An order is looked at once; it is acted on if it passes the filter when
//! its turn comes.

use engine::model::{
    BulkAction, BulkSkip, MerchantId, OrderAction, OrderFilter, OrderId, OrderSort, Page,
    Permission,
};
use futures::FutureExt;
use sea_orm::FromQueryResult;
use sea_orm::prelude::Uuid as Id;
use serde_json::json;
use uuid::Uuid;

use super::OrderState;
use super::act::{apply, check_reason};
use super::list::{Matching, matching};
use crate::clock::from_micros;
use crate::paging::{bad_cursor, page_of};
use crate::store::sql::{self, values};
use crate::store::tables::{bulk_actions, bulk_skips};
use crate::store::{NewEvent, Tx};
use crate::{Actor, Error, Orchestrator, PageRequest, Result, Who};

const PREFIX: &str = "blk_";
/// Orders in one transaction: few enough that other changes hardly wait for it.
const STEP: i64 = 50;
/// Orders that were passed over are kept with their reason up to this many; past it they are counted.
const MOST_SKIPS: i64 = 1_000;
/// Of them, how many a view shows.
const SHOWN_SKIPS: i64 = 100;
/// Orders that a filter names one by one.
const MOST_NAMED: usize = 200;

/// Begins an action on every order that passes the filter.
pub async fn start(
    orc: &Orchestrator,
    actor: &Actor,
    filter: &OrderFilter,
    action: OrderAction,
    reason: Option<String>,
) -> Result<BulkAction> {
    actor.check(Permission::ChangeOrders)?;
    let reason = check_reason(reason)?;
    if filter.order.len() > MOST_NAMED {
        let text = format!(
            "at most {MOST_NAMED} orders are named one by one, not {}",
            filter.order.len()
        );
        return Err(Error::field("#/filter/order", text));
    }
    // The order of the list says nothing here.
    let filter = OrderFilter {
        sort: OrderSort::Oldest,
        ..filter.clone()
    };
    let by = actor.clone();
    let started = orc
        .write_once(actor, move |tx| {
            async move {
                let Matching {
                    orders,
                    wheres,
                    bound,
                } = matching(tx.conn(), &by, &filter).await?;
                let count = format!("SELECT count(*) AS n FROM {orders} WHERE {wheres}");
                let row = bulk_actions::Model {
                    id: Uuid::now_v7(),
                    merchant_id: tx.merchant().0,
                    action: action.to_string(),
                    reason,
                    filter: serde_json::to_string(&filter).map_err(Error::internal)?,
                    actor: by.label(),
                    status: "running".to_owned(),
                    total: sql::number(tx.conn(), &count, bound).await?,
                    done: 0,
                    skipped: 0,
                    last_number: 0,
                    up_to_number: tx.last_order_number(),
                    created_at: tx.now_us(),
                    updated_at: tx.now_us(),
                };
                sql::insert(tx.conn(), vec![row.clone()]).await?;
                tell(tx, &by, &row, "bulk_action.started")?;
                view(row, Vec::new())
            }
            .boxed()
        })
        .await?;
    orc.bulk_waiting().notify_one();
    Ok(started)
}

/// How an action stands, with the first orders that it has passed over.
pub async fn get(orc: &Orchestrator, actor: &Actor, id: &str) -> Result<BulkAction> {
    actor.check(Permission::ReadOrders)?;
    let row = find(orc.reader(), actor.merchant, parse(id)?).await?;
    let sql = "SELECT * FROM bulk_skips WHERE bulk_action_id = ? ORDER BY number LIMIT ?";
    let skips: Vec<bulk_skips::Model> =
        sql::all(orc.reader(), sql, values![row.id, SHOWN_SKIPS]).await?;
    let skips = skips.into_iter().map(|skip| BulkSkip {
        id: OrderId(skip.order_id),
        number: skip.number,
        reason: skip.reason,
    });
    view(row, skips.collect())
}

/// The merchant's actions on many orders, newest first.
pub async fn list(
    orc: &Orchestrator,
    actor: &Actor,
    page: &PageRequest,
) -> Result<Page<BulkAction>> {
    actor.check(Permission::ReadOrders)?;
    let limit = page.limit()?;
    let before = match page.after()? {
        Some(cursor) => parse(&cursor).map_err(|_| bad_cursor())?,
        None => Uuid::max(),
    };
    let sql =
        "SELECT * FROM bulk_actions WHERE merchant_id = ? AND id < ? ORDER BY id DESC LIMIT ?";
    let bound = values![actor.merchant.0, before, limit as i64 + 1];
    let rows: Vec<bulk_actions::Model> = sql::all(orc.reader(), sql, bound).await?;
    let views = rows.into_iter().map(|row| view(row, Vec::new()));
    let views = views.collect::<Result<Vec<_>>>()?;
    Ok(page_of(views, limit, None, |view| view.id.clone()))
}

/// Ends an action before it has come to its end; what it has done stays. One that has ended stays as it is.
pub async fn stop(orc: &Orchestrator, actor: &Actor, id: &str) -> Result<BulkAction> {
    actor.check(Permission::ChangeOrders)?;
    let id = parse(id)?;
    let by = actor.clone();
    orc.write_once(actor, move |tx| {
        async move {
            let mut row = find(tx.conn(), tx.merchant(), id).await?;
            if row.status == "running" {
                "stopped".clone_into(&mut row.status);
                save(tx, &mut row).await?;
                tell(tx, &by, &row, "bulk_action.stopped")?;
            }
            view(row, Vec::new())
        }
        .boxed()
    })
    .await
}

/// Takes every running action one step further; tells whether there was one.
pub async fn advance_all(orc: &Orchestrator) -> Result<bool> {
    #[derive(FromQueryResult)]
    struct Running {
        id: Id,
        merchant_id: Id,
    }
    let sql =
        "SELECT id, merchant_id FROM bulk_actions WHERE status = 'running' ORDER BY id LIMIT 100";
    let running: Vec<Running> = sql::all(orc.reader(), sql, values![]).await?;
    for Running { id, merchant_id } in &running {
        advance(orc, MerchantId(*merchant_id), *id).await?;
    }
    Ok(!running.is_empty())
}

/// Waits until an action begins here, or until it is time to look for those that another process began.
pub async fn wait_for_work(orc: &Orchestrator) {
    let poll = std::time::Duration::from_secs(2);
    let _ = tokio::time::timeout(poll, orc.bulk_waiting().notified()).await;
}

/// One step. When it fails, its orders are tried one by one, and one that fails even alone is passed over: it must not
/// keep the others from their turn.
async fn advance(orc: &Orchestrator, merchant: MerchantId, id: Id) -> Result<()> {
    let step = |orders: i64, pass_over: Option<String>| {
        orc.write(merchant, move |tx| {
            async move { take_step(tx, id, orders, pass_over).await }.boxed()
        })
    };
    let failed = |error: Error| match error {
        // The database, and with it the next step, is another matter than an order.
        Error::Unavailable(_) => Err(error),
        error => Ok(error),
    };
    let Err(error) = step(STEP, None).await else {
        return Ok(());
    };
    tracing::warn!(error = %failed(error)?, "a step of a bulk action is taken order by order");
    for _ in 0..STEP {
        if let Err(error) = step(1, None).await {
            step(1, Some(failed(error)?.to_string())).await?;
        }
    }
    Ok(())
}

/// Acts on the next few orders, or passes the next one over.
async fn take_step(tx: &mut Tx, id: Id, orders: i64, pass_over: Option<String>) -> Result<()> {
    let mut row = find(tx.conn(), tx.merchant(), id).await?;
    if row.status != "running" {
        return Ok(());
    }
    let action: OrderAction = row.action.parse().map_err(Error::Internal)?;
    // In the name of who asked; what they may do was checked when they did.
    let by = Actor {
        who: Who::OnBehalf(row.actor.clone()),
        ..Actor::system(tx.merchant(), "")
    };
    let due = next_orders(tx, &by, &row, orders).await?;
    let ids: Vec<OrderId> = due.iter().map(|(id, _)| *id).collect();
    let mut skips = Vec::new();
    for mut state in OrderState::load_many(tx, &ids).await? {
        let number = state.order.number;
        let outcome = match &pass_over {
            Some(why) => Err(Error::Conflict(why.clone())),
            None => apply(tx, &by, &mut state, action, row.reason.clone()).await,
        };
        match outcome {
            Ok(()) => row.done += 1,
            Err(Error::Conflict(reason)) => skips.push(bulk_skips::Model {
                bulk_action_id: id,
                number,
                order_id: state.order.id,
                reason,
            }),
            Err(error) => return Err(error),
        }
    }
    let room = (MOST_SKIPS - row.skipped).max(0) as usize;
    row.skipped += skips.len() as i64;
    skips.truncate(room);
    sql::insert(tx.conn(), skips).await?;
    let kind = if (due.len() as i64) < orders {
        "done".clone_into(&mut row.status);
        row.last_number = row.up_to_number;
        "bulk_action.done"
    } else {
        row.last_number = due.last().map_or(row.last_number, |(_, number)| *number);
        "bulk_action.progressed"
    };
    save(tx, &mut row).await?;
    tell(tx, &by, &row, kind)
}

/// The next orders that pass the filter, with their numbers.
async fn next_orders(
    tx: &Tx,
    by: &Actor,
    row: &bulk_actions::Model,
    most: i64,
) -> Result<Vec<(OrderId, i64)>> {
    #[derive(FromQueryResult)]
    struct Due {
        id: Id,
        number: i64,
    }
    let filter: OrderFilter = serde_json::from_str(&row.filter).map_err(Error::internal)?;
    let Matching {
        orders,
        wheres,
        mut bound,
    } = matching(tx.conn(), by, &filter).await?;
    let sql = format!(
        "SELECT o.id, o.number FROM {orders} WHERE {wheres} AND o.number > ? AND o.number <= ?
         ORDER BY o.number LIMIT ?"
    );
    bound.extend(values![row.last_number, row.up_to_number, most]);
    let due: Vec<Due> = sql::all(tx.conn(), &sql, bound).await?;
    let due = due.into_iter().map(|due| (OrderId(due.id), due.number));
    Ok(due.collect())
}

async fn save(tx: &Tx, row: &mut bulk_actions::Model) -> Result<()> {
    row.updated_at = tx.now_us();
    let sql = "UPDATE bulk_actions SET status = ?, done = ?, skipped = ?, last_number = ?, updated_at = ? WHERE id = ?";
    let bound = values![
        row.status.clone(),
        row.done,
        row.skipped,
        row.last_number,
        row.updated_at,
        row.id
    ];
    sql::run(tx.conn(), sql, bound).await?;
    Ok(())
}

/// Tells the log, and with it everybody who watches, how the action stands.
fn tell(tx: &mut Tx, by: &Actor, row: &bulk_actions::Model, kind: &'static str) -> Result<()> {
    let action: OrderAction = row.action.parse().map_err(Error::Internal)?;
    let summary = format!(
        "{} of {} orders: {} done, {} passed over",
        action.label(),
        row.total,
        row.done,
        row.skipped
    );
    let id = written(row.id);
    let data = json!({ "bulk_action": id, "action": action, "status": row.status, "total": row.total,
        "done": row.done, "skipped": row.skipped });
    tx.emit(NewEvent::new(kind, id, by, summary).data(data));
    Ok(())
}

async fn find(
    on: &impl sea_orm::ConnectionTrait,
    merchant: MerchantId,
    id: Id,
) -> Result<bulk_actions::Model> {
    let sql = "SELECT * FROM bulk_actions WHERE id = ? AND merchant_id = ?";
    let row = sql::one(on, sql, values![id, merchant.0]).await?;
    row.ok_or_else(|| Error::not_found("bulk action", written(id)))
}

fn view(row: bulk_actions::Model, skips: Vec<BulkSkip>) -> Result<BulkAction> {
    Ok(BulkAction {
        id: written(row.id),
        action: row.action.parse().map_err(Error::Internal)?,
        reason: row.reason,
        by: row.actor,
        status: row.status,
        total: row.total as u64,
        done: row.done as u64,
        skipped: row.skipped as u64,
        skips,
        created_at: from_micros(row.created_at),
        updated_at: from_micros(row.updated_at),
    })
}

fn written(id: Id) -> String {
    format!("{PREFIX}{}", id.simple())
}

fn parse(id: &str) -> Result<Id> {
    id.strip_prefix(PREFIX)
        .filter(|rest| rest.len() == 32)
        .and_then(|rest| Id::try_parse(rest).ok())
        .ok_or_else(|| Error::not_found("bulk action", id.chars().take(80).collect::<String>()))
}
