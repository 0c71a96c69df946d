#!/usr/bin/env bash
# Every test: format, units and journeys on SQLite and on a throwaway PostgreSQL where one is installed, and the
# journeys in a browser where one can be installed.
source "$(dirname "$0")/lib.sh"
cd "$ROOT"

start_postgres || say "no PostgreSQL under /usr/lib/postgresql that root could start: its tests say that they do not run"

cargo fmt --all --check
log=$(mktemp)
# The browser's entry has no tests, and with it the server would be built with the browser's features.
cargo test --workspace --exclude frontend 2>&1 | tee "$log"

if [ "${BATON_SKIP_BROWSER:-}" = 1 ]; then
  say "BATON_SKIP_BROWSER is set: the journeys in a browser do not run"
elif ! "$ROOT/scripts/setup.sh" browser; then
  say "what the browser tests need cannot be installed here (see above): the journeys in a browser DO NOT RUN"
else
  "$ROOT/scripts/same-plans.sh" | tee -a "$log"
  "$ROOT/scripts/browser-tests.sh" 2>&1 | tee -a "$log"
fi
awk '/^test result:/ { passed += $4; failed += $6 }
     /^ +[0-9]+ passed \(/ { passed += $1 }
     END { print passed " passed, " failed + 0 " failed" }' "$log"
rm -f "$log"
