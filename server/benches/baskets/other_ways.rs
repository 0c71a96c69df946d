//! How others route, priced by the same contract: each order in turn on what the ones before it left.

use engine::geo::distance_km;
use engine::routing::joint::JointProblem;
use engine::routing::{NodeSpec, OrderSpec, PolicySpec, Problem, ServiceSpec, Zone, plan};

/// What a way of routing costs, in minor units, and how many packages it sends.
#[derive(Clone, Copy, Default)]
pub struct Routed {
    pub cost: f64,
    pub packages: usize,
}

impl Routed {
    pub fn add(&mut self, other: Routed) {
        self.cost += other.cost;
        self.packages += other.packages;
    }
}

/// What one node sends of an order: the line's index and units.
struct Sent {
    node: usize,
    units: Vec<(usize, u32)>,
}

/// From the nearest node outwards, each gives what it has.
pub fn greedy_by_distance(window: &JointProblem) -> Routed {
    in_turn(window, |order, nodes| {
        let mut by_distance: Vec<usize> = (0..nodes.len()).collect();
        by_distance.sort_by(|a, b| km(order, &nodes[*a]).total_cmp(&km(order, &nodes[*b])));
        let mut open: Vec<u32> = order.lines.iter().map(|line| line.quantity).collect();
        let mut sent = Vec::new();
        for node in by_distance {
            let mut room = nodes[node].capacity.unwrap_or(u64::MAX);
            let mut stock = nodes[node].stock.clone();
            let mut units = Vec::new();
            for (j, line) in order.lines.iter().enumerate() {
                let Some(held) = stock.get_mut(&line.sku) else {
                    continue;
                };
                let most = u64::from(open[j]).min(*held).min(room);
                if most > 0 {
                    *held -= most;
                    room -= most;
                    open[j] -= most as u32;
                    units.push((j, most as u32));
                }
            }
            if !units.is_empty() {
                sent.push(Sent { node, units });
            }
        }
        sent
    })
}

/// As few packages as can be, of those the nearest: the exact solver under costs that say just this.
pub fn fewest_then_nearest(window: &JointProblem) -> Routed {
    let everywhere = Zone {
        up_to_km: 40_000.0,
        per_package: 0.0,
        per_kg: 0.0,
        transit_days: 0,
    };
    let service = ServiceSpec {
        id: "any".into(),
        nodes: None,
        zones: vec![everywhere],
    };
    in_turn(window, |order, nodes| {
        let nodes = nodes.iter().map(|node| {
            let mut node = node.clone();
            node.handling.per_package = km(order, &node);
            node.handling.per_unit = 0.0;
            node
        });
        let problem = Problem {
            order: OrderSpec {
                max_transit_days: None,
                ..order.clone()
            },
            nodes: nodes.collect(),
            services: vec![service.clone()],
            policy: PolicySpec {
                extra_package: 1e6,
                unfilled_per_unit: 1e9,
                max_packages: None,
                late_per_package: 0.0,
            },
        };
        sent_by(order, &problem.nodes, &plan(&problem).unwrap())
    })
}

/// The exact solver, one order at a time.
pub fn one_by_one(window: &JointProblem) -> Routed {
    in_turn(window, |order, nodes| {
        let problem = Problem {
            order: order.clone(),
            nodes: nodes.to_vec(),
            services: window.services.clone(),
            policy: window.policy,
        };
        sent_by(order, nodes, &plan(&problem).unwrap())
    })
}

fn sent_by(order: &OrderSpec, nodes: &[NodeSpec], plan: &engine::routing::Plan) -> Vec<Sent> {
    let packages = plan.packages.iter().map(|package| Sent {
        node: nodes
            .iter()
            .position(|node| node.id == package.node)
            .unwrap(),
        units: package
            .lines
            .iter()
            .map(|part| {
                let mut lines = order.lines.iter();
                let line = lines.position(|line| line.id == part.line).unwrap();
                (line, part.quantity)
            })
            .collect(),
    });
    packages.collect()
}

fn in_turn(window: &JointProblem, route: impl Fn(&OrderSpec, &[NodeSpec]) -> Vec<Sent>) -> Routed {
    let mut nodes = window.nodes.clone();
    let mut all = Routed::default();
    for order in &window.orders {
        let sent = route(order, &nodes);
        let asked: u32 = order.lines.iter().map(|line| line.quantity).sum();
        let sent_units = sent.iter().flat_map(|sent| &sent.units);
        let unfilled = asked - sent_units.map(|(_, units)| units).sum::<u32>();
        all.cost += f64::from(unfilled) * window.policy.unfilled_per_unit;
        all.cost += sent.len().saturating_sub(1) as f64 * window.policy.extra_package;
        all.packages += sent.len();
        for sent in &sent {
            all.cost += cheapest_service(window, order, &nodes[sent.node], &sent.units);
            let node = &mut nodes[sent.node];
            for (j, units) in &sent.units {
                let units = u64::from(*units);
                *node.stock.get_mut(&order.lines[*j].sku).unwrap() -= units;
                node.capacity = node.capacity.map(|room| room - units);
            }
        }
    }
    all
}

/// A package by the service that makes it cheapest.
fn cheapest_service(
    window: &JointProblem,
    order: &OrderSpec,
    node: &NodeSpec,
    units: &[(usize, u32)],
) -> f64 {
    let km = km(order, node);
    let weight: f64 = units
        .iter()
        .map(|(j, units)| f64::from(*units) * order.lines[*j].weight_g)
        .sum();
    let count: u32 = units.iter().map(|(_, units)| units).sum();
    let shipping = window.services.iter().filter_map(|service| {
        let zone = service.zones.iter().find(|zone| zone.up_to_km >= km)?;
        let late = order
            .max_transit_days
            .is_some_and(|days| zone.transit_days > days);
        let late = if late {
            window.policy.late_per_package
        } else {
            0.0
        };
        Some(zone.per_package + zone.per_kg * weight / 1_000.0 + late)
    });
    let opportunity: f64 = units
        .iter()
        .map(|(j, units)| {
            let price = node.opportunity.get(&order.lines[*j].sku);
            price.copied().unwrap_or(0.0) * f64::from(*units)
        })
        .sum();
    node.handling.per_package
        + node.handling.per_unit * f64::from(count)
        + opportunity
        + shipping.fold(f64::INFINITY, f64::min)
}

fn km(order: &OrderSpec, node: &NodeSpec) -> f64 {
    let to = &order.destination;
    distance_km(node.lat, node.lon, to.lat, to.lon)
}
