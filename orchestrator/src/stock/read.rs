use engine::model::{
    Incoming, MerchantId, OrderId, Page, Permission, StockFilter, StockMovementView, StockOnly,
    StockRow,
};
use sea_orm::prelude::Uuid;
use sea_orm::{ConnectionTrait, FromQueryResult, Value};

use crate::clock::from_micros;
use crate::network::products_like;
use crate::paging::{bad_cursor, page_of};
use crate::store::sql::{self, values};
use crate::{Actor, Error, Orchestrator, PageRequest, Result};

#[derive(FromQueryResult)]
struct Row {
    sku: String,
    node: String,
    name: String,
    on_hand: i64,
    reserved: i64,
    safety_stock: i64,
    updated_at: i64,
    stopped_until: Option<i64>,
}

const SELECT: &str =
    "SELECT s.sku, s.node, p.name, s.on_hand, s.reserved, s.safety_stock, s.updated_at,
      s.stopped_until
    FROM stock s JOIN products p ON p.merchant_id = s.merchant_id AND p.sku = s.sku";

/// Stock rows by SKU and node.
pub async fn list(
    orc: &Orchestrator,
    actor: &Actor,
    filter: &StockFilter,
    page: &PageRequest,
) -> Result<Page<StockRow>> {
    actor.check(Permission::ReadStock)?;
    let limit = page.limit()?;
    let (mut wheres, mut bound) = conditions(actor, filter);
    let total = if page.with_total {
        // Without text to look for, the products need not be joined.
        let from = if filter.q.is_some() {
            "stock s JOIN products p ON p.merchant_id = s.merchant_id AND p.sku = s.sku"
        } else {
            "stock s"
        };
        let sql = format!("SELECT count(*) AS n FROM {from} WHERE {wheres}");
        Some(sql::number(orc.reader(), &sql, bound.clone()).await? as u64)
    } else {
        None
    };
    if let Some(after) = page.after()? {
        let (sku, node) = after.split_once('\u{1}').ok_or_else(bad_cursor)?;
        wheres.push_str(" AND (s.sku > ? OR (s.sku = ? AND s.node > ?))");
        bound.extend(values![sku, sku, node]);
    }
    bound.push((limit as i64 + 1).into());
    let sql = format!("{SELECT} WHERE {wheres} ORDER BY s.sku, s.node LIMIT ?");
    let rows: Vec<Row> = sql::all(orc.reader(), &sql, bound).await?;
    let rows = with_incoming(orc.reader(), actor.merchant, rows).await?;
    Ok(page_of(rows, limit, total, |row| {
        format!("{}\u{1}{}", row.sku, row.node)
    }))
}

fn conditions(actor: &Actor, filter: &StockFilter) -> (String, Vec<Value>) {
    let mut wheres = "s.merchant_id = ?".to_owned();
    let mut bound = values![actor.merchant.0];
    let mut and = |condition: &str, values: Vec<Value>| {
        wheres.push_str(" AND ");
        wheres.push_str(condition);
        bound.extend(values);
    };
    if let Some(sku) = &filter.sku {
        and("s.sku = ?", values![sku.clone()]);
    }
    if let Some(node) = &filter.node {
        and("s.node = ?", values![node.clone()]);
    }
    if let Some(only) = actor.only_nodes() {
        let list = format!("s.node IN {}", sql::list(only.len()));
        and(&list, only.iter().map(|node| node.clone().into()).collect());
    }
    if let Some(q) = filter.q.as_deref().map(str::trim).filter(|q| !q.is_empty()) {
        and("p.search LIKE ? ESCAPE '\\'", values![products_like(q)]);
    }
    match filter.only {
        Some(StockOnly::OutOfStock) => and(
            "(s.on_hand - s.reserved - s.safety_stock <= 0 OR s.stopped_until IS NOT NULL)",
            vec![],
        ),
        Some(StockOnly::Reserved) => and("s.reserved > 0", vec![]),
        None => {}
    }
    (wheres, bound)
}

/// One stock row.
pub(super) async fn row(
    on: &impl ConnectionTrait,
    merchant: MerchantId,
    node: &str,
    sku: &str,
) -> Result<Option<StockRow>> {
    let sql = format!("{SELECT} WHERE s.merchant_id = ? AND s.sku = ? AND s.node = ?");
    let rows: Vec<Row> = sql::all(on, &sql, values![merchant.0, sku, node]).await?;
    Ok(with_incoming(on, merchant, rows).await?.pop())
}

async fn with_incoming(
    on: &impl ConnectionTrait,
    merchant: MerchantId,
    rows: Vec<Row>,
) -> Result<Vec<StockRow>> {
    #[derive(FromQueryResult)]
    struct Coming {
        sku: String,
        node: String,
        quantity: i64,
        expected_at: i64,
    }
    let mut coming: Vec<Coming> = Vec::new();
    if !rows.is_empty() {
        let mut skus: Vec<_> = rows.iter().map(|row| row.sku.as_str()).collect();
        skus.dedup();
        let sql = format!(
            "SELECT sku, node, quantity, expected_at FROM incoming_stock
             WHERE merchant_id = ? AND sku IN {} ORDER BY expected_at",
            sql::list(skus.len())
        );
        let mut bound = values![merchant.0];
        bound.extend(skus.into_iter().map(Value::from));
        coming = sql::all(on, &sql, bound).await?;
    }
    let rows = rows.into_iter().map(|row| StockRow {
        incoming: coming
            .iter()
            .filter(|c| c.sku == row.sku && c.node == row.node)
            .map(|c| Incoming {
                quantity: c.quantity,
                expected_at: from_micros(c.expected_at),
            })
            .collect(),
        available: match row.stopped_until {
            None => StockRow::available(row.on_hand, row.reserved, row.safety_stock),
            Some(_) => 0,
        },
        stopped_until: row.stopped_until.map(from_micros),
        planned_again: Vec::new(),
        short: (row.reserved - row.on_hand).max(0),
        node: row.node,
        sku: row.sku,
        product_name: row.name,
        on_hand: row.on_hand,
        reserved: row.reserved,
        safety_stock: row.safety_stock,
        updated_at: from_micros(row.updated_at),
    });
    Ok(rows.collect())
}

/// Everything that moved one row, newest first, with the levels after each movement.
pub async fn ledger(
    orc: &Orchestrator,
    actor: &Actor,
    node: &str,
    sku: &str,
    page: &PageRequest,
) -> Result<Page<StockMovementView>> {
    #[derive(FromQueryResult)]
    struct Movement {
        seq: i64,
        position: i64,
        at: i64,
        actor: String,
        on_hand_delta: i64,
        reserved_delta: i64,
        cause: String,
        reason: Option<String>,
        order_id: Option<Uuid>,
        number: Option<i64>,
    }
    #[derive(FromQueryResult)]
    struct Sums {
        on_hand: i64,
        reserved: i64,
    }
    actor.check_at(Permission::ReadStock, node)?;
    let limit = page.limit()?;
    let current = row(orc.reader(), actor.merchant, node, sku).await?;
    let current = current.ok_or_else(|| Error::not_found("stock row", format!("{node}/{sku}")))?;
    let key = values![actor.merchant.0, sku, node];
    let (mut wheres, mut bound) = (
        "m.merchant_id = ? AND m.sku = ? AND m.node = ?".to_owned(),
        key.clone(),
    );
    let (mut on_hand, mut reserved) = (current.on_hand, current.reserved);
    let total = if page.with_total {
        let sql = format!("SELECT count(*) AS n FROM stock_movements m WHERE {wheres}");
        Some(sql::number(orc.reader(), &sql, bound.clone()).await? as u64)
    } else {
        None
    };
    if let Some(after) = page.after()? {
        let (seq, position) = after.split_once(':').ok_or_else(bad_cursor)?;
        let (seq, position): (i64, i64) = (
            seq.parse().map_err(|_| bad_cursor())?,
            position.parse().map_err(|_| bad_cursor())?,
        );
        // What the pages before have shown is taken off again.
        let newer = "SELECT CAST(coalesce(sum(on_hand_delta), 0) AS BIGINT) AS on_hand,
            CAST(coalesce(sum(reserved_delta), 0) AS BIGINT) AS reserved FROM stock_movements m
            WHERE m.merchant_id = ? AND m.sku = ? AND m.node = ? AND (m.seq > ? OR (m.seq = ? AND m.position >= ?))";
        let mut newer_bound = key;
        newer_bound.extend(values![seq, seq, position]);
        if let Some(sums) = sql::one::<Sums>(orc.reader(), newer, newer_bound).await? {
            on_hand -= sums.on_hand;
            reserved -= sums.reserved;
        }
        wheres.push_str(" AND (m.seq < ? OR (m.seq = ? AND m.position < ?))");
        bound.extend(values![seq, seq, position]);
    }
    bound.push((limit as i64 + 1).into());
    let sql = format!(
        "SELECT m.seq, m.position, e.at, e.actor, m.on_hand_delta, m.reserved_delta, m.cause, m.reason, m.order_id, o.number
         FROM stock_movements m
         JOIN events e ON e.merchant_id = m.merchant_id AND e.seq = m.seq
         LEFT JOIN orders o ON o.id = m.order_id
         WHERE {wheres} ORDER BY m.seq DESC, m.position DESC LIMIT ?"
    );
    let rows: Vec<Movement> = sql::all(orc.reader(), &sql, bound).await?;
    let page = page_of(rows, limit, total, |row| {
        format!("{}:{}", row.seq, row.position)
    });
    let mut items = Vec::with_capacity(page.items.len());
    for row in page.items {
        let (on_hand_delta, reserved_delta) = (row.on_hand_delta, row.reserved_delta);
        items.push(StockMovementView {
            seq: row.seq,
            at: from_micros(row.at),
            on_hand_delta,
            reserved_delta,
            cause: row.cause,
            reason: row.reason,
            order_id: row.order_id.map(OrderId),
            order_number: row.number,
            actor: row.actor,
            on_hand_after: on_hand,
            reserved_after: reserved,
        });
        on_hand -= on_hand_delta;
        reserved -= reserved_delta;
    }
    Ok(Page {
        items,
        next_cursor: page.next_cursor,
        total: page.total,
    })
}
