#!/usr/bin/env bash
# Builds the pages' program and the server, both for release, and leaves them where baton looks for them:
# target/release/baton, target/site. With "pages" as argument only the former. What is built from the same sources
# already is left alone: cargo knows that of the server; of the pages, which are made in several steps, it is kept
# here, as a hash over what they are made from and one over what was made.
source "$(dirname "$0")/lib.sh"
cd "$ROOT"
target=${CARGO_TARGET_DIR:-target}
stamp=$target/pages.stamp

# Where in the source a panic came from is not for browsers: names of files and lines are a part of the first load. The
# compiler's switch for that counts as unstable, hence the first variable.
pages() {
  RUSTC_BOOTSTRAP=1 RUSTFLAGS="${RUSTFLAGS:-} -Zlocation-detail=none" \
    cargo leptos build --release --split --frontend-only --precompress
  node "$ROOT/scripts/quiet-loader.mjs" "$ROOT/target/site/pkg"
}
server() { cargo build --release -p server; }
made_from() {
  fingerprint app engine frontend style assets Cargo.toml Cargo.lock scripts/build.sh scripts/quiet-loader.mjs
  rustc --version --verbose
  echo "$CARGO_LEPTOS_VERSION $WASM_BINDGEN_VERSION $BINARYEN_VERSION"
}
made() { fingerprint target/site "$target/release/hash.txt" 2>/dev/null; }

from=$(made_from)
if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$from $(made)" ]; then
  say "pages for the browser: built from these very sources before, nothing to do"
else
  rm -f "$stamp"
  step "pages for the browser (4 minutes the first time)" pages
  echo "$from $(made)" >"$stamp"
fi
[ "${1:-}" = pages ] || step "server (6 minutes the first time)" server
