//! `baton route --joint`: one object of orders in, one object of plans out.

use std::io::{self, Read, Write};
use std::time::Instant;

use super::{JointProblem, plan_jointly};
use crate::routing::ProblemError;

/// Plans the orders; returns whether the input was a problem. With `timing`, how many orders and milliseconds go there.
pub fn run(
    mut input: impl Read,
    mut output: impl Write,
    timing: Option<&mut dyn Write>,
) -> io::Result<bool> {
    let mut text = Vec::new();
    input.read_to_end(&mut text)?;
    let start = Instant::now();
    let answer = answer(&text);
    let took_ms = start.elapsed().as_millis();
    let (text, orders) = match &answer {
        Ok((text, orders)) => (text.clone(), *orders),
        Err(error) => (serde_json::json!({ "error": error }).to_string(), 0),
    };
    writeln!(output, "{text}")?;
    output.flush()?;
    if let Some(timing) = timing {
        writeln!(timing, "orders {orders} ms {took_ms}")?;
    }
    Ok(answer.is_ok())
}

fn answer(text: &[u8]) -> Result<(String, usize), ProblemError> {
    let refuse = |error: serde_json::Error| ProblemError {
        pointer: "#".to_owned(),
        detail: error.to_string(),
    };
    let problem: JointProblem = serde_json::from_slice(text).map_err(refuse)?;
    let plan = plan_jointly(&problem)?;
    let text = serde_json::to_string(&plan).map_err(refuse)?;
    Ok((text, problem.orders.len()))
}
