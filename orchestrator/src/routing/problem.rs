//! From rows to the engine's values, and the plans for a batch.

use std::collections::{BTreeMap, HashMap};
use std::time::Instant;

use chrono::{DateTime, NaiveDate, Utc};
use engine::model::{DeliveryMethod, LineId, NodeOffer, NodeStatus, OrderId, RuledOut, Service};
use engine::routing::{
    Destination, HandlingSpec, LineSpec, NodeSpec, OrderSpec, Plan, Problem, ServiceSpec, Zone,
};
use serde::{Deserialize, Serialize};

use super::load::{Batch, DueOrder, Held, ProductFacts};
use crate::network::{Network, NetworkNode, Snapshot};

/// The service of an order that is collected.
pub(super) const PICKUP: &str = "pickup";

/// What a decision saw beside the network, as it is stored.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Inputs {
    pub order: OrderSpec,
    /// Level of the services in question.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<String>,
    /// Where it is collected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pickup: Option<String>,
    /// Nodes that never came into question.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub without: Vec<String>,
    /// Units available, by node and SKU; what is not here is 0.
    pub stock: BTreeMap<String, BTreeMap<String, u64>>,
    /// Units that nodes with a limit can still take.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub capacity: BTreeMap<String, u64>,
}

/// A plan for an order, with what it was based on.
pub(super) struct Planned {
    pub id: OrderId,
    /// The order's version that it was made for.
    pub version: i64,
    pub due: DueOrder,
    pub inputs: Inputs,
    pub ruled_out: Vec<RuledOut>,
    pub plan: Result<Plan, String>,
    pub took_us: i64,
    /// The local day on which each node would work on it.
    pub work_days: HashMap<String, NaiveDate>,
}

/// Plans the orders one after the other; each sees what the ones before it take.
pub(super) fn plan_batch(network: &Network, mut batch: Batch, now: DateTime<Utc>) -> Vec<Planned> {
    let mut assigned = std::mem::take(&mut batch.assigned);
    let mut planned = Vec::with_capacity(batch.orders.len());
    for due in std::mem::take(&mut batch.orders) {
        // What the order would give up counts as there for it.
        for held in &due.movable {
            give_back(&mut batch.available, &mut assigned, held);
        }
        let mut work_days = HashMap::new();
        let (inputs, ruled_out) = inputs(network, &batch, &assigned, &due, now, &mut work_days);
        let problem = problem_of(&network.snapshot, &inputs);
        let start = Instant::now();
        let plan = engine::routing::plan(&problem).map_err(|error| error.to_string());
        let took_us = start.elapsed().as_micros() as i64;
        match &plan {
            Ok(plan) => take(&mut batch.available, &mut assigned, &work_days, &due, plan),
            // It keeps what it has.
            Err(_) => due
                .movable
                .iter()
                .for_each(|held| take_held(&mut batch.available, &mut assigned, held)),
        }
        planned.push(Planned {
            id: due.id,
            version: due.order.version,
            inputs,
            ruled_out,
            plan,
            took_us,
            work_days,
            due,
        });
    }
    planned
}

type Available = HashMap<String, BTreeMap<String, i64>>;
type Assigned = HashMap<(String, String), i64>;

fn give_back(available: &mut Available, assigned: &mut Assigned, held: &Held) {
    *available
        .entry(held.sku.clone())
        .or_default()
        .entry(held.node.clone())
        .or_default() += held.quantity;
    if let Some(day) = &held.work_day {
        *assigned
            .entry((held.node.clone(), day.clone()))
            .or_default() -= held.quantity;
    }
}

fn take_held(available: &mut Available, assigned: &mut Assigned, held: &Held) {
    *available
        .entry(held.sku.clone())
        .or_default()
        .entry(held.node.clone())
        .or_default() -= held.quantity;
    if let Some(day) = &held.work_day {
        *assigned
            .entry((held.node.clone(), day.clone()))
            .or_default() += held.quantity;
    }
}

fn take(
    available: &mut Available,
    assigned: &mut Assigned,
    work_days: &HashMap<String, NaiveDate>,
    due: &DueOrder,
    plan: &Plan,
) {
    for package in &plan.packages {
        for part in &package.lines {
            let Some(line) = due
                .lines
                .iter()
                .find(|line| LineId(line.id).to_string() == part.line)
            else {
                continue;
            };
            let units = available
                .entry(line.sku.clone())
                .or_default()
                .entry(package.node.clone())
                .or_default();
            *units -= i64::from(part.quantity);
            if let Some(day) = work_days.get(&package.node) {
                *assigned
                    .entry((package.node.clone(), day.to_string()))
                    .or_default() += i64::from(part.quantity);
            }
        }
    }
}

fn inputs(
    network: &Network,
    batch: &Batch,
    assigned: &Assigned,
    due: &DueOrder,
    now: DateTime<Utc>,
    work_days: &mut HashMap<String, NaiveDate>,
) -> (Inputs, Vec<RuledOut>) {
    let mut ruled_out = Vec::new();
    let (mut stock, mut capacity) = (BTreeMap::new(), BTreeMap::new());
    let lines = open_lines(due, &batch.products);
    for candidate in &network.nodes {
        let code = &candidate.node.code;
        let day = candidate.calendar.work_day(now);
        if let Some((rule, detail)) = first_failing_rule(candidate, due, day) {
            ruled_out.push(RuledOut {
                node: code.clone(),
                rule: rule.to_owned(),
                detail,
            });
            continue;
        }
        if let Some(day) = day {
            work_days.insert(code.clone(), day);
            if let Some(limit) = candidate.node.daily_capacity {
                let used = assigned
                    .get(&(code.clone(), day.to_string()))
                    .copied()
                    .unwrap_or(0);
                capacity.insert(code.clone(), (i64::from(limit) - used).max(0) as u64);
            }
        }
        let mut holds = BTreeMap::new();
        for line in &lines {
            let units = batch
                .available
                .get(&line.sku)
                .and_then(|nodes| nodes.get(code))
                .copied()
                .unwrap_or(0);
            if units > 0 {
                holds.insert(line.sku.clone(), units as u64);
            }
        }
        if !holds.is_empty() {
            stock.insert(code.clone(), holds);
        }
    }
    let pickup = due
        .delivery
        .node
        .clone()
        .filter(|_| due.delivery.method == DeliveryMethod::Pickup);
    let there = pickup
        .as_ref()
        .and_then(|code| network.node(code))
        .and_then(|node| node.node.location);
    let destination = Destination {
        lat: due.order.lat.or(there.map(|at| at.lat)).unwrap_or(0.0),
        lon: due.order.lon.or(there.map(|at| at.lon)).unwrap_or(0.0),
        time_zone: due.order.time_zone.clone(),
    };
    let placed_at = crate::clock::from_micros(due.order.placed_at)
        .to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true);
    let inputs = Inputs {
        order: OrderSpec {
            id: due.id.to_string(),
            placed_at: Some(placed_at),
            destination,
            lines,
            max_transit_days: None,
        },
        level: due.delivery.level.clone().filter(|_| pickup.is_none()),
        pickup,
        without: ruled_out.iter().map(|out| out.node.clone()).collect(),
        stock,
        capacity,
    };
    (inputs, ruled_out)
}

/// What is to be placed: units that nothing carries, and units that may move.
fn open_lines(due: &DueOrder, products: &HashMap<String, ProductFacts>) -> Vec<LineSpec> {
    let lines = due.lines.iter().filter_map(|line| {
        let movable: i64 = due
            .movable
            .iter()
            .filter(|held| held.line_id == line.id)
            .map(|held| held.quantity)
            .sum();
        let quantity = line.quantity - line.cancelled - line.allocated + movable;
        let facts = products.get(&line.sku);
        (quantity > 0).then(|| LineSpec {
            id: LineId(line.id).to_string(),
            sku: line.sku.clone(),
            quantity: u32::try_from(quantity).unwrap_or(u32::MAX),
            weight_g: facts.map_or(0.0, |facts| facts.weight_g as f64),
            requires: facts
                .map(|facts| facts.requires.clone())
                .unwrap_or_default(),
        })
    });
    lines.collect()
}

/// Why a node does not come into question for this order, whatever it holds.
fn first_failing_rule(
    candidate: &NetworkNode,
    due: &DueOrder,
    day: Option<NaiveDate>,
) -> Option<(&'static str, String)> {
    let node = &candidate.node;
    if node.status == NodeStatus::Paused {
        return Some(("paused", "paused by the merchant".to_owned()));
    }
    match due.delivery.method {
        DeliveryMethod::Pickup if due.delivery.node.as_ref() != Some(&node.code) => {
            let at = due.delivery.node.as_deref().unwrap_or("?");
            return Some((
                "not_the_pickup_node",
                format!("the customer collects at {at}"),
            ));
        }
        DeliveryMethod::Pickup if !node.offers.contains(&NodeOffer::Pickup) => {
            return Some(("does_not_offer_pickup", "does not offer pickup".to_owned()));
        }
        DeliveryMethod::Ship if !node.offers.contains(&NodeOffer::Ship) => {
            return Some(("does_not_ship", "does not ship".to_owned()));
        }
        _ => {}
    }
    if due.excluded.contains(&node.code) {
        return Some(("rejected_before", "rejected this order before".to_owned()));
    }
    if node.location.is_none() {
        return Some(("location_unknown", "its place is not known".to_owned()));
    }
    if day.is_none() {
        return Some(("closed", "has no working day within 14 days".to_owned()));
    }
    None
}

/// The engine's problem, from what is stored of it. Planning and replaying both come through here, so a replay sees
/// exactly what the decision saw.
pub(super) fn problem_of(snapshot: &Snapshot, inputs: &Inputs) -> Problem {
    let nodes = snapshot
        .nodes
        .iter()
        .filter(|node| inputs.without.binary_search(&node.code).is_err());
    let nodes = nodes.filter_map(|node| {
        let at = node.location?;
        Some(NodeSpec {
            id: node.code.clone(),
            kind: node.kind,
            lat: at.lat,
            lon: at.lon,
            time_zone: node.time_zone.clone(),
            stock: inputs.stock.get(&node.code).cloned().unwrap_or_default(),
            capacity: inputs.capacity.get(&node.code).copied(),
            provides: node.provides.clone(),
            handling: HandlingSpec {
                per_package: node.handling.per_package,
                per_unit: node.handling.per_unit,
            },
            opportunity: BTreeMap::new(),
        })
    });
    let services = match &inputs.pickup {
        Some(node) => vec![pickup_service(node)],
        None => snapshot
            .services
            .iter()
            .filter(|service| {
                inputs
                    .level
                    .as_ref()
                    .is_none_or(|level| *level == service.level)
            })
            .map(service_spec)
            .collect(),
    };
    Problem {
        order: inputs.order.clone(),
        nodes: nodes.collect(),
        services,
        policy: snapshot.policy,
    }
}

fn service_spec(service: &Service) -> ServiceSpec {
    let zones = service.zones.iter().map(|zone| Zone {
        up_to_km: zone.up_to_km,
        per_package: zone.per_package,
        per_kg: zone.per_kg,
        transit_days: zone.transit_days,
    });
    ServiceSpec {
        id: service.code.clone(),
        nodes: service.nodes.clone(),
        zones: zones.collect(),
    }
}

/// Collecting costs no shipping and takes no days.
fn pickup_service(node: &str) -> ServiceSpec {
    let zone = Zone {
        up_to_km: 40_000.0,
        per_package: 0.0,
        per_kg: 0.0,
        transit_days: 0,
    };
    ServiceSpec {
        id: PICKUP.to_owned(),
        nodes: Some(vec![node.to_owned()]),
        zones: vec![zone],
    }
}
