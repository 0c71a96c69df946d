#!/usr/bin/env bash
# Makes engine/tests/cases/milp-totals.jsonl and joint-totals.jsonl again: the totals that HiGHS, which shares nothing with
# our solver, proves for the problems and windows of the tests. Installs HiGHS into a folder of its own.
source "$(dirname "$0")/lib.sh"
cd "$ROOT"
highs
totals() { # SHAPE COUNT SEED FILE [OPTIONS]
  cargo run --quiet --release -p engine --example problems -- "$1" "$2" "$3" \
    | "$CACHE/milp/bin/python" "$ROOT/scripts/milp.py" "${@:5}" \
    | grep '^{' | sed -E 's/, "ms": [0-9.]+//' >"engine/tests/cases/$4"
  wc -l "engine/tests/cases/$4"
}
totals middle 300 7 milp-totals.jsonl --limit 600
totals window 40 7 joint-totals.jsonl --limit 60 --joint
