//! `baton route`: one problem a line in, one plan a line out.

use std::io::{self, BufRead, Write};
use std::time::Instant;

use super::{Problem, plan};

/// Solves every line; returns whether all of them were problems. With `timing`, how long solving took goes there, in
/// microseconds and without reading and writing.
pub fn run(
    mut input: impl BufRead,
    mut output: impl Write,
    timing: Option<&mut dyn Write>,
) -> io::Result<bool> {
    let (mut all_fine, mut times_us) = (true, timing.is_some().then(Vec::new));
    let mut line = Vec::new();
    while {
        line.clear();
        input.read_until(b'\n', &mut line)? > 0
    } {
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        let text = match solve(&line, times_us.as_mut()) {
            Ok(text) => text,
            Err(text) => {
                all_fine = false;
                text
            }
        };
        writeln!(output, "{text}")?;
    }
    output.flush()?;
    if let Some((timing, mut times_us)) = timing.zip(times_us) {
        times_us.sort_unstable();
        let at = |share: usize| {
            times_us
                .get(times_us.len().saturating_sub(1) * share / 100)
                .copied()
                .unwrap_or(0)
        };
        writeln!(
            timing,
            "count {} p50 {} p99 {} max {}",
            times_us.len(),
            at(50),
            at(99),
            at(100)
        )?;
    }
    Ok(all_fine)
}

fn solve(line: &[u8], times_us: Option<&mut Vec<u128>>) -> Result<String, String> {
    let refuse = |pointer: &str, detail: String| {
        serde_json::json!({ "error": { "pointer": pointer, "detail": detail } }).to_string()
    };
    let problem: Problem =
        serde_json::from_slice(line).map_err(|error| refuse("#", error.to_string()))?;
    // There is no clock in a browser's engine, and only who asks for figures needs one.
    let answer = match times_us {
        Some(times_us) => {
            let start = Instant::now();
            let answer = plan(&problem);
            times_us.push(start.elapsed().as_micros());
            answer
        }
        None => plan(&problem),
    };
    let plan = answer.map_err(|error| refuse(&error.pointer, error.detail))?;
    serde_json::to_string(&plan).map_err(|error| refuse("#", error.to_string()))
}
