//! From rows to the engine's values, and the plans for a batch.

use std::collections::{BTreeMap, HashMap};
use std::time::Instant;

use chrono::{DateTime, NaiveDate, Utc};
use engine::model::{
    DeliveryMethod, LineId, Node, NodeOffer, NodeStatus, OrderId, RuledOut, Service, Together,
    Trigger, Trouble,
};
use engine::routing::{
    Destination, HandlingSpec, LineSpec, NodeSpec, OrderSpec, Plan, PolicySpec, Problem,
    ServiceSpec, Zone,
};
use serde::{Deserialize, Serialize};

use super::load::{Batch, DueOrder, Held, ProductFacts};
use super::timing::{self, HORIZON_DAYS, When};
use super::together;
use super::workload::Workload;
use crate::network::{Network, NetworkNode, Snapshot};
use crate::promises::{Moment, Within};
use crate::stock::Divisions;

/// The service of an order that is collected.
pub(crate) use engine::calendar::PICKUP;

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
    /// How many days later nodes work on it since they are full.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub waits_days: BTreeMap<String, u64>,
    /// Services that are suspended, and so left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub suspended: Vec<String>,
    /// The other orders that it was planned with. What is available is then without what they were given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub together: Option<Together>,
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
    /// When each node would work on it.
    pub work_days: WorkDays,
    /// What the plan makes of the order's promise.
    pub within: Option<Within>,
}

/// The local day on which a node works on an order, by node and service: services may have cut-offs of their own.
pub(super) type WorkDays = HashMap<(String, String), NaiveDate>;

/// Days on which nodes have no room, by node.
pub(super) type FullDays = HashMap<String, Vec<NaiveDate>>;

/// What the orders of a batch share, as it is left by those that were planned.
#[derive(Clone)]
pub(super) struct World {
    /// Units available, by SKU and node.
    available: HashMap<String, BTreeMap<String, i64>>,
    /// Of rows that are divided among channels, what each may take.
    divided: Divisions,
    assigned: Workload,
}

impl World {
    pub fn of(
        available: HashMap<String, BTreeMap<String, i64>>,
        divided: Divisions,
        assigned: Workload,
    ) -> Self {
        World {
            available,
            divided,
            assigned,
        }
    }

    pub fn give_back(&mut self, held: &Held) {
        let (day, more) = (held.work_day.as_deref(), held.quantity);
        self.change(&held.node, &held.sku, &held.channel, day, more);
    }

    pub fn take_held(&mut self, held: &Held) {
        let (day, less) = (held.work_day.as_deref(), -held.quantity);
        self.change(&held.node, &held.sku, &held.channel, day, less);
    }

    pub fn take(&mut self, units: &[PlannedUnits]) {
        for units in units {
            let (day, less) = (units.day.as_deref(), -units.quantity);
            self.change(&units.node, &units.sku, &units.channel, day, less);
        }
    }

    pub fn leave(&mut self, units: &[PlannedUnits]) {
        for units in units {
            let (day, more) = (units.day.as_deref(), units.quantity);
            self.change(&units.node, &units.sku, &units.channel, day, more);
        }
    }

    /// Units of a row that a channel may take.
    fn may_take(&self, channel: &str, sku: &str, node: &str) -> i64 {
        let divided = self.divided.get(sku).and_then(|nodes| nodes.get(node));
        if let Some(row) = divided {
            return row.may_take(channel, 0);
        }
        let nodes = self.available.get(sku);
        nodes
            .and_then(|nodes| nodes.get(node))
            .copied()
            .unwrap_or(0)
    }

    /// Whether orders of different channels may see different stock.
    pub fn is_divided(&self) -> bool {
        !self.divided.is_empty()
    }

    fn change(&mut self, node: &str, sku: &str, channel: &str, day: Option<&str>, more: i64) {
        let divided = self.divided.get_mut(sku);
        if let Some(row) = divided.and_then(|nodes| nodes.get_mut(node)) {
            row.take(channel, -more);
        }
        *self
            .available
            .entry(sku.to_owned())
            .or_default()
            .entry(node.to_owned())
            .or_default() += more;
        if let Some(day) = day {
            self.assigned.add(node, day, -more);
        }
    }
}

/// Units of a SKU that a plan takes from a node's stock, and from what it can do on a day.
pub(super) struct PlannedUnits {
    pub node: String,
    pub sku: String,
    pub channel: String,
    pub day: Option<String>,
    pub quantity: i64,
}

/// What the plan of an order takes.
pub(super) fn units_of(
    due: &DueOrder,
    order: &OrderSpec,
    plan: &Plan,
    work_days: &WorkDays,
) -> Vec<PlannedUnits> {
    let mut units = Vec::new();
    for package in &plan.packages {
        for part in &package.lines {
            let Some(line) = order.lines.iter().find(|line| line.id == part.line) else {
                continue;
            };
            let day = work_days.get(&(package.node.clone(), package.service.clone()));
            units.push(PlannedUnits {
                node: package.node.clone(),
                sku: line.sku.clone(),
                channel: due.order.channel.clone(),
                day: day.map(ToString::to_string),
                quantity: i64::from(part.quantity),
            });
        }
    }
    units
}

/// Plans the orders of a batch: those that already waited together, where that is better, and then the new ones, each
/// of which sees what the ones before it take.
pub(super) fn plan_batch(
    network: &Network,
    batch: Batch,
    now: DateTime<Utc>,
    windows: bool,
) -> Vec<Planned> {
    let mut world = World::of(batch.available, batch.divided, batch.assigned);
    let desk = Desk {
        network,
        products: &batch.products,
        now,
    };
    let (waiting, new): (Vec<_>, Vec<_>) = batch
        .orders
        .into_iter()
        .partition(|due| windows || due.trigger != Trigger::NewOrder);
    let mut planned = together::plan(&desk, &mut world, waiting);
    planned.extend(desk.in_turn(&mut world, new));
    planned
}

/// What planning an order needs beside what is left.
pub(super) struct Desk<'a> {
    pub network: &'a Network,
    pub products: &'a HashMap<String, ProductFacts>,
    pub now: DateTime<Utc>,
}

impl Desk<'_> {
    pub fn snapshot(&self) -> &Snapshot {
        &self.network.snapshot
    }

    /// One after the other; each sees what the ones before it take.
    pub fn in_turn(&self, world: &mut World, orders: Vec<DueOrder>) -> Vec<Planned> {
        let planned = orders.into_iter().map(|due| {
            // What the order would give up counts as there for it.
            due.its_own().for_each(|held| world.give_back(held));
            self.plan(world, due, None)
        });
        planned.collect()
    }

    /// Plans one order, and takes what it needs. An order without a plan keeps what it has.
    pub fn plan(&self, world: &mut World, due: DueOrder, together: Option<Together>) -> Planned {
        let start = Instant::now();
        let mut made = self.make(world, &due, together.clone());
        let is_late = made.within.as_ref().is_some_and(|within| !within.is_kept());
        if is_late && due.may_be_faster && due.delivery.level.is_some() {
            // What was bought can no longer keep the promise: whatever does is better than being late.
            let mut any = due.clone();
            any.delivery.level = None;
            let faster = self.make(world, &any, together);
            if faster.within.as_ref().is_some_and(Within::is_kept) {
                made = faster;
            }
        }
        let Made {
            seen:
                Seen {
                    inputs,
                    ruled_out,
                    work_days,
                    full: _,
                },
            plan,
            within,
        } = made;
        let took_us = start.elapsed().as_micros() as i64;
        match &plan {
            Ok(plan) => world.take(&units_of(&due, &inputs.order, plan, &work_days)),
            Err(_) => due.its_own().for_each(|held| world.take_held(held)),
        }
        Planned {
            id: due.id,
            version: due.order.version,
            inputs,
            ruled_out,
            plan,
            took_us,
            work_days,
            within,
            due,
        }
    }

    /// What would be planned, without taking anything.
    pub fn make(&self, world: &World, due: &DueOrder, together: Option<Together>) -> Made {
        let mut seen = self.look(world, due);
        seen.inputs.together = together;
        let (inputs, plan, within) = self.plan_within(due, seen.inputs, &seen.full);
        Made {
            seen: Seen { inputs, ..seen },
            plan,
            within,
        }
    }

    /// The order and what is left for it, in the engine's values.
    pub fn look(&self, world: &World, due: &DueOrder) -> Seen {
        let mut seen = look(self.network, self.products, world, due, self.now);
        self.mark_late(due, &mut seen.inputs, &seen.full, 1);
        seen
    }

    /// Ways that would break the order's promise are late; the more packages there are, the surer each has to be.
    fn mark_late(&self, due: &DueOrder, inputs: &mut Inputs, full: &FullDays, packages: usize) {
        if let Some(deadline) = &due.deadline {
            let services = services_in_question(self.network, due, self.now);
            let at = Moment {
                network: self.network,
                full,
                now: self.now,
            };
            let late = deadline.late_from(&at, inputs.stock.keys(), &services, packages);
            inputs.order.missed_by = deadline.missed_by(&at, &late, packages);
            inputs.order.late_from = late;
        }
    }

    /// The plan, and where the order was promised a date, what the plan makes of that.
    fn plan_within(
        &self,
        due: &DueOrder,
        mut inputs: Inputs,
        full: &FullDays,
    ) -> (Inputs, Result<Plan, String>, Option<Within>) {
        let mut packages = 1;
        loop {
            let problem = problem_of(&self.network.snapshot, &inputs);
            let plan = engine::routing::plan(&problem).map_err(|error| error.to_string());
            let (Some(deadline), Ok(found)) = (&due.deadline, &plan) else {
                return (inputs, plan, None);
            };
            let at = Moment {
                network: self.network,
                full,
                now: self.now,
            };
            let within = deadline.judge(&at, found);
            if within.is_kept() || found.packages.len() <= packages {
                return (inputs, plan, Some(within));
            }
            packages = found.packages.len();
            self.mark_late(due, &mut inputs, full, packages);
        }
    }
}

/// A plan, what it is made from, and what it makes of the promise.
pub(super) struct Made {
    pub seen: Seen,
    pub plan: Result<Plan, String>,
    pub within: Option<Within>,
}

/// What an order's plan is made from.
pub(super) struct Seen {
    pub inputs: Inputs,
    pub ruled_out: Vec<RuledOut>,
    /// When each node would work on it.
    pub work_days: WorkDays,
    /// Days on which nodes have no room for it.
    pub full: FullDays,
}

fn look(
    network: &Network,
    products: &HashMap<String, ProductFacts>,
    world: &World,
    due: &DueOrder,
    now: DateTime<Utc>,
) -> Seen {
    let (mut work_days, mut full, mut ruled_out) = (WorkDays::new(), FullDays::new(), Vec::new());
    let (mut stock, mut capacity) = (BTreeMap::new(), BTreeMap::new());
    let mut waits_days = BTreeMap::new();
    let lines = open_lines(due, products);
    let units = lines.iter().map(|line| i64::from(line.quantity)).sum();
    let times = network.times(now);
    let services = services_in_question(network, due, now);
    for candidate in &network.nodes {
        let code = &candidate.node.code;
        // What has no room for it today is worked on on the first day that has.
        let of_node = world.assigned.full_days(&candidate.node, units);
        let When {
            days,
            waits_days: waits,
        } = timing::when(&times, candidate, &services, now, &of_node);
        let never = (days.is_empty() && !services.is_empty()).then_some(if of_node.is_empty() {
            Never::Open
        } else {
            Never::Free
        });
        if !of_node.is_empty() {
            full.insert(code.clone(), of_node);
        }
        let excluded = due.excluded.get(code).map_or(&[][..], Vec::as_slice);
        let ruling =
            first_failing_rule(candidate, due, never).or_else(|| failed_before(&lines, excluded));
        if let Some((rule, detail)) = ruling {
            ruled_out.push(RuledOut {
                node: code.clone(),
                rule: rule.to_owned(),
                detail,
            });
            continue;
        }
        // Whichever service it goes with, there is room on that service's day.
        let room = world
            .assigned
            .room(&candidate.node, days.iter().map(|(_, day)| *day));
        capacity.extend(room.map(|room| (code.clone(), room)));
        if waits > 0 {
            waits_days.insert(code.clone(), waits);
        }
        for (service, day) in days {
            work_days.insert((code.clone(), service.to_owned()), day);
        }
        let mut holds = BTreeMap::new();
        for line in &lines {
            let placed = due
                .placed
                .as_ref()
                .and_then(|placed| placed.nodes.get(&line.sku));
            let left_out = excluded.iter().any(|(sku, _)| *sku == line.sku);
            if left_out || placed.is_some_and(|node| node != code) {
                continue;
            }
            let units = world.may_take(&due.order.channel, &line.sku, code);
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
            late_from: BTreeMap::new(),
            missed_by: BTreeMap::new(),
        },
        level: due
            .level()
            .map(ToOwned::to_owned)
            .filter(|_| pickup.is_none()),
        pickup,
        without: ruled_out.iter().map(|out| out.node.clone()).collect(),
        stock,
        capacity,
        waits_days,
        suspended: suspended(&network.snapshot, now),
        together: None,
    };
    Seen {
        inputs,
        ruled_out,
        work_days,
        full,
    }
}

/// Why a node works on an order on none of the coming days.
#[derive(Clone, Copy)]
enum Never {
    Open,
    Free,
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
    never: Option<Never>,
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
    if node.location.is_none() {
        return Some(("location_unknown", "its place is not known".to_owned()));
    }
    match never {
        Some(Never::Open) => Some((
            "closed",
            format!("has no working day within {HORIZON_DAYS} days"),
        )),
        Some(Never::Free) => Some((
            "full",
            format!("has no capacity left within {HORIZON_DAYS} days"),
        )),
        None => None,
    }
}

/// A node that has failed for everything that is to be placed is not asked again yet.
fn failed_before(
    lines: &[LineSpec],
    excluded: &[(String, Trouble)],
) -> Option<(&'static str, String)> {
    let out = |line: &LineSpec| excluded.iter().any(|(sku, _)| *sku == line.sku);
    if excluded.is_empty() || !lines.iter().all(out) {
        return None;
    }
    Some(match excluded[0].1 {
        Trouble::Rejected => ("rejected_before", "rejected this order before".to_owned()),
        trouble => (
            "failed_before",
            format!("left out for a while: {}", trouble.label().to_lowercase()),
        ),
    })
}

/// The engine's problem, from what is stored of it. Planning and replaying both come through here, so a replay sees
/// exactly what the decision saw.
pub(super) fn problem_of(snapshot: &Snapshot, inputs: &Inputs) -> Problem {
    let nodes = snapshot
        .nodes
        .iter()
        .filter(|node| inputs.without.binary_search(&node.code).is_err());
    let units = inputs.order.lines.iter().map(|line| line.quantity).sum();
    let nodes = nodes.filter_map(|node| {
        let stock = inputs.stock.get(&node.code).cloned().unwrap_or_default();
        let days = inputs.waits_days.get(&node.code).copied().unwrap_or(0);
        let costs = waiting_costs(&stock, days, units, &snapshot.policy);
        node_spec(node, stock, inputs.capacity.get(&node.code).copied(), costs)
    });
    let services = match &inputs.pickup {
        Some(node) => vec![pickup_service(node)],
        None => of_level(snapshot, inputs.level.as_deref())
            .filter(|service| !inputs.suspended.contains(&service.code))
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

/// What it costs that a node is full and begins later: a package a day later costs as much as one more package, spread
/// over the order's units.
pub(crate) fn waiting_costs(
    stock: &BTreeMap<String, u64>,
    waits_days: u64,
    units: u32,
    policy: &PolicySpec,
) -> BTreeMap<String, f64> {
    if waits_days == 0 {
        return BTreeMap::new();
    }
    let cost = policy.extra_package * waits_days as f64 / f64::from(units.max(1));
    stock.keys().map(|sku| (sku.clone(), cost)).collect()
}

/// A node as the engine sees it; none where its place is not known.
pub(crate) fn node_spec(
    node: &Node,
    stock: BTreeMap<String, u64>,
    capacity: Option<u64>,
    opportunity: BTreeMap<String, f64>,
) -> Option<NodeSpec> {
    let at = node.location?;
    Some(NodeSpec {
        id: node.code.clone(),
        kind: node.kind,
        lat: at.lat,
        lon: at.lon,
        time_zone: node.time_zone.clone(),
        stock,
        capacity,
        provides: node.provides.clone(),
        handling: HandlingSpec {
            per_package: node.handling.per_package,
            per_unit: node.handling.per_unit,
        },
        opportunity,
    })
}

/// The services of a level; all of them without one.
pub(crate) fn of_level<'s>(
    snapshot: &'s Snapshot,
    level: Option<&'s str>,
) -> impl Iterator<Item = &'s Service> {
    let services = snapshot.services.iter();
    services.filter(move |service| level.is_none_or(|level| *level == service.level))
}

/// Codes of the services that are suspended now.
fn suspended(snapshot: &Snapshot, now: DateTime<Utc>) -> Vec<String> {
    let services = snapshot.services.iter();
    let suspended = services.filter(|service| service.is_suspended(now));
    suspended.map(|service| service.code.clone()).collect()
}

/// Codes of the services that could carry the order.
fn services_in_question<'n>(
    network: &'n Network,
    due: &'n DueOrder,
    now: DateTime<Utc>,
) -> Vec<&'n str> {
    if due.delivery.method == DeliveryMethod::Pickup {
        return vec![PICKUP];
    }
    let services = of_level(&network.snapshot, due.level());
    let services = services.filter(|service| !service.is_suspended(now));
    services.map(|service| service.code.as_str()).collect()
}

pub(crate) fn service_spec(service: &Service) -> ServiceSpec {
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
pub(crate) fn pickup_service(node: &str) -> ServiceSpec {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_stored_before_calendars_reads_as_it_did() {
        let network = r#"{"nodes": [{"code": "east", "name": "East", "kind": "warehouse",
            "address": {"line1": "", "city": "", "region": "", "postal_code": "10001", "country": "US"},
            "location": {"lat": 40.75, "lon": -73.99}, "time_zone": "America/New_York", "week": null, "closed_on": [],
            "daily_capacity": null, "handling": {"per_package": 0.0, "per_unit": 0.0}, "provides": [],
            "offers": ["ship"], "status": "active"}],
          "services": [{"code": "ground", "carrier": "Post", "level": "standard", "nodes": null,
            "zones": [{"up_to_km": 6000.0, "per_package": 700.0, "per_kg": 50.0, "transit_days": 3}],
            "pickups": [], "delivers_on": ["mon"]}],
          "policy": {"extra_package": 300, "unfilled_per_unit": 100000, "max_packages": null, "late_per_package": 5000}}"#;
        let inputs = r#"{"order": {"id": "o", "destination": {"lat": 40.7, "lon": -74.0}, "max_transit_days": null,
            "lines": [{"id": "1", "sku": "A", "quantity": 1, "weight_g": 500, "requires": []}]},
            "level": "standard", "stock": {"east": {"A": 5}}}"#;
        let inputs: Inputs = serde_json::from_str(inputs).unwrap();
        let problem = problem_of(&serde_json::from_str(network).unwrap(), &inputs);
        let plan = engine::routing::plan(&problem).unwrap();
        assert!((plan.cost.total - 725.0).abs() < 0.001);
        assert!(
            !serde_json::to_string(&inputs)
                .unwrap()
                .contains("late_from")
        );
    }
}
