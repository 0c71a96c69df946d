#!/usr/bin/env bash
# What this machine gets done, each figure beside something it can be compared with: the solver beside HiGHS, waiting
# orders together beside other ways to route them, and the server beside a handler that does nothing, on SQLite and on a
# throwaway PostgreSQL where one is installed (or the one that BATON_TEST_POSTGRES_URL names).
# BATON_BENCH="solver baskets http" says which of them.
source "$(dirname "$0")/lib.sh"
cd "$ROOT"
parts=" ${BATON_BENCH:-solver baskets http} "
if [[ $parts == *" solver "* || $parts == *" baskets "* ]]; then
  highs && export BATON_BENCH_PYTHON=$CACHE/milp/bin/python
fi
[[ $parts != *" solver "* ]] || cargo bench -p engine --bench solver
[[ $parts != *" baskets "* ]] || cargo bench -p server --bench baskets
if [[ $parts == *" http "* ]]; then
  start_postgres || say "no PostgreSQL under /usr/lib/postgresql that root could start: only SQLite is measured"
  cargo bench -p server --bench http
fi
