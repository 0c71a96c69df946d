#!/usr/bin/env bash
# The journeys in a browser: builds the pages as they ship, starts a demonstration without orders of its own in a
# throwaway folder, and drives it with Playwright. Arguments go to Playwright.
source "$(dirname "$0")/lib.sh"
cd "$ROOT"
"$ROOT/scripts/setup.sh" browser

target=${CARGO_TARGET_DIR:-$ROOT/target}
"$ROOT/scripts/build.sh" pages
node "$ROOT/scripts/first-load.mjs" "$ROOT/target/site" || die "the first load is over its floor"
step "server for the browser tests" cargo build -p server

dir=$(mktemp -d)
port=$((20000 + RANDOM % 20000))
# The list of the files' hashes lies beside the executable, as in a release.
cp "$target/debug/baton" "$target/release/hash.txt" "$dir/"
(cd "$dir" && exec env BATON_SITE_ROOT="$ROOT/target/site" ./baton serve --demo --demo-speed 0 --address "127.0.0.1:$port" >"$dir/log" 2>&1) &
server=$!
end() { kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; rm -rf "$dir"; }
trap end EXIT
for _ in $(seq 120); do
  curl -sf "http://127.0.0.1:$port/readyz" >/dev/null && break
  kill -0 "$server" 2>/dev/null || { cat "$dir/log" >&2; die "the server did not start"; }
  sleep 0.5
done
cd "$ROOT/end2end"
BATON_URL="http://127.0.0.1:$port" BATON="$dir/baton" BATON_SITE_ROOT="$ROOT/target/site" CHROMIUM=$(command -v chromium || command -v google-chrome) npx playwright test "$@" \
  || { tail -n 20 "$dir/log" >&2; exit 1; }
