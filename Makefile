# Two commands matter: `make demo` and `make test`. Each does all of its own set-up.
SHELL := /bin/bash
.DEFAULT_GOAL := help
VENV := .venv
BIN := $(VENV)/bin
UV_VERSION := 0.13.9
READY := $(VENV)/.ready
PEERS := .venv-peers
PEERS_READY := $(PEERS)/.ready
PEERS_LOCK := benchmarks/peers/requirements
export PYTHONDONTWRITEBYTECODE :=
# what is wished of other environments would send the packages elsewhere, or be refused
unexport PYTHONHOME PIP_USER PIP_TARGET PIP_PREFIX PIP_ROOT PIP_REQUIRE_HASHES
unexport UV_PYTHON UV_SYSTEM_PYTHON UV_REQUIRE_HASHES
# nothing can be kept at home
ifeq ($(UV_CACHE_DIR)$(XDG_CACHE_HOME)$(shell mkdir -p "$$HOME/.cache" 2>/dev/null && test -w "$$HOME/.cache" && echo home),)
export UV_NO_CACHE := 1
endif

.PHONY: help setup demo test chaos bench bench-compare lint format lock clean

help: ## what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

setup: $(READY) ## build .venv from the lock; everything else does this by itself

$(READY): requirements.lock pyproject.toml deploy/python.sh
	@echo "headrace: setting up $(VENV) from requirements.lock (first time: a minute or two)"
	@python=$$(bash deploy/python.sh) || exit 1; \
	 test -x $(BIN)/python && $(BIN)/python -c '' 2>/dev/null || { rm -rf $(VENV); "$$python" -m venv $(VENV); }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check 'uv==$(UV_VERSION)'
	@VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install --compile-bytecode --require-hashes --no-deps -r requirements.lock
	@VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

demo: setup ## the main job on this machine, live (CI=1: 30 s, a summary, then the end; EVENTS=file: a real log)
	@exec $(BIN)/headrace demo $(if $(CI),--ci) $(if $(EVENTS),--events "$(EVENTS)") $(if $(ITEMS),--items "$(ITEMS)")

test: setup ## all that CI runs: lint, types, rooms, and every test, before a real Kafka and Redis of its own
	@$(MAKE) --no-print-directory lint
	@exec $(BIN)/python -m pytest

chaos: setup ## kill and cut everything at random, then ask the oracle (SEED=1 MINUTES=10)
	@exec $(BIN)/python -m tests.chaos.run --seed $(or $(SEED),1) --minutes $(or $(MINUTES),10)

$(PEERS_READY): $(READY) $(PEERS_LOCK).lock
	@echo "headrace: setting up $(PEERS), the libraries that Headrace is measured beside"
	@test -x $(PEERS)/bin/python && $(PEERS)/bin/python -c '' 2>/dev/null || { rm -rf $(PEERS); $(BIN)/python -m venv $(PEERS); }
	@$(BIN)/uv pip install --quiet --python $(PEERS)/bin/python --compile-bytecode --require-hashes --no-deps -r $(PEERS_LOCK).lock
	@touch $@

bench: setup $(PEERS_READY) ## measure beside peers on a real Kafka and Redis (QUICK=1: 10 minutes; ONLY=state_path,lists SIZE=1)
	@exec $(BIN)/python -m benchmarks.run $(if $(QUICK),--quick) $(if $(ONLY),--only $(ONLY)) $(if $(SIZE),--size $(SIZE)) \
	  $(if $(RUNS),--runs $(RUNS)) $(if $(SECONDS),--seconds $(SECONDS))

bench-compare: setup $(PEERS_READY) ## the same measures from revision BASE and from here, in turn (BASE=HEAD~1 ONLY=state_path)
	@exec $(BIN)/python -m benchmarks.compare $(if $(RUNS),--runs $(RUNS)) $(or $(BASE),HEAD~1) -- \
	  --quick $(if $(ONLY),--only $(ONLY)) $(if $(SIZE),--size $(SIZE))

lint: setup ## ruff, mypy --strict, import-linter
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache

format: setup ## let ruff write it
	@$(BIN)/ruff check --fix . ; $(BIN)/ruff format .

lock: setup ## resolve the dependencies anew (python and, by `headrace up`, the broker's jars keep their own locks)
	@VIRTUAL_ENV=$(VENV) $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	  --no-annotate --no-header --no-emit-index-url --group dev pyproject.toml -o requirements.lock
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	  --no-annotate --no-header --no-emit-index-url $(PEERS_LOCK).in -o $(PEERS_LOCK).lock

clean: ## remove what was built (the stack's data too)
	@-$(BIN)/headrace down 2>/dev/null
	rm -rf $(VENV) $(PEERS) .headrace .mypy_cache .ruff_cache .pytest_cache .hypothesis
