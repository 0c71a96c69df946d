#!/usr/bin/env bash
# From nothing to a demonstration at http://127.0.0.1:3000: installs what is missing, builds, fills, serves.
source "$(dirname "$0")/lib.sh"
"$ROOT/scripts/setup.sh"
"$ROOT/scripts/build.sh"
cd "$ROOT"
exec "${CARGO_TARGET_DIR:-target}/release/baton" serve --demo
