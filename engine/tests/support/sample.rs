//! Routing problems at random, the same ones from the same seed on every machine: for the differential tests, for the
//! benchmark, and for the other solvers that they are compared with.
//!
//! The shapes are made to be hard. Where one fixed cost dominates, the nearest few nodes are always the answer; so
//! weights and prices differ, quantities exceed what a node holds, capacities bind, packages are limited, some are late.
#![allow(
    dead_code,
    reason = "each program that includes this uses a part of it"
)]

use std::collections::BTreeMap;

use engine::model::NodeKind;
use engine::routing::joint::JointProblem;
use engine::routing::{
    Destination, HandlingSpec, LineSpec, NodeSpec, OrderSpec, PolicySpec, Problem, ServiceSpec,
    Zone,
};

/// Vigna's SplitMix64: small, and the same everywhere.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Random(seed ^ 0x5851_f42d_4c95_7f2d)
    }

    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From 0 up to, without, 1.
    pub fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// From `low` to `high`, both included.
    pub fn int(&mut self, low: u64, high: u64) -> u64 {
        low + self.bits() % (high - low + 1)
    }

    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + self.unit() * (high - low)
    }

    pub fn chance(&mut self, share: f64) -> bool {
        self.unit() < share
    }

    /// Whole numbers from `low` to `high`, small ones as likely as large ones by order of magnitude.
    pub fn log_int(&mut self, low: u64, high: u64) -> u64 {
        let exponent = self.between((low as f64).ln(), (high as f64 + 0.999).ln());
        (exponent.exp() as u64).clamp(low, high)
    }

    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.int(0, from.len() as u64 - 1) as usize]
    }
}

/// How large the problems are.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    pub nodes: (u64, u64),
    pub lines: (u64, u64),
    pub quantity: u64,
    /// Node counts spread by order of magnitude, as merchants do.
    pub log: bool,
}

pub const TINY: Shape = Shape {
    nodes: (1, 5),
    lines: (1, 3),
    quantity: 4,
    log: false,
};
pub const SMALL: Shape = Shape {
    nodes: (1, 60),
    lines: (1, 20),
    quantity: 6,
    log: true,
};
pub const MIDDLE: Shape = Shape {
    nodes: (8, 40),
    lines: (2, 10),
    quantity: 5,
    log: false,
};
pub const BIG: Shape = Shape {
    nodes: (100, 500),
    lines: (1, 20),
    quantity: 6,
    log: false,
};

/// A problem of the shape.
pub fn problem(id: u64, seed: u64, shape: Shape) -> Problem {
    let random = &mut Random::new(seed.wrapping_mul(1_000_003).wrapping_add(id));
    let count = |random: &mut Random, (low, high): (u64, u64)| {
        if shape.log {
            random.log_int(low, high)
        } else {
            random.int(low, high)
        }
    };
    let nodes_count = count(random, shape.nodes);
    let lines_count = random.int(shape.lines.0, shape.lines.1);
    let lines: Vec<LineSpec> = (0..lines_count)
        .map(|j| LineSpec {
            id: (j + 1).to_string(),
            sku: if j > 0 && random.chance(0.05) {
                format!("S{}", random.int(0, j - 1))
            } else {
                format!("S{j}")
            },
            quantity: random.log_int(1, shape.quantity) as u32,
            weight_g: random.log_int(50, 8_000) as f64,
            requires: if random.chance(0.08) {
                vec!["cold".into()]
            } else {
                vec![]
            },
        })
        .collect();
    let units: u64 = lines.iter().map(|line| u64::from(line.quantity)).sum();
    let holds = random.between(0.15, 0.9);
    let deep = random.chance(0.45);
    let capacities = random.chance(0.35);
    let prices = random.chance(0.5);
    let uneven = random.chance(0.6);
    let nodes = (0..nodes_count)
        .map(|n| {
            let (mut stock, mut opportunity) = (BTreeMap::new(), BTreeMap::new());
            for line in &lines {
                if random.chance(holds) {
                    let most = if deep {
                        3 * u64::from(line.quantity)
                    } else {
                        u64::from(line.quantity).max(2)
                    };
                    stock.insert(line.sku.clone(), random.int(1, most));
                    if prices && random.chance(0.6) {
                        opportunity.insert(line.sku.clone(), random.int(1, 400) as f64);
                    }
                }
            }
            NodeSpec {
                id: format!("n{n}"),
                kind: *random.pick(&[
                    NodeKind::Warehouse,
                    NodeKind::Store,
                    NodeKind::ThirdParty,
                    NodeKind::Vendor,
                ]),
                lat: random.between(26.0, 48.0),
                lon: random.between(-122.0, -71.0),
                time_zone: None,
                stock,
                capacity: (capacities && random.chance(0.7)).then(|| random.int(1, units.max(2))),
                provides: if random.chance(0.6) {
                    vec!["cold".into()]
                } else {
                    vec![]
                },
                handling: HandlingSpec {
                    per_package: if uneven {
                        random.int(0, 600) as f64
                    } else {
                        150.0
                    },
                    per_unit: random.int(0, 80) as f64,
                },
                opportunity,
            }
        })
        .collect();
    let zone = |up_to_km, per_package, per_kg, transit_days| Zone {
        up_to_km,
        per_package,
        per_kg,
        transit_days,
    };
    let scale = random.between(0.3, 1.5);
    let price = |base: f64| (base * scale).round();
    let mut services = vec![ServiceSpec {
        id: "ground".into(),
        nodes: None,
        zones: vec![
            zone(300.0, price(600.0), 40.0, 2),
            zone(1_000.0, price(750.0), 70.0, 3),
            zone(2_400.0, price(900.0), 110.0, 4),
            zone(6_000.0, price(1_100.0), 150.0, 5),
        ],
    }];
    if random.chance(0.65) {
        services.push(ServiceSpec {
            id: "express".into(),
            nodes: random.chance(0.3).then(|| {
                (0..nodes_count)
                    .filter(|_| random.chance(0.6))
                    .map(|n| format!("n{n}"))
                    .collect()
            }),
            zones: vec![
                zone(800.0, price(1_300.0), 120.0, 1),
                zone(6_000.0, price(2_100.0), 260.0, 2),
            ],
        });
    }
    let most_packages = random.chance(0.45).then(|| random.int(1, 6) as u32);
    Problem {
        order: OrderSpec {
            id: format!("o-{id}"),
            placed_at: None,
            destination: Destination {
                lat: random.between(26.0, 48.0),
                lon: random.between(-122.0, -71.0),
                time_zone: None,
            },
            lines,
            max_transit_days: random.chance(0.5).then(|| random.int(1, 4) as u32),
            late_from: BTreeMap::new(),
            missed_by: BTreeMap::new(),
        },
        nodes,
        services,
        policy: PolicySpec {
            extra_package: *random.pick(&[0.0, 150.0, 300.0, 800.0]),
            unfilled_per_unit: *random.pick(&[1_500.0, 6_000.0, 100_000.0, 100_000.0]),
            max_packages: most_packages,
            late_per_package: *random.pick(&[0.0, 500.0, 2_500.0]),
        },
    }
}

/// How large windows of waiting orders are.
#[derive(Clone, Copy, Debug)]
pub struct Crowd {
    pub orders: (u64, u64),
    pub shape: Shape,
    /// Stock as a share of what is asked for.
    pub supply: (f64, f64),
}

pub const TINY_WINDOW: Crowd = Crowd {
    orders: (2, 3),
    shape: Shape {
        nodes: (2, 3),
        lines: (1, 2),
        quantity: 2,
        log: false,
    },
    supply: (0.7, 2.0),
};
pub const WINDOW: Crowd = Crowd {
    orders: (8, 16),
    shape: Shape {
        nodes: (4, 9),
        lines: (1, 4),
        quantity: 4,
        log: false,
    },
    supply: (0.9, 3.0),
};

/// Orders on shared stock: the orders of several problems, with the nodes and costs of the first.
pub fn window(id: u64, seed: u64, crowd: Crowd) -> JointProblem {
    let random = &mut Random::new(seed.wrapping_mul(7_919).wrapping_add(id));
    let first = problem(id, seed, crowd.shape);
    let count = random.int(crowd.orders.0, crowd.orders.1);
    let orders: Vec<OrderSpec> = (0..count)
        .map(|i| {
            let mut order = problem(1_000 * (id + 1) + i, seed, crowd.shape).order;
            order.id = format!("o-{id}-{i}");
            for line in &mut order.lines {
                line.sku = format!("S{}", random.int(0, 2 * crowd.shape.lines.1));
            }
            order
        })
        .collect();
    let mut nodes = first.nodes;
    let mut demand: BTreeMap<&str, u64> = BTreeMap::new();
    for line in orders.iter().flat_map(|order| &order.lines) {
        *demand.entry(&line.sku).or_default() += u64::from(line.quantity);
    }
    let supply = random.between(crowd.supply.0, crowd.supply.1);
    for node in &mut nodes {
        node.stock.clear();
    }
    for (sku, units) in &demand {
        for _ in 0..(*units as f64 * supply).ceil() as u64 {
            let node = random.int(0, nodes.len() as u64 - 1) as usize;
            *nodes[node].stock.entry((*sku).to_owned()).or_default() += 1;
        }
    }
    let units: u64 = demand.values().sum();
    let tight = random.chance(0.4);
    let fair = units / nodes.len() as u64 + 1;
    for node in &mut nodes {
        node.capacity = (tight && random.chance(0.6)).then(|| random.int(1, 2 * fair));
    }
    JointProblem {
        orders,
        nodes,
        services: first.services,
        policy: first.policy,
    }
}
