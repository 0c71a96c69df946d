//! The cheapest plan for an order, and why.
//!
//! [`plan`] is the one entry point. A plan is a set of packages (node and service) and an assignment of units to them:
//! facility location with quantities, stock, capacity and a limit on packages. The search opens packages one by one,
//! cheapest completion first, and prunes with a lower bound: what is opened, plus every unit at the cheapest way that
//! is still possible, plus the cheapest package that could still be opened. With a set opened, the units are assigned
//! exactly by a minimum-cost flow.

mod assign;
mod explain;
mod figures;
pub mod jsonl;
mod options;
mod plan;
mod problem;
mod search;

pub use explain::{Candidate, Explanation, Verdict, explain};
pub use options::ProblemError;
pub use plan::{Cost, Limits, Package, PackageCost, PackageLine, Plan, Unfilled, UnfilledReason};
pub use problem::{
    Destination, HandlingSpec, LineSpec, NodeSpec, OrderSpec, PolicySpec, Problem, ServiceSpec,
};

pub use crate::model::Zone;

/// The cheapest plan, with the usual limit on work.
pub fn plan(problem: &Problem) -> Result<Plan, ProblemError> {
    plan_with(problem, &Limits::default())
}

/// The cheapest plan that the work limit lets be found; `optimal` says whether it is proved.
pub fn plan_with(problem: &Problem, limits: &Limits) -> Result<Plan, ProblemError> {
    options::check(problem)?;
    let facts = options::Facts::new(problem);
    let found = search::search(&facts, *limits);
    Ok(search::report(problem, &facts, &found))
}

#[cfg(test)]
mod tests;
