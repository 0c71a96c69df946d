//! Input that nobody would send in good faith.

use engine::routing::{Limits, Problem, plan_with};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{check_sound, sample};

pub fn strange() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        Just(json!(0)),
        Just(json!(-1)),
        Just(json!(1)),
        Just(json!(u64::MAX)),
        Just(json!(10_000_000)),
        Just(json!(1e12)),
        Just(json!(1e300)),
        Just(json!(1e-300)),
        Just(json!(-0.0)),
        Just(json!("")),
        Just(json!([])),
        Just(json!({})),
        Just(json!(true)),
        any::<f64>().prop_map(|x| json!(x)),
        "\\PC{0,3}".prop_map(|s| json!(s)),
    ]
}

/// Replaces what the steps lead to; a step is taken modulo what is there.
pub fn put(value: &mut Value, steps: &[usize], new: &Value, remove: bool) {
    let Some((step, rest)) = steps.split_first() else {
        *value = new.clone();
        return;
    };
    match value {
        Value::Object(map) if !map.is_empty() => {
            let key = map
                .keys()
                .nth(step % map.len())
                .cloned()
                .unwrap_or_default();
            if remove && rest.is_empty() {
                map.remove(&key);
            } else if let Some(inner) = map.get_mut(&key) {
                put(inner, rest, new, remove);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            let at = step % items.len();
            if remove && rest.is_empty() {
                items.remove(at);
            } else {
                put(&mut items[at], rest, new, remove);
            }
        }
        _ => *value = new.clone(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]
    #[test]
    fn whatever_parses_is_solved_or_refused_and_never_panics(
        id in 0u64..500,
        changes in prop::collection::vec((prop::collection::vec(0usize..9, 1..6), strange(), any::<bool>()), 1..6),
    ) {
        let mut value = json!(sample::problem(id, 9, sample::TINY));
        for (steps, new, remove) in &changes {
            put(&mut value, steps, new, *remove);
        }
        let text = value.to_string();
        if let Ok(problem) = serde_json::from_str::<Problem>(&text)
            && let Ok(plan) = plan_with(&problem, &Limits { max_explored: 2_000 })
        {
            let sums = problem.order.lines.iter().all(|line| f64::from(line.quantity) * problem.policy.unfilled_per_unit < 1e9);
            if sums && plan.cost.total < 1e9 {
                check_sound(&problem, &plan);
            }
            prop_assert!(plan.cost.total.is_finite());
        }
    }

    #[test]
    fn bytes_that_are_no_problem_get_a_line_that_says_so(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
        let mut out = Vec::new();
        engine::routing::jsonl::run(&bytes[..], &mut out, None).unwrap();
        for line in String::from_utf8(out).unwrap().lines() {
            let answer: Value = serde_json::from_str(line).unwrap();
            prop_assert!(answer["error"]["detail"].is_string());
        }
    }
}
