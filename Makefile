# The commands of this repository. Each installs what it lacks first (scripts/bootstrap), so that they work on
# a machine that has nothing but the Rust toolchain and this make.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory --no-builtin-rules

PREFIX ?= /usr/local
DESTDIR ?=
export PATH := $(PATH):$(HOME)/.cargo/bin:/usr/local/go/bin
# Outside the checkout, so that several checkouts share one build of the dependencies.
export CARGO_TARGET_DIR ?= $(or $(GOSTAT_CACHE),$(HOME)/.cache/gostat)/target
# The web page is built first, and then into the binary.
PAGE := scripts/web-page build "$(CARGO_TARGET_DIR)/web-page"
# In CI a Cargo.lock that does not fit the manifests is an error, not something to mend silently.
LOCKED := $(if $(CI),--locked)
# Seconds that each fuzz target gets in `make test` and in `make fuzz`.
FUZZ_BRIEF_SECONDS ?= 10
FUZZ_SECONDS ?= 60
# Minutes that `make soak` lasts at least, and how many goroutines a storm has.
SOAK_MINUTES ?= 20
SOAK_GOROUTINES ?= 1000000

.PHONY: help
help: ## List the commands
	@echo "gostat: see every goroutine of any Go process"
	@echo
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 22
	@echo
	@echo "Settings: PREFIX, DESTDIR (install), FUZZ_SECONDS (fuzz), SOAK_MINUTES, SOAK_GOROUTINES (soak), DEMO_SECONDS (demo),"
	@echo "GOSTAT_CACHE (where builds and fetched Go releases are kept), CARGO_TARGET_DIR"

.PHONY: demo
demo: ## Build everything, start a leaking Go service and look at it with gostat
	@scripts/demo

.PHONY: build
build: ## Build the release binary
	@scripts/bootstrap build
	@$(PAGE)
	cargo build --release $(LOCKED) --package gostat
	@echo "built $(CARGO_TARGET_DIR)/release/gostat"

.PHONY: test
test: ## Run the whole test suite, and each fuzz target briefly
	@scripts/bootstrap test
	@scripts/stage "page" $(PAGE)
	@scripts/stage "tests of the page" scripts/web-page test
	@scripts/stage "tests" cargo test $(LOCKED) --workspace --no-fail-fast
	@scripts/stage "tests in a browser" scripts/web-page browser "$(CARGO_TARGET_DIR)/debug/gostat"
	@scripts/stage "brief fuzzing" scripts/fuzz all $(FUZZ_BRIEF_SECONDS)

.PHONY: lint
lint: ## Check formatting, lints, invariants, documentation, Go and shell code
	@scripts/bootstrap lint
	@scripts/stage "page" $(PAGE)
	@scripts/lint

.PHONY: bench
bench: ## Measure what gostat costs against the target's own profiles, and ways of reading memory
	@scripts/bootstrap bench
	cargo bench $(LOCKED) --workspace

.PHONY: fuzz
fuzz: ## Fuzz every parser for FUZZ_SECONDS each
	@scripts/bootstrap fuzz
	@scripts/fuzz all $(FUZZ_SECONDS)

.PHONY: soak
soak: ## Watch storms of a million goroutines for 20 minutes, and compare with what they are
	@scripts/bootstrap test
	GOSTAT_SOAK_MINUTES=$(SOAK_MINUTES) GOSTAT_SOAK_GOROUTINES=$(SOAK_GOROUTINES) \
		cargo test --release $(LOCKED) --package capture --test soak -- --nocapture

.PHONY: screenshots
screenshots: ## Draw the pictures of the documentation, of the page and of gostat top
	@scripts/bootstrap build test
	@$(PAGE)
	cargo build --release $(LOCKED) --package gostat
	@scripts/stage "pictures of the page" scripts/web-page screenshots "$(CARGO_TARGET_DIR)/release/gostat"
	@GOSTAT="$(CARGO_TARGET_DIR)/release/gostat" scripts/stage "picture of gostat top" scripts/screenshots-terminal

.PHONY: deny
deny: ## Check advisories, licences and sources of all dependencies with cargo-deny
	@command -v cargo-deny >/dev/null || { echo "make deny: cargo-deny is not installed" >&2; \
		echo "hint: cargo install --locked cargo-deny" >&2; exit 2; }
	cargo deny --workspace check

.PHONY: install
install: build ## Install to $(DESTDIR)$(PREFIX)/bin
	install -Dm755 "$(CARGO_TARGET_DIR)/release/gostat" "$(DESTDIR)$(PREFIX)/bin/gostat"
	install -Dm644 -t "$(DESTDIR)$(PREFIX)/share/doc/gostat" LICENSE-MIT LICENSE-APACHE

.PHONY: clean
clean: ## Remove what was built (fetched Go releases stay)
	cargo clean
