# `make` lists the targets. Every target but `clean`, `help` and those of the containers sets the workspace up first, which
# costs nothing the second time.

SHELL := /bin/bash
.DEFAULT_GOAL := help

VENV := .venv
BIN := $(VENV)/bin
# the first of these that runs and is new enough
PYTHON ?= $(firstword $(shell for python in python3.11 python3.12 python3.13 python3; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && echo $$python; done))

PACKAGES := shared $(sort $(wildcard services/*-service))
MANIFESTS := $(addsuffix /pyproject.toml,$(PACKAGES))
SOURCES := $(shell find shared services tests tools -name '*.py' -not -path '*/build/*' 2>/dev/null) conftest.py pyproject.toml
STAMP := $(VENV)/.set-up
RESULTS := build/test-results.json

# what .env.example explains, where a .env says so
-include .env
COMPOSE ?= docker compose
ADDRESS = https://$(or $(TANDEM_LOCAL_HOST),localhost):$(or $(TANDEM_LOCAL_PORT),8443)
AUTHORITY := build/local-ca.crt
NETWORK := build/network
PATIENTS ?= 60

SIZE ?= small
# the last word counts: PYTEST_ARGS='-n 0' runs all tests one after the other
PYTEST_ARGS ?=
PYTEST = $(BIN)/python -m pytest $(PYTEST_ARGS)
EVERY_TEST = $(BIN)/python -m pytest -n 2 $(PYTEST_ARGS) --results $(RESULTS)

.PHONY: help setup demo test test-unit test-journeys test-contract test-faults test-faults-long test-spark check lint types imports format bench documents routes requirements requirements-check lock clean up down logs seed backup restore

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-20s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(STAMP) ## install everything into .venv, from requirements.lock

$(STAMP): requirements.lock $(MANIFESTS)
	@test -n "$(PYTHON)" || { echo "Python 3.11 or later is needed" >&2; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation $(addprefix -e ./,$(PACKAGES))
	@touch $@

demo: setup ## start all five services with a synthetic network on http://127.0.0.1:8000
	$(BIN)/tandem demo

test: setup ## run every test
	$(EVERY_TEST)

test-unit: setup ## the tests beside the code
	$(PYTEST) shared services

test-journeys: setup ## the mission through the API
	$(PYTEST) tests/journeys

test-spark: setup ## cohorts on Spark, which is an extra: needs Java 17; not part of `make test`
	$(BIN)/python -m pip install --quiet 'pyspark>=4'
	$(PYTEST) tests/spark/test_cohorts_on_spark.py

test-contract: setup ## events, OpenAPI, FHIR goldens
	$(PYTEST) tests/contract

test-faults: setup ## kill, cut, duplicate, reorder
	$(PYTEST) tests/faults

FAULT_WRITES ?= 100000
FAULT_SEED ?= 20
test-faults-long: setup ## 100,000 writes through kills, cuts and silence; most of an hour; not part of `make test`
	TANDEM_FAULT_WRITES=$(FAULT_WRITES) TANDEM_FAULT_SEED=$(FAULT_SEED) $(BIN)/python -m pytest -n 0 \
		--log-cli-level=INFO tests/faults/test_random_faults.py

check: lint types imports ## lint, types, import contracts

lint: setup ## ruff
	$(BIN)/ruff check .

types: setup ## mypy, strict
	$(BIN)/mypy

imports: setup ## the contracts of pyproject.toml: who may import whom
	$(BIN)/lint-imports --no-logo

format: setup ## mend what ruff can mend by itself
	$(BIN)/ruff check --fix .

bench: setup ## benchmarks; SIZE=small, pcn or ics
	$(BIN)/python tests/bench/run.py --size $(SIZE)

documents: setup ## write the documents that are made from the declarations: AsyncAPI, OpenAPI, types, states
	$(BIN)/python tools/write_documents.py
	$(BIN)/python tools/render_states.py

routes: setup ## write what proxy and broker are configured with, made from the declarations
	$(BIN)/tandem routes --format json >deploy/routes.json
	$(BIN)/tandem routes --format caddy >deploy/caddy/routes.caddy
	$(BIN)/python tools/render_chart_files.py
	$(BIN)/tandem broker-definitions >deploy/rabbitmq/definitions.json

requirements: setup $(RESULTS) ## write docs/requirements.md from the last whole test run
	$(BIN)/python tools/requirements_table.py --results $(RESULTS)

requirements-check: setup $(RESULTS) ## fail when docs/requirements.md is not what the tests show
	$(BIN)/python tools/requirements_table.py --results $(RESULTS) --check

# a failing test is a row of the table, so it does not stop the table from being written; a run that could not start does
$(RESULTS): $(STAMP) $(SOURCES) docs/requirements.yaml
	$(EVERY_TEST) || test $$? -eq 1

lock: setup ## resolve the dependencies again; UPGRADE=1 to the newest versions
	$(BIN)/pip-compile --quiet --generate-hashes --strip-extras --allow-unsafe --no-header $(if $(UPGRADE),--upgrade) \
		--no-emit-index-url --no-emit-find-links --no-emit-trusted-host \
		--output-file requirements.lock shared/pyproject.toml requirements/services.in requirements/development.in
	$(BIN)/pip-compile --quiet --generate-hashes --strip-extras --allow-unsafe --no-header \
		--no-emit-index-url --no-emit-find-links --no-emit-trusted-host \
		--constraint requirements.lock --output-file requirements/runtime.lock \
		shared/pyproject.toml requirements/services.in requirements/build.in

up: ## start the containers; https://localhost:8443, with the certificate authority build/local-ca.crt
	$(COMPOSE) up --build --wait
	@mkdir -p $(dir $(AUTHORITY))
	$(COMPOSE) cp proxy:/data/caddy/pki/authorities/local/root.crt $(AUTHORITY)

down: ## stop and remove the containers; the data stays
	$(COMPOSE) down

logs: ## follow the logs of the containers
	$(COMPOSE) logs --follow --tail 100

seed: setup ## load a synthetic network of PATIENTS people into the containers
	rm -rf $(NETWORK)
	$(BIN)/tandem synth --patients $(PATIENTS) --practices 2 --out $(NETWORK)
	TOKEN=$$($(COMPOSE) exec -T issuer tandem token --data /issuer --org T0001 --operator) && \
		SSL_CERT_FILE=$(AUTHORITY) $(BIN)/tandem load $(NETWORK) --url $(ADDRESS) --token "$$TOKEN"

# Compose takes quotes in .env away; make would look for a file that has them in its name
BACKUPS = $(subst ",,$(subst ',,$(or $(TANDEM_BACKUPS),./backups)))
PASSPHRASE = $(subst ",,$(subst ',,$(or $(TANDEM_BACKUP_PASSPHRASE),./backup-passphrase)))
# of the command line, not of the environment, where some systems keep the name of the host
NAME := $(shell date -u +%Y-%m-%dT%H-%M-%S)

backup: $(PASSPHRASE) ## copy all databases and secrets of the containers, which go on working, to backups/NAME
	mkdir -p $(BACKUPS)
	$(COMPOSE) run --rm --build backup make $(NAME)

$(PASSPHRASE):
	(umask 077; set -C; $(or $(PYTHON),python3) -c 'import secrets; print(secrets.token_urlsafe(32))' >$@)
	@echo "$@ opens the secrets of the backups: keep a copy elsewhere, apart from them"

restore: ## bring backups/NAME back into containers that have no data yet, and start them
	@test -f $(BACKUPS)/$(NAME)/manifest.json || { echo "$(BACKUPS)/$(NAME) is no backup: say which with NAME=..." >&2; exit 1; }
	@test -s $(PASSPHRASE) || { echo "$(PASSPHRASE), which opens the backup, is not there" >&2; exit 1; }
	$(COMPOSE) run --rm --build backup secrets $(NAME)
	$(COMPOSE) build --quiet secrets && $(COMPOSE) run --rm databases
	$(COMPOSE) run --rm backup databases $(NAME)
	$(MAKE) up

clean: ## remove what was built, but keep .venv
	rm -rf build .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -path ./$(VENV) -prune -o -name __pycache__ -type d -exec rm -rf {} +
