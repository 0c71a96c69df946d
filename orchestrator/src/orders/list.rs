use engine::model::{
    Neighbours, OrderCounts, OrderFilter, OrderId, OrderRow, OrderSort, OrderStatus, Page,
    Permission,
};
use sea_orm::prelude::Uuid;
use sea_orm::{FromQueryResult, Value};

use crate::clock::from_micros;
use crate::network::products_like;
use crate::paging::page_of;
use crate::store::sql::{self, values};
use crate::{Actor, Error, Orchestrator, PageRequest, Result};

#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
    number: i64,
    channel: String,
    external_id: String,
    status: String,
    placed_at: i64,
    updated_at: i64,
    currency: String,
    total: i64,
    customer_name: String,
    destination: String,
    line_count: i64,
    units: i64,
    nodes: String,
    waiting_units: i64,
    note: Option<String>,
    version: i64,
}

const COLUMNS: &str = "o.id, o.number, o.channel, o.external_id, o.status, o.placed_at, o.updated_at, o.currency,
    o.total, o.customer_name, o.destination, o.line_count, o.units, o.nodes, o.waiting_units, o.note, o.version";

/// Orders that pass the filter, one page of them.
pub async fn list(
    orc: &Orchestrator,
    actor: &Actor,
    filter: &OrderFilter,
    page: &PageRequest,
) -> Result<Page<OrderRow>> {
    actor.check(Permission::ReadOrders)?;
    let limit = page.limit()?;
    let (mut wheres, mut bound) = conditions(actor, filter);
    let total = if page.with_total {
        let sql = format!("SELECT count(*) AS n FROM orders o WHERE {wheres}");
        Some(sql::number(orc.reader(), &sql, bound.clone()).await? as u64)
    } else {
        None
    };
    let (direction, beyond) = direction(filter.sort);
    if let Some(after) = page.after_number()? {
        wheres.push_str(" AND o.number ");
        wheres.push_str(beyond);
        wheres.push_str(" ?");
        bound.push(after.into());
    }
    bound.push((limit as i64 + 1).into());
    let sql = format!(
        "SELECT {COLUMNS} FROM orders o WHERE {wheres} ORDER BY o.number {direction} LIMIT ?"
    );
    let rows: Vec<Row> = sql::all(orc.reader(), &sql, bound).await?;
    let rows = rows
        .into_iter()
        .map(|row| view(row, actor))
        .collect::<Result<Vec<_>>>()?;
    Ok(page_of(rows, limit, total, |row| row.number.to_string()))
}

/// These orders as a list shows them, at most 200.
pub async fn rows(orc: &Orchestrator, actor: &Actor, ids: &[OrderId]) -> Result<Vec<OrderRow>> {
    actor.check(Permission::ReadOrders)?;
    let ids = &ids[..ids.len().min(PageRequest::MAX as usize)];
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let sql = format!(
        "SELECT {COLUMNS} FROM orders o WHERE o.merchant_id = ? AND o.id IN {}",
        sql::list(ids.len())
    );
    let mut bound = values![actor.merchant.0];
    bound.extend(ids.iter().map(|id| Value::from(id.0)));
    let rows: Vec<Row> = sql::all(orc.reader(), &sql, bound).await?;
    rows.into_iter().map(|row| view(row, actor)).collect()
}

/// How many orders there are in each state.
pub async fn counts(orc: &Orchestrator, actor: &Actor) -> Result<OrderCounts> {
    #[derive(FromQueryResult)]
    struct Count {
        status: String,
        n: i64,
    }
    actor.check(Permission::ReadOrders)?;
    let sql = "SELECT status, count(*) AS n FROM orders WHERE merchant_id = ? GROUP BY status";
    let rows: Vec<Count> = sql::all(orc.reader(), sql, values![actor.merchant.0]).await?;
    let mut counts = OrderCounts::default();
    for row in rows {
        let status: OrderStatus = row.status.parse().map_err(Error::Internal)?;
        counts.by_status.insert(status, row.n as u64);
    }
    Ok(counts)
}

/// The orders before and after this one within a filtered list.
pub async fn neighbours(
    orc: &Orchestrator,
    actor: &Actor,
    order: OrderId,
    filter: &OrderFilter,
) -> Result<Neighbours> {
    #[derive(FromQueryResult)]
    struct Id {
        id: Uuid,
    }
    actor.check(Permission::ReadOrders)?;
    let number = "SELECT number AS n FROM orders WHERE merchant_id = ? AND id = ?";
    let number = sql::number(orc.reader(), number, values![actor.merchant.0, order.0]).await?;
    let (wheres, bound) = conditions(actor, filter);
    let mut found = [None, None];
    let newest_first = filter.sort == OrderSort::Newest;
    for (slot, upwards) in found.iter_mut().zip([newest_first, !newest_first]) {
        let (beyond, direction) = if upwards { (">", "ASC") } else { ("<", "DESC") };
        let sql = format!(
            "SELECT o.id FROM orders o WHERE {wheres} AND o.number {beyond} ? ORDER BY o.number {direction} LIMIT 1"
        );
        let mut bound = bound.clone();
        bound.push(number.into());
        *slot = sql::one::<Id>(orc.reader(), &sql, bound)
            .await?
            .map(|row| OrderId(row.id));
    }
    Ok(Neighbours {
        previous: found[0],
        next: found[1],
    })
}

fn direction(sort: OrderSort) -> (&'static str, &'static str) {
    match sort {
        OrderSort::Newest => ("DESC", "<"),
        OrderSort::Oldest => ("ASC", ">"),
    }
}

fn conditions(actor: &Actor, filter: &OrderFilter) -> (String, Vec<Value>) {
    let mut wheres = "o.merchant_id = ?".to_owned();
    let mut bound = values![actor.merchant.0];
    let mut and = |condition: &str, values: Vec<Value>| {
        wheres.push_str(" AND ");
        wheres.push_str(condition);
        bound.extend(values);
    };
    if !filter.status.is_empty() {
        let list = format!("o.status IN {}", sql::list(filter.status.len()));
        and(
            &list,
            filter
                .status
                .iter()
                .map(|status| status.as_str().into())
                .collect(),
        );
    }
    if !filter.channel.is_empty() {
        let list = format!("o.channel IN {}", sql::list(filter.channel.len()));
        and(
            &list,
            filter
                .channel
                .iter()
                .map(|channel| channel.clone().into())
                .collect(),
        );
    }
    if !filter.node.is_empty() {
        let exists = format!(
            "o.id IN (SELECT f.order_id FROM fulfillments f WHERE f.merchant_id = ? AND f.node IN {}
             AND f.status NOT IN ('rejected', 'cancelled'))",
            sql::list(filter.node.len())
        );
        let mut values = values![actor.merchant.0];
        values.extend(filter.node.iter().map(|node| Value::from(node.clone())));
        and(&exists, values);
    }
    if let Some(from) = filter.placed_from {
        and("o.placed_at >= ?", values![from.timestamp_micros()]);
    }
    if let Some(to) = filter.placed_to {
        and("o.placed_at < ?", values![to.timestamp_micros()]);
    }
    if let Some(q) = filter.q.as_deref().map(str::trim).filter(|q| !q.is_empty()) {
        // A number as people say it, with its sign, is looked up; everything else is looked for.
        match q.strip_prefix('#').and_then(|number| number.parse::<i64>().ok()) {
            Some(number) => and("o.number = ?", values![number]),
            None => and(
                "(o.search LIKE ? ESCAPE '\\' OR o.id IN
                 (SELECT f.order_id FROM fulfillments f WHERE f.merchant_id = ? AND f.tracking_number = ?))",
                values![products_like(q), actor.merchant.0, q],
            ),
        }
    }
    (wheres, bound)
}

fn view(row: Row, actor: &Actor) -> Result<OrderRow> {
    Ok(OrderRow {
        id: OrderId(row.id),
        number: row.number,
        channel: row.channel,
        external_id: row.external_id,
        status: row.status.parse().map_err(Error::Internal)?,
        placed_at: from_micros(row.placed_at),
        updated_at: from_micros(row.updated_at),
        currency: row.currency.parse().map_err(Error::internal)?,
        total: row.total,
        customer_name: if actor.may(Permission::ReadCustomers) {
            row.customer_name
        } else {
            String::new()
        },
        destination: row.destination,
        line_count: row.line_count,
        units: row.units,
        nodes: serde_json::from_str(&row.nodes).map_err(Error::internal)?,
        waiting_units: row.waiting_units,
        note: row.note,
        version: row.version,
    })
}
