# One command each; `make help` lists them. Needs Python 3.11 or newer with venv, and git. `.venv` is made when it is missing or out of date.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
BENCH := $(VENV)/.installed-bench
# As in: make bench BENCHFLAGS="--sizes 100000 --work /var/tmp/fleets"
BENCHFLAGS ?=
# Two workers: more than one so that tests can't lean on each other, few enough for a small machine.
WORKERS ?= 2
# What decides without I/O has no excuse for an untested branch.
PURE := reconciler/model/*,reconciler/kinds.py,reconciler/plan/*,reconciler/render/*

.PHONY: help
help: ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' Makefile

.PHONY: demo
demo: $(INSTALLED) ## serve a simulated org and watch validate, plan, apply, plan against it
	@sh demo.sh $(BIN)

.PHONY: test
test: lint ## every gate and every test, with coverage: what CI runs
	@echo "pytest: every test, with branch coverage (95 % overall, 100 % of the pure code)"
	@rm -f .coverage .coverage.*
	@$(BIN)/pytest -n $(WORKERS) --cov --cov-report=term
	@$(BIN)/coverage report --include='$(PURE)' --fail-under=100 >$(VENV)/pure-coverage.txt || { cat $(VENV)/pure-coverage.txt; exit 1; }

.PHONY: lint
lint: $(INSTALLED) ## ruff, mypy, import contracts
	@echo "ruff check: lint rules"
	@$(BIN)/ruff check --quiet .
	@echo "ruff format: layout"
	@$(BIN)/ruff format --quiet --diff .
	@echo "mypy: types"
	@$(BIN)/mypy --no-error-summary
	@echo "lint-imports: import contracts"
	@$(BIN)/lint-imports --no-cache >$(VENV)/lint-imports.log 2>&1 || { cat $(VENV)/lint-imports.log; exit 1; }

.PHONY: format
format: $(INSTALLED) ## lay the code out and mend what ruff can mend by itself
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format .

.PHONY: bench
bench: $(BENCH) ## time, memory and API requests for 100 to 1,000,000 users, beside floors and a peer (up to an hour)
	@$(BIN)/python -m benchmarks $(BENCHFLAGS)

.PHONY: bench-quick
bench-quick: $(BENCH) ## the same for 10,000 users, in about a minute: what CI runs
	@$(BIN)/python -m benchmarks --quick $(BENCHFLAGS)

.PHONY: torture
torture: $(INSTALLED) ## the property tests with 5,000 examples each, and the slow tests
	HYPOTHESIS_PROFILE=torture $(BIN)/pytest -n $(WORKERS) -m "hypothesis or slow"

.PHONY: clients
clients: $(INSTALLED) ## jsforce and the sf CLI, as published, against the simulated org (installs them first)
	@$(BIN)/python -m tests.clients.install || test $$? -eq 75
	@if test -f $(VENV)/clients/installed; then $(BIN)/pytest -n $(WORKERS) -m clients tests/clients; fi

.PHONY: contract
contract: $(INSTALLED) ## what Salesforce does, asked of the simulated org and of the real one that SFREC_REAL_ORG names
	$(BIN)/pytest tests/contract -m "not slow$(if $(SFREC_REAL_ORG),, and not real)"

.PHONY: clean
clean: ## remove .venv, caches and build products
	rm -rf $(VENV) .coverage .coverage.* .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache build dist
	find reconciler tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +

$(INSTALLED): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "sfrec needs Python 3.11 or newer; say which with: make PYTHON=python3.12 ...")'
	@echo "$(VENV): making a virtual environment ($$($(PYTHON) --version))"
	@$(PYTHON) -m venv $(VENV)
	@echo "$(VENV): installing sfrec and its tools as pinned in constraints.txt (a minute or so)"
	@$(BIN)/python -m pip install -qq --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

# Without octoDNS the benchmarks run all the same and say that they skip it.
$(BENCH): $(INSTALLED)
	@echo "$(VENV): installing octoDNS, the peer that the benchmarks measure beside sfrec"
	@if $(BIN)/python -m pip install -qq --disable-pip-version-check -c constraints.txt -e '.[dev,bench]'; then touch $@; fi
