# The work is in scripts/; each of them says what it does and is safe to run twice.
.PHONY: run dev check test bench torture

run: ## from nothing to a demonstration on http://127.0.0.1:3000
	scripts/run.sh

dev: ## build and serve again at each change
	scripts/dev.sh

check: ## format, lints, and the tests that need no browser
	scripts/check.sh

test: ## every test
	scripts/test.sh

torture: ## kills servers under load, 200 times on each database, and counts what is left
	scripts/torture.sh

bench: ## figures, each beside something that it can be compared with
	scripts/bench.sh
