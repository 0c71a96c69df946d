//! Each node's part in a decision: chosen, feasible at a price, or excluded by a rule with its numbers.

use serde::{Deserialize, Serialize};

use super::assign::Assigner;
use super::facts::Facts;
use super::figures::thousandths;
use super::plan::Plan;
use super::problem::Problem;
use crate::geo;

/// What became of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Chosen,
    Feasible,
    Excluded,
}

/// One node's part in a decision.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Candidate {
    pub node: String,
    pub verdict: Verdict,
    pub distance_km: f64,
    /// Units of the order that the node could send.
    pub units: u64,
    /// Units that the order asks for.
    pub of_units: u64,
    /// For an excluded node: the first rule that failed, with its numbers.
    pub excluded_because: Option<String>,
    /// For a feasible one: what a plan of this node alone would cost more than the chosen plan, in minor units.
    pub cost_gap: Option<f64>,
}

/// Why a plan is as it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Explanation {
    /// Chosen ones first, then feasible ones by their gap, then excluded ones by distance.
    pub candidates: Vec<Candidate>,
}

/// Explains the plan of a problem.
pub fn explain(problem: &Problem, plan: &Plan) -> Explanation {
    let facts = Facts::new(problem);
    let to = &problem.order.destination;
    let of_units: f64 = facts.quantity.iter().sum();
    let of_units = of_units as u64;
    let mut assigner = Assigner::default();
    let mut candidates: Vec<Candidate> = problem
        .nodes
        .iter()
        .enumerate()
        .map(|(n, node)| {
            let km = geo::distance_km(node.lat, node.lon, to.lat, to.lon);
            let units = (0..facts.skus)
                .map(|sku| {
                    let wanted: f64 = (0..facts.sku.len())
                        .filter(|j| facts.sku[*j] as usize == sku)
                        .map(|j| facts.quantity[j])
                        .sum();
                    facts.stock[n * facts.skus + sku].min(wanted) as u64
                })
                .sum();
            let chosen = plan.packages.iter().any(|package| package.node == node.id);
            let alone = facts
                .choices
                .iter()
                .enumerate()
                .filter(|(_, choice)| choice.node as usize == n)
                .map(|(c, _)| {
                    facts.total(assigner.assign(&facts, &[c as u32], f64::NEG_INFINITY), 1)
                })
                .min_by(f64::total_cmp);
            let (verdict, excluded_because) = match alone {
                _ if chosen => (Verdict::Chosen, None),
                Some(_) => (Verdict::Feasible, None),
                None => (
                    Verdict::Excluded,
                    Some(first_failing_rule(problem, &facts, n, units, km)),
                ),
            };
            Candidate {
                node: node.id.clone(),
                verdict,
                distance_km: thousandths(km),
                units,
                of_units,
                excluded_because,
                cost_gap: alone
                    .filter(|_| !chosen)
                    .map(|cost| thousandths(cost - plan.cost.total)),
            }
        })
        .collect();
    let rank = |c: &Candidate| match c.verdict {
        Verdict::Chosen => (0, 0.0),
        Verdict::Feasible => (1, c.cost_gap.unwrap_or(0.0)),
        Verdict::Excluded => (2, c.distance_km),
    };
    candidates.sort_by(|a, b| {
        let (a_rank, b_rank) = (rank(a), rank(b));
        a_rank
            .0
            .cmp(&b_rank.0)
            .then(a_rank.1.total_cmp(&b_rank.1))
            .then(a.node.cmp(&b.node))
    });
    Explanation { candidates }
}

fn first_failing_rule(problem: &Problem, facts: &Facts, n: usize, units: u64, km: f64) -> String {
    let node = &problem.nodes[n];
    let of: f64 = facts.quantity.iter().sum();
    if units == 0 {
        return format!("has 0 of {of} units");
    }
    if facts.capacity[n] == 0.0 {
        return "takes no more units today".to_owned();
    }
    let lacking = problem
        .order
        .lines
        .iter()
        .flat_map(|line| &line.requires)
        .find(|r| !node.provides.contains(r));
    let reached = problem.services.iter().any(|service| {
        service
            .nodes
            .as_ref()
            .is_none_or(|nodes| nodes.contains(&node.id))
            && service.zones.iter().any(|zone| zone.up_to_km >= km)
    });
    match lacking {
        _ if !reached => format!("no service reaches {km:.0} km from here"),
        Some(capability) => format!("does not provide {capability}"),
        None => "sending costs more than leaving it".to_owned(),
    }
}
