//! Every way to plan a few orders on shared stock, tried one by one.

use engine::geo;
use engine::routing::Zone;
use engine::routing::joint::JointProblem;

/// The search through them: costs come from the contract and not from the engine's arithmetic.
pub struct EveryPlan<'a> {
    problem: &'a JointProblem,
    left: JointProblem,
    best: f64,
}

/// Where it is: at an order, a node, and so many packages and so much cost before that.
#[derive(Clone, Copy)]
struct At {
    order: usize,
    node: usize,
    packages: u32,
    cost: f64,
}

impl EveryPlan<'_> {
    /// The least that all orders cost together; `enough` where that is not less.
    pub fn cheapest(problem: &JointProblem, enough: f64) -> f64 {
        let mut every = EveryPlan {
            problem,
            left: problem.clone(),
            best: enough,
        };
        every.begin(0, 0.0);
        every.best
    }

    fn begin(&mut self, order: usize, cost: f64) {
        match self.problem.orders.get(order) {
            None => self.best = self.best.min(cost),
            Some(spec) => {
                let mut wanted: Vec<u32> = spec.lines.iter().map(|line| line.quantity).collect();
                let at = At {
                    order,
                    node: 0,
                    packages: 0,
                    cost,
                };
                self.go(at, &mut wanted);
            }
        }
    }

    fn go(&mut self, at: At, wanted: &mut Vec<u32>) {
        if at.cost >= self.best {
            return;
        }
        let (policy, order) = (&self.problem.policy, &self.problem.orders[at.order]);
        let Some(node) = self.problem.nodes.get(at.node) else {
            let unfilled: u32 = wanted.iter().sum();
            let unfilled = f64::from(unfilled) * policy.unfilled_per_unit;
            self.begin(at.order + 1, at.cost + unfilled);
            return;
        };
        let without = At {
            node: at.node + 1,
            ..at
        };
        self.go(without, wanted);
        if policy.max_packages.is_some_and(|most| at.packages >= most) {
            return;
        }
        let to = &order.destination;
        let km = geo::distance_km(node.lat, node.lon, to.lat, to.lon);
        for service in &self.problem.services {
            let serves = service
                .nodes
                .as_ref()
                .is_none_or(|ids| ids.contains(&node.id));
            let zone = service.zones.iter().find(|zone| zone.up_to_km >= km);
            let Some(zone) = zone.filter(|_| serves) else {
                continue;
            };
            let is_late = order
                .max_transit_days
                .is_some_and(|most| zone.transit_days > most);
            let mut fixed = zone.per_package + node.handling.per_package;
            fixed += if is_late {
                policy.late_per_package
            } else {
                0.0
            };
            fixed += if at.packages > 0 {
                policy.extra_package
            } else {
                0.0
            };
            let with = At {
                packages: at.packages + 1,
                cost: at.cost + fixed,
                ..at
            };
            self.fill(with, zone, 0, wanted);
        }
    }

    /// Each number of units of the order's lines from this one on, in a package of the node.
    fn fill(&mut self, at: At, zone: &Zone, line: usize, wanted: &mut Vec<u32>) {
        let node = &self.problem.nodes[at.node];
        let Some(spec) = self.problem.orders[at.order].lines.get(line) else {
            let next = At {
                node: at.node + 1,
                ..at
            };
            self.go(next, wanted);
            return;
        };
        let before = self.left.nodes[at.node].clone();
        let held = before.stock.get(&spec.sku).copied().unwrap_or(0);
        let can = spec.requires.iter().all(|r| node.provides.contains(r));
        let room = before.capacity.unwrap_or(u64::MAX);
        let most = if can {
            held.min(room).min(u64::from(wanted[line]))
        } else {
            0
        };
        let unit = zone.per_kg * spec.weight_g / 1000.0
            + node.handling.per_unit
            + node.opportunity.get(&spec.sku).copied().unwrap_or(0.0);
        for units in 0..=most {
            let after = &mut self.left.nodes[at.node];
            if units > 0 {
                after.stock.insert(spec.sku.clone(), held - units);
                after.capacity = before.capacity.map(|room| room - units);
            }
            wanted[line] -= units as u32;
            let with = At {
                cost: at.cost + units as f64 * unit,
                ..at
            };
            self.fill(with, zone, line + 1, wanted);
            wanted[line] += units as u32;
            self.left.nodes[at.node].clone_from(&before);
        }
    }
}
