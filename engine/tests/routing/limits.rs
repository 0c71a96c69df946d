//! What is promised of a solve that is cut off, and of one that is repeated.

use engine::routing::{Limits, plan, plan_with};

use super::{check_sound, sample};

#[test]
fn a_solve_that_is_cut_off_returns_a_plan_and_a_gap_that_holds() {
    let mut cut_off = 0;
    for id in 0..60 {
        let problem = sample::problem(id, 5, sample::MIDDLE);
        let best = plan(&problem).unwrap().cost.total;
        for max_explored in [0, 1, 3, 10, 100] {
            let plan = plan_with(&problem, &Limits { max_explored }).unwrap();
            check_sound(&problem, &plan);
            let total = plan.cost.total;
            if plan.optimal {
                assert_eq!(plan.gap, None);
                assert!(
                    (total - best).abs() < 0.002,
                    "problem {id}: {total} called optimal, {best} is"
                );
            } else {
                cut_off += 1;
                let gap = plan.gap.unwrap();
                // The gap is given to a thousandth.
                assert!(
                    total * (1.0 - gap - 0.001) <= best,
                    "problem {id}: {total}, {best}, gap {gap}"
                );
            }
        }
    }
    assert!(cut_off > 50, "the limits were meant to bind: {cut_off}");
}

#[test]
fn the_same_problem_gives_the_same_plan() {
    for id in 0..50 {
        let problem = sample::problem(id, 3, sample::SMALL);
        let text = |problem| serde_json::to_string(&plan(problem).unwrap()).unwrap();
        let again = serde_json::from_str(&serde_json::to_string(&problem).unwrap()).unwrap();
        assert_eq!(text(&problem), text(&again));
    }
}
