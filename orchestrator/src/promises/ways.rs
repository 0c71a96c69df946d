//! The routes behind a promise: one for each way to get the basket, planned as the router would plan an order that comes
//! now.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use engine::geo::distance_km;
use engine::model::{Node, NodeOffer, NodeStatus, PromiseStore};
use engine::promise::Method;
use engine::routing::{
    Destination, LineSpec, OrderSpec, Plan, Problem, ServiceSpec, UnfilledReason,
};

use super::world::World;
use crate::network::{Network, NetworkNode};
use crate::places::Place;
use crate::routing::{
    PICKUP, When, node_spec, of_level, pickup_service, service_spec, waiting_costs, when,
};

/// A way to get the basket, before anything is known of its dates.
pub(super) struct Way {
    pub id: String,
    pub method: Method,
    pub plan: Plan,
    pub store: Option<PromiseStore>,
    /// When the last of a package's goods arrives at its node, for nodes where something is still on its way.
    pub goods_from: BTreeMap<String, DateTime<Utc>>,
}

/// The levels that there are, `standard` first.
pub(super) fn levels(network: &Network) -> Vec<&str> {
    let services = &network.snapshot.services;
    let levels: BTreeSet<&str> = services.iter().map(|s| s.level.as_str()).collect();
    let mut levels: Vec<_> = levels.into_iter().collect();
    levels.sort_by_key(|level| *level != "standard");
    levels
}

/// What is asked for, where it goes, and what is known.
struct Basket<'w> {
    world: &'w World,
    lines: &'w [LineSpec],
    /// Where it was asked, which decides what it may take of stock that is divided.
    channel: &'w str,
    to: Place,
    now: DateTime<Utc>,
}

/// A route for each level and for collection at each of the nearest nodes that have everything; `None` where the engine
/// fails.
pub(super) fn ways(
    world: &World,
    lines: &[LineSpec],
    channel: &str,
    to: Place,
    now: DateTime<Utc>,
) -> Option<Vec<Way>> {
    let basket = Basket {
        world,
        lines,
        channel,
        to,
        now,
    };
    let holders = holders(world, lines);
    let ships = |node: &&&NetworkNode| node.node.offers.contains(&NodeOffer::Ship);
    let shipping: Vec<_> = holders.iter().filter(ships).copied().collect();
    let mut ways = Vec::new();
    for level in levels(&world.network) {
        ways.push(basket.delivery(level, &shipping)?);
    }
    for (node, km) in basket.near(&holders) {
        ways.extend(basket.pickup(node, km));
    }
    Some(ways)
}

impl<'w> Basket<'w> {
    /// The route with services of a level. What is there comes first; only where that does not do, what is on its way
    /// is counted on.
    fn delivery(&self, level: &str, here: &[&'w NetworkNode]) -> Option<Way> {
        let services: Vec<_> = of_level(&self.world.network.snapshot, Some(level))
            .filter(|service| !service.is_suspended(self.now))
            .collect();
        let codes: Vec<_> = services.iter().map(|s| s.code.as_str()).collect();
        let services: Vec<_> = services.into_iter().map(service_spec).collect();
        let mut plan = self.plan(here, services.clone(), &codes, Stock::Here)?;
        let mut goods_from = BTreeMap::new();
        let mut reasons = plan.unfilled.iter().map(|unfilled| unfilled.reason);
        if reasons.any(|reason| reason == UnfilledReason::NoStock) {
            let coming = coming(self.world, self.lines);
            if !coming.is_empty() {
                let nodes: Vec<_> = all_nodes(here, &coming).collect();
                let later = self.plan(&nodes, services, &codes, Stock::AndComing)?;
                if later.unfilled.is_empty() {
                    goods_from = self.goods_from(&later);
                    plan = later;
                }
            }
        }
        Some(Way {
            id: level.to_owned(),
            method: Method::Delivery,
            plan,
            store: None,
            goods_from,
        })
    }

    /// Collection at a node; `None` where it is full for weeks, never open, or the engine fails.
    fn pickup(&self, node: &'w NetworkNode, km: f64) -> Option<Way> {
        let (code, address) = (&node.node.code, &node.node.address);
        let services = vec![pickup_service(code)];
        let plan = self.plan(&[node], services, &[PICKUP], Stock::Here)?;
        plan.unfilled.is_empty().then(|| Way {
            id: code.clone(),
            method: Method::Pickup,
            plan,
            store: Some(PromiseStore {
                name: node.node.name.clone(),
                city: address.city.clone(),
                postal: address.postal_code.clone(),
                km: (km * 10.0).round() / 10.0,
            }),
            goods_from: BTreeMap::new(),
        })
    }

    fn plan(
        &self,
        nodes: &[&NetworkNode],
        services: Vec<ServiceSpec>,
        codes: &[&str],
        stock: Stock,
    ) -> Option<Plan> {
        let world = self.world;
        let policy = &world.network.snapshot.policy;
        let units: i64 = self.lines.iter().map(|l| i64::from(l.quantity)).sum();
        let times = world.network.times(self.now);
        let specs = nodes.iter().filter_map(|node| {
            let full = world.assigned.full_days(&node.node, units);
            let When { days, waits_days } = when(&times, node, codes, self.now, &full);
            if days.is_empty() && !codes.is_empty() {
                return None;
            }
            let held = self.lines.iter().filter_map(|line| {
                let mut coming = 0;
                if stock == Stock::AndComing
                    && let Some(nodes) = world.incoming.get(&line.sku)
                {
                    let deliveries = nodes.get(&node.node.code).into_iter().flatten();
                    coming = deliveries.map(|(_, quantity)| quantity).sum();
                }
                let held = world.may_take(self.channel, &line.sku, &node.node.code, coming);
                (held > 0).then(|| (line.sku.clone(), held as u64))
            });
            let held: BTreeMap<_, _> = held.collect();
            let room = days.iter().map(|(_, day)| *day);
            let room = world.assigned.room(&node.node, room);
            let costs = waiting_costs(&held, waits_days, units as u32, policy);
            node_spec(&node.node, held, room, costs)
        });
        let problem = Problem {
            order: OrderSpec {
                id: "promise".to_owned(),
                placed_at: None,
                destination: Destination {
                    lat: self.to.lat,
                    lon: self.to.lon,
                    time_zone: Some(self.to.time_zone.to_owned()),
                },
                lines: self.lines.to_vec(),
                max_transit_days: None,
                late_from: BTreeMap::new(),
                missed_by: BTreeMap::new(),
            },
            nodes: specs.collect(),
            services,
            policy: *policy,
        };
        match engine::routing::plan(&problem) {
            Ok(plan) => Some(plan),
            Err(error) => {
                tracing::error!(%error, "the engine refuses a basket");
                None
            }
        }
    }

    /// When the goods of each package are at its node, for packages that need what is still on its way.
    fn goods_from(&self, plan: &Plan) -> BTreeMap<String, DateTime<Utc>> {
        let mut from = BTreeMap::new();
        for package in &plan.packages {
            let mut needed: BTreeMap<&str, i64> = BTreeMap::new();
            for part in &package.lines {
                if let Some(line) = self.lines.iter().find(|line| line.id == part.line) {
                    *needed.entry(&line.sku).or_default() += i64::from(part.quantity);
                }
            }
            for (sku, units) in needed {
                let deliveries = self.world.incoming.get(sku);
                let deliveries = deliveries.and_then(|nodes| nodes.get(&package.node));
                let mut come = 0;
                for (at, quantity) in deliveries.into_iter().flatten() {
                    let node = &package.node;
                    if self.world.may_take(self.channel, sku, node, come) >= units {
                        break;
                    }
                    come += quantity;
                    let latest = from.entry(node.clone()).or_insert(*at);
                    *latest = (*latest).max(*at);
                }
            }
        }
        from
    }

    /// The nearest nodes at which everything can be collected.
    fn near(&self, holders: &[&'w NetworkNode]) -> Vec<(&'w NetworkNode, f64)> {
        let (world, to) = (self.world, self.to);
        let mut wanted: BTreeMap<&str, i64> = BTreeMap::new();
        for line in self.lines {
            *wanted.entry(&line.sku).or_default() += i64::from(line.quantity);
        }
        let has_all = |node: &Node| {
            let mut wanted = wanted.iter();
            wanted.all(|(sku, units)| world.may_take(self.channel, sku, &node.code, 0) >= *units)
        };
        let reach = f64::from(world.settings.pickup_within_km);
        let mut near: Vec<_> = holders
            .iter()
            .filter_map(|node| {
                let at = node.node.location?;
                let km = distance_km(at.lat, at.lon, to.lat, to.lon);
                let fits = km <= reach
                    && node.node.offers.contains(&NodeOffer::Pickup)
                    && has_all(&node.node);
                fits.then_some((*node, km))
            })
            .collect();
        near.sort_by(|a, b| a.1.total_cmp(&b.1));
        near.truncate(world.settings.pickup_nodes.into());
        near
    }
}

/// Nodes that take part and hold any of it.
fn holders<'w>(world: &'w World, lines: &[LineSpec]) -> Vec<&'w NetworkNode> {
    let codes: BTreeSet<&String> = lines
        .iter()
        .filter_map(|line| world.available.get(&line.sku))
        .flat_map(BTreeMap::keys)
        .collect();
    let nodes = codes
        .into_iter()
        .filter_map(|code| world.network.node(code));
    nodes
        .filter(|node| node.node.status == NodeStatus::Active && node.node.location.is_some())
        .collect()
}

/// What a plan may take.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stock {
    Here,
    AndComing,
}

/// Nodes that take part, ship, and expect any of it.
fn coming<'w>(world: &'w World, lines: &[LineSpec]) -> Vec<&'w NetworkNode> {
    let codes: BTreeSet<&String> = lines
        .iter()
        .filter_map(|line| world.incoming.get(&line.sku))
        .flat_map(BTreeMap::keys)
        .collect();
    let nodes = codes
        .into_iter()
        .filter_map(|code| world.network.node(code));
    nodes
        .filter(|node| {
            node.node.status == NodeStatus::Active
                && node.node.location.is_some()
                && node.node.offers.contains(&NodeOffer::Ship)
        })
        .collect()
}

/// Both, each once, by code as the router has them.
fn all_nodes<'w>(
    here: &[&'w NetworkNode],
    coming: &[&'w NetworkNode],
) -> impl Iterator<Item = &'w NetworkNode> + use<'w> {
    let both = here.iter().chain(coming);
    let by_code: BTreeMap<&str, &NetworkNode> =
        both.map(|node| (node.node.code.as_str(), *node)).collect();
    by_code.into_values()
}
