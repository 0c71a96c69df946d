#!/usr/bin/env bash
# Makes engine/tests/cases/milp-totals.jsonl again: the totals that HiGHS, which shares nothing with our solver, proves
# for the problems of the test. Installs HiGHS into a folder of its own.
source "$(dirname "$0")/lib.sh"
cd "$ROOT"
venv=$CACHE/milp
[ -x "$venv/bin/python" ] || step "HiGHS" sh -c "python3 -m venv '$venv' && '$venv/bin/pip' install -q highspy"
cargo run --quiet --release -p engine --example problems -- middle 300 7 \
  | "$venv/bin/python" "$ROOT/scripts/milp.py" --limit 600 \
  | grep '^{' | sed -E 's/, "ms": [0-9.]+//' >engine/tests/cases/milp-totals.jsonl
wc -l engine/tests/cases/milp-totals.jsonl
