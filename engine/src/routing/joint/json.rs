//! `baton route --joint`: one object of orders in, one object of plans out.

use std::io::{self, Read, Write};
use std::time::{Duration, Instant};

use super::{JointProblem, plan_jointly};
use crate::routing::ProblemError;

/// Plans the orders; returns whether the input was a problem. With `timing`, how many orders and how many milliseconds
/// planning took go there, without reading and writing.
pub fn run(
    mut input: impl Read,
    mut output: impl Write,
    timing: Option<&mut dyn Write>,
) -> io::Result<bool> {
    let mut text = Vec::new();
    input.read_to_end(&mut text)?;
    let answer = answer(&text);
    match &answer {
        Ok(answer) => writeln!(output, "{}", answer.text)?,
        Err(error) => writeln!(output, "{}", serde_json::json!({ "error": error }))?,
    }
    output.flush()?;
    if let (Some(timing), Ok(answer)) = (timing, &answer) {
        let Answer { orders, took, .. } = answer;
        writeln!(timing, "orders {orders} ms {}", took.as_millis())?;
    }
    Ok(answer.is_ok())
}

struct Answer {
    text: String,
    orders: usize,
    took: Duration,
}

fn answer(text: &[u8]) -> Result<Answer, ProblemError> {
    let refuse = |error: serde_json::Error| ProblemError {
        pointer: "#".to_owned(),
        detail: error.to_string(),
    };
    let problem: JointProblem = serde_json::from_slice(text).map_err(refuse)?;
    let start = Instant::now();
    let plan = plan_jointly(&problem)?;
    let took = start.elapsed();
    Ok(Answer {
        text: serde_json::to_string(&plan).map_err(refuse)?,
        orders: problem.orders.len(),
        took,
    })
}
