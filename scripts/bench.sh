#!/usr/bin/env bash
# What the server does in a second, beside a handler that does nothing; on SQLite, and on the PostgreSQL that
# BATON_TEST_POSTGRES_URL names, if it does.
source "$(dirname "$0")/lib.sh"
cd "$ROOT"
exec cargo bench -p server --bench http
