#!/usr/bin/env bash
# Builds and serves again at each change of a source file, with the pages reloading by themselves.
source "$(dirname "$0")/lib.sh"
"$ROOT/scripts/setup.sh"
cd "$ROOT"
exec cargo leptos watch --split -- serve
