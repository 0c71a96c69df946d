//! The cheapest plan for an order, proved, and why.
//!
//! [`plan`] is the one entry point. A plan is a set of packages (node and service) and an assignment of units to them:
//! facility location with quantities, stock, capacity, shared SKUs and a limit on packages, which is NP-hard. How the
//! cheapest one is found and proved, from the outside in:
//!
//! - `facts` turns the problem into numbers: what each package costs whatever is in it, and what a unit sent that way
//!   saves against leaving it.
//! - `greedy` finds a first plan: open what gains most, then exchange packages one by one.
//! - `search` is a branch and bound (Land and Doig 1960) over the packages, depth first. It branches on how many
//!   packages the plan has, on how many units it sends where an unfilled unit costs far more than anything else, and
//!   then on packages.
//! - `relax` bounds a branch: the Lagrangian relaxation of "no more of a line than it asks for" (Geoffrion 1974; for
//!   facility location Beasley 1993). Nodes then decide alone, in one pass over their offers. The same pass says which
//!   packages cannot be part of a better plan and which have to be.
//! - `ascent` moves the relaxation's prices to where the bound is least: Shor's r-algorithm. Each branch goes on with
//!   the prices and the metric of the one above it.
//! - `assign` fills a set of opened packages exactly: each line where it saves most, and where a node's capacity or a
//!   SKU that lines share overflows, cheapest augmenting paths move units away (Ahuja, Magnanti and Orlin 1993, 9.7).
//! - `report` writes the plan, `explain` each node's part in it.
//! - [`joint`] plans many orders together on the same stock and capacity.
//!
//! Sums are over at most a few hundred numbers, so equal totals are told apart only beyond [`Plan::cost`]'s precision
//! of a thousandth. Nothing depends on the platform, on time or on a random number.

mod ascent;
mod assign;
mod check;
mod explain;
mod facts;
mod figures;
mod greedy;
pub mod joint;
pub mod jsonl;
mod plan;
mod problem;
mod relax;
mod report;
mod search;
mod supply;

pub use check::ProblemError;
pub use explain::{Candidate, Change, Explanation, SinglePackage, Split, Verdict, explain};
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
    check::check(problem)?;
    let facts = facts::Facts::new(problem);
    let found = search::search(&facts, *limits);
    Ok(report::report(problem.parts(), &facts, &found))
}

#[cfg(test)]
mod tests;
