use std::collections::{BTreeMap, HashMap};

use engine::model::{
    Address, Customer, DecisionId, EventView, FulfillmentId, FulfillmentLineView, FulfillmentView,
    LineId, LineView, OrderId, OrderView, Permission, Waiting,
};
use sea_orm::prelude::Uuid;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder,
};

use crate::clock::from_micros;
use crate::store::sql::{self, values};
use crate::store::tables::{fulfillments, order_lines, order_promises, orders};
use crate::{Actor, Error, Orchestrator, Result, events, promises};

/// An order by its id or by `channel:external_id`.
pub async fn get(orc: &Orchestrator, actor: &Actor, order: &str) -> Result<OrderView> {
    actor.check(Permission::ReadOrders)?;
    let id = resolve(orc.reader(), actor, order).await?;
    load_view(orc.reader(), actor, id).await
}

/// What happened to an order, newest first.
pub async fn timeline(orc: &Orchestrator, actor: &Actor, order: OrderId) -> Result<Vec<EventView>> {
    actor.check(Permission::ReadOrders)?;
    events::of_subject(orc, actor.merchant, &order.to_string(), 500).await
}

/// The id behind `ord_…` or `channel:external_id`, of this merchant.
pub(crate) async fn resolve(
    on: &impl ConnectionTrait,
    actor: &Actor,
    order: &str,
) -> Result<OrderId> {
    #[derive(FromQueryResult)]
    struct Row {
        id: Uuid,
    }
    let missing = || Error::not_found("order", order.chars().take(300).collect::<String>());
    let row: Option<Row> = if let Ok(id) = order.parse::<OrderId>() {
        sql::one(
            on,
            "SELECT id FROM orders WHERE id = ? AND merchant_id = ?",
            values![id.0, actor.merchant.0],
        )
        .await?
    } else {
        let (channel, external_id) = order.split_once(':').ok_or_else(missing)?;
        let sql = "SELECT id FROM orders WHERE merchant_id = ? AND channel = ? AND external_id = ?";
        sql::one(on, sql, values![actor.merchant.0, channel, external_id]).await?
    };
    row.map(|row| OrderId(row.id)).ok_or_else(missing)
}

/// An order of the actor's merchant, whole. Names and addresses only for those who may see them.
pub(crate) async fn load_view(
    on: &impl ConnectionTrait,
    actor: &Actor,
    id: OrderId,
) -> Result<OrderView> {
    let order = orders::Entity::find_by_id(id.0)
        .filter(orders::Column::MerchantId.eq(actor.merchant.0))
        .one(on)
        .await?
        .ok_or_else(|| Error::not_found("order", id.to_string()))?;
    let lines = order_lines::Entity::find()
        .filter(order_lines::Column::OrderId.eq(id.0))
        .order_by_asc(order_lines::Column::Position)
        .all(on)
        .await?;
    let names = product_names(on, actor, lines.iter().map(|line| line.sku.as_str())).await?;
    let rows = fulfillments::Entity::find()
        .filter(fulfillments::Column::OrderId.eq(id.0))
        .order_by_asc(fulfillments::Column::Id)
        .all(on)
        .await?;
    let views = fulfillment_views(on, actor, rows).await?;
    let mut promises = promises::of_orders(on, actor.merchant, &[id.0]).await?;
    build(
        order,
        lines,
        &names,
        views,
        promises.remove(&id.0),
        actor.may(Permission::ReadCustomers),
    )
}

pub(super) fn build(
    order: orders::Model,
    lines: Vec<order_lines::Model>,
    names: &BTreeMap<String, String>,
    fulfillments: Vec<FulfillmentView>,
    promise: Option<order_promises::Model>,
    with_customer: bool,
) -> Result<OrderView> {
    let waiting = lines.iter().filter_map(|line| {
        let quantity = line.quantity - line.allocated - line.cancelled;
        let reason = if order.held {
            "on_hold"
        } else {
            line.waiting_reason.as_deref().unwrap_or("not_routed_yet")
        };
        (quantity > 0).then(|| Waiting {
            line: LineId(line.id),
            quantity,
            reason: reason.to_owned(),
        })
    });
    let waiting = waiting.collect();
    let mut customer: Customer = parse(&order.customer)?;
    let mut ship_to: Option<Address> = order.ship_to.as_deref().map(parse).transpose()?;
    if !with_customer {
        customer = Customer::default();
        ship_to = ship_to.map(|to| Address {
            city: to.city,
            region: to.region,
            postal_code: to.postal_code,
            country: to.country,
            ..Address::default()
        });
    }
    Ok(OrderView {
        id: OrderId(order.id),
        number: order.number,
        channel: order.channel,
        external_id: order.external_id,
        status: order.status.parse().map_err(Error::Internal)?,
        placed_at: from_micros(order.placed_at),
        received_at: from_micros(order.received_at),
        updated_at: from_micros(order.updated_at),
        currency: order.currency.parse().map_err(Error::internal)?,
        total: order.total,
        customer,
        ship_to,
        delivery: parse(&order.delivery)?,
        lines: lines
            .into_iter()
            .map(|line| line_view(line, names))
            .collect(),
        fulfillments,
        waiting,
        hold_reason: order.hold_reason,
        promise: promise.map(Into::into),
        tracking_url: None,
        version: order.version,
    })
}

fn line_view(line: order_lines::Model, names: &BTreeMap<String, String>) -> LineView {
    LineView {
        id: LineId(line.id),
        external_id: line.external_id,
        product_name: names.get(&line.sku).cloned().unwrap_or_default(),
        sku: line.sku,
        quantity: line.quantity,
        allocated: line.allocated,
        cancelled: line.cancelled,
        shipped: line.shipped,
        unit_price: line.unit_price,
    }
}

fn parse<T: serde::de::DeserializeOwned>(json: &str) -> Result<T> {
    serde_json::from_str(json).map_err(Error::internal)
}

pub(super) async fn product_names(
    on: &impl ConnectionTrait,
    actor: &Actor,
    skus: impl Iterator<Item = &str>,
) -> Result<BTreeMap<String, String>> {
    #[derive(FromQueryResult)]
    struct Row {
        sku: String,
        name: String,
    }
    let mut skus: Vec<_> = skus.collect();
    skus.sort_unstable();
    skus.dedup();
    let mut names = BTreeMap::new();
    for chunk in skus.chunks(500) {
        let sql = format!(
            "SELECT sku, name FROM products WHERE merchant_id = ? AND sku IN {}",
            sql::list(chunk.len())
        );
        let mut bound = values![actor.merchant.0];
        bound.extend(chunk.iter().map(|sku| sea_orm::Value::from(*sku)));
        let rows: Vec<Row> = sql::all(on, &sql, bound).await?;
        names.extend(rows.into_iter().map(|row| (row.sku, row.name)));
    }
    Ok(names)
}

/// Fulfillments with their lines and the names that people read.
pub(crate) async fn fulfillment_views(
    on: &impl ConnectionTrait,
    actor: &Actor,
    rows: Vec<fulfillments::Model>,
) -> Result<Vec<FulfillmentView>> {
    #[derive(FromQueryResult)]
    struct Part {
        fulfillment_id: Uuid,
        line_id: Uuid,
        external_id: String,
        sku: String,
        name: String,
        quantity: i64,
    }
    #[derive(FromQueryResult)]
    struct NodeName {
        code: String,
        name: String,
        detail: String,
    }
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let sql = format!(
        "SELECT f.fulfillment_id, f.line_id, l.external_id, f.sku, p.name, f.quantity
         FROM fulfillment_lines f
         JOIN order_lines l ON l.id = f.line_id
         JOIN products p ON p.merchant_id = l.merchant_id AND p.sku = f.sku
         WHERE f.fulfillment_id IN {} ORDER BY l.position",
        sql::list(rows.len())
    );
    let lines: Vec<Part> =
        sql::all(on, &sql, rows.iter().map(|row| row.id.into()).collect()).await?;
    let codes: std::collections::BTreeSet<_> = rows.iter().map(|row| row.node.as_str()).collect();
    let sql = format!(
        "SELECT code, name, detail FROM nodes WHERE merchant_id = ? AND code IN {}",
        sql::list(codes.len())
    );
    let mut bound = values![actor.merchant.0];
    bound.extend(codes.into_iter().map(sea_orm::Value::from));
    let nodes: Vec<NodeName> = sql::all(on, &sql, bound).await?;
    let mut known = HashMap::new();
    for node in nodes {
        let detail: engine::model::Node = parse(&node.detail)?;
        let zone: chrono_tz::Tz = detail
            .time_zone
            .as_deref()
            .unwrap_or("UTC")
            .parse()
            .unwrap_or(chrono_tz::UTC);
        known.insert(node.code, (node.name, zone));
    }
    let may_see_code = actor.may(Permission::ReadCustomers);
    let mut views = Vec::with_capacity(rows.len());
    for row in rows {
        let (node_name, zone) = known
            .get(&row.node)
            .cloned()
            .unwrap_or_else(|| (row.node.clone(), chrono_tz::UTC));
        let local = |at| {
            let at = from_micros(at).with_timezone(&zone);
            at.format("%a, %b %-d, %H:%M").to_string()
        };
        let of_row = lines
            .iter()
            .filter(|line| line.fulfillment_id == row.id)
            .map(|line| FulfillmentLineView {
                line: LineId(line.line_id),
                external_id: line.external_id.clone(),
                sku: line.sku.clone(),
                product_name: line.name.clone(),
                quantity: line.quantity,
            });
        views.push(FulfillmentView {
            id: FulfillmentId(row.id),
            lines: of_row.collect(),
            node: row.node,
            node_name,
            service: row.service,
            status: row.status.parse().map_err(Error::Internal)?,
            decision: row.decision_id.map(DecisionId),
            cost: row.cost,
            accept_by: row.accept_by.map(from_micros),
            accept_by_local: row.accept_by.map(local),
            work_day: row.work_day,
            ship_by: row.ship_by.map(from_micros),
            ship_by_local: row.ship_by.map(local),
            transit_days: row.transit_days.and_then(|days| u32::try_from(days).ok()),
            tracking_number: row.tracking_number,
            reason: row.reason,
            cause: row.cause.and_then(|cause| cause.parse().ok()),
            pickup_code: row.pickup_code.filter(|_| may_see_code),
            collect_by: row.collect_by.map(from_micros),
            created_at: from_micros(row.created_at),
            updated_at: from_micros(row.updated_at),
        });
    }
    Ok(views)
}
