//! The router keeps to what was promised: a way that would be later is late for the engine, and what the plan makes of
//! the promise is written beside it.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use engine::model::{Address, DeliveryMethod, MerchantId, OrderId};
use engine::promise::{
    Candidate, Leg, Method, PromiseSettings, Snapshot, TransitModel, probability_by,
};
use engine::routing::Plan;
use sea_orm::prelude::Uuid;
use serde_json::json;

use super::compute::zone_of;
use super::{cite, destination, lane_of, world};
use crate::clock::from_micros;
use crate::network::Network;
use crate::store::sql::{self, values};
use crate::store::tables::orders;
use crate::store::{NewEvent, Tx};
use crate::{Actor, Error, Orchestrator, Result};

/// Probabilities that are told apart: what is stated is rounded down to this.
const EPSILON: f64 = 1e-4;

/// Days ahead that an arrival is looked for.
const FAR_DAYS: usize = 60;

/// The date that an order was promised.
#[derive(Clone)]
pub(crate) struct Deadline {
    by: NaiveDate,
    /// The probability that was stated.
    stated: f64,
    method: Method,
    country: String,
    postal: String,
    lane: String,
    zone: String,
    lat: f64,
    lon: f64,
    /// Until when it may wait for goods that were on their way when it was promised.
    goods_from: Option<DateTime<Utc>>,
    transit: Arc<TransitModel>,
    settings: Arc<PromiseSettings>,
}

/// A time, and what the network can do from then on.
pub(crate) struct Moment<'a> {
    pub network: &'a Network,
    /// Days on which nodes have no room, by node.
    pub full: &'a HashMap<String, Vec<NaiveDate>>,
    pub now: DateTime<Utc>,
}

/// What a plan makes of a promise.
#[derive(Debug, Clone, Default)]
pub(crate) struct Within {
    /// `None` while it waits for goods that were promised with it.
    probability: Option<f64>,
    pub why_not: Option<String>,
    /// Of the package that arrives last, as far as that can be foreseen.
    node: Option<String>,
    service: Option<String>,
    lane: Option<String>,
}

/// Whether the order cites a promise.
pub(crate) fn is_cited(order: &orders::Model) -> bool {
    order.delivery.contains("\"promise_id\":\"")
}

/// The dates that these orders were promised, by order; those without one are left out.
pub(crate) async fn deadlines(
    orc: &Orchestrator,
    merchant: MerchantId,
    orders: &[orders::Model],
) -> Result<HashMap<Uuid, Deadline>> {
    let citing = orders.iter().filter(|order| is_cited(order));
    let citing: Vec<Uuid> = citing.map(|order| order.id).collect();
    let rows = cite::of_orders(orc.reader(), merchant, &citing).await?;
    let mut deadlines = HashMap::new();
    for order in orders {
        let Some(row) = rows.get(&order.id) else {
            continue;
        };
        let by = row.promised_by.as_ref().and_then(|by| by.parse().ok());
        let (Some(by), Some(stated)) = (by, row.probability) else {
            continue;
        };
        let deadline = Deadline {
            by,
            stated,
            goods_from: row.goods_from.map(from_micros),
            ..yardstick(orc, merchant, order).await?
        };
        deadlines.insert(order.id, deadline);
    }
    Ok(deadlines)
}

/// What tells when an order would arrive, whether or not it was promised a date.
pub(crate) async fn yardstick(
    orc: &Orchestrator,
    merchant: MerchantId,
    order: &orders::Model,
) -> Result<Deadline> {
    let (transit, settings) = world::transit(orc, merchant).await?;
    let address: Option<Address> = order
        .ship_to
        .as_deref()
        .map(serde_json::from_str)
        .transpose()
        .map_err(Error::internal)?;
    let delivery: engine::model::Delivery =
        serde_json::from_str(&order.delivery).map_err(Error::internal)?;
    let (country, postal) = address.map_or((String::new(), String::new()), |to| {
        (to.country, to.postal_code)
    });
    Ok(Deadline {
        by: orc.now().date_naive(),
        stated: settings.target,
        method: match delivery.method {
            DeliveryMethod::Ship => Method::Delivery,
            DeliveryMethod::Pickup => Method::Pickup,
        },
        lane: lane_of(&country, &postal),
        country,
        postal,
        zone: order.time_zone.clone().unwrap_or_else(|| "UTC".to_owned()),
        lat: order.lat.unwrap_or(0.0),
        lon: order.lon.unwrap_or(0.0),
        goods_from: None,
        transit,
        settings,
    })
}

impl Deadline {
    /// The first day by which all packages of a plan have arrived as surely as is stated, and how surely; none where
    /// something waits, or where no such day is near.
    pub fn arrives(&self, at: &Moment, plan: &Plan) -> Option<(NaiveDate, f64)> {
        let now = at.now;
        if !plan.unfilled.is_empty() || plan.packages.is_empty() {
            return None;
        }
        let times = at.network.times(now);
        let ways: Vec<_> = plan
            .packages
            .iter()
            .map(|package| (package.node.as_str(), package.service.as_str()))
            .collect();
        let first = now.date_naive() - chrono::Days::new(1);
        first.iter_days().take(FAR_DAYS).find_map(|by| {
            let day = Deadline { by, ..self.clone() };
            let probability = day.probability(at, &times, &ways, now);
            (probability + EPSILON >= self.stated).then_some((by, probability))
        })
    }

    /// Nodes from which a package would be too late, by service. Of several packages each has to be surer, so that all
    /// of them together are as sure as was stated.
    pub fn late_from<'n>(
        &self,
        at: &Moment,
        nodes: impl Iterator<Item = &'n String> + Clone,
        services: &[&str],
        packages: usize,
    ) -> BTreeMap<String, Vec<String>> {
        let times = at.network.times(at.now);
        let least = self.least(packages);
        let mut late: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for service in services {
            let too_late = nodes
                .clone()
                .filter(|node| self.probability(at, &times, &[(node, service)], at.now) < least);
            let too_late: Vec<_> = too_late.cloned().collect();
            if !too_late.is_empty() {
                late.insert((*service).to_owned(), too_late);
            }
        }
        late
    }

    /// Of the ways that are too late, those that would be in time had the order come before the last cut-off: how many
    /// minutes sooner.
    pub fn missed_by(
        &self,
        at: &Moment,
        late: &BTreeMap<String, Vec<String>>,
        packages: usize,
    ) -> BTreeMap<String, BTreeMap<String, u64>> {
        let times = at.network.times(at.now);
        let least = self.least(packages);
        let minutes = |node: &str, service: &str| {
            let timetable = &times.node(node)?.timetable;
            let cutoff = timetable.missed_cutoff(service, at.now)?;
            let in_time = self.probability(at, &times, &[(node, service)], cutoff) >= least;
            let ago = (at.now - cutoff).num_seconds() as u64;
            in_time.then_some(ago.div_ceil(60))
        };
        let missed = late.iter().map(|(service, nodes)| {
            let nodes = nodes
                .iter()
                .filter_map(|node| Some((node.clone(), minutes(node, service)?)));
            (service.clone(), nodes.collect::<BTreeMap<_, _>>())
        });
        missed.filter(|(_, nodes)| !nodes.is_empty()).collect()
    }

    /// How sure each of several packages has to be, so that all of them together are as sure as was stated.
    fn least(&self, packages: usize) -> f64 {
        (self.stated - EPSILON).powf(1.0 / packages.max(1) as f64)
    }

    /// Whether a plan keeps the promise, and if it does not, why.
    pub fn judge(&self, at: &Moment, plan: &Plan) -> Within {
        let (network, now) = (at.network, at.now);
        if !plan.unfilled.is_empty() && self.goods_from.is_some_and(|at| now <= at) {
            return Within::default();
        }
        let times = network.times(now);
        let ways: Vec<_> = plan
            .packages
            .iter()
            .map(|package| (package.node.as_str(), package.service.as_str()))
            .collect();
        let probability = if plan.unfilled.is_empty() {
            self.probability(at, &times, &ways, now)
        } else {
            0.0
        };
        let single = |way: &&(&str, &str)| self.probability(at, &times, &[**way], now);
        let last = ways.iter().min_by(|a, b| single(a).total_cmp(&single(b)));
        let why_not = if let Some(waits) = plan.unfilled.first() {
            let reason = waits.reason.as_str().replace('_', " ");
            Some(format!("some of it waits: {reason}"))
        } else if probability + EPSILON < self.stated {
            Some(format!(
                "no node with the goods is as sure as promised to deliver by {}: {:.0} instead of {:.0} in 100",
                self.by.format("%a, %b %-d"),
                (probability * 100.0).floor(),
                (self.stated * 100.0).floor()
            ))
        } else {
            None
        };
        Within {
            probability: Some(probability),
            why_not,
            node: last.map(|(node, _)| (*node).to_owned()),
            service: last.map(|(_, service)| (*service).to_owned()),
            lane: last.and_then(|(node, _)| {
                let from = &network.node(node)?.node.address;
                let origin = lane_of(&from.country, &from.postal_code);
                Some(format!("{origin} {}", self.lane))
            }),
        }
    }

    fn probability(
        &self,
        at: &Moment,
        times: &Snapshot,
        ways: &[(&str, &str)],
        now: DateTime<Utc>,
    ) -> f64 {
        let network = at.network;
        let origins: Vec<String> = ways
            .iter()
            .map(|(node, _)| {
                let address = network.node(node).map(|node| &node.node.address);
                address.map_or(String::new(), |a| lane_of(&a.country, &a.postal_code))
            })
            .collect();
        let legs = ways.iter().zip(&origins).map(|((node, service), origin)| {
            let zone = zone_of(network, node, service, self.lat, self.lon);
            let (zone, stated_days) = zone.unwrap_or((0, 0));
            Leg {
                node,
                service,
                zone,
                stated_days,
                origin,
                full: at.full.get(*node).map_or(&[], Vec::as_slice),
                stock_from: None,
            }
        });
        let candidate = Candidate {
            id: "order",
            method: self.method,
            price: 0,
            legs: legs.collect(),
            refused: None,
        };
        let to = destination(&self.country, Some(&self.postal), &self.zone, &self.lane);
        let (transit, settings) = (&self.transit, &self.settings);
        probability_by(times, transit, settings, &to, &candidate, now, self.by)
    }
}

impl Within {
    pub fn is_kept(&self) -> bool {
        self.why_not.is_none()
    }
}

/// Writes what the plan of an order makes of its promise; where it cannot be kept, an event says why.
pub(crate) async fn record(
    tx: &mut Tx,
    order: OrderId,
    number: i64,
    by: &Actor,
    within: &Within,
) -> Result<()> {
    sql::run(
        tx.conn(),
        "UPDATE order_promises SET routed_within = ?, routed_probability = ?, why_not = ?, node = ?, service = ?, lane = ?
         WHERE order_id = ? AND merchant_id = ?",
        values![
            within.probability.map(|_| within.is_kept()),
            within.probability,
            within.why_not.clone(),
            within.node.clone(),
            within.service.clone(),
            within.lane.clone(),
            order.0,
            tx.merchant().0
        ],
    )
    .await?;
    if let Some(why) = &within.why_not {
        let summary = format!("Order #{number} is not routed within its promise: {why}");
        let data = json!({ "number": number, "reason": why, "probability": within.probability });
        tx.emit(NewEvent::new("promise.at_risk", order, by, summary).data(data));
    }
    Ok(())
}
