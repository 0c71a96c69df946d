//! Real baskets over the demonstration's network: the solver for one order on what the router really asked it, and
//! waiting orders planned together, beside other ways to route. Prints figures and ratios; never fails on time.
//!
//! `BATON_BENCH_PYTHON` names a Python with `highspy` (`scripts/bench.sh` sees to it); without one HiGHS is left out.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

mod asked;
#[path = "../../../engine/tests/support/highs.rs"]
mod highs;
mod other_ways;
mod windows;

use std::time::{Duration, Instant};

use engine::routing::joint::{JointPlan, JointProblem, plan_jointly};
use engine::routing::plan;
use other_ways::Routed;
use windows::Stock;

const SEEDS: [u64; 3] = [1, 2, 3];

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    let problems = runtime.block_on(asked::problems(2_000));
    one_order(&problems);
    println!(
        "waiting orders together, the same baskets and network, {} seeds each",
        SEEDS.len()
    );
    println!(
        "  orders stock     ms |     greedy by distance |   fewest, then nearest |        one order at a time |  gap to bound"
    );
    println!(
        "                      |        cost   packages |        cost   packages |        cost      packages |  mean    most"
    );
    for orders in [60, 250, 1_000] {
        for share in [1.0, 1.5, 3.0] {
            let windows =
                SEEDS.map(|seed| windows::window(&problems, orders, Stock { share, seed }));
            compare(orders, share, &windows);
        }
    }
    beside_highs(&problems);
}

fn one_order(problems: &[engine::routing::Problem]) {
    let mut times: Vec<Duration> = Vec::with_capacity(problems.len());
    let mut proved = 0;
    for problem in problems {
        let start = Instant::now();
        let plan = plan(problem).unwrap();
        times.push(start.elapsed());
        proved += usize::from(plan.optimal);
    }
    let all: Duration = times.iter().sum();
    times.sort_unstable();
    let us = |share: usize| times[(times.len() - 1) * share / 100].as_secs_f64() * 1e6;
    println!(
        "one order, {} real baskets over the demonstration's {} nodes: p50 {:.0} µs  p99 {:.0} µs  max {:.0} µs, \
         proved {proved}, {:.0} solves/s on one core",
        problems.len(),
        problems[0].nodes.len(),
        us(50),
        us(99),
        us(100),
        times.len() as f64 / all.as_secs_f64(),
    );
}

/// One line of the table: how much more than planned together the other ways cost and send, over the windows.
fn compare(orders: usize, share: f64, windows: &[JointProblem]) {
    let mut took = Duration::ZERO;
    let (mut sums, mut gaps) = ([Routed::default(); 4], Vec::new());
    for window in windows {
        let start = Instant::now();
        let plan = plan_jointly(window).unwrap();
        took += start.elapsed();
        gaps.push((plan.total - plan.bound) / plan.total);
        let ways = [
            together(&plan),
            other_ways::greedy_by_distance(window),
            other_ways::fewest_then_nearest(window),
            other_ways::one_by_one(window),
        ];
        for (sum, way) in sums.iter_mut().zip(ways) {
            sum.add(way);
        }
    }
    let [together, greedy, fewest, alone] = sums;
    let more = |way: Routed| {
        let packages = way.packages as f64 / together.packages as f64 - 1.0;
        format!(
            "{:>+10.2} % {:>+8.2} %",
            100.0 * (way.cost / together.cost - 1.0),
            100.0 * packages
        )
    };
    let mean = gaps.iter().sum::<f64>() / gaps.len() as f64;
    println!(
        "  {orders:>6} {share:>5.1} {:>6.0} | {} | {} | {:>5}{} | {:>5.2} % {:>5.2} %",
        took.as_secs_f64() * 1e3 / windows.len() as f64,
        more(greedy),
        more(fewest),
        "",
        more(alone),
        100.0 * mean,
        100.0 * gaps.iter().copied().fold(0.0, f64::max)
    );
}

fn together(plan: &JointPlan) -> Routed {
    Routed {
        cost: plan.total,
        packages: plan.plans.iter().map(|plan| plan.packages.len()).sum(),
    }
}

/// The share of what HiGHS gains over one order at a time, on windows that it can solve.
fn beside_highs(problems: &[engine::routing::Problem]) {
    let windows = [1.0, 1.5, 3.0].map(|share| {
        let stock = Stock { share, seed: 1 };
        windows::window(problems, 60, stock)
    });
    let Some(answers) = highs::answers(&windows, 60, true) else {
        println!("  HiGHS is not here: scripts/bench.sh installs it");
        return;
    };
    for (window, answer) in windows.iter().zip(answers) {
        let start = Instant::now();
        let plan = plan_jointly(window).unwrap();
        let took = start.elapsed().as_secs_f64() * 1e3;
        let gain = (plan.one_by_one - plan.total) / (plan.one_by_one - answer.total);
        println!(
            "  {} orders: HiGHS{} {:.2} in {:.0} ms, Baton {:.2} in {took:.0} ms, one by one {:.2}: {:.0} % of its gain",
            window.orders.len(),
            if answer.proved {
                ""
            } else {
                " (not to the end)"
            },
            answer.total,
            answer.ms,
            plan.total,
            plan.one_by_one,
            100.0 * gain
        );
    }
}
