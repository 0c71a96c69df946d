#!/usr/bin/env bash
# Servers are killed (SIGKILL) at random moments while orders come in and are routed, 200 times on SQLite and, where one is
# installed, on PostgreSQL, or as often as BATON_TEST_CRASHES says. After each time everything that was acknowledged is
# there, nothing is twice, stock adds up and the log's chain holds; the figures are printed.
source "$(dirname "$0")/lib.sh"
cd "$ROOT"
start_postgres || say "no PostgreSQL under /usr/lib/postgresql that root could start: only SQLite is tortured"
export BATON_TEST_CRASHES=${BATON_TEST_CRASHES:-200}
cargo test --workspace --exclude frontend --test it -- --nocapture --test-threads 1 a_crash_loses_nothing
