#!/usr/bin/env bash
# What the server does in a second, beside a handler that does nothing; on SQLite, and on a throwaway PostgreSQL where
# one is installed (or the one that BATON_TEST_POSTGRES_URL names).
source "$(dirname "$0")/lib.sh"
cd "$ROOT"
start_postgres || say "no PostgreSQL under /usr/lib/postgresql that root could start: only SQLite is measured"
cargo bench -p server --bench http
