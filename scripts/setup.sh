#!/usr/bin/env bash
# Installs what building needs and the machine lacks: a Rust that builds for the browser, cargo-leptos,
# wasm-bindgen and wasm-opt. With "browser" as argument also what the browser tests need. Safe to run again.
source "$(dirname "$0")/lib.sh"

apt_install() {
  export DEBIAN_FRONTEND=noninteractive
  as_root apt-get update -qq
  as_root apt-get install -y -qq --no-install-recommends "$@"
}

wasm_target_works() {
  local probe; probe=$(mktemp -d)
  printf '#![no_std]\npub fn one() -> u8 { 1 }\n' >"$probe/lib.rs"
  rustc --crate-type rlib --target wasm32-unknown-unknown -o "$probe/lib.rlib" "$probe/lib.rs" >/dev/null 2>&1 \
    && rustc --crate-type cdylib --target wasm32-unknown-unknown -o "$probe/x.wasm" <(printf 'fn f(){}') >/dev/null 2>&1
  local works=$?; rm -rf "$probe"; return $works
}

rust_at_least() { # MAJOR.MINOR
  local v; v=$(rustc --version | awk '{print $2}')
  [ "$(printf '%s\n%s\n' "$1" "$v" | sort -V | head -n 1)" = "$1" ]
}

# The standard library for the browser, built once from the distribution's own source.
build_wasm_std() {
  local dir=$CACHE/wasm-std sysroot
  sysroot=$(rustc --print sysroot)
  mkdir -p "$dir/src"
  printf '[package]\nname = "wasm_std"\nversion = "0.0.0"\nedition = "2021"\n[workspace]\n' >"$dir/Cargo.toml"
  printf '#![no_std]\n' >"$dir/src/lib.rs"
  (cd "$dir" && CARGO_TARGET_DIR=$dir/target RUSTC_BOOTSTRAP=1 cargo build -Zbuild-std=std,panic_abort --target wasm32-unknown-unknown --release)
  as_root mkdir -p "$sysroot/lib/rustlib/wasm32-unknown-unknown/lib"
  find "$dir/target/wasm32-unknown-unknown/release/deps" -name '*.rlib' ! -name 'libwasm_std*' \
    -exec "$(declare -F as_root >/dev/null && [ "$(id -u)" != 0 ] && echo sudo || echo env)" cp {} "$sysroot/lib/rustlib/wasm32-unknown-unknown/lib/" \;
}

use_distribution_rust() {
  have apt-get || die "this Rust cannot build for the browser: run 'rustup target add wasm32-unknown-unknown'"
  if ! [ -x /usr/lib/rust-web/bin/rustc ] && ! dpkg -s rust-web-src >/dev/null 2>&1; then
    step "Rust from the distribution (rustc-web)" apt_install rustc-web cargo-web rust-web-src rust-web-llvm rust-web-clippy rustfmt-web lld-22
  fi
  have rustup && rustup toolchain link debian-web /usr && export RUSTUP_TOOLCHAIN=debian-web
  wasm_target_works || step "standard library for the browser" build_wasm_std
  wasm_target_works || die "the Rust under /usr still cannot build for wasm32-unknown-unknown"
}

have cargo || die "Rust is missing: install it from https://rustup.rs, then run this again"
have cc || step "C compiler" apt_install build-essential pkg-config
if ! wasm_target_works || ! rust_at_least 1.96; then
  say "looking for a way to build for the browser"
  if have rustup && rust_at_least 1.96 && timeout 30 rustup target add wasm32-unknown-unknown >/dev/null 2>&1 && wasm_target_works; then
    say "added the target wasm32-unknown-unknown with rustup"
  else
    use_distribution_rust
  fi
fi

# Tools are built without their own release optimisation: that takes minutes longer and they are quick enough.
install_tool() { # CRATE VERSION OPT_LEVEL ARGS…
  local crate=$1 version=$2 opt=$3; shift 3
  CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_OPT_LEVEL=$opt CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 \
    CARGO_TARGET_DIR=$CACHE/tools-target cargo install "$crate" --version "$version" --root "$TOOLS" "$@"
}
if [ "$(cargo-leptos --version 2>/dev/null | awk '{print $2}')" != "$CARGO_LEPTOS_VERSION" ]; then
  step "cargo-leptos $CARGO_LEPTOS_VERSION (about 4 minutes)" install_tool cargo-leptos $CARGO_LEPTOS_VERSION 0 --locked --features no_downloads
fi
if [ "$(wasm-bindgen --version 2>/dev/null | awk '{print $2}')" != "$WASM_BINDGEN_VERSION" ]; then
  step "wasm-bindgen $WASM_BINDGEN_VERSION (about 2 minutes)" install_tool wasm-bindgen-cli $WASM_BINDGEN_VERSION 1
fi
if ! [ -x "$TOOLS/bin/wasm-opt" ]; then
  have npm || die "Node and npm are missing: install Node 20 or later, then run this again"
  step "wasm-opt (binaryen $BINARYEN_VERSION)" npm install --silent --prefix "$TOOLS/npm" "binaryen@$BINARYEN_VERSION"
  mkdir -p "$TOOLS/bin"
  ln -sf "$TOOLS/npm/node_modules/.bin/wasm-opt" "$TOOLS/bin/wasm-opt"
fi
rm -rf "$CACHE/tools-target"

if [ "${1:-}" = browser ]; then
  have chromium || have google-chrome || step "Chromium" apt_install chromium
  if ! [ -d "$ROOT/end2end/node_modules" ] || [ "$ROOT/end2end/package-lock.json" -nt "$ROOT/end2end/node_modules" ]; then
    step "browser test packages" npm ci --silent --prefix "$ROOT/end2end"
    touch "$ROOT/end2end/node_modules"
  fi
fi
