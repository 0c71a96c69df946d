//! The work of a node as its people see it: what is due first is first, with all that is needed to pick it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use engine::model::{
    Address, FulfillmentId, OrderId, PackingSlip, Page, Permission, Product, WorkFilter, WorkItem,
    WorkLine, WorkStep,
};
use sea_orm::prelude::Uuid;
use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, Value};

use crate::orders::fulfillment_views;
use crate::paging::{bad_cursor, page_of};
use crate::store::sql::{self, values};
use crate::store::tables::fulfillments::{Column, Entity, Model};
use crate::{Actor, Error, Orchestrator, PageRequest, Result};

/// Fulfillments that are read at once by their ids.
const MOST_AT_ONCE: usize = 200;
/// Where work without a time stands: after all that has one.
const NEVER: i64 = i64::MAX;

/// How much there is to be done at each step.
pub type WorkCounts = BTreeMap<WorkStep, u64>;

/// What is to be done, what has to leave first being first.
pub async fn work(
    orc: &Orchestrator,
    actor: &Actor,
    filter: &WorkFilter,
    page: &PageRequest,
) -> Result<Page<WorkItem>> {
    actor.check(Permission::ReadFulfillments)?;
    let limit = page.limit()?;
    let steps = filter
        .step
        .map_or(WorkStep::ALL.to_vec(), |step| vec![step]);
    let mut bound = values![actor.merchant.0];
    bound.extend(steps.iter().map(|step| Value::from(step.status().as_str())));
    let mut sql = format!(
        "SELECT * FROM fulfillments WHERE merchant_id = ? AND status IN {}",
        sql::list(steps.len())
    );
    sql.push_str(&at_nodes(actor, filter.node.as_deref(), &mut bound)?);
    if let Some(after) = page.after()? {
        let (by, id) = after.split_once(' ').ok_or_else(bad_cursor)?;
        let by: i64 = by.parse().map_err(|_| bad_cursor())?;
        let id: FulfillmentId = id.parse().map_err(|_| bad_cursor())?;
        sql.push_str(" AND (coalesce(ship_by, ?) > ? OR coalesce(ship_by, ?) = ? AND id > ?)");
        bound.extend(values![NEVER, by, NEVER, by, id.0]);
    }
    sql.push_str(" ORDER BY coalesce(ship_by, ?), id LIMIT ?");
    bound.extend(values![NEVER, limit as i64 + 1]);
    let rows: Vec<Model> = sql::all(orc.reader(), &sql, bound).await?;
    let page = page_of(rows, limit, None, |row| {
        format!("{} {}", row.ship_by.unwrap_or(NEVER), FulfillmentId(row.id))
    });
    Ok(Page {
        items: items(orc, actor, page.items).await?,
        next_cursor: page.next_cursor,
        total: None,
    })
}

/// How much there is to be done.
pub async fn work_counts(
    orc: &Orchestrator,
    actor: &Actor,
    node: Option<&str>,
) -> Result<WorkCounts> {
    #[derive(FromQueryResult)]
    struct Row {
        status: String,
        n: i64,
    }
    actor.check(Permission::ReadFulfillments)?;
    let mut bound = values![actor.merchant.0];
    let steps = WorkStep::ALL.iter().map(|step| step.status().as_str());
    bound.extend(steps.map(Value::from));
    let sql = format!(
        "SELECT status, count(*) AS n FROM fulfillments WHERE merchant_id = ? AND status IN {}{} GROUP BY status",
        sql::list(WorkStep::ALL.len()),
        at_nodes(actor, node, &mut bound)?
    );
    let rows: Vec<Row> = sql::all(orc.reader(), &sql, bound).await?;
    let counted = rows.into_iter().filter_map(|row| {
        let step = WorkStep::of(row.status.parse().ok()?)?;
        Some((step, row.n.unsigned_abs()))
    });
    Ok(counted.collect())
}

/// The end of the condition that keeps to one node, or to those that the actor is confined to.
fn at_nodes(actor: &Actor, node: Option<&str>, bound: &mut Vec<Value>) -> Result<String> {
    let mut sql = String::new();
    if let Some(node) = node {
        actor.check_at(Permission::ReadFulfillments, node)?;
        sql.push_str(" AND node = ?");
        bound.push(node.into());
    } else if let Some(only) = actor.only_nodes() {
        if only.is_empty() {
            sql.push_str(" AND 1 = 0");
        } else {
            sql = format!(" AND node IN {}", sql::list(only.len()));
            bound.extend(only.iter().map(|node| Value::from(node.as_str())));
        }
    }
    Ok(sql)
}

/// These fulfillments as they are now, whatever their state; those of other nodes are left out.
pub async fn work_items(
    orc: &Orchestrator,
    actor: &Actor,
    ids: &[FulfillmentId],
) -> Result<Vec<WorkItem>> {
    actor.check(Permission::ReadFulfillments)?;
    if ids.len() > MOST_AT_ONCE {
        let detail = format!("at most {MOST_AT_ONCE} at once");
        return Err(Error::field("#/ids", detail));
    }
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut query = Entity::find()
        .filter(Column::MerchantId.eq(actor.merchant.0))
        .filter(Column::Id.is_in(ids.iter().map(|id| id.0)));
    if let Some(only) = actor.only_nodes() {
        query = query.filter(Column::Node.is_in(only.to_vec()));
    }
    let rows = query.order_by_asc(Column::Id).all(orc.reader()).await?;
    items(orc, actor, rows).await
}

async fn items(orc: &Orchestrator, actor: &Actor, rows: Vec<Model>) -> Result<Vec<WorkItem>> {
    #[derive(FromQueryResult)]
    struct Number {
        id: Uuid,
        number: i64,
    }
    #[derive(FromQueryResult)]
    struct Pick {
        sku: String,
        detail: String,
    }
    #[derive(FromQueryResult)]
    #[expect(clippy::struct_field_names, reason = "the columns are called so")]
    struct Bin {
        node: String,
        sku: String,
        bin: String,
    }
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let merchant = actor.merchant.0;
    let orders: Vec<Uuid> = rows.iter().map(|row| row.order_id).collect();
    let distinct: BTreeSet<Uuid> = orders.iter().copied().collect();
    let sql = format!(
        "SELECT id, number FROM orders WHERE id IN {}",
        sql::list(distinct.len())
    );
    let bound = distinct.into_iter().map(Value::from).collect();
    let numbers: Vec<Number> = sql::all(orc.reader(), &sql, bound).await?;
    let numbers: HashMap<Uuid, i64> = numbers
        .into_iter()
        .map(|row| (row.id, row.number))
        .collect();
    let views = fulfillment_views(orc.reader(), actor, rows).await?;
    let skus: BTreeSet<&str> = views
        .iter()
        .flat_map(|view| view.lines.iter().map(|line| line.sku.as_str()))
        .collect();
    let nodes: BTreeSet<&str> = views.iter().map(|view| view.node.as_str()).collect();
    let skus: Vec<&str> = skus.into_iter().collect();
    let mut barcodes: HashMap<String, String> = HashMap::new();
    let mut bins: HashMap<(String, String), String> = HashMap::new();
    for chunk in skus.chunks(500) {
        let sql = format!(
            "SELECT sku, detail FROM products WHERE merchant_id = ? AND sku IN {}",
            sql::list(chunk.len())
        );
        let mut bound = values![merchant];
        bound.extend(chunk.iter().map(|sku| Value::from(*sku)));
        let found: Vec<Pick> = sql::all(orc.reader(), &sql, bound).await?;
        for row in found {
            let product: Product = serde_json::from_str(&row.detail).map_err(Error::internal)?;
            barcodes.extend(product.barcode.map(|barcode| (row.sku, barcode)));
        }
        let sql = format!(
            "SELECT node, sku, bin FROM stock_bins WHERE merchant_id = ? AND node IN {} AND sku IN {}",
            sql::list(nodes.len()),
            sql::list(chunk.len())
        );
        let mut bound = values![merchant];
        bound.extend(nodes.iter().map(|node| Value::from(*node)));
        bound.extend(chunk.iter().map(|sku| Value::from(*sku)));
        let found: Vec<Bin> = sql::all(orc.reader(), &sql, bound).await?;
        bins.extend(found.into_iter().map(|row| ((row.node, row.sku), row.bin)));
    }
    let items = views.into_iter().zip(orders).map(|(view, order)| WorkItem {
        id: view.id,
        order: OrderId(order),
        order_number: numbers.get(&order).copied().unwrap_or_default(),
        lines: view
            .lines
            .into_iter()
            .map(|line| WorkLine {
                line: line.line,
                bin: bins.get(&(view.node.clone(), line.sku.clone())).cloned(),
                barcode: barcodes.get(&line.sku).cloned(),
                sku: line.sku,
                product_name: line.product_name,
                quantity: line.quantity,
            })
            .collect(),
        node: view.node,
        node_name: view.node_name,
        status: view.status,
        service: view.service,
        accept_by: view.accept_by,
        ship_by: view.ship_by,
        ship_by_local: view.ship_by_local,
        collect_by: view.collect_by,
        tracking_number: view.tracking_number,
        created_at: view.created_at,
    });
    Ok(items.collect())
}

/// What goes into the package. Whoever packs it has to know where it goes: the people of its node see the address here,
/// for as long as it lies there, and nothing else about the customer.
pub async fn slip(orc: &Orchestrator, actor: &Actor, id: FulfillmentId) -> Result<PackingSlip> {
    #[derive(FromQueryResult)]
    struct Row {
        merchant: String,
        ship_to: Option<String>,
    }
    let missing = || Error::not_found("fulfillment", id.to_string());
    let item = work_items(orc, actor, &[id])
        .await?
        .pop()
        .ok_or_else(missing)?;
    let sql = "SELECT m.name AS merchant, o.ship_to FROM orders o JOIN merchants m ON m.id = o.merchant_id
               WHERE o.merchant_id = ? AND o.id = ?";
    let key = values![actor.merchant.0, item.order.0];
    let row: Option<Row> = sql::one(orc.reader(), sql, key).await?;
    let row = row.ok_or_else(missing)?;
    let works_on_it = actor.may(Permission::WorkFulfillments) && item.status.is_open();
    let may_see = actor.may(Permission::ReadCustomers) || works_on_it;
    let ship_to = row.ship_to.filter(|_| may_see && item.service.is_some());
    let ship_to: Option<Address> = ship_to
        .map(|text| serde_json::from_str(&text).map_err(Error::internal))
        .transpose()?;
    let network = orc.network(actor.merchant).await?;
    let node = network.node(&item.node).ok_or_else(missing)?;
    let text = id.to_string();
    Ok(PackingSlip {
        merchant: row.merchant,
        node_address: node.node.address.clone(),
        ship_to,
        reference: format!("{}-{}", item.order_number, &text[text.len() - 6..]),
        item,
    })
}
