//! Each node's part in a decision, down to what would have changed it.
//!
//! A node is *chosen*, *feasible* or *excluded*. For an excluded one the first rule that failed is named with its
//! numbers. For a feasible one the cheapest plan that has a package from it is found (`with_node`), and compared with
//! the chosen one part by part; for a chosen one the cheapest plan without it. Then the smallest single change is
//! sought that would bring a node into the plan (`change`), and each is tried: the problem so changed is solved again,
//! and once more with one step less.

mod change;
mod with_node;

pub use change::Change;

use serde::{Deserialize, Serialize};

use self::change::Seeker;
use super::facts::Facts;
use super::figures::{self, thousandths};
use super::plan::{Cost, Limits, Plan};
use super::problem::Problem;
use super::report::is_reached;
use super::search;
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
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub excluded_because: Option<String>,
    /// In minor units. For a feasible node: what the cheapest plan with a package from it costs more than the chosen
    /// plan. For a chosen one: what the cheapest plan without it does, which is how much dearer it could get.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost_gap: Option<f64>,
    /// The same, part by part; a part may be below 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gap_by_part: Option<Cost>,
    /// The smallest single changes that would bring it into the plan, at most one of each kind, the one that needs
    /// least of what there is first. Empty for a chosen node, and where no single change would do.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<Change>,
    /// Whether changes were sought; they are not beyond the work limit.
    #[serde(default)]
    pub changes_sought: bool,
}

/// What sending an order in more than one package is worth.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Split {
    /// Days in transit of the chosen plan's slowest package.
    pub transit_days: u32,
    /// The cheapest plan of a single package.
    pub single: SinglePackage,
}

/// The cheapest plan of one package only.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SinglePackage {
    pub node: String,
    pub service: String,
    /// Its total in minor units, with what it leaves unfilled.
    #[serde(serialize_with = "figures::compact")]
    pub total: f64,
    /// What that is more than the chosen plan.
    #[serde(serialize_with = "figures::compact")]
    pub costs_more: f64,
    /// Units that it could not send.
    pub unfilled_units: u64,
    pub transit_days: u32,
    pub late: bool,
}

/// Why a plan is as it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Explanation {
    /// Chosen ones first, then feasible ones by their gap, then excluded ones by distance.
    pub candidates: Vec<Candidate>,
    /// Where the plan has several packages: what one would have cost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub split: Option<Split>,
    /// What the cheapest plan without one of the chosen nodes costs more: how clear the decision was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runner_up_costs_more: Option<f64>,
}

/// Work that an explanation may do in all, as [`Limits::max_explored`] counts: some tenths of a second. What is beyond
/// comes back without gap or changes.
const WORK: u64 = 100_000;
/// Of which a single solve may do so much.
const SOLVE_MOST: u64 = 10_000;

/// Explains the plan of a problem.
pub fn explain(problem: &Problem, plan: &Plan) -> Explanation {
    let facts = Facts::new(problem);
    let mut work = Work { left: WORK };
    let mut candidates: Vec<Candidate> = (0..problem.nodes.len())
        .map(|n| verdict(problem, &facts, plan, n))
        .collect();
    for (n, candidate) in candidates.iter_mut().enumerate() {
        if work.left == 0 {
            break;
        }
        let other = match candidate.verdict {
            Verdict::Chosen => with_node::plan_without(problem, n, &mut work),
            Verdict::Feasible => with_node::plan_with(problem, &facts, n, &mut work),
            Verdict::Excluded => None,
        };
        if let Some(cost) = other {
            candidate.cost_gap = Some(thousandths(cost.total - plan.cost.total));
            candidate.gap_by_part = Some(cost.less(&plan.cost));
        }
    }
    // The likeliest ones first, as long as the work lasts.
    let mut order: Vec<usize> = (0..candidates.len())
        .filter(|n| candidates[*n].verdict != Verdict::Chosen)
        .collect();
    let key = |n: &usize| {
        (
            candidates[*n].cost_gap.unwrap_or(f64::INFINITY),
            candidates[*n].distance_km,
        )
    };
    order.sort_by(|a, b| {
        key(a)
            .0
            .total_cmp(&key(b).0)
            .then(key(a).1.total_cmp(&key(b).1))
            .then(a.cmp(b))
    });
    let seeker = Seeker::new(problem);
    for n in order {
        let gap = candidates[n].cost_gap;
        if plan.optimal && work.left > 0 {
            candidates[n].changes = seeker.changes(n, gap, &mut work);
            candidates[n].changes_sought = true;
        }
    }
    let runner_up_costs_more = candidates
        .iter()
        .filter(|c| c.verdict == Verdict::Chosen)
        .filter_map(|c| c.cost_gap)
        .min_by(f64::total_cmp);
    candidates.sort_by(|a, b| {
        let (a_rank, b_rank) = (rank(a), rank(b));
        a_rank
            .0
            .cmp(&b_rank.0)
            .then(a_rank.1.total_cmp(&b_rank.1))
            .then(a.node.cmp(&b.node))
    });
    let split = (plan.packages.len() > 1)
        .then(|| split(problem, plan, &mut work))
        .flatten();
    Explanation {
        candidates,
        split,
        runner_up_costs_more,
    }
}

fn rank(candidate: &Candidate) -> (u8, f64) {
    match candidate.verdict {
        Verdict::Chosen => (0, 0.0),
        Verdict::Feasible => (1, candidate.cost_gap.unwrap_or(f64::INFINITY)),
        Verdict::Excluded => (2, candidate.distance_km),
    }
}

/// What is left of the work limit. It is counted and not timed, so that the answer is always the same.
struct Work {
    left: u64,
}

impl Work {
    /// Solves within what is left; `None` where that does not suffice for a proof.
    fn solve(&mut self, facts: &Facts) -> Option<search::Found> {
        if self.left == 0 {
            return None;
        }
        let limits = Limits {
            max_explored: self.left.min(SOLVE_MOST),
        };
        let found = search::search(facts, limits);
        // Reading the problem counts too.
        let reading = 2 + (facts.stock.len() / 64) as u64;
        self.left = self.left.saturating_sub(reading + found.work);
        found.proved.then_some(found)
    }
}

fn verdict(problem: &Problem, facts: &Facts, plan: &Plan, n: usize) -> Candidate {
    let node = &problem.nodes[n];
    let to = &problem.order.destination;
    let km = geo::distance_km(node.lat, node.lon, to.lat, to.lon);
    let wanted = |sku: usize| -> f64 {
        (0..facts.lines())
            .filter(|j| facts.sku[*j] as usize == sku)
            .map(|j| facts.quantity[j])
            .sum()
    };
    let units: f64 = (0..facts.skus)
        .map(|sku| facts.held(n as u32, sku as u32).min(wanted(sku)))
        .sum();
    let of_units: f64 = facts.quantity.iter().sum();
    let (verdict, excluded_because) = if plan.packages.iter().any(|package| package.node == node.id)
    {
        (Verdict::Chosen, None)
    } else if facts.choices.iter().any(|choice| choice.node as usize == n) {
        (Verdict::Feasible, None)
    } else {
        (
            Verdict::Excluded,
            Some(first_failing_rule(problem, facts, n, units, km)),
        )
    };
    Candidate {
        node: node.id.clone(),
        verdict,
        distance_km: thousandths(km),
        units: units as u64,
        of_units: of_units as u64,
        excluded_because,
        cost_gap: None,
        gap_by_part: None,
        changes: Vec::new(),
        changes_sought: false,
    }
}

/// Why a node can send nothing of the order, in the order in which one would look.
fn first_failing_rule(problem: &Problem, facts: &Facts, n: usize, units: f64, km: f64) -> String {
    let node = &problem.nodes[n];
    let of: f64 = facts.quantity.iter().sum();
    if units == 0.0 {
        return format!("has 0 of {of} units");
    }
    if facts.capacity[n] == 0.0 {
        return "takes 0 units more today".to_owned();
    }
    let held = |line: &&super::problem::LineSpec| {
        node.stock.get(&line.sku).is_some_and(|units| *units > 0)
    };
    let lacks = |line: &super::problem::LineSpec| {
        line.requires
            .iter()
            .find(|r| !node.provides.contains(r))
            .cloned()
    };
    let lacking: Vec<Option<String>> = problem.order.lines.iter().filter(held).map(lacks).collect();
    if lacking.iter().all(Option::is_some)
        && let Some(capability) = lacking.into_iter().flatten().next()
    {
        return format!("does not provide {capability}");
    }
    if !is_reached(problem.parts(), n) {
        let furthest = problem
            .services
            .iter()
            .filter(|service| service.serves(&node.id))
            .flat_map(|service| &service.zones)
            .map(|zone| zone.up_to_km)
            .max_by(f64::total_cmp);
        return match furthest {
            None => "has no service".to_owned(),
            Some(furthest) => format!("{km:.0} km away, its services reach {furthest:.0} km"),
        };
    }
    format!(
        "a unit from here costs more than the {} that leaving it costs",
        facts.unfilled
    )
}

/// What one package would have cost instead of several.
fn split(problem: &Problem, plan: &Plan, work: &mut Work) -> Option<Split> {
    let mut one = problem.clone();
    one.policy.max_packages = Some(1);
    let facts = Facts::new(&one);
    let found = work.solve(&facts)?;
    let single = super::report::report(one.parts(), &facts, &found);
    let package = single.packages.first()?;
    let days = |package: &super::plan::Package| {
        let node = problem.nodes.iter().find(|node| node.id == package.node)?;
        let service = problem
            .services
            .iter()
            .find(|service| service.id == package.service)?;
        let to = &problem.order.destination;
        let zone = super::facts::zone_at(
            service,
            geo::distance_km(node.lat, node.lon, to.lat, to.lon),
        )?;
        Some(service.zones[zone].transit_days)
    };
    Some(Split {
        transit_days: plan.packages.iter().filter_map(days).max()?,
        single: SinglePackage {
            node: package.node.clone(),
            service: package.service.clone(),
            total: single.cost.total,
            costs_more: thousandths(single.cost.total - plan.cost.total),
            unfilled_units: single.unfilled.iter().map(|u| u64::from(u.quantity)).sum(),
            transit_days: days(package)?,
            late: package.late,
        },
    })
}
