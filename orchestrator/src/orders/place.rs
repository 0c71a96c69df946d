use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use engine::model::{
    DeliveryMethod, LineId, NewOrder, OrderId, OrderView, Permission, PromiseId, Trigger,
};
use futures::FutureExt;
use sea_orm::FromQueryResult;
use sea_orm::prelude::Uuid as Id;
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::check::{MOST_LINES, USUAL_LEVEL, check};
use super::view;
use crate::idempotency::{self, Ticket};
use crate::places::Place;
use crate::promises::{self, Cited};
use crate::store::sql;
use crate::store::tables::{order_lines, order_promises, orders, tracking_links};
use crate::store::{NewEvent, Tx};
use crate::tracking::{FirstLinks, first_links};
use crate::{Actor, Error, Orchestrator, Result};

/// What taking an order in did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Placed {
    /// Whether it is new; the same order again is no error.
    pub created: bool,
    pub order: OrderView,
}

/// An order that somebody wants to place.
pub(super) struct Incoming {
    pub actor: Actor,
    pub new: NewOrder,
}

/// An order in which nothing is wrong.
struct Checked {
    incoming: Arc<Incoming>,
    place: Option<Place>,
    /// The reference to a promise with what it leads to.
    promise: Option<Arc<Cited>>,
}

/// Takes an order in. The router plans it a moment later.
pub async fn place(orc: &Orchestrator, actor: &Actor, new: NewOrder) -> Result<Placed> {
    actor.check(Permission::PlaceOrders)?;
    let actor = actor.clone();
    orc.intake().take(orc, Incoming { actor, new }).await
}

/// Takes orders of one merchant in, with one transaction for all of them; each has an answer of its own. Fails as a
/// whole only where the database does.
pub(super) async fn place_many(
    orc: &Orchestrator,
    orders: &[Arc<Incoming>],
) -> Result<Vec<Result<Placed>>> {
    let Some(first) = orders.first() else {
        return Ok(Vec::new());
    };
    let merchant = first.actor.merchant;
    let network = orc.network(merchant).await?;
    let lines = orders
        .iter()
        .flat_map(|o| o.new.lines.iter().take(MOST_LINES));
    let skus = lines.map(|line| line.sku.as_str());
    let names = view::product_names(orc.reader(), &first.actor, skus).await?;
    let references: Vec<&str> = orders
        .iter()
        .filter_map(|order| order.new.delivery.promise_id.as_deref())
        .collect();
    let promises = promises::cited(orc, merchant, &references).await?;
    let promises: HashMap<_, _> = promises
        .into_iter()
        .map(|(reference, cited)| (reference, Arc::new(cited)))
        .collect();
    let now = orc.now();
    let mut answers = Vec::with_capacity(orders.len());
    let mut good = Vec::with_capacity(orders.len());
    for incoming in orders {
        let reference = incoming.new.delivery.promise_id.as_ref();
        let promise = reference
            .and_then(|reference| promises.get(reference))
            .cloned();
        let known = reference.is_none() || promise.is_some();
        answers.push(match check(&incoming.new, &network, &names, now, known) {
            Ok(place) => {
                let incoming = incoming.clone();
                good.push(Checked {
                    incoming,
                    place,
                    promise,
                });
                None
            }
            Err(error) => Some(Err(error)),
        });
    }
    let mut placed = Vec::new();
    if !good.is_empty() {
        let links = first_links(orc, merchant).await?;
        placed = orc
            .write(merchant, move |tx| {
                async move { insert(tx, &good, &names, &links).await }.boxed()
            })
            .await?;
    }
    // What was good has its answer from the transaction, in the same order.
    let mut placed = placed.into_iter();
    let missing = || {
        Err(Error::Internal(
            "an order was left without an answer".to_owned(),
        ))
    };
    Ok(answers
        .into_iter()
        .map(|answer| answer.or_else(|| placed.next()).unwrap_or_else(missing))
        .collect())
}

/// What the rows of a batch are collected in.
#[derive(Default)]
struct Rows {
    orders: Vec<orders::Model>,
    lines: Vec<order_lines::Model>,
    promises: Vec<order_promises::Model>,
    links: Vec<tracking_links::Model>,
    answers: Vec<crate::store::tables::idempotency_keys::Model>,
}

async fn insert(
    tx: &mut Tx,
    orders: &[Checked],
    names: &BTreeMap<String, String>,
    links: &FirstLinks,
) -> Result<Vec<Result<Placed>>> {
    let tickets: Vec<&Ticket> = orders
        .iter()
        .filter_map(|order| order.incoming.actor.idempotency.as_ref())
        .collect();
    let stored = idempotency::stored(tx, &tickets).await?;
    let existing = existing(tx, orders).await?;
    let mut rows = Rows::default();
    let mut answers = Vec::with_capacity(orders.len());
    for order in orders {
        let Incoming { actor, new } = &*order.incoming;
        let ticket = actor.idempotency.as_ref();
        if let Some((ticket, stored)) = ticket.and_then(|t| Some((t, stored.get(&t.key)?))) {
            answers.push(ticket.replay(stored));
            continue;
        }
        let content = serde_json::to_vec(new).map_err(Error::internal)?;
        let content_hash = blake3::hash(&content).to_hex().to_string();
        let key = (new.channel.clone(), new.external_id.clone());
        let answer = if let Some(existing) = existing.get(&key) {
            again(tx, actor, new, existing, &content_hash).await?
        } else {
            let placed = insert_one(tx, order, content_hash, names, &mut rows)?;
            rows.links.push(links.row(placed.order.id, tx.now_us()));
            Ok(placed)
        };
        if let (Some(ticket), Ok(placed)) = (ticket, &answer) {
            rows.answers.push(ticket.answered(tx, placed)?);
        }
        answers.push(answer);
    }
    sql::insert(tx.conn(), rows.orders).await?;
    sql::insert(tx.conn(), rows.lines).await?;
    sql::insert(tx.conn(), rows.links).await?;
    for row in &rows.promises {
        promises::take_over(tx, row.promise_id, OrderId(row.order_id)).await?;
    }
    sql::insert(tx.conn(), rows.promises).await?;
    sql::insert(tx.conn(), rows.answers).await?;
    Ok(answers)
}

#[derive(FromQueryResult)]
struct Existing {
    channel: String,
    external_id: String,
    id: Id,
    number: i64,
    content_hash: String,
}

/// Those of the orders that are there already, by channel and its own id.
async fn existing(tx: &Tx, orders: &[Checked]) -> Result<HashMap<(String, String), Existing>> {
    let mut by_channel: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for order in orders {
        let new = &order.incoming.new;
        let ids = by_channel.entry(&new.channel).or_default();
        ids.push(&new.external_id);
    }
    let mut found = HashMap::new();
    for (channel, ids) in by_channel {
        let sql = format!(
            "SELECT channel, external_id, id, number, content_hash FROM orders
             WHERE merchant_id = ? AND channel = ? AND external_id IN {}",
            sql::list(ids.len())
        );
        let mut bound = sql::values![tx.merchant().0, channel];
        bound.extend(ids.into_iter().map(sea_orm::Value::from));
        let rows: Vec<Existing> = sql::all(tx.conn(), &sql, bound).await?;
        found.extend(
            rows.into_iter()
                .map(|row| ((row.channel.clone(), row.external_id.clone()), row)),
        );
    }
    Ok(found)
}

/// The answer to an order that the channel has sent before.
async fn again(
    tx: &Tx,
    actor: &Actor,
    new: &NewOrder,
    existing: &Existing,
    content_hash: &str,
) -> Result<Result<Placed>> {
    if existing.content_hash != content_hash {
        let text = format!(
            "channel '{}' has already sent an order '{}' with other content (number {})",
            new.channel, new.external_id, existing.number
        );
        return Ok(Err(Error::Conflict(text)));
    }
    let order = view::load_view(tx.conn(), actor, OrderId(existing.id)).await?;
    Ok(Ok(Placed {
        created: false,
        order,
    }))
}

fn insert_one(
    tx: &mut Tx,
    order: &Checked,
    content_hash: String,
    names: &BTreeMap<String, String>,
    rows: &mut Rows,
) -> Result<Placed> {
    let Incoming { actor, new } = &*order.incoming;
    let id = OrderId(Uuid::now_v7());
    let number = tx.next_order_number();
    let lines: Vec<_> = new
        .lines
        .iter()
        .enumerate()
        .map(|(i, line)| order_lines::Model {
            id: LineId(Uuid::now_v7()).0,
            merchant_id: tx.merchant().0,
            order_id: id.0,
            position: i as i64,
            external_id: line.external_id.clone(),
            sku: line.sku.clone(),
            quantity: line.quantity,
            allocated: 0,
            cancelled: 0,
            shipped: 0,
            unit_price: line.unit_price,
            waiting_reason: None,
        })
        .collect();
    let mut row = model(tx, id, number, content_hash, new, order.place)?;
    let summary = format!(
        "Order #{number} received from {} ({} units)",
        new.channel, row.units
    );
    let promise = order.promise.as_ref();
    let promise = promise.map(|cited| cited.row(tx.merchant(), id, new, tx.now_us()));
    row.promised_by = promise.as_ref().and_then(|row| row.promised_by.clone());
    let mut data = json!({ "number": number, "channel": new.channel, "external_id": new.external_id,
        "units": row.units, "lines": lines.len(), "status": "received" });
    if let Some(row) = &promise {
        data["promise"] = json!({ "id": PromiseId(row.promise_id), "by": row.promised_by, "why_not": row.why_not });
    }
    tx.emit(NewEvent::new("order.received", id, actor, summary).data(data));
    tx.wake_router();
    rows.orders.push(row.clone());
    rows.lines.extend(lines.iter().cloned());
    rows.promises.extend(promise.clone());
    let with_customer = actor.may(Permission::ReadCustomers);
    Ok(Placed {
        created: true,
        order: view::build(row, lines, names, Vec::new(), promise, with_customer)?,
    })
}

/// Where it goes, as lists say it.
pub(super) fn destination_of(new: &NewOrder) -> String {
    match (&new.ship_to, &new.delivery.node) {
        (Some(to), _) if new.delivery.method == DeliveryMethod::Ship => {
            let parts = [
                to.city.as_str(),
                to.region.as_str(),
                to.postal_code.as_str(),
            ];
            let parts = parts.into_iter().filter(|part| !part.is_empty());
            parts.collect::<Vec<_>>().join(" ")
        }
        (_, Some(node)) => format!("Pickup at {node}"),
        _ => String::new(),
    }
}

fn model(
    tx: &Tx,
    id: OrderId,
    number: i64,
    content_hash: String,
    new: &NewOrder,
    place: Option<Place>,
) -> Result<orders::Model> {
    let to_json = |value: serde_json::Result<String>| value.map_err(Error::internal);
    let mut delivery = new.delivery.clone();
    if delivery.method == DeliveryMethod::Ship && delivery.level.is_none() {
        delivery.level = Some(USUAL_LEVEL.to_owned());
    }
    let destination = destination_of(new);
    let skus: BTreeSet<_> = new.lines.iter().map(|line| line.sku.as_str()).collect();
    let mut search = format!(
        "{number} {} {} {}",
        new.external_id,
        new.customer.name,
        new.customer.email.as_deref().unwrap_or_default()
    );
    for sku in skus {
        search.push(' ');
        search.push_str(sku);
    }
    Ok(orders::Model {
        id: id.0,
        merchant_id: tx.merchant().0,
        number,
        channel: new.channel.clone(),
        external_id: new.external_id.clone(),
        content_hash,
        status: "received".to_owned(),
        placed_at: new.placed_at.timestamp_micros(),
        received_at: tx.now_us(),
        updated_at: tx.now_us(),
        currency: new.currency.to_string(),
        total: new
            .lines
            .iter()
            .map(|line| line.quantity * line.unit_price)
            .sum(),
        customer: to_json(serde_json::to_string(&new.customer))?,
        customer_name: new.customer.name.clone(),
        ship_to: new
            .ship_to
            .as_ref()
            .map(|to| to_json(serde_json::to_string(to)))
            .transpose()?,
        destination,
        lat: place.map(|place| place.lat),
        lon: place.map(|place| place.lon),
        time_zone: place.map(|place| place.time_zone.to_owned()),
        delivery: to_json(serde_json::to_string(&delivery))?,
        line_count: new.lines.len() as i64,
        units: new.lines.iter().map(|line| line.quantity).sum(),
        waiting_units: new.lines.iter().map(|line| line.quantity).sum(),
        nodes: "[]".to_owned(),
        note: None,
        held: false,
        hold_reason: None,
        excluded_nodes: "[]".to_owned(),
        search: search.to_lowercase(),
        plan_due_at: Some(tx.now_us()),
        plan_trigger: Trigger::NewOrder.to_string(),
        plan_attempts: 0,
        claimed_until: 0,
        version: 1,
        repairs: 0,
        promised_by: None,
        tier: i64::from(new.customer.tier),
        plan_within: None,
    })
}
