use engine::model::{
    Neighbours, OrderCounts, OrderFilter, OrderId, OrderRow, OrderSort, OrderStatus, Page,
    Permission,
};
use sea_orm::prelude::Uuid;
use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult, Value};

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
    let Matching {
        orders,
        mut wheres,
        mut bound,
    } = matching(orc.reader(), actor, filter).await?;
    let total = if page.with_total {
        let (sql, bound) = match of_nodes_alone(filter) {
            // Its values come after the merchant, with which all conditions begin.
            Some(nodes) => (
                format!("SELECT count(DISTINCT f.order_id) AS n FROM {nodes}"),
                &bound[1..],
            ),
            None => (
                format!("SELECT count(*) AS n FROM {orders} WHERE {wheres}"),
                &bound[..],
            ),
        };
        Some(sql::number(orc.reader(), &sql, bound.to_vec()).await? as u64)
    } else {
        None
    };
    if total == Some(0) {
        return Ok(page_of(Vec::new(), limit, total, |_: &OrderRow| {
            String::new()
        }));
    }
    let (direction, beyond) = direction(filter.sort);
    if let Some(after) = page.after_number()? {
        wheres.push_str(" AND o.number ");
        wheres.push_str(beyond);
        wheres.push_str(" ?");
        bound.push(after.into());
    }
    bound.push((limit as i64 + 1).into());
    let sql = format!(
        "SELECT {COLUMNS} FROM {orders} WHERE {wheres} ORDER BY o.number {direction} LIMIT ?"
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
    let Matching {
        orders,
        wheres,
        bound,
    } = matching(orc.reader(), actor, filter).await?;
    let mut found = [None, None];
    let newest_first = filter.sort == OrderSort::Newest;
    for (slot, upwards) in found.iter_mut().zip([newest_first, !newest_first]) {
        let (beyond, direction) = if upwards { (">", "ASC") } else { ("<", "DESC") };
        let sql = format!(
            "SELECT o.id FROM {orders} WHERE {wheres} AND o.number {beyond} ? ORDER BY o.number {direction} LIMIT 1"
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

/// Which orders pass a filter, as parts of a statement.
pub(super) struct Matching {
    /// The table, under the name `o`.
    pub orders: &'static str,
    pub wheres: String,
    pub bound: Vec<Value>,
}

pub(super) async fn matching(
    on: &impl ConnectionTrait,
    actor: &Actor,
    filter: &OrderFilter,
) -> Result<Matching> {
    let (mut wheres, mut bound) = conditions(actor, filter);
    let mut orders = ORDERS;
    if filter.placed_from.is_some() || filter.placed_to.is_some() {
        orders = in_order(on, &wheres, &bound).await?;
    }
    if let Some(q) = filter.q.as_deref().map(str::trim).filter(|q| !q.is_empty()) {
        let number = q.strip_prefix('#').and_then(|n| n.parse::<i64>().ok());
        let (condition, values) = match number {
            // A number as people say it, with its sign, is looked up; everything else is looked for.
            Some(number) => ("o.number = ?".to_owned(), values![number]),
            // Texts never hold it, and PostgreSQL takes no question with it.
            None if q.contains('\0') => ("1 = 0".to_owned(), Vec::new()),
            None => {
                orders = in_order(on, &wheres, &bound).await?;
                text_condition(on, actor, q).await?
            }
        };
        wheres.push_str(" AND ");
        wheres.push_str(&condition);
        bound.extend(values);
    }
    Ok(Matching {
        orders,
        wheres,
        bound,
    })
}

/// Orders whose text contains this, or with a parcel under exactly this tracking number.
async fn text_condition(
    on: &impl ConnectionTrait,
    actor: &Actor,
    q: &str,
) -> Result<(String, Vec<Value>)> {
    let text = "o.search LIKE ? ESCAPE '\\'";
    let mut values = values![products_like(q)];
    let tracked = tracked(on, actor, q).await?;
    if tracked.is_empty() {
        return Ok((text.to_owned(), values));
    }
    values.extend(tracked.iter().map(|number| Value::from(*number)));
    let either = format!("({text} OR o.number IN {})", sql::list(tracked.len()));
    Ok((either, values))
}

const ORDERS: &str = "orders o";
/// Filters that leave no more than this are applied first, and put in order then.
const FEW: i64 = 1_000;

/// The table as SQLite is to read it when it looks for text or dates: in the list's order, along the narrow index,
/// unless the filter (but for the text) leaves little to read. PostgreSQL knows how frequent things are and decides for
/// itself.
async fn in_order(
    on: &impl ConnectionTrait,
    wheres: &str,
    bound: &[Value],
) -> Result<&'static str> {
    if on.get_database_backend() != DbBackend::Sqlite {
        return Ok(ORDERS);
    }
    // The merchant alone is no filter.
    if bound.len() > 1 {
        let sql = format!(
            "SELECT count(*) AS n FROM (SELECT 1 FROM orders o WHERE {wheres} LIMIT {})",
            FEW + 1
        );
        if sql::number(on, &sql, bound.to_vec()).await? <= FEW {
            return Ok(ORDERS);
        }
    }
    Ok("orders o INDEXED BY orders_in_order")
}

/// Numbers of the orders with a parcel under exactly this tracking number.
async fn tracked(
    on: &impl ConnectionTrait,
    actor: &Actor,
    tracking_number: &str,
) -> Result<Vec<i64>> {
    #[derive(FromQueryResult)]
    struct Row {
        number: i64,
    }
    let sql = "SELECT DISTINCT o.number FROM fulfillments f JOIN orders o ON o.id = f.order_id
               WHERE f.merchant_id = ? AND f.tracking_number = ? LIMIT 200";
    let rows: Vec<Row> = sql::all(on, sql, values![actor.merchant.0, tracking_number]).await?;
    Ok(rows.into_iter().map(|row| row.number).collect())
}

/// Fulfillments, not void, at the filter's nodes, with the merchant and the nodes as values.
fn of_nodes(filter: &OrderFilter) -> String {
    format!(
        "fulfillments f WHERE f.merchant_id = ? AND f.node IN {} AND f.status NOT IN ('rejected', 'cancelled')",
        sql::list(filter.node.len())
    )
}

/// The same, when the filter asks for nothing else: then the fulfillments alone say how many orders there are.
fn of_nodes_alone(filter: &OrderFilter) -> Option<String> {
    let only_nodes = OrderFilter {
        node: filter.node.clone(),
        sort: filter.sort,
        ..OrderFilter::default()
    };
    (!filter.node.is_empty() && *filter == only_nodes).then(|| of_nodes(filter))
}

/// What every filter but the text asks for.
fn conditions(actor: &Actor, filter: &OrderFilter) -> (String, Vec<Value>) {
    let mut wheres = "o.merchant_id = ?".to_owned();
    let mut bound = values![actor.merchant.0];
    let mut and = |condition: &str, values: Vec<Value>| {
        wheres.push_str(" AND ");
        wheres.push_str(condition);
        bound.extend(values);
    };
    if !filter.order.is_empty() {
        let list = format!("o.id IN {}", sql::list(filter.order.len()));
        and(
            &list,
            filter.order.iter().map(|id| Value::from(id.0)).collect(),
        );
    }
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
        let at_nodes = format!("o.id IN (SELECT f.order_id FROM {})", of_nodes(filter));
        let mut values = values![actor.merchant.0];
        values.extend(filter.node.iter().map(|node| Value::from(node.clone())));
        and(&at_nodes, values);
    }
    if let Some(from) = filter.placed_from {
        and("o.placed_at >= ?", values![from.timestamp_micros()]);
    }
    if let Some(to) = filter.placed_to {
        and("o.placed_at < ?", values![to.timestamp_micros()]);
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
