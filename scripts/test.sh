#!/usr/bin/env bash
# Every test: format, units and journeys on SQLite and on a throwaway PostgreSQL where one is installed, and the
# journeys in a browser where one can be installed.
source "$(dirname "$0")/lib.sh"
cd "$ROOT"

pg_bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | tail -n 1 || true)
if [ -n "$pg_bin" ] && [ "$(id -u)" = 0 ]; then
  dir=$(mktemp -d)
  port=$((20000 + RANDOM % 20000))
  chown postgres "$dir"
  as_postgres() { su postgres -c "$*" </dev/null >/dev/null 2>&1; }
  stop_postgres() { as_postgres "$pg_bin/pg_ctl -D $dir/data -m immediate stop" || true; rm -rf "$dir"; }
  trap stop_postgres EXIT
  as_postgres "$pg_bin/initdb -D $dir/data -A trust"
  as_postgres "$pg_bin/pg_ctl -D $dir/data -o '-p $port -k $dir -c max_connections=400' -w start"
  export BATON_TEST_POSTGRES_URL=postgres://postgres@127.0.0.1:$port
  say "PostgreSQL for the tests on port $port"
else
  say "no PostgreSQL under /usr/lib/postgresql that root could start: its tests say that they do not run"
fi

cargo fmt --all --check
log=$(mktemp)
# The browser's entry has no tests, and with it the server would be built with the browser's features.
cargo test --workspace --exclude frontend 2>&1 | tee "$log"

if [ "${BATON_SKIP_BROWSER:-}" = 1 ]; then
  say "BATON_SKIP_BROWSER is set: the journeys in a browser do not run"
elif ! "$ROOT/scripts/setup.sh" browser; then
  say "what the browser tests need cannot be installed here (see above): the journeys in a browser DO NOT RUN"
else
  "$ROOT/scripts/browser-tests.sh" 2>&1 | tee -a "$log"
fi
awk '/^test result:/ { passed += $4; failed += $6 }
     /^ +[0-9]+ passed \(/ { passed += $1 }
     END { print passed " passed, " failed + 0 " failed" }' "$log"
rm -f "$log"
