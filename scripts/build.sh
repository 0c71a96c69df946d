#!/usr/bin/env bash
# Builds the pages' program and the server, both for release, and leaves them where baton looks for them:
# target/release/baton, target/site.
source "$(dirname "$0")/lib.sh"
cd "$ROOT"
pages() { cargo leptos build --release --split --frontend-only --precompress; }
server() { cargo build --release -p server; }
step "pages for the browser (4 minutes the first time)" pages
step "server (6 minutes the first time)" server
