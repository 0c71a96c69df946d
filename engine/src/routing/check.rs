//! What a problem has to keep to before it is solved.

use std::collections::HashSet;

use super::problem::{NodeSpec, OrderSpec, PolicySpec, Problem, ServiceSpec};

/// A problem with a value that no plan can be made for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, serde::Serialize)]
#[error("{pointer}: {detail}")]
pub struct ProblemError {
    /// JSON pointer to the field, such as `#/order/lines/0/quantity`.
    pub pointer: String,
    /// What is wrong and what would be right.
    pub detail: String,
}

pub(super) fn check(problem: &Problem) -> Result<(), ProblemError> {
    check_order(&problem.order, "#/order")?;
    check_world(&problem.nodes, &problem.services, &problem.policy)
}

/// What orders may share.
pub(super) fn check_world(
    nodes: &[NodeSpec],
    services: &[ServiceSpec],
    policy: &PolicySpec,
) -> Result<(), ProblemError> {
    check_nodes(nodes)?;
    check_services(services)?;
    check_policy(policy)
}

fn wrong(pointer: String, detail: &str) -> Result<(), ProblemError> {
    Err(ProblemError {
        pointer,
        detail: detail.to_owned(),
    })
}

fn cost_fits(cost: f64) -> bool {
    (0.0..=1e12).contains(&cost)
}

/// An order that is at this place in the input.
pub(super) fn check_order(order: &OrderSpec, at: &str) -> Result<(), ProblemError> {
    let to = &order.destination;
    if !(-90.0..=90.0).contains(&to.lat) || !(-180.0..=180.0).contains(&to.lon) {
        return wrong(
            format!("{at}/destination"),
            "lat goes from -90 to 90 and lon from -180 to 180",
        );
    }
    let mut seen = HashSet::new();
    for (i, line) in order.lines.iter().enumerate() {
        if !seen.insert(&line.id) {
            return wrong(
                format!("{at}/lines/{i}/id"),
                "each line has an id of its own",
            );
        }
        if line.quantity == 0 || line.quantity > 10_000_000 {
            return wrong(
                format!("{at}/lines/{i}/quantity"),
                "a quantity goes from 1 to 10,000,000",
            );
        }
        if !(0.0..=1e9).contains(&line.weight_g) {
            return wrong(
                format!("{at}/lines/{i}/weight_g"),
                "a weight goes from 0 to 1,000,000,000 g",
            );
        }
    }
    Ok(())
}

fn check_nodes(nodes: &[NodeSpec]) -> Result<(), ProblemError> {
    let mut seen = HashSet::new();
    for (i, node) in nodes.iter().enumerate() {
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
    Ok(())
}

fn check_services(services: &[ServiceSpec]) -> Result<(), ProblemError> {
    let mut seen = HashSet::new();
    for (i, service) in services.iter().enumerate() {
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
    Ok(())
}

fn check_policy(policy: &PolicySpec) -> Result<(), ProblemError> {
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
