//! Totals that HiGHS proved, kept as a file: `scripts/milp-totals.sh` makes it again.

use super::{sample, sound_plan};

#[derive(serde::Deserialize)]
struct Answer {
    id: String,
    total: f64,
    proved: bool,
}

#[test]
fn of_three_hundred_middle_problems_each_total_is_the_one_that_highs_proved() {
    let text = include_str!("../cases/milp-totals.jsonl");
    let mut count = 0;
    for (id, line) in text.lines().enumerate() {
        let answer: Answer = serde_json::from_str(line).unwrap();
        let problem = sample::problem(id as u64, 7, sample::MIDDLE);
        assert_eq!(answer.id, problem.order.id);
        assert!(answer.proved);
        let plan = sound_plan(&problem);
        assert!(plan.optimal, "{} is not proved", answer.id);
        assert!(
            (plan.cost.total - answer.total).abs() < 0.01,
            "{}: {} and {}",
            answer.id,
            plan.cost.total,
            answer.total
        );
        count += 1;
    }
    assert_eq!(count, 300);
}
