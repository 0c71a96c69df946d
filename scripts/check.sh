#!/usr/bin/env bash
# Format, lints with warnings as errors, and every test that needs no browser.
source "$(dirname "$0")/lib.sh"
cd "$ROOT"
cargo fmt --all --check
cargo clippy --workspace --all-targets --features engine/calendar,app/ssr -- -D warnings
BATON_SKIP_BROWSER=1 "$ROOT/scripts/test.sh"
