# Every command installs what it needs on first use. `make` lists them.
PYTHON ?= python3
STAGE ?= dev
PROJECT ?= default
NAME ?= default
TESTS ?=
WORKERS ?= 2
VENV ?= .venv
BIN := $(VENV)/bin
RUN := $(BIN)/python
# A file of tests stays in one process, so that its server or engines are started once; the longest files come early.
PYTEST = $(RUN) -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

.DEFAULT_GOAL := help
.PHONY: help serve demo engines serve-engines test test-engines check format openapi cost locks bench-quality bench-profiles bench-speed bench-deletes package synth deploy key destroy clean

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
	@exec $(RUN) -m engines run --account -- sh -c '$(BIN)/ricordo provision && exec $(BIN)/ricordo serve'

test: $(VENV)/.dev ## Run all tests that need no engines
	@$(PYTEST) $(TESTS)

test-engines: $(VENV)/.dev ## Run the tests on DynamoDB Local, OpenSearch and Gremlin Server, and stop them
	@$(RUN) -m engines prepare
	@$(PYTEST) --engines

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

cost: $(VENV)/.dev ## Write docs/cost.md anew from the prices and the stages
	$(RUN) -m infra.cost

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

package: $(VENV)/.dev ## Build the layers and functions under build/ and print their sizes; needs a Python 3.13
	@$(RUN) -m infra.packaging

synth: $(VENV)/.dev ## Write the templates of all stages to cdk.out and check them; needs no credentials
	@$(RUN) -m infra.synthesize

deploy: $(VENV)/.dev ## Deploy STAGE=dev to the AWS account of the environment; prints the address
	@$(RUN) -m infra.deploy up $(STAGE)

key: $(VENV)/.dev ## Make an API key of a deployed STAGE=dev for PROJECT=default, named NAME=default
	@$(RUN) -m infra.deploy key $(STAGE) --project $(PROJECT) --name $(NAME)

destroy: $(VENV)/.dev ## Take STAGE=dev away, after asking; production keeps what holds memories
	@$(RUN) -m infra.deploy down $(STAGE)

clean: ## Remove the environment and caches, never data
	rm -rf $(VENV) .engines build cdk.out node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build
