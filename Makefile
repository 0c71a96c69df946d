# The work is in scripts/; each of them says what it does and is safe to run twice.
.PHONY: run check test

run: ## build and serve on http://127.0.0.1:3000
	cargo run --release -p server -- serve

check: ## format and lints
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --features engine/calendar -- -D warnings

test: ## every test
	scripts/test.sh
