//! What is on its way, for whoever looks after it.

use engine::model::{ExpectedRow, Incoming, IncomingStock, Page, Permission};
use sea_orm::prelude::Uuid;
use sea_orm::{FromQueryResult, Value};

use crate::clock::from_micros;
use crate::network::products_like;
use crate::paging::{bad_cursor, page_of};
use crate::store::sql::{self, values};
use crate::{Actor, Orchestrator, PageRequest, Result};

/// Deliveries that are on their way, soonest first; of one node, where one is given, and with this text in the SKU or
/// the product's name.
pub async fn expected(
    orc: &Orchestrator,
    actor: &Actor,
    node: Option<&str>,
    q: Option<&str>,
    page: &PageRequest,
) -> Result<Page<ExpectedRow>> {
    #[derive(FromQueryResult)]
    struct Row {
        id: Uuid,
        sku: String,
        name: String,
        node: String,
        quantity: i64,
        expected_at: i64,
    }
    actor.check(Permission::ReadStock)?;
    let limit = page.limit()?;
    let mut wheres = "i.merchant_id = ?".to_owned();
    let mut bound = values![actor.merchant.0];
    if let Some(only) = actor.only_nodes() {
        if only.is_empty() {
            return Ok(page_of(Vec::new(), limit, Some(0), |_| String::new()));
        }
        wheres.push_str(" AND i.node IN ");
        wheres.push_str(&sql::list(only.len()));
        bound.extend(only.iter().map(|node| Value::from(node.as_str())));
    }
    if let Some(node) = node {
        wheres.push_str(" AND i.node = ?");
        bound.push(node.into());
    }
    if let Some(q) = q.filter(|q| !q.trim().is_empty()) {
        wheres.push_str(" AND p.search LIKE ? ESCAPE '\\'");
        bound.push(products_like(q.trim()).into());
    }
    let from =
        "FROM incoming_stock i JOIN products p ON p.merchant_id = i.merchant_id AND p.sku = i.sku";
    let total = if page.with_total {
        let sql = format!("SELECT count(*) AS n {from} WHERE {wheres}");
        Some(
            sql::number(orc.reader(), &sql, bound.clone())
                .await?
                .unsigned_abs(),
        )
    } else {
        None
    };
    if let Some(after) = page.after()? {
        let (at, id) = after.split_once(' ').ok_or_else(bad_cursor)?;
        let at: i64 = at.parse().map_err(|_| bad_cursor())?;
        let id: Uuid = id.parse().map_err(|_| bad_cursor())?;
        wheres.push_str(" AND (i.expected_at > ? OR (i.expected_at = ? AND i.id > ?))");
        bound.extend(values![at, at, id]);
    }
    bound.push((limit as i64 + 1).into());
    let sql = format!(
        "SELECT i.id, i.sku, p.name, i.node, i.quantity, i.expected_at {from}
         WHERE {wheres} ORDER BY i.expected_at, i.id LIMIT ?"
    );
    let rows: Vec<Row> = sql::all(orc.reader(), &sql, bound).await?;
    let rows = page_of(rows, limit, total, |row| {
        format!("{} {}", row.expected_at, row.id)
    });
    let items = rows.items.into_iter().map(|row| ExpectedRow {
        node: row.node,
        sku: row.sku,
        product_name: row.name,
        quantity: row.quantity,
        expected_at: from_micros(row.expected_at),
    });
    Ok(Page {
        items: items.collect(),
        next_cursor: rows.next_cursor,
        total: rows.total,
    })
}

/// All that is on its way of one SKU to one node, soonest first.
pub async fn incoming_of(
    orc: &Orchestrator,
    actor: &Actor,
    node: &str,
    sku: &str,
) -> Result<IncomingStock> {
    #[derive(FromQueryResult)]
    struct Row {
        quantity: i64,
        expected_at: i64,
    }
    actor.check_at(Permission::ReadStock, node)?;
    let sql = "SELECT quantity, expected_at FROM incoming_stock
        WHERE merchant_id = ? AND sku = ? AND node = ? ORDER BY expected_at, id";
    let rows: Vec<Row> = sql::all(orc.reader(), sql, values![actor.merchant.0, sku, node]).await?;
    let incoming = rows.into_iter().map(|row| Incoming {
        quantity: row.quantity,
        expected_at: from_micros(row.expected_at),
    });
    Ok(IncomingStock {
        node: node.to_owned(),
        sku: sku.to_owned(),
        incoming: incoming.collect(),
    })
}
