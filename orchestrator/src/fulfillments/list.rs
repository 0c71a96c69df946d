use std::collections::BTreeSet;

use engine::model::{
    FulfillmentId, FulfillmentRow, FulfillmentStatus, OrderId, Page, Permission, Urgency,
};
use sea_orm::prelude::Uuid;
use sea_orm::{
    ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect, Value,
};

use crate::orders::fulfillment_views;
use crate::paging::{bad_cursor, page_of};
use crate::store::sql;
use crate::store::tables::fulfillments::{Column, Entity};
use crate::{Actor, Orchestrator, PageRequest, Result};

/// The work of a node or of all of them, oldest first.
pub async fn list(
    orc: &Orchestrator,
    actor: &Actor,
    node: Option<&str>,
    status: Option<FulfillmentStatus>,
    page: &PageRequest,
) -> Result<Page<FulfillmentRow>> {
    #[derive(FromQueryResult)]
    struct Number {
        id: Uuid,
        number: i64,
    }
    actor.check(Permission::ReadFulfillments)?;
    let limit = page.limit()?;
    let mut query = Entity::find().filter(Column::MerchantId.eq(actor.merchant.0));
    if let Some(node) = node {
        actor.check_at(Permission::ReadFulfillments, node)?;
        query = query.filter(Column::Node.eq(node));
    }
    if let Some(only) = actor.only_nodes() {
        query = query.filter(Column::Node.is_in(only.to_vec()));
    }
    if let Some(status) = status {
        query = query.filter(Column::Status.eq(status.as_str()));
    }
    if let Some(after) = page.after()? {
        let after: FulfillmentId = after.parse().map_err(|_| bad_cursor())?;
        query = query.filter(Column::Id.gt(after.0));
    }
    let rows = query
        .order_by_asc(Column::Id)
        .limit(limit + 1)
        .all(orc.reader())
        .await?;
    let page = page_of(rows, limit, None, |row| FulfillmentId(row.id).to_string());
    let orders: BTreeSet<Uuid> = page.items.iter().map(|row| row.order_id).collect();
    let mut numbers: Vec<Number> = Vec::new();
    if !orders.is_empty() {
        let sql = format!(
            "SELECT id, number FROM orders WHERE id IN {}",
            sql::list(orders.len())
        );
        numbers = sql::all(
            orc.reader(),
            &sql,
            orders.into_iter().map(Value::from).collect(),
        )
        .await?;
    }
    let order_ids: Vec<Uuid> = page.items.iter().map(|row| row.order_id).collect();
    let views = fulfillment_views(orc.reader(), actor, page.items).await?;
    let now = orc.now();
    let items = views
        .into_iter()
        .zip(order_ids)
        .map(|(fulfillment, order)| FulfillmentRow {
            urgency: Urgency::of(
                fulfillment.status,
                fulfillment.created_at,
                fulfillment.accept_by,
                fulfillment.ship_by,
                now,
            ),
            fulfillment,
            order: OrderId(order),
            order_number: numbers
                .iter()
                .find(|row| row.id == order)
                .map_or(0, |row| row.number),
        });
    Ok(Page {
        items: items.collect(),
        next_cursor: page.next_cursor,
        total: None,
    })
}
