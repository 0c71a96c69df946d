//! Prints random routing problems, one JSON a line: `problems SHAPE COUNT SEED`, SHAPE being tiny, small, middle, big, or
//! window for waiting orders on shared stock.

#[path = "../tests/support/sample.rs"]
mod sample;

fn main() {
    let mut words = std::env::args().skip(1);
    let word = words.next();
    let shape = match word.as_deref() {
        Some("tiny") => sample::TINY,
        Some("middle") => sample::MIDDLE,
        Some("big") => sample::BIG,
        _ => sample::SMALL,
    };
    let mut number = |otherwise| {
        words
            .next()
            .and_then(|word| word.parse().ok())
            .unwrap_or(otherwise)
    };
    let (count, seed) = (number(100), number(1));
    for id in 0..count {
        if word.as_deref() == Some("window") {
            let window = sample::window(id, seed, sample::WINDOW);
            println!("{}", serde_json::json!(window));
        } else {
            let problem = sample::problem(id, seed, shape);
            println!("{}", serde_json::json!(problem));
        }
    }
}
