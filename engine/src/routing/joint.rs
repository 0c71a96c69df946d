//! All waiting orders together, on the stock and capacity that they share.
//!
//! Taken one by one, an order takes the last unit near it although the next order needs that unit more; looking again
//! before anything is sent saves splits (Xu, Allgor and Graves 2009). Together they are a far larger problem than any of
//! them, but one that hangs together only by its supply. From the outside in:
//!
//! - `window` finds what is contested: SKUs at nodes, and nodes' capacity, of which the orders could together take more
//!   than there is. Orders that nothing comes in the way of are planned once.
//! - `prices` puts a price on each contested unit. Orders then decide alone, each solved exactly by the solver for one
//!   order (by way of `solver`), and what they cost is a bound on what any plans cost together (Lagrangian relaxation,
//!   Geoffrion 1974; for orders and stock Acimovic and Graves 2015). `relaxed` and `scarce` say where to begin, `walk`
//!   how to go on.
//! - `plans` makes plans that fit: in turn at those prices, and then changed together for as long as that pays, with
//!   `group` for the smallest knots. They are never dearer than the orders taken one by one, because they begin there.
//!
//! At the end each order is solved once more on what the others leave, so each single plan is as good as the solver for
//! one order would make it there.

mod group;
pub mod json;
mod plans;
mod prices;
mod relaxed;
mod scarce;
mod solver;
mod walk;
mod window;

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::check::{self, ProblemError};
use super::figures::{self, thousandths};
use super::plan::Plan;
use super::problem::{NodeSpec, OrderSpec, PolicySpec, ServiceSpec};
use plans::{Plans, QUICK, TOLERANCE};
use prices::Prices;
use solver::{Effort, Solver, Way, World};
use window::Window;

/// Orders that wait, and what they share.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JointProblem {
    /// In the order in which they would be taken one by one.
    pub orders: Vec<OrderSpec>,
    pub nodes: Vec<NodeSpec>,
    pub services: Vec<ServiceSpec>,
    pub policy: PolicySpec,
}

/// A plan for each order, none of which takes what another one takes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JointPlan {
    /// In the order of the problem's orders.
    pub plans: Vec<Plan>,
    /// No plans for these orders cost less together.
    #[serde(serialize_with = "figures::compact")]
    pub bound: f64,
    /// What these plans cost together.
    #[serde(serialize_with = "figures::compact")]
    pub total: f64,
    /// What they would cost, each order planned alone in turn on what the ones before it leave.
    #[serde(serialize_with = "figures::compact")]
    pub one_by_one: f64,
}

/// How much work joint planning may do before it settles for the best plans found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JointLimits {
    /// One unit is of the order of a microsecond.
    pub max_explored: u64,
}

impl Default for JointLimits {
    fn default() -> Self {
        JointLimits {
            max_explored: 900_000,
        }
    }
}

/// Plans for all orders together, with the usual limit on work.
pub fn plan_jointly(problem: &JointProblem) -> Result<JointPlan, ProblemError> {
    plan_jointly_with(problem, &JointLimits::default())
}

/// The plans for all orders together that the work limit lets be found.
pub fn plan_jointly_with(
    problem: &JointProblem,
    limits: &JointLimits,
) -> Result<JointPlan, ProblemError> {
    let mut seen = HashSet::new();
    for (i, order) in problem.orders.iter().enumerate() {
        if !seen.insert(&order.id) {
            return Err(ProblemError {
                pointer: format!("#/orders/{i}/id"),
                detail: "each order has an id of its own".to_owned(),
            });
        }
        check::check_order(order, &format!("#/orders/{i}"))?;
    }
    check::check_world(&problem.nodes, &problem.services, &problem.policy)?;
    let window = Window::new(problem);
    let joint = Joint {
        window: &window,
        solver: Solver::new(limits.max_explored),
        free_of_price: vec![0.0; window.supply.len()],
    };
    Ok(joint.plan())
}

/// Rounds of moving the prices and the plans, at most; so many without a gain are enough.
const ROUNDS: u32 = 12;
const IDLE_ROUNDS: u32 = 2;
/// Times that every order is asked at new prices in a round.
const ASKED: u32 = 3;
/// Times that plans are made in turn, guided by the prices.
const GUIDED: u32 = 4;
/// How much of the blame for coming off badly is forgotten from one time to the next.
const FADES: f64 = 0.3;
/// Close enough to the bound, as a share of the total.
const CLOSE: f64 = 1e-4;

/// Joint planning under way.
struct Joint<'a, 'b> {
    window: &'a Window<'b>,
    solver: Solver,
    free_of_price: Vec<f64>,
}

impl Joint<'_, '_> {
    fn plan(mut self) -> JointPlan {
        let (in_turn, settled) = self.one_by_one();
        let one_by_one = cost_of(&in_turn);
        let (best, premium) = relaxed::seek(self.window, &mut self.solver);
        let mut prices = Prices {
            best: Vec::new(),
            bound: f64::NEG_INFINITY,
            premium,
            settled,
            reach: prices::REACH,
        };
        let mut kept: Vec<Vec<Way>> = in_turn.iter().map(|way| vec![way.clone()]).collect();
        prices.ask(self.window, &mut self.solver, &mut kept, &best);
        let start = self.guided(&prices, &mut kept, in_turn);
        let mut plans = Plans::new(self.window, kept, start);
        self.refine(&mut prices, &mut plans);
        let reports = self.settle(&mut plans);
        // Equal but for rounding is equal.
        let total = plans.total().min(one_by_one);
        JointPlan {
            plans: reports,
            bound: thousandths(prices.bound.min(total)),
            total: thousandths(total),
            one_by_one: thousandths(one_by_one),
        }
    }

    /// The orders in the order given; and what those that nothing comes in the way of cost at least.
    fn one_by_one(&mut self) -> (Vec<Way>, f64) {
        let sequence: Vec<usize> = (0..self.window.cases.len()).collect();
        let exactly = |solver: &Solver| Effort {
            max_explored: solver.until(1, 2).max(QUICK.max_explored),
            slack: 0.0,
        };
        let (window, price) = (self.window, &self.free_of_price);
        let answers = Plans::in_turn(window, &mut self.solver, &sequence, price, exactly);
        let alone = answers.iter().zip(&window.cases);
        let settled = alone
            .filter(|(_, case)| !case.contested)
            .map(|((_, least), _)| least)
            .sum();
        (answers.into_iter().map(|(way, _)| way).collect(), settled)
    }

    /// The cheapest of these plans and of some made in turn at the prices. Orders that came off badly, against what
    /// they could have at the prices, come earlier the next time (Joslin and Clements 1999, squeaky wheels).
    fn guided(&mut self, prices: &Prices, kept: &mut [Vec<Way>], mut best: Vec<Way>) -> Vec<Way> {
        let guide = prices.guide();
        let mut blame = vec![0.0; self.window.cases.len()];
        let mut sequence: Vec<usize> = (0..self.window.cases.len()).collect();
        for _ in 0..GUIDED {
            if self.solver.is_past(3, 4) {
                break;
            }
            let solver = &mut self.solver;
            let answers = Plans::in_turn(self.window, solver, &sequence, &guide, |_| QUICK);
            let ways: Vec<Way> = answers.into_iter().map(|(way, _)| way).collect();
            for (o, _) in self.window.contested() {
                let least = prices::cheapest(&kept[o], &prices.best).1;
                let regret = ways[o].at_prices(&prices.best) - least;
                blame[o] = (1.0 - FADES) * blame[o] + regret;
                prices::keep(&mut kept[o], ways[o].clone());
            }
            sequence.sort_unstable_by(|a, b| blame[*b].total_cmp(&blame[*a]).then(a.cmp(b)));
            if cost_of(&ways) < cost_of(&best) {
                best = ways;
            }
        }
        best
    }

    /// Better prices lead to better plans, and what those try are plans that the prices learn from.
    fn refine(&mut self, prices: &mut Prices, plans: &mut Plans) {
        let mut idle = 0;
        for _ in 0..ROUNDS {
            let gap = plans.total() - prices.bound;
            if gap < CLOSE * plans.total() || idle == IDLE_ROUNDS {
                break;
            }
            for _ in 0..ASKED {
                if self.solver.is_past(3, 4) {
                    break;
                }
                prices.improve(self.window, &mut self.solver, &mut plans.kept);
            }
            plans.improve(&mut self.solver, prices);
            if self.solver.is_past(3, 4) {
                break;
            }
            let gained = gap - (plans.total() - prices.bound);
            idle = if gained > TOLERANCE { 0 } else { idle + 1 };
        }
    }

    /// Each order once more and to the end, on what the others leave: no plan is cheaper for any of them alone, and
    /// where that is proved the plan says so.
    fn settle(&mut self, plans: &mut Plans) -> Vec<Plan> {
        let settled = (0..self.window.cases.len()).map(|o| {
            plans.free(o);
            let world = World {
                price: &self.free_of_price,
                left: &plans.left,
            };
            let effort = Effort {
                max_explored: self.solver.until(1, 1).max(QUICK.max_explored),
                slack: 0.0,
            };
            let known = plans.way(o);
            let (way, plan) = self.solver.settle(self.window, o, world, known, effort);
            plans.put_new(o, way);
            plan
        });
        settled.collect()
    }
}

fn cost_of(ways: &[Way]) -> f64 {
    ways.iter().map(|way| way.cost).sum()
}
