//! The problem as indices and numbers: which node can send what with which service, at what price.

use std::collections::BTreeSet;

use super::problem::Problem;
use crate::geo;

/// A problem with a value that no plan can be made for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, serde::Serialize)]
#[error("{pointer}: {detail}")]
pub struct ProblemError {
    /// JSON pointer to the field, such as `#/order/lines/0/quantity`.
    pub pointer: String,
    /// What is wrong and what would be right.
    pub detail: String,
}

/// A way to send: a node with one of its services.
pub(super) struct Choice {
    pub node: usize,
    pub service: usize,
    /// Minor units for the package, whatever is in it.
    pub fixed: f64,
    pub late: bool,
    /// Minor units for a unit of each line; infinite where the node cannot send it.
    pub unit: Vec<f64>,
    pub per_package: f64,
    pub per_kg: f64,
}

/// What the search works on.
pub(super) struct Facts {
    pub choices: Vec<Choice>,
    pub quantity: Vec<u64>,
    /// Index of each line's SKU.
    pub sku: Vec<usize>,
    pub skus: usize,
    /// Units by node and SKU.
    pub stock: Vec<Vec<u64>>,
    /// Units that each node can take.
    pub capacity: Vec<u64>,
    pub extra_package: f64,
    pub unfilled: f64,
    pub max_packages: usize,
}

pub(super) fn check(problem: &Problem) -> Result<(), ProblemError> {
    let wrong = |pointer: String, detail: &str| {
        Err(ProblemError {
            pointer,
            detail: detail.to_owned(),
        })
    };
    let cost_fits = |cost: f64| (0.0..=1e12).contains(&cost);
    let to = &problem.order.destination;
    if !(-90.0..=90.0).contains(&to.lat) || !(-180.0..=180.0).contains(&to.lon) {
        return wrong(
            "#/order/destination".into(),
            "lat goes from -90 to 90 and lon from -180 to 180",
        );
    }
    let mut seen = BTreeSet::new();
    for (i, line) in problem.order.lines.iter().enumerate() {
        if !seen.insert(&line.id) {
            return wrong(
                format!("#/order/lines/{i}/id"),
                "each line has an id of its own",
            );
        }
        if line.quantity == 0 || line.quantity > 10_000_000 {
            return wrong(
                format!("#/order/lines/{i}/quantity"),
                "a quantity goes from 1 to 10,000,000",
            );
        }
        if !(0.0..=1e9).contains(&line.weight_g) {
            return wrong(
                format!("#/order/lines/{i}/weight_g"),
                "a weight goes from 0 to 1,000,000,000 g",
            );
        }
    }
    let mut seen = BTreeSet::new();
    for (i, node) in problem.nodes.iter().enumerate() {
        if !seen.insert(&node.id) {
            return wrong(format!("#/nodes/{i}/id"), "each node has an id of its own");
        }
        if !(-90.0..=90.0).contains(&node.lat) || !(-180.0..=180.0).contains(&node.lon) {
            return wrong(
                format!("#/nodes/{i}"),
                "lat goes from -90 to 90 and lon from -180 to 180",
            );
        }
        if !cost_fits(node.handling.per_package) || !cost_fits(node.handling.per_unit) {
            return wrong(
                format!("#/nodes/{i}/handling"),
                "a cost goes from 0 to 1e12",
            );
        }
        if !node.opportunity.values().all(|cost| cost_fits(*cost)) {
            return wrong(
                format!("#/nodes/{i}/opportunity"),
                "a cost goes from 0 to 1e12",
            );
        }
    }
    let mut seen = BTreeSet::new();
    for (i, service) in problem.services.iter().enumerate() {
        if !seen.insert(&service.id) {
            return wrong(
                format!("#/services/{i}/id"),
                "each service has an id of its own",
            );
        }
        for (k, zone) in service.zones.iter().enumerate() {
            if !(0.0..=1e6).contains(&zone.up_to_km) {
                return wrong(
                    format!("#/services/{i}/zones/{k}/up_to_km"),
                    "a distance goes from 0 to 1,000,000 km",
                );
            }
            if !cost_fits(zone.per_package) || !cost_fits(zone.per_kg) {
                return wrong(
                    format!("#/services/{i}/zones/{k}"),
                    "a cost goes from 0 to 1e12",
                );
            }
        }
    }
    let policy = &problem.policy;
    let costs = [
        ("extra_package", policy.extra_package),
        ("unfilled_per_unit", policy.unfilled_per_unit),
        ("late_per_package", policy.late_per_package),
    ];
    for (field, cost) in costs {
        if !cost_fits(cost) {
            return wrong(format!("#/policy/{field}"), "a cost goes from 0 to 1e12");
        }
    }
    Ok(())
}

impl Facts {
    pub fn new(problem: &Problem) -> Self {
        let lines = &problem.order.lines;
        let skus: BTreeSet<&str> = lines.iter().map(|line| line.sku.as_str()).collect();
        let skus: Vec<_> = skus.into_iter().collect();
        let sku: Vec<usize> = lines
            .iter()
            .map(|line| skus.binary_search(&line.sku.as_str()).unwrap_or(0))
            .collect();
        let policy = &problem.policy;
        let mut choices = Vec::new();
        let (mut stock, mut capacity) = (Vec::new(), Vec::new());
        for (n, node) in problem.nodes.iter().enumerate() {
            stock.push(
                skus.iter()
                    .map(|sku| node.stock.get(*sku).copied().unwrap_or(0))
                    .collect::<Vec<_>>(),
            );
            capacity.push(node.capacity.unwrap_or(u64::MAX));
            if capacity[n] == 0 || stock[n].iter().all(|units| *units == 0) {
                continue;
            }
            let able: Vec<bool> = lines
                .iter()
                .map(|line| line.requires.iter().all(|r| node.provides.contains(r)))
                .collect();
            let to = &problem.order.destination;
            let km = geo::distance_km(node.lat, node.lon, to.lat, to.lon);
            for (s, service) in problem.services.iter().enumerate() {
                if service
                    .nodes
                    .as_ref()
                    .is_some_and(|nodes| !nodes.contains(&node.id))
                {
                    continue;
                }
                let Some(zone) = service.zones.iter().find(|zone| zone.up_to_km >= km) else {
                    continue;
                };
                let late = problem
                    .order
                    .max_transit_days
                    .is_some_and(|most| zone.transit_days > most);
                let unit: Vec<f64> = lines
                    .iter()
                    .enumerate()
                    .map(|(j, line)| {
                        if !able[j] || stock[n][sku[j]] == 0 {
                            return f64::INFINITY;
                        }
                        let future = node.opportunity.get(&line.sku).copied().unwrap_or(0.0);
                        zone.per_kg * line.weight_g / 1000.0 + node.handling.per_unit + future
                    })
                    .collect();
                // A way that sends no unit cheaper than leaving it is no way.
                if unit.iter().all(|cost| *cost >= policy.unfilled_per_unit) {
                    continue;
                }
                let late_cost = if late { policy.late_per_package } else { 0.0 };
                let fixed = zone.per_package + node.handling.per_package + late_cost;
                let (per_package, per_kg) = (zone.per_package, zone.per_kg);
                choices.push(Choice {
                    node: n,
                    service: s,
                    fixed,
                    late,
                    unit,
                    per_package,
                    per_kg,
                });
            }
        }
        Facts {
            choices,
            quantity: lines.iter().map(|line| u64::from(line.quantity)).collect(),
            sku,
            skus: skus.len(),
            stock,
            capacity,
            extra_package: policy.extra_package,
            unfilled: policy.unfilled_per_unit,
            max_packages: policy.max_packages.map_or(usize::MAX, |most| most as usize),
        }
    }
}
