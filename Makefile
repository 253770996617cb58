# Every command installs what it needs on first use. `make` lists them.
PYTHON ?= python3
TESTS ?=
VENV ?= .venv
BIN := $(VENV)/bin
RUN := $(BIN)/python

.DEFAULT_GOAL := help
.PHONY: help serve demo engines serve-engines test test-engines check format openapi locks bench-quality bench-profiles bench-speed bench-deletes clean

help: ## List the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "%-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# The environment is made from the lock, whole or only what serving needs; the stamp tells which lock it was made from.
$(VENV)/.runtime: requirements/runtime.txt pyproject.toml scripts/make_environment.py
	@$(PYTHON) scripts/make_environment.py $(VENV) requirements/runtime.txt
	@touch $@

$(VENV)/.dev: requirements/dev.txt pyproject.toml scripts/make_environment.py
	@$(PYTHON) scripts/make_environment.py $(VENV) requirements/dev.txt
	@touch $(VENV)/.runtime $@

serve: $(VENV)/.runtime ## Start the embedded server on http://127.0.0.1:8765
	@exec $(BIN)/ricordo serve

demo: $(VENV)/.runtime ## Import a small conversation and search it, in a folder of its own
	@$(BIN)/ricordo demo

engines: $(VENV)/.dev ## Fetch DynamoDB Local, OpenSearch and Gremlin Server (and a Java, if none fits) into .engines
	@$(RUN) -m engines prepare

serve-engines: export RICORDO_PROFILE = aws
serve-engines: export RICORDO_DATA_DIR = .ricordo-engines
serve-engines: $(VENV)/.dev ## Start the server over these engines instead of one file
	@exec $(RUN) -m engines run -- sh -c '$(BIN)/ricordo provision && exec $(BIN)/ricordo serve'

test: $(VENV)/.dev ## Run all tests that need no engines
	@$(RUN) -m pytest $(TESTS)

test-engines: $(VENV)/.dev ## Run the tests on DynamoDB Local, OpenSearch and Gremlin Server, and stop them
	@$(RUN) -m engines prepare
	@$(RUN) -m pytest --engines

check: $(VENV)/.dev ## Check format, lint, types, arrows and shape
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(RUN) -m pytest -q tests/shape

format: $(VENV)/.dev ## Format the code and mend what can be mended
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

openapi: $(VENV)/.dev ## Write openapi.json anew from the routes
	$(RUN) scripts/write_openapi.py

locks: $(VENV)/.dev ## Lock the dependencies anew, with hashes and without addresses
	$(PYTHON) scripts/lock_requirements.py

bench-quality: $(VENV)/.dev ## Measure recall over HTTP on LoCoMo and on the project's own questions
	$(RUN) benchmarks/quality/over_http.py

bench-profiles: $(VENV)/.dev ## Compare the answers of both profiles on LoCoMo, the AWS profile on the engines
	@$(RUN) -m engines run -- $(RUN) benchmarks/quality/profiles.py

bench-speed: $(VENV)/.dev ## Measure searches beside a large add
	$(RUN) benchmarks/speed/search_under_load.py

bench-deletes: $(VENV)/.dev ## Measure a delete_all of 20,000 memories on DynamoDB Local
	@$(RUN) -m engines run -- $(RUN) benchmarks/speed/delete_all.py

clean: ## Remove the environment and caches, never data
	rm -rf $(VENV) .engines .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
