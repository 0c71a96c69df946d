//! What needs a person now, and how the day stands.

use engine::model::{
    FlowStep, NeedsYou, OrderId, OrderStatus, Permission, TodayView, UpcomingCutoff,
};
use sea_orm::FromQueryResult;
use sea_orm::prelude::Uuid;

use crate::clock::from_micros;
use crate::store::sql::{self, values};
use crate::{Actor, Error, Orchestrator, Result, network};

/// Rows in the lists of the page.
const MOST_ROWS: usize = 8;

/// The figures of the page "Today".
pub async fn view(orc: &Orchestrator, actor: &Actor) -> Result<TodayView> {
    actor.check(Permission::ReadOrders)?;
    let merchant = actor.merchant.0;
    let now = orc.now();
    let (needs_you, needs_you_total) = needs_you(orc, actor).await?;
    let exists = async |table: &str| -> Result<bool> {
        let sql = format!(
            "SELECT count(*) AS n FROM (SELECT 1 FROM {table} WHERE merchant_id = ? LIMIT 1) AS some"
        );
        Ok(sql::number(orc.reader(), &sql, values![merchant]).await? > 0)
    };
    let since = start_of_day(orc, actor).await?;
    let placed = "SELECT count(*) AS n FROM orders WHERE merchant_id = ? AND placed_at >= ?";
    Ok(TodayView {
        now,
        needs_you,
        needs_you_total,
        cutoffs: cutoffs(orc, actor).await?,
        flow: flow(orc, actor).await?,
        orders_today: sql::number(orc.reader(), placed, values![merchant, since]).await? as u64,
        single_package_share: single_package_share(orc, actor).await?,
        has_products: exists("products").await?,
        has_nodes: exists("nodes").await?,
        has_services: exists("services").await?,
        has_stock: exists("stock").await?,
        has_orders: exists("orders").await?,
    })
}

/// Orders that cannot go on by themselves, those that wait longest first.
async fn needs_you(orc: &Orchestrator, actor: &Actor) -> Result<(Vec<NeedsYou>, u64)> {
    #[derive(FromQueryResult)]
    struct Row {
        id: Uuid,
        number: i64,
        status: String,
        note: Option<String>,
        updated_at: i64,
    }
    let filter = "merchant_id = ? AND status IN ('needs_attention', 'on_hold', 'backordered')";
    let total = sql::number(
        orc.reader(),
        &format!("SELECT count(*) AS n FROM orders WHERE {filter}"),
        values![actor.merchant.0],
    )
    .await?;
    // What nobody can repair by waiting comes first.
    let sql = format!(
        "SELECT id, number, status, note, updated_at FROM orders WHERE {filter}
         ORDER BY CASE status WHEN 'needs_attention' THEN 0 WHEN 'on_hold' THEN 1 ELSE 2 END, number LIMIT {MOST_ROWS}"
    );
    let rows: Vec<Row> = sql::all(orc.reader(), &sql, values![actor.merchant.0]).await?;
    let mut list = Vec::with_capacity(rows.len());
    for row in rows {
        list.push(NeedsYou {
            order: OrderId(row.id),
            number: row.number,
            status: row.status.parse().map_err(Error::Internal)?,
            cause: row.note.unwrap_or_default(),
            since: from_micros(row.updated_at),
        });
    }
    Ok((list, total as u64))
}

async fn flow(orc: &Orchestrator, actor: &Actor) -> Result<Vec<FlowStep>> {
    #[derive(FromQueryResult)]
    struct Row {
        status: String,
        n: i64,
        oldest: i64,
    }
    let sql = "SELECT status, count(*) AS n, min(placed_at) AS oldest FROM orders WHERE merchant_id = ? GROUP BY status";
    let rows: Vec<Row> = sql::all(orc.reader(), sql, values![actor.merchant.0]).await?;
    let steps = OrderStatus::ALL.iter().map(|&status| {
        let row = rows.iter().find(|row| row.status == status.as_str());
        FlowStep {
            status,
            count: row.map_or(0, |row| row.n as u64),
            oldest: row.map(|row| from_micros(row.oldest)),
        }
    });
    Ok(steps.collect())
}

/// The next cut-offs of nodes that have something to hand over.
async fn cutoffs(orc: &Orchestrator, actor: &Actor) -> Result<Vec<UpcomingCutoff>> {
    if !actor.may(Permission::ReadNetwork) {
        return Ok(Vec::new());
    }
    let views = network::node_views(orc, actor).await?;
    let mut cutoffs: Vec<_> = views
        .into_iter()
        .filter(|view| view.load.open_fulfillments > 0)
        .filter_map(|view| {
            Some(UpcomingCutoff {
                at: view.load.next_cutoff?,
                at_local: view.load.next_cutoff_local?,
                node: view.node.code,
                node_name: view.node.name,
                open_fulfillments: view.load.open_fulfillments,
            })
        })
        .collect();
    cutoffs.sort_by(|a, b| (a.at, &a.node).cmp(&(b.at, &b.node)));
    cutoffs.truncate(MOST_ROWS);
    Ok(cutoffs)
}

/// Midnight of the merchant's current day.
pub(crate) async fn start_of_day(orc: &Orchestrator, actor: &Actor) -> Result<i64> {
    #[derive(FromQueryResult)]
    struct Row {
        time_zone: String,
    }
    let row: Option<Row> = sql::one(
        orc.reader(),
        "SELECT time_zone FROM merchants WHERE id = ?",
        values![actor.merchant.0],
    )
    .await?;
    let zone = row.map_or_else(|| "UTC".to_owned(), |row| row.time_zone);
    let calendar = engine::calendar::parse(None, &[], &zone).map_err(Error::Invalid)?;
    Ok(calendar
        .day_bounds(calendar.local_day(orc.now()))
        .0
        .timestamp_micros())
}

async fn single_package_share(orc: &Orchestrator, actor: &Actor) -> Result<Option<f64>> {
    #[derive(FromQueryResult)]
    struct Row {
        planned: i64,
        single: i64,
    }
    let open: &[OrderStatus] = &[OrderStatus::Routed, OrderStatus::InProgress];
    // `nodes` is a list of codes in JSON: one node has no comma between two quotes.
    let sql = format!(
        "SELECT count(*) AS planned, coalesce(CAST(sum(CASE WHEN nodes LIKE '%\",\"%' THEN 0 ELSE 1 END) AS BIGINT), 0) AS single
         FROM orders WHERE merchant_id = ? AND status IN {}",
        sql::list(open.len())
    );
    let mut bound = values![actor.merchant.0];
    bound.extend(
        open.iter()
            .map(|status| sea_orm::Value::from(status.as_str())),
    );
    let row: Option<Row> = sql::one(orc.reader(), &sql, bound).await?;
    Ok(row
        .filter(|row| row.planned > 0)
        .map(|row| row.single as f64 / row.planned as f64))
}
