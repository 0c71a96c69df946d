//! The solver as a browser runs it. `scripts/same-plans.sh` compares its plans with those of this machine.
#![cfg(target_arch = "wasm32")]

use wasm_bindgen::prelude::wasm_bindgen;

/// A plan for each problem, as lines of JSON.
#[wasm_bindgen]
pub fn plans(problems: &[u8]) -> Vec<u8> {
    let mut plans = Vec::new();
    // Writing to memory does not fail.
    let _ = engine::routing::jsonl::run(problems, &mut plans, None);
    plans
}
