//! Another address for an order that has not left.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::NaiveDate;
use engine::model::{
    Address, Delivery, DeliveryMethod, FulfillmentStatus, NewLine, NewOrder, NewPromise,
    OrderStatus, OrderView, Permission, PromiseDestination, PromiseId, PromiseLine, Trigger,
};
use futures::FutureExt;
use serde_json::json;

use super::check::check;
use super::place::destination_of;
use super::{OrderState, load_view, resolve};
use crate::places::Place;
use crate::promises::{self, Cited};
use crate::store::sql::{self, values};
use crate::store::tables::orders;
use crate::store::{NewEvent, Tx};
use crate::{Actor, Error, Orchestrator, Result, exceptions, routing};

/// What another address would mean.
#[derive(Debug, Clone, PartialEq)]
pub struct AddressChange {
    /// The promise to cite when it is changed.
    pub promise: Option<PromiseId>,
    /// By when it would arrive; `None` where no day is sure.
    pub by: Option<NaiveDate>,
}

/// Looks what another address would mean; nothing is changed.
pub async fn preview_address(
    orc: &Orchestrator,
    actor: &Actor,
    order: &str,
    address: &Address,
) -> Result<AddressChange> {
    actor.check(Permission::ChangeOrders)?;
    let view = super::get(orc, actor, order).await?;
    let network = orc.network(actor.merchant).await?;
    let new = order_to(&view, address);
    check_address(&view, &new, &network, orc)?;
    let left = view.lines.iter().map(|line| PromiseLine {
        sku: line.sku.clone(),
        quantity: u32::try_from(line.quantity - line.cancelled).unwrap_or(u32::MAX),
    });
    let asked = NewPromise {
        lines: left.filter(|line| line.quantity > 0).collect(),
        destination: PromiseDestination {
            country: address.country.clone(),
            postal_code: Some(address.postal_code.clone()),
        },
        channel: Some(view.channel.clone()),
        locale: None,
        currency: None,
        hints: false,
        hold: false,
        option: None,
    };
    let promise = promises::ask(orc, actor, asked).await?;
    let level = view.delivery.level.as_deref().unwrap_or("standard");
    let option = promise.options.iter().find(|option| option.id == level);
    Ok(AddressChange {
        promise: option.and(Some(promise.id)),
        by: option.and_then(|option| option.date).map(|date| date.by),
    })
}

/// Sends the order elsewhere: it is planned again, and held to the promise that was shown for there. Repeated it
/// changes nothing.
pub async fn change_address(
    orc: &Orchestrator,
    actor: &Actor,
    order: &str,
    address: Address,
    promise: Option<PromiseId>,
) -> Result<OrderView> {
    actor.check(Permission::ChangeOrders)?;
    let view = super::get(orc, actor, order).await?;
    let network = orc.network(actor.merchant).await?;
    let new = order_to(&view, &address);
    let place = check_address(&view, &new, &network, orc)?;
    let reference = promise.map(|id| id.to_string());
    let references: Vec<&str> = reference.iter().map(String::as_str).collect();
    let mut cited = promises::cited(orc, actor.merchant, &references).await?;
    let cited = reference
        .and_then(|reference| cited.remove(&reference))
        .map(Arc::new);
    let (by, order) = (actor.clone(), order.to_owned());
    orc.write_once(actor, move |tx| {
        async move {
            let id = resolve(tx.conn(), &by, &order).await?;
            let mut state = OrderState::load(tx, id).await?;
            apply(tx, &by, &mut state, new, place, cited.as_deref()).await?;
            load_view(tx.conn(), &by, id).await
        }
        .boxed()
    })
    .await
}

/// The order as it would have been placed with that address.
fn order_to(view: &OrderView, address: &Address) -> NewOrder {
    let left = view
        .lines
        .iter()
        .filter(|line| line.quantity > line.cancelled);
    NewOrder {
        channel: view.channel.clone(),
        external_id: view.external_id.clone(),
        placed_at: view.placed_at.fixed_offset(),
        currency: view.currency,
        customer: view.customer.clone(),
        ship_to: Some(address.clone()),
        lines: left
            .map(|line| NewLine {
                external_id: line.external_id.clone(),
                sku: line.sku.clone(),
                quantity: line.quantity - line.cancelled,
                unit_price: line.unit_price,
            })
            .collect(),
        delivery: view.delivery.clone(),
    }
}

fn check_address(
    view: &OrderView,
    new: &NewOrder,
    network: &crate::network::Network,
    orc: &Orchestrator,
) -> Result<Place> {
    let (from, to) = (view.ship_to.as_ref(), new.ship_to.as_ref());
    let (Some(from), Some(to), DeliveryMethod::Ship) = (from, to, view.delivery.method) else {
        return Err(Error::Conflict(
            "the order is collected: it has no address".to_owned(),
        ));
    };
    if from.country != to.country {
        return Err(Error::field(
            "#/ship_to/country",
            "an order cannot go to another country",
        ));
    }
    for (field, text) in [("line1", &to.line1), ("city", &to.city)] {
        if text.trim().is_empty() {
            return Err(Error::field(format!("#/ship_to/{field}"), "is needed"));
        }
    }
    let names: BTreeMap<_, _> = new
        .lines
        .iter()
        .map(|line| (line.sku.clone(), String::new()))
        .collect();
    let place = check(new, network, &names, orc.now(), true)?;
    place.ok_or_else(|| Error::field("#/ship_to/postal_code", "is not known"))
}

async fn apply(
    tx: &mut Tx,
    by: &Actor,
    state: &mut OrderState,
    new: NewOrder,
    place: Place,
    cited: Option<&Cited>,
) -> Result<()> {
    let id = state.id();
    let address = serde_json::to_string(&new.ship_to).map_err(Error::internal)?;
    if state.order.ship_to.as_ref() == Some(&address) {
        return Ok(());
    }
    let status = state.status()?;
    let has_left = state.fulfillments.iter().any(|f| f.status.has_left());
    if has_left || matches!(status, OrderStatus::Cancelled | OrderStatus::Delivered) {
        let text = format!(
            "order #{} is {}: its address cannot be changed any more",
            state.order.number,
            status.label().to_lowercase()
        );
        return Err(Error::Conflict(text));
    }
    // What is packed has the old label; the rest stays the order's own until the new plan takes it over.
    let mut moves = Vec::new();
    for i in 0..state.fulfillments.len() {
        if state.fulfillments[i].status == FulfillmentStatus::Packed {
            let why = "Another address";
            let released = state.release(tx, i, FulfillmentStatus::Cancelled, why);
            moves.extend(released.await?);
        }
    }
    let mut delivery: Delivery =
        serde_json::from_str(&state.order.delivery).map_err(Error::internal)?;
    if let Some(cited) = cited {
        let row = cited.row(tx.merchant(), id, &new, tx.now_us());
        delivery.promise_id = Some(PromiseId(row.promise_id).to_string());
        state.order.promised_by.clone_from(&row.promised_by);
        let old = "DELETE FROM order_promises WHERE order_id = ? AND merchant_id = ?";
        sql::run(tx.conn(), old, values![id.0, tx.merchant().0]).await?;
        sql::insert(tx.conn(), vec![row]).await?;
    }
    state.order.delivery = serde_json::to_string(&delivery).map_err(Error::internal)?;
    state.order.destination = destination_of(&new);
    state.order.ship_to = Some(address);
    state.order.lat = Some(place.lat);
    state.order.lon = Some(place.lon);
    state.order.time_zone = Some(place.time_zone.to_owned());
    write_destination(tx, &state.order).await?;
    if !state.order.held {
        state.plan_again(tx, Trigger::AddressChanged);
    }
    state.save(tx).await?;
    exceptions::moot(tx, id, "The address was changed").await?;
    let freed = moves.iter().map(|moved| moved.sku.clone()).collect();
    let number = state.order.number;
    let summary = format!(
        "Order #{number} goes to another address: {}",
        state.order.destination
    );
    let event = NewEvent::new("order.address_changed", id, by, summary);
    let data = json!({ "number": number, "destination": state.order.destination });
    tx.emit(event.data(data).moves("released", moves).of_order(id));
    routing::wake_backorders(tx, &freed).await
}

/// What orders keep of their address; nothing else ever changes it.
async fn write_destination(tx: &Tx, order: &orders::Model) -> Result<()> {
    let sql = "UPDATE orders SET delivery = ?, destination = ?, ship_to = ?, lat = ?, lon = ?, time_zone = ?, promised_by = ? WHERE id = ?";
    let bound = values![
        order.delivery.clone(),
        order.destination.clone(),
        order.ship_to.clone(),
        order.lat,
        order.lon,
        order.time_zone.clone(),
        order.promised_by.clone(),
        order.id
    ];
    sql::run(tx.conn(), sql, bound).await?;
    Ok(())
}
