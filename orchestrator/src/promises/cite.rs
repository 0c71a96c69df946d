//! An order that cites a promise.

use std::collections::{BTreeMap, HashMap};

use engine::model::{
    DeliveryMethod, MerchantId, NewOrder, NewPromise, OrderId, OrderPromise, PromiseId, PromiseView,
};
use engine::promise::Method;
use sea_orm::prelude::Uuid;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use super::{token, world};
use crate::store::tables::{order_promises, promises};
use crate::{Error, Orchestrator, Result};

/// For how long after it was told an order is held to a promise, also where its cut-off came sooner.
const GRACE: chrono::Duration = chrono::Duration::minutes(10);

/// A promise as it was told.
pub(crate) struct Cited {
    asked: NewPromise,
    view: PromiseView,
}

/// The promises behind what orders cite, ids or tokens; what is not one of the merchant's is left out.
pub(crate) async fn cited(
    orc: &Orchestrator,
    merchant: MerchantId,
    references: &[&str],
) -> Result<HashMap<String, Cited>> {
    if references.is_empty() {
        return Ok(HashMap::new());
    }
    let key = world::signing_key(orc.reader(), merchant).await?;
    let ids = references.iter().filter_map(|reference| {
        let id: Option<PromiseId> = reference.parse().ok();
        let id = id.or_else(|| token::verify(key.as_ref()?, reference));
        Some((id?.0, *reference))
    });
    let ids: Vec<_> = ids.collect();
    let rows = promises::Entity::find()
        .filter(promises::Column::MerchantId.eq(merchant.0))
        .filter(promises::Column::Id.is_in(ids.iter().map(|(id, _)| *id)))
        .all(orc.reader())
        .await?;
    let mut found = HashMap::new();
    for (id, reference) in ids {
        if let Some(row) = rows.iter().find(|row| row.id == id) {
            let asked = serde_json::from_str(&row.asked).map_err(Error::internal)?;
            let view = serde_json::from_str(&row.answer).map_err(Error::internal)?;
            found.insert(reference.to_owned(), Cited { asked, view });
        }
    }
    Ok(found)
}

impl Cited {
    /// What the order is to be measured against.
    pub fn row(
        &self,
        merchant: MerchantId,
        id: OrderId,
        order: &NewOrder,
        now_us: i64,
    ) -> order_promises::Model {
        let delivery = &order.delivery;
        let (method, wanted) = match delivery.method {
            DeliveryMethod::Ship => (
                Method::Delivery,
                delivery.level.as_deref().unwrap_or("standard"),
            ),
            DeliveryMethod::Pickup => {
                (Method::Pickup, delivery.node.as_deref().unwrap_or_default())
            }
        };
        let mut options = self.view.options.iter();
        let option = options.find(|option| option.method == method && option.id == wanted);
        let expires_at = self.view.expires_at.timestamp_micros();
        // The cut-off may have passed while the shopper paid: the order is held to the date all the same, and another
        // node may still keep it.
        let told_until = self.view.expires_at.max(self.view.issued_at + GRACE);
        let held_until = self
            .view
            .held_until
            .map_or(told_until, |at| at.max(told_until));
        let why_not = if option.is_none() {
            Some(format!("the promise has no option '{wanted}'"))
        } else if !self.covers(order) {
            Some("the promise was for another basket".to_owned())
        } else if !self.reaches(order) {
            Some("the promise was for another destination".to_owned())
        } else if held_until.timestamp_micros() < now_us {
            Some("the promise had ended before the order came".to_owned())
        } else {
            None
        };
        let date = option
            .filter(|_| why_not.is_none())
            .and_then(|option| option.date);
        order_promises::Model {
            order_id: id.0,
            merchant_id: merchant.0,
            promise_id: self.view.id.0,
            channel: order.channel.clone(),
            option_id: option.map(|option| option.id.clone()),
            promised_from: date.map(|date| date.from.to_string()),
            promised_by: date.map(|date| date.by.to_string()),
            probability: date.and(option).map(|option| option.confidence),
            expires_at,
            goods_from: option
                .and_then(|option| option.goods_from)
                .map(|at| at.timestamp_micros()),
            cited_at: now_us,
            node: None,
            service: None,
            lane: None,
            routed_within: why_not.is_some().then_some(false),
            routed_probability: None,
            why_not,
            outcome: None,
            delivered_on: None,
            days_late: None,
        }
    }

    /// Whether nothing was ordered that was not asked for.
    fn covers(&self, order: &NewOrder) -> bool {
        let mut asked: BTreeMap<&str, i64> = BTreeMap::new();
        for line in &self.asked.lines {
            *asked.entry(&line.sku).or_default() += i64::from(line.quantity);
        }
        for line in &order.lines {
            *asked.entry(&line.sku).or_default() -= line.quantity;
        }
        asked.values().all(|left| *left >= 0)
    }

    /// Whether it goes where it was asked for, as far as that was said.
    fn reaches(&self, order: &NewOrder) -> bool {
        let five = |postal: &str| postal.trim().chars().take(5).collect::<String>();
        let to = &self.asked.destination;
        order.ship_to.as_ref().is_none_or(|address| {
            let same = |postal: &String| five(postal) == five(&address.postal_code);
            address.country == to.country && to.postal_code.as_ref().is_none_or(same)
        })
    }
}

/// What orders cite, by order.
pub(crate) async fn of_orders(
    on: &impl ConnectionTrait,
    merchant: MerchantId,
    orders: &[Uuid],
) -> Result<HashMap<Uuid, order_promises::Model>> {
    if orders.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = order_promises::Entity::find()
        .filter(order_promises::Column::MerchantId.eq(merchant.0))
        .filter(order_promises::Column::OrderId.is_in(orders.iter().copied()))
        .all(on)
        .await?;
    Ok(rows.into_iter().map(|row| (row.order_id, row)).collect())
}

impl From<order_promises::Model> for OrderPromise {
    fn from(row: order_promises::Model) -> Self {
        let date = |text: Option<String>| text.and_then(|text| text.parse().ok());
        OrderPromise {
            id: PromiseId(row.promise_id),
            option: row.option_id,
            from: date(row.promised_from),
            by: date(row.promised_by),
            confidence: row.probability,
            routed_within: row.routed_within,
            routed_confidence: row.routed_probability,
            why_not: row.why_not,
            outcome: row.outcome,
            delivered_on: date(row.delivered_on),
            days_late: row.days_late,
        }
    }
}
