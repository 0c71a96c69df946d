//! The solver for one order on random problems that are made to be hard: beside HiGHS on the same problems in the same
//! run, how it grows, and how often it allocates. Prints figures and ratios; never fails on time.
//!
//! `BATON_BENCH_PYTHON` names a Python with `highspy` (`scripts/bench.sh` sees to it); without one HiGHS is left out.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

#[path = "../../tests/support/highs.rs"]
mod highs;
#[path = "../../tests/support/sample.rs"]
mod sample;

use std::time::{Duration, Instant};

use engine::routing::{Plan, Problem, plan};
use sample::Shape;

fn main() {
    let small = problems(sample::SMALL, 300);
    let big = problems(sample::BIG, 40);
    println!("one order, random problems made to be hard, one core");
    against_highs("1 to 60 nodes, 1 to 20 lines", &small);
    against_highs("100 to 500 nodes, 1 to 20 lines", &big);
    growth();
}

fn problems(shape: Shape, count: u64) -> Vec<Problem> {
    (0..count).map(|id| sample::problem(id, 7, shape)).collect()
}

/// The answer, and the shortest of three times that it took: what the solver needs and not what the machine did beside.
fn solve(problem: &Problem) -> (Plan, Duration) {
    let times = [(); 3].map(|()| {
        let start = Instant::now();
        let plan = plan(problem).unwrap();
        (start.elapsed(), plan)
    });
    let [(a, plan), (b, _), (c, _)] = times;
    (plan, a.min(b).min(c))
}

fn allocations(problem: &Problem) -> u64 {
    let counted = allocation_counter::measure(|| drop(plan(problem)));
    counted.count_total
}

fn against_highs(name: &str, problems: &[Problem]) {
    let solved: Vec<(Plan, Duration)> = problems.iter().map(solve).collect();
    let proved = solved.iter().filter(|(plan, _)| plan.optimal).count();
    let mut ours: Vec<f64> = solved.iter().map(|(_, took)| ms(*took)).collect();
    ours.sort_unstable_by(f64::total_cmp);
    println!("  {name}: {} problems", problems.len());
    println!("    Baton  {}  proved {proved}", percentiles(&ours));
    let counts: Vec<f64> = problems
        .iter()
        .map(|problem| allocations(problem) as f64)
        .collect();
    let explored: u64 = solved.iter().map(|(plan, _)| plan.explored).sum();
    println!(
        "    {:.0} allocations a solve in the median, {:.2} for each partial plan looked at",
        median(&counts),
        counts.iter().sum::<f64>() / explored.max(1) as f64
    );
    let Some(answers) = highs::answers(problems, 60, false) else {
        println!("    HiGHS is not here: scripts/bench.sh installs it");
        return;
    };
    let mut theirs: Vec<f64> = answers.iter().map(|answer| answer.ms).collect();
    theirs.sort_unstable_by(f64::total_cmp);
    let known = answers.iter().filter(|answer| answer.proved).count();
    println!("    HiGHS  {}  proved {known}", percentiles(&theirs));
    let both = solved
        .iter()
        .zip(&answers)
        .filter(|((plan, _), answer)| plan.optimal && answer.proved);
    let differ = both
        .clone()
        .filter(|((plan, _), answer)| (plan.cost.total - answer.total).abs() > 0.01);
    println!(
        "    times faster: p50 {:.0}, p99 {:.0}; of {} totals that both prove {} differ",
        at(&theirs, 50) / at(&ours, 50),
        at(&theirs, 99) / at(&ours, 99),
        both.count(),
        differ.count()
    );
}

fn growth() {
    println!("  growth, median of 15 problems each");
    for (word, sizes) in [
        ("nodes", &[10, 30, 100, 300, 1_000, 3_000, 10_000][..]),
        ("lines", &[1, 2, 5, 10, 20, 40, 60][..]),
    ] {
        for size in sizes {
            let (nodes, lines) = if word == "nodes" {
                (*size, 5)
            } else {
                (60, *size)
            };
            let shape = Shape {
                nodes: (nodes, nodes),
                lines: (lines, lines),
                quantity: 6,
                log: false,
            };
            let solved: Vec<(Plan, Duration)> = problems(shape, 15).iter().map(solve).collect();
            let times: Vec<f64> = solved.iter().map(|(_, took)| ms(*took)).collect();
            let proved = solved.iter().filter(|(plan, _)| plan.optimal).count();
            println!(
                "    {nodes:>6} nodes {lines:>3} lines {:>10.3} ms, proved {proved} of 15",
                median(&times)
            );
        }
    }
}

fn ms(took: Duration) -> f64 {
    took.as_secs_f64() * 1e3
}

fn at(sorted: &[f64], share: usize) -> f64 {
    sorted[(sorted.len() - 1) * share / 100]
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    at(&sorted, 50)
}

fn percentiles(sorted: &[f64]) -> String {
    format!(
        "p50 {:>9.3} ms  p90 {:>9.3} ms  p99 {:>9.3} ms  max {:>9.3} ms",
        at(sorted, 50),
        at(sorted, 90),
        at(sorted, 99),
        at(sorted, 100)
    )
}
