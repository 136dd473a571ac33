# SupportMax Pro. `make help` lists the targets.
PYTHON ?= python3.11
VENV := .venv
export JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION := 20
BIN := $(VENV)/bin
RUN_STAMP := $(VENV)/.run
TEST_STAMP := $(VENV)/.test

.DEFAULT_GOAL := help

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(RUN_STAMP) ## install what a local run needs and play the sample stories
	$(BIN)/supportmax demo

serve: $(RUN_STAMP) ## REST, WebSocket, page and workers on 127.0.0.1
	$(BIN)/supportmax serve --demo --data build/serve

test: $(TEST_STAMP) ## the tests (at most 6 minutes on two cores)
	$(BIN)/pytest -n 2 --dist worksteal

lint: $(TEST_STAMP) ## style and types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy app.py functions shared adapters stacks tests benchmarks

browser: ## install the browser that the page is tested in (Debian, as root)
	command -v chromium > /dev/null || (apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium > /dev/null)

build: $(VENV)/.package ## the functions' packages for AWS, without Docker
	$(BIN)/supportmax package aws $(if $(COMPANY),--company $(COMPANY))

synth: build $(VENV)/.cdk ## write the CloudFormation templates of three regions to cdk.out, checked by cdk-nag
	CDK_CONTEXT_JSON='{"regions": "us-east-1,us-west-2,eu-west-1"}' $(BIN)/python app.py

simulate: $(VENV)/.run ## 20,000 seeded bad days, and every known bug hunted
	$(BIN)/supportmax simulate --seeds 20000
	$(BIN)/supportmax simulate --mutants --seeds 500

verify: browser test lint kill-test synth ## the tests, then everything else; what CI runs
	$(BIN)/supportmax demo --json > /dev/null
	$(BIN)/supportmax playbooks check shared/company/playbooks > /dev/null
	$(BIN)/supportmax doctor
	$(BIN)/supportmax simulate --seeds 1000
	-$(BIN)/python -m benchmarks.run --quick  # printed, never a verdict: other work on the machine would decide it

kill-test: $(TEST_STAMP) ## a run of 500 messages killed ten times, and a crash at every port call
	KILL_SEED=$$(date +%Y%m%d) CRASH_STRIDE=1 $(BIN)/pytest tests/local/test_kill_run.py tests/local/test_crash_everywhere.py

bench: $(TEST_STAMP) ## the benchmarks, each as a ratio to a floor measured in the same run
	$(BIN)/python -m benchmarks.run

docs: $(TEST_STAMP) ## write the generated parts of the documents again
	$(BIN)/python -m tests.architecture.documents

measure: $(TEST_STAMP) ## sizes of files and functions
	$(BIN)/pytest tests/architecture -q

$(RUN_STAMP): pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	touch $@

$(VENV)/.%: $(RUN_STAMP)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[$*]'
	touch $@

$(TEST_STAMP): $(RUN_STAMP)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test]'
	touch $@

clean: ## remove what the targets made
	rm -rf $(VENV) build cdk.out .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

.PHONY: help demo serve test lint browser build synth simulate verify kill-test bench docs measure clean
