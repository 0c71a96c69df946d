use std::collections::{BTreeMap, BTreeSet, HashSet};

use chrono::{Duration, Utc};
use engine::model::{
    DeliveryMethod, FieldError, LineId, NewOrder, NodeOffer, OrderId, OrderView, Permission,
    Trigger,
};
use futures::FutureExt;
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::view;
use crate::places::{self, Place};
use crate::store::tables::{channels, order_lines, orders};
use crate::store::{NewEvent, Tx};
use crate::{Actor, Error, Orchestrator, Result};

const MOST_LINES: usize = 500;
const MOST_UNITS: i64 = 100_000;
const HIGHEST_PRICE: i64 = 1_000_000_000_000;
/// The level of a shipped order that names none.
const USUAL_LEVEL: &str = "standard";

/// What taking an order in did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Placed {
    /// Whether it is new; the same order again is no error.
    pub created: bool,
    pub order: OrderView,
}

/// Takes an order in. The router plans it a moment later.
pub async fn place(orc: &Orchestrator, actor: &Actor, new: NewOrder) -> Result<Placed> {
    actor.check(Permission::PlaceOrders)?;
    let mut errors = check_shape(&new, orc.now());
    let products = products(orc, actor, &new, &mut errors).await?;
    let place = check_delivery(orc, actor, &new, &mut errors).await?;
    let channel = channels::Entity::find_by_id((actor.merchant.0, new.channel.clone()))
        .one(orc.reader())
        .await?;
    if channel.is_none() {
        let known = channels::Entity::find()
            .filter(channels::Column::MerchantId.eq(actor.merchant.0))
            .all(orc.reader())
            .await?;
        let known: Vec<_> = known.into_iter().map(|channel| channel.code).collect();
        let detail = format!(
            "unknown channel '{}'; there are {}",
            new.channel,
            known.join(", ")
        );
        errors.push(FieldError::new("#/channel", detail));
    }
    if !errors.is_empty() {
        return Err(Error::Invalid(errors));
    }
    let by = actor.clone();
    orc.write_once(actor, move |tx| {
        insert(tx, by, new, products, place).boxed()
    })
    .await
}

async fn insert(
    tx: &mut Tx,
    actor: Actor,
    new: NewOrder,
    products: BTreeMap<String, String>,
    place: Option<Place>,
) -> Result<Placed> {
    let content = serde_json::to_vec(&new).map_err(Error::internal)?;
    let content_hash = blake3::hash(&content).to_hex().to_string();
    let existing = orders::Entity::find()
        .filter(orders::Column::MerchantId.eq(tx.merchant().0))
        .filter(orders::Column::Channel.eq(&new.channel))
        .filter(orders::Column::ExternalId.eq(&new.external_id))
        .one(tx.conn())
        .await?;
    if let Some(existing) = existing {
        if existing.content_hash != content_hash {
            let text = format!(
                "channel '{}' has already sent an order '{}' with other content (number {})",
                new.channel, new.external_id, existing.number
            );
            return Err(Error::Conflict(text));
        }
        let order = view::load_view(tx.conn(), &actor, OrderId(existing.id)).await?;
        return Ok(Placed {
            created: false,
            order,
        });
    }
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
    let order = model(tx, id, number, content_hash, &new, place)?;
    orders::Entity::insert(order.clone().into_active_model())
        .exec_without_returning(tx.conn())
        .await?;
    for chunk in lines.chunks(100) {
        let rows = chunk
            .iter()
            .cloned()
            .map(IntoActiveModel::into_active_model);
        order_lines::Entity::insert_many(rows)
            .exec_without_returning(tx.conn())
            .await?;
    }
    let summary = format!(
        "Order #{number} received from {} ({} units)",
        new.channel, order.units
    );
    let data = json!({ "number": number, "channel": new.channel, "external_id": new.external_id,
        "units": order.units, "lines": lines.len(), "status": "received" });
    tx.emit(NewEvent::new("order.received", id, &actor, summary).data(data));
    tx.wake_router();
    let order = view::build(
        order,
        lines,
        &products,
        Vec::new(),
        actor.may(Permission::ReadCustomers),
    )?;
    Ok(Placed {
        created: true,
        order,
    })
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
    let destination = match (&new.ship_to, &delivery.node) {
        (Some(to), _) if delivery.method == DeliveryMethod::Ship => {
            let parts = [
                to.city.as_str(),
                to.region.as_str(),
                to.postal_code.as_str(),
            ];
            parts
                .into_iter()
                .filter(|part| !part.is_empty())
                .collect::<Vec<_>>()
                .join(" ")
        }
        (_, Some(node)) => format!("Pickup at {node}"),
        _ => String::new(),
    };
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
    })
}

fn check_shape(new: &NewOrder, now: chrono::DateTime<Utc>) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let mut wrong = |pointer: String, detail: String| errors.push(FieldError::new(pointer, detail));
    let text_fits =
        |text: &str, most: usize| text.len() <= most && !text.chars().any(char::is_control);
    if new.external_id.trim().is_empty() || !text_fits(&new.external_id, 200) {
        wrong(
            "#/external_id".into(),
            "the channel's own id of the order is needed, 1 to 200 characters".into(),
        );
    }
    if new.placed_at > now + Duration::days(1) {
        wrong(
            "#/placed_at".into(),
            format!("{} lies in the future", new.placed_at.to_rfc3339()),
        );
    }
    if new.placed_at.timestamp() < 946_684_800 {
        wrong(
            "#/placed_at".into(),
            format!("{} lies before the year 2000", new.placed_at.to_rfc3339()),
        );
    }
    let customer = &new.customer;
    let mut texts = vec![
        ("customer/name", Some(&customer.name)),
        ("customer/email", customer.email.as_ref()),
        ("customer/phone", customer.phone.as_ref()),
    ];
    if let Some(to) = &new.ship_to {
        texts.extend([
            ("ship_to/name", Some(&to.name)),
            ("ship_to/line1", Some(&to.line1)),
            ("ship_to/line2", to.line2.as_ref()),
            ("ship_to/city", Some(&to.city)),
            ("ship_to/region", Some(&to.region)),
        ]);
    }
    for (field, text) in texts {
        if text.is_some_and(|text| !text_fits(text, 300)) {
            wrong(
                format!("#/{field}"),
                "at most 300 characters, without control characters".into(),
            );
        }
    }
    if new.lines.is_empty() || new.lines.len() > MOST_LINES {
        wrong(
            "#/lines".into(),
            format!(
                "an order has 1 to {MOST_LINES} lines, this one has {}",
                new.lines.len()
            ),
        );
    }
    let mut seen = HashSet::new();
    for (i, line) in new.lines.iter().enumerate() {
        if line.external_id.is_empty() || !text_fits(&line.external_id, 200) {
            wrong(
                format!("#/lines/{i}/external_id"),
                "the channel's own id of the line is needed, 1 to 200 characters".into(),
            );
        } else if !seen.insert(line.external_id.as_str()) {
            wrong(
                format!("#/lines/{i}/external_id"),
                format!("'{}' came before in this order", line.external_id),
            );
        }
        if !(1..=MOST_UNITS).contains(&line.quantity) {
            wrong(
                format!("#/lines/{i}/quantity"),
                format!("{} is no quantity from 1 to {MOST_UNITS}", line.quantity),
            );
        }
        if !(0..=HIGHEST_PRICE).contains(&line.unit_price) {
            wrong(
                format!("#/lines/{i}/unit_price"),
                format!("{} is no price from 0 to {HIGHEST_PRICE}", line.unit_price),
            );
        }
    }
    errors
}

/// Names of the products of the order, by SKU; each line with an unknown one gets its error.
async fn products(
    orc: &Orchestrator,
    actor: &Actor,
    new: &NewOrder,
    errors: &mut Vec<FieldError>,
) -> Result<BTreeMap<String, String>> {
    let skus = new
        .lines
        .iter()
        .take(MOST_LINES)
        .map(|line| line.sku.as_str());
    let found = view::product_names(orc.reader(), actor, skus).await?;
    for (i, line) in new.lines.iter().enumerate().take(MOST_LINES) {
        if !found.contains_key(&line.sku) {
            errors.push(FieldError::new(
                format!("#/lines/{i}/sku"),
                format!("unknown SKU '{}'", line.sku),
            ));
        }
    }
    Ok(found)
}

/// Where it goes, once that is possible at all.
async fn check_delivery(
    orc: &Orchestrator,
    actor: &Actor,
    new: &NewOrder,
    errors: &mut Vec<FieldError>,
) -> Result<Option<Place>> {
    let mut wrong = |pointer: &str, detail: String| errors.push(FieldError::new(pointer, detail));
    let network = orc.network(actor.merchant).await?;
    match new.delivery.method {
        DeliveryMethod::Ship => {
            if let Some(level) = new
                .delivery
                .level
                .as_deref()
                .filter(|level| *level != USUAL_LEVEL)
            {
                let known: BTreeSet<_> = network
                    .snapshot
                    .services
                    .iter()
                    .map(|service| service.level.as_str())
                    .collect();
                if !known.contains(level) {
                    let known: Vec<_> = known.into_iter().collect();
                    wrong(
                        "#/delivery/level",
                        format!(
                            "no service has the level '{level}'; there are {}",
                            known.join(", ")
                        ),
                    );
                }
            }
            let Some(to) = &new.ship_to else {
                wrong(
                    "#/ship_to",
                    "an order that is shipped needs an address".to_owned(),
                );
                return Ok(None);
            };
            if to.country.len() != 2 || !to.country.bytes().all(|b| b.is_ascii_uppercase()) {
                wrong(
                    "#/ship_to/country",
                    format!(
                        "'{}' is not an ISO 3166 country code such as US",
                        to.country
                    ),
                );
                return Ok(None);
            }
            let place = places::lookup(&to.country, &to.postal_code);
            if place.is_none() {
                let detail = if to.country == "US" {
                    format!("'{}' is not a US ZIP code such as 10001", to.postal_code)
                } else {
                    format!(
                        "the postal codes of {} are not known yet; orders go to US",
                        to.country
                    )
                };
                wrong(
                    if to.country == "US" {
                        "#/ship_to/postal_code"
                    } else {
                        "#/ship_to/country"
                    },
                    detail,
                );
            }
            Ok(place)
        }
        DeliveryMethod::Pickup => {
            match new
                .delivery
                .node
                .as_deref()
                .map(|code| (code, network.node(code)))
            {
                None => wrong(
                    "#/delivery/node",
                    "an order that is collected needs the node where".to_owned(),
                ),
                Some((code, None)) => wrong("#/delivery/node", format!("unknown node '{code}'")),
                Some((code, Some(node))) if !node.node.offers.contains(&NodeOffer::Pickup) => {
                    wrong(
                        "#/delivery/node",
                        format!("node '{code}' does not offer pickup"),
                    );
                }
                Some(_) => {}
            }
            Ok(None)
        }
    }
}
