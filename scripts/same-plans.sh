#!/usr/bin/env bash
# The same problem gives the same plan in a browser: solves problems with the solver built for WebAssembly and with the
# one built for this machine, and compares every byte.
source "$(dirname "$0")/lib.sh"
cd "$ROOT"
target=${CARGO_TARGET_DIR:-$ROOT/target}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

# Without optimising it would solve for minutes.
export CARGO_PROFILE_DEV_OPT_LEVEL=2
step "solver for WebAssembly" cargo build -p engine --example plans_wasm --target wasm32-unknown-unknown
wasm-bindgen --target nodejs --no-typescript --out-dir "$dir" \
  "$target/wasm32-unknown-unknown/debug/examples/plans_wasm.wasm"
unset CARGO_PROFILE_DEV_OPT_LEVEL
cargo build --quiet -p engine --example problems --example plans
for kind in "tiny 500 3" "small 300 7" "middle 200 7" "big 10 7"; do
  # shellcheck disable=SC2086
  "$target/debug/examples/problems" $kind
done >"$dir/problems.jsonl"
"$target/debug/examples/plans" <"$dir/problems.jsonl" >"$dir/here.jsonl"
node -e '
  const { readFileSync, writeFileSync } = require("fs");
  const { plans } = require(process.argv[1] + "/plans_wasm.js");
  writeFileSync(process.argv[1] + "/there.jsonl", plans(readFileSync(process.argv[1] + "/problems.jsonl")));
' "$dir"
count=$(wc -l <"$dir/here.jsonl")
[ "$count" = "$(wc -l <"$dir/problems.jsonl")" ] || die "$count answers to $(wc -l <"$dir/problems.jsonl") problems"
if cmp -s "$dir/here.jsonl" "$dir/there.jsonl"; then
  say "$count plans are the same in WebAssembly, byte for byte"
  echo "  1 passed (the same plans in WebAssembly)"
else
  diff "$dir/here.jsonl" "$dir/there.jsonl" | head -n 4 >&2
  die "plans differ between this machine and WebAssembly"
fi
