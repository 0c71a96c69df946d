# Shared by the scripts: where things are, how to say what happens, and which Rust to use.
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
CACHE=${BATON_CACHE:-$HOME/.cache/baton}
TOOLS=$CACHE/tools
export PATH="$TOOLS/bin:$HOME/.cargo/bin:$PATH"

# Versions that have to agree with each other: wasm-bindgen's command line with the crate in Cargo.toml.
CARGO_LEPTOS_VERSION=0.3.11
WASM_BINDGEN_VERSION=0.2.130
BINARYEN_VERSION=132

say() { printf '\033[1m==>\033[0m %s\n' "$*" >&2; }
die() { printf 'baton: %s\n' "$*" >&2; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

# as_root COMMAND…: runs it as root, with sudo where that is needed and possible.
as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif have sudo; then sudo "$@"
  else die "'$*' needs root, and there is no sudo here: run it yourself, then try again"; fi
}

# step NAME COMMAND…: runs a set-up step, tells what it is and how long it took; its output goes to a log.
step() {
  local name=$1 log=$CACHE/log/${1//[^a-zA-Z0-9]/_}.log start=$SECONDS; shift
  mkdir -p "$CACHE/log"
  say "$name …"
  if "$@" >"$log" 2>&1; then say "$name: done in $((SECONDS - start)) s"
  else tail -n 40 "$log" >&2; die "$name failed; the whole log is in $log"; fi
}

# highs: HiGHS in a Python of its own, $CACHE/milp/bin/python.
highs() {
  "$CACHE/milp/bin/python" -c 'import highspy' 2>/dev/null \
    || step "HiGHS" sh -c "python3 -m venv '$CACHE/milp' && '$CACHE/milp/bin/pip' install -q highspy"
}

# start_postgres: a throwaway PostgreSQL, in BATON_TEST_POSTGRES_URL, until the script ends; the one that is named there
# already, if one is. Fails where none is installed or it cannot be started.
start_postgres() {
  [ -z "${BATON_TEST_POSTGRES_URL:-}" ] || return 0
  local bin port=$((20000 + RANDOM % 20000))
  bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | tail -n 1 || true)
  [ -n "$bin" ] && [ "$(id -u)" = 0 ] || return 1
  postgres_dir=$(mktemp -d)
  postgres_stop="$bin/pg_ctl -D $postgres_dir/data -m immediate stop"
  chown postgres "$postgres_dir"
  as_postgres() { su postgres -c "$*" </dev/null >/dev/null 2>&1; }
  stop_postgres() { as_postgres "$postgres_stop" || true; rm -rf "$postgres_dir"; }
  trap stop_postgres EXIT
  as_postgres "$bin/initdb -D $postgres_dir/data -A trust"
  as_postgres "$bin/pg_ctl -D $postgres_dir/data -o '-p $port -k $postgres_dir -c max_connections=400' -w start"
  export BATON_TEST_POSTGRES_URL=postgres://postgres@127.0.0.1:$port
  say "a throwaway PostgreSQL on port $port"
}

# fingerprint PATH…: one hash over the names and the contents of all files there.
fingerprint() {
  local hash=(sha256sum)
  have sha256sum || hash=(shasum -a 256)
  find "$@" -type f -print0 | LC_ALL=C sort -z | xargs -0 "${hash[@]}" | "${hash[@]}" | cut -d ' ' -f 1
}

# Without a toolchain of its own that builds for the browser, this machine uses the distribution's (see setup.sh).
if have rustup && rustup toolchain list 2>/dev/null | grep -q '^debian-web'; then
  export RUSTUP_TOOLCHAIN=debian-web
fi
