#!/usr/bin/env bash
# Every test: format, units and journeys on SQLite and on a throwaway PostgreSQL where one is installed.
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
cargo test --workspace --features engine/calendar 2>&1 | tee "$log"
awk '/^test result:/ { passed += $4; failed += $6 } END { print passed " passed, " failed " failed" }' "$log"
rm -f "$log"
