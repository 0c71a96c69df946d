//! Solves routing problems from standard input, one JSON a line, like `baton route` but built in seconds.

fn main() -> std::io::Result<()> {
    let (input, output) = (std::io::stdin().lock(), std::io::stdout().lock());
    engine::routing::jsonl::run(input, output, None)?;
    Ok(())
}
