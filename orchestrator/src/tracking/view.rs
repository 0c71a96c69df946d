//! What the customer of an order is shown.

mod history;
mod parts;
mod say;

use std::collections::HashMap;

use chrono::{DateTime, Duration, NaiveDate, Utc};
use chrono_tz::Tz;
use engine::model::{
    Customer, Delivery, DeliveryMethod, LineId, OrderAction, OrderStatus, TrackedAction,
    TrackedActionKind, TrackedItem, TrackedMerchant, TrackedState, TrackedStep, TrackedSummary,
    TrackingSettings, TrackingView,
};
use engine::promise::Locale;
use sea_orm::prelude::Uuid;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder,
};

use super::travel::{Destination, Travel};
use super::{Access, Tier, scans};
use crate::clock::from_micros;
use crate::store::sql::{self, values};
use crate::store::tables::{
    events, fulfillment_lines, fulfillments, order_lines, order_promises, orders, parcels,
    tracking_scans,
};
use crate::{Error, Orchestrator, Result, promises};
use parts::Part;
use say::Say;

/// For how long after its order or its delivery a link shows everything.
const FULL_AFTER_ORDER: Duration = Duration::days(90);
const FULL_AFTER_DELIVERY: Duration = Duration::days(21);

/// Everything that is known of the order.
struct Facts {
    now: DateTime<Utc>,
    zone: Tz,
    settings: TrackingSettings,
    merchant_name: String,
    order: orders::Model,
    status: OrderStatus,
    delivery: Delivery,
    lines: Vec<order_lines::Model>,
    /// Those that count, oldest first.
    fulfillments: Vec<fulfillments::Model>,
    fulfillment_lines: Vec<fulfillment_lines::Model>,
    parcels: HashMap<Uuid, parcels::Model>,
    scans: HashMap<Uuid, Vec<tracking_scans::Model>>,
    promise: Option<order_promises::Model>,
    events: Vec<events::Model>,
    products: HashMap<String, Product>,
    destination: Option<Destination>,
    tier: Tier,
}

struct Product {
    name: String,
    image_url: Option<String>,
}

/// The order as its customer sees it, in the best language that there is for the tag.
pub async fn view(orc: &Orchestrator, access: &Access, language: &str) -> Result<TrackingView> {
    let facts = Facts::load(orc, access).await?;
    let travel = Travel::of(orc, access.merchant).await?;
    let say = Say::new(Locale::of(language), facts.zone, facts.now);
    let (parts, expected) = (facts.parts(&travel, &say), facts.expected(&travel));
    let whole = facts.whole(&parts, expected, &say);
    let status_only = facts.is_old();
    let history = facts.history(&parts, &say);
    let updated = facts
        .events
        .last()
        .map_or(facts.order.updated_at, |event| event.at);
    let scanned = facts
        .scans
        .values()
        .flatten()
        .map(|scan| scan.received_at)
        .max();
    let scans: usize = facts.scans.values().map(Vec::len).sum();
    let view = TrackingView {
        merchant: facts.merchant(),
        locale: say.locale.tag().to_owned(),
        time_zone: facts.zone.name().to_owned(),
        reference: facts.reference(),
        state: whole.state,
        headline: whole.headline,
        detail: whole.detail,
        expected_by: whole.expected_by,
        promised_by: facts.promised_by(),
        days_late: whole.days_late,
        steps: facts.steps(whole.state, &say),
        split: facts.split(&say),
        actions: facts.actions(&say),
        summary: Some(facts.summary(&say)?),
        history,
        packages: parts.into_iter().map(|part| part.shown).collect(),
        status_only,
        updated_at: from_micros(updated.max(scanned.unwrap_or(0))),
        version: facts.events.last().map_or(0, |event| event.seq) + scans as i64,
    };
    Ok(if status_only {
        TrackingView {
            packages: Vec::new(),
            split: None,
            actions: Vec::new(),
            history: Vec::new(),
            summary: None,
            ..view
        }
    } else {
        view
    })
}

/// Changes whenever the page does, at the cost of a look into an index.
pub async fn version(orc: &Orchestrator, access: &Access) -> Result<i64> {
    let seq = "SELECT coalesce(max(seq), 0) AS n FROM events WHERE merchant_id = ? AND subject = ?";
    let bound = values![access.merchant.0, access.order.to_string()];
    let seq = sql::number(orc.reader(), seq, bound).await?;
    let scans =
        "SELECT count(*) AS n FROM tracking_scans s JOIN fulfillments f ON f.id = s.fulfillment_id
        WHERE f.order_id = ? AND f.status NOT IN ('rejected', 'cancelled')";
    Ok(seq + sql::number(orc.reader(), scans, values![access.order.0]).await?)
}

/// The time of day where the order goes, as the page says it.
pub fn time_of_day(orc: &Orchestrator, view: &TrackingView) -> String {
    let zone: Tz = view.time_zone.parse().unwrap_or(chrono_tz::UTC);
    let now = orc.now().with_timezone(&zone);
    Locale::of(&view.locale).time(now.time())
}

/// Whether white reads better on a color than black.
pub fn reads_white(color: &str) -> bool {
    let settings = TrackingSettings {
        color: color.to_owned(),
        ..TrackingSettings::default()
    };
    settings.is_dark()
}

impl Facts {
    async fn load(orc: &Orchestrator, access: &Access) -> Result<Self> {
        #[derive(FromQueryResult)]
        struct Merchant {
            name: String,
            time_zone: String,
        }
        let on = orc.reader();
        let missing = || Error::not_found("order behind this link", "");
        let order = orders::Entity::find_by_id(access.order.0)
            .filter(orders::Column::MerchantId.eq(access.merchant.0))
            .one(on)
            .await?
            .ok_or_else(missing)?;
        let merchant = "SELECT name, time_zone FROM merchants WHERE id = ?";
        let merchant: Merchant = sql::one(on, merchant, values![access.merchant.0])
            .await?
            .ok_or_else(missing)?;
        let lines = order_lines::Entity::find()
            .filter(order_lines::Column::OrderId.eq(order.id))
            .order_by_asc(order_lines::Column::Position)
            .all(on)
            .await?;
        let mut rows = fulfillments::Entity::find()
            .filter(fulfillments::Column::OrderId.eq(order.id))
            .order_by_asc(fulfillments::Column::Id)
            .all(on)
            .await?;
        rows.retain(|row| row.status != "rejected" && row.status != "cancelled");
        let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
        let fulfillment_lines = fulfillment_lines::Entity::find()
            .filter(fulfillment_lines::Column::FulfillmentId.is_in(ids.iter().copied()))
            .all(on)
            .await?;
        let parcels = parcels::Entity::find()
            .filter(parcels::Column::OrderId.eq(order.id))
            .all(on)
            .await?;
        let events = events::Entity::find()
            .filter(events::Column::MerchantId.eq(access.merchant.0))
            .filter(events::Column::Subject.eq(access.order.to_string()))
            .order_by_asc(events::Column::Seq)
            .all(on)
            .await?;
        let mut promise = promises::of_orders(on, access.merchant, &[order.id]).await?;
        let zone = order.time_zone.as_deref().unwrap_or(&merchant.time_zone);
        Ok(Facts {
            now: orc.now(),
            zone: zone.parse().unwrap_or(chrono_tz::UTC),
            settings: super::settings::of(on, access.merchant).await?,
            merchant_name: merchant.name,
            status: order.status.parse().map_err(Error::Internal)?,
            delivery: serde_json::from_str(&order.delivery).map_err(Error::internal)?,
            products: products(on, access, &lines).await?,
            lines,
            scans: scans::of_fulfillments(on, &ids).await?,
            fulfillments: rows,
            fulfillment_lines,
            parcels: parcels
                .into_iter()
                .map(|row| (row.fulfillment_id, row))
                .collect(),
            promise: promise.remove(&order.id),
            events,
            destination: Destination::of(&order)?,
            order,
            tier: access.tier,
        })
    }

    fn merchant(&self) -> TrackedMerchant {
        let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        TrackedMerchant {
            name: given(&self.settings.name).unwrap_or_else(|| self.merchant_name.clone()),
            logo_url: given(&self.settings.logo_url),
            color: self.settings.color.clone(),
            contact: given(&self.settings.contact),
        }
    }

    /// The channel's number, where people could read it out; ours otherwise.
    fn reference(&self) -> String {
        if self.order.external_id.chars().count() <= 16 {
            self.order.external_id.clone()
        } else {
            format!("#{}", self.order.number)
        }
    }

    fn is_collected(&self) -> bool {
        self.delivery.method == DeliveryMethod::Pickup
    }

    fn promised_by(&self) -> Option<NaiveDate> {
        self.promise.as_ref()?.promised_by.as_ref()?.parse().ok()
    }

    fn delivered_on(&self) -> Option<NaiveDate> {
        let day = |at: i64| from_micros(at).with_timezone(&self.zone).date_naive();
        let arrived = self.fulfillments.iter().map(|f| {
            let scanned = self
                .parcels
                .get(&f.id)
                .and_then(|parcel| parcel.delivered_at);
            day(scanned.unwrap_or(f.updated_at))
        });
        arrived.max()
    }

    fn is_old(&self) -> bool {
        let since = |at: i64| self.now - from_micros(at);
        let arrived = self.status == OrderStatus::Delivered;
        since(self.order.placed_at) > FULL_AFTER_ORDER
            || arrived && since(self.order.updated_at) > FULL_AFTER_DELIVERY
    }

    fn steps(&self, state: TrackedState, say: &Say) -> Vec<TrackedStep> {
        use TrackedState as S;
        let keys: &[&str] = if self.is_collected() {
            &["ordered", "preparing", "ready", "collected"]
        } else {
            &["ordered", "preparing", "shipped", "out", "delivered"]
        };
        let reached = match state {
            S::Waiting | S::Ordered | S::Cancelled => 0,
            S::Preparing => 1,
            S::Shipped
            | S::InTransit
            | S::FailedAttempt
            | S::Exception
            | S::ReturnToSender
            | S::ReadyToCollect => 2,
            S::OutForDelivery | S::AvailableForPickup | S::Collected => 3,
            S::Delivered => keys.len() - 1,
        };
        let step = |(i, key): (usize, &&str)| TrackedStep {
            label: say.plain(&format!("step.{key}")),
            is_current: i == reached,
            is_done: i <= reached,
        };
        keys.iter().enumerate().map(step).collect()
    }

    fn split(&self, say: &Say) -> Option<String> {
        let places: std::collections::BTreeSet<_> =
            self.fulfillments.iter().map(|f| f.node.as_str()).collect();
        (places.len() > 1).then(|| say.counted("split", places.len() as u64))
    }

    fn actions(&self, say: &Say) -> Vec<TrackedAction> {
        use TrackedActionKind as K;
        let open: Vec<_> = self.fulfillments.iter().filter(|f| is_open(f)).collect();
        let has_left = self.fulfillments.iter().any(|f| !is_open(f));
        let until = open.iter().filter_map(|f| f.ship_by).min();
        let until = match until.filter(|_| !has_left) {
            Some(at) if from_micros(at) > self.now => {
                let (date, time) = say.date_and_time(from_micros(at));
                say.with("until", &[("date", &date), ("time", &time)])
            }
            _ => say.plain("until_left"),
        };
        let action = |kind: K, blocked: Option<&str>, until: Option<String>| TrackedAction {
            kind,
            label: say.plain(&format!("act.{kind}")),
            is_possible: blocked.is_none(),
            note: blocked.map(|key| say.plain(key)).or(until),
        };
        let may_cancel = self.status.allows(OrderAction::Cancel);
        let cancel = match self.status {
            _ if may_cancel => None,
            OrderStatus::Cancelled => Some("cancelled_already"),
            _ => Some("too_late"),
        };
        let address = match self.status {
            OrderStatus::Cancelled => Some("cancelled_already"),
            _ if self.is_collected() => Some("too_late_pickup"),
            _ if has_left => Some("too_late"),
            _ => None,
        };
        let mut actions = vec![
            action(K::Cancel, cancel, Some(until.clone())),
            action(K::Address, address, Some(until)),
            action(K::Problem, (!has_left).then_some("problem_early"), None),
        ];
        if !self.settings.contact.is_empty() {
            actions.push(action(K::Contact, None, None));
        }
        actions
    }

    fn summary(&self, say: &Say) -> Result<TrackedSummary> {
        let customer: Customer =
            serde_json::from_str(&self.order.customer).map_err(Error::internal)?;
        let address: Option<engine::model::Address> = self
            .order
            .ship_to
            .as_deref()
            .map(serde_json::from_str)
            .transpose()
            .map_err(Error::internal)?;
        let initial = customer.name.trim().chars().next();
        let initial = initial.map(|letter| format!("{letter}."));
        let city = address.as_ref().map(|to| to.city.clone());
        let to: Vec<String> = [initial, city].into_iter().flatten().collect();
        let street = address.as_ref().map(|to| masked_street(&to.line1));
        let currency = self.order.currency.parse().map_err(Error::internal)?;
        let left = self
            .lines
            .iter()
            .map(|line| (line, line.quantity - line.cancelled));
        let total: i64 = left
            .clone()
            .map(|(line, units)| units * line.unit_price)
            .sum();
        let sees_more = self.tier >= Tier::Browser;
        Ok(TrackedSummary {
            placed_on: say.placed(from_micros(self.order.placed_at)),
            to: to.join(", "),
            street: street.filter(|_| sees_more),
            items: left
                .filter(|(_, units)| *units > 0)
                .map(|(line, units)| self.item(line, units))
                .collect(),
            cancelled: self.lines.iter().map(|line| line.cancelled).sum(),
            currency,
            total: sees_more.then_some(total),
            total_text: sees_more.then(|| say.locale.price(total, currency)),
        })
    }

    fn item(&self, line: &order_lines::Model, quantity: i64) -> TrackedItem {
        let product = self.products.get(&line.sku);
        TrackedItem {
            line: LineId(line.id),
            name: product.map_or_else(|| line.sku.clone(), |product| product.name.clone()),
            image_url: product.and_then(|product| product.image_url.clone()),
            quantity,
            unit_price: (self.tier >= Tier::Browser).then_some(line.unit_price),
        }
    }
}

/// The node still has the goods.
fn is_open(f: &fulfillments::Model) -> bool {
    let status: Result<engine::model::FulfillmentStatus, _> = f.status.parse();
    status.is_ok_and(engine::model::FulfillmentStatus::is_open)
}

/// `12 Main Street` as `•• M••• S•••••`: enough to recognize, too little to find.
fn masked_street(line: &str) -> String {
    let mask = |word: &str| -> String {
        let letters = word.chars().enumerate();
        letters
            .map(|(i, c)| {
                if i == 0 && c.is_alphabetic() {
                    c
                } else {
                    '•'
                }
            })
            .collect()
    };
    line.split_whitespace()
        .map(mask)
        .collect::<Vec<_>>()
        .join(" ")
}

async fn products(
    on: &impl ConnectionTrait,
    access: &Access,
    lines: &[order_lines::Model],
) -> Result<HashMap<String, Product>> {
    #[derive(FromQueryResult)]
    struct Row {
        sku: String,
        name: String,
        detail: String,
    }
    let mut found = HashMap::new();
    for part in lines.chunks(200) {
        let sql = format!(
            "SELECT sku, name, detail FROM products WHERE merchant_id = ? AND sku IN {}",
            sql::list(part.len())
        );
        let mut bound = values![access.merchant.0];
        bound.extend(
            part.iter()
                .map(|line| sea_orm::Value::from(line.sku.clone())),
        );
        for row in sql::all::<Row>(on, &sql, bound).await? {
            let detail: serde_json::Value =
                serde_json::from_str(&row.detail).map_err(Error::internal)?;
            let image_url = detail["image_url"].as_str().map(str::to_owned);
            let name = row.name;
            found.insert(row.sku, Product { name, image_url });
        }
    }
    Ok(found)
}

/// How the order stands as a whole.
struct Whole {
    state: TrackedState,
    headline: String,
    detail: Option<String>,
    expected_by: Option<NaiveDate>,
    days_late: Option<i64>,
}

impl Facts {
    /// The least advanced part decides.
    fn whole(&self, parts: &[Part], expected: Option<NaiveDate>, say: &Say) -> Whole {
        use TrackedState as S;
        let trouble = parts
            .iter()
            .find(|part| matches!(part.shown.state, S::Exception | S::ReturnToSender));
        let slowest = trouble.or_else(|| parts.iter().min_by_key(|part| part.shown.state));
        let state = match slowest {
            Some(part) => part.shown.state,
            None if self.status == OrderStatus::Cancelled => S::Cancelled,
            None => S::Ordered,
        };
        let has_arrived = matches!(state, S::Delivered | S::Collected);
        let day = if has_arrived {
            self.delivered_on()
        } else {
            expected
        };
        let promised = self.promised_by();
        let late = day
            .zip(promised)
            .map(|(day, promised)| (day - promised).num_days());
        let sentence = say.headline(state, day, self.is_collected());
        let packages = self.fulfillments.len() + usize::from(self.order.waiting_units > 0);
        let done = parts.iter().filter(|part| part.has_arrived()).count();
        let headline = if done > 0 && done < packages {
            let (done, count) = (done.to_string(), packages.to_string());
            say.with(
                "some_delivered",
                &[("done", &done), ("count", &count), ("rest", &sentence)],
            )
        } else {
            sentence
        };
        let said = match late {
            _ if state == S::Cancelled => None,
            Some(days) if days > 0 && has_arrived => Some(say.counted("was_late", days as u64)),
            Some(days) if days > 0 => Some(say.counted("late", days as u64)),
            Some(_) => Some(say.plain("on_time")),
            None => None,
        };
        let why = slowest.and_then(|part| part.why.clone());
        let detail: Vec<String> = [said, why].into_iter().flatten().collect();
        Whole {
            state,
            headline,
            detail: (!detail.is_empty()).then(|| detail.join(" · ")),
            expected_by: day.filter(|_| !has_arrived),
            days_late: late.filter(|days| *days > 0),
        }
    }
}
