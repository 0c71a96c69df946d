//! HiGHS on the same problems, by way of `scripts/milp.py`, for the benches.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use serde::{Deserialize, Serialize};

/// What HiGHS said to one problem.
#[derive(Deserialize)]
pub struct Answer {
    pub total: f64,
    pub proved: bool,
    /// Solving alone.
    pub ms: f64,
}

/// Its answers, with so many seconds for each, or nothing where there is no HiGHS.
pub fn answers<P: Serialize>(problems: &[P], seconds: u32, joint: bool) -> Option<Vec<Answer>> {
    let python = std::env::var("BATON_BENCH_PYTHON").ok()?;
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scripts/milp.py");
    let mut child = Command::new(python)
        .arg(script)
        .args(["--limit", &seconds.to_string()])
        .args(joint.then_some("--joint"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .ok()?;
    let mut input = child.stdin.take()?;
    let lines: Vec<String> = problems
        .iter()
        .map(|problem| serde_json::to_string(problem).unwrap())
        .collect();
    let writing = std::thread::spawn(move || {
        for line in lines {
            writeln!(input, "{line}").unwrap();
        }
    });
    let output = child.wait_with_output().ok()?;
    writing.join().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let answers: Vec<Answer> = text
        .lines()
        .filter(|line| line.starts_with('{'))
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    (answers.len() == problems.len()).then_some(answers)
}
