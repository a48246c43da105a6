# Every target is a thin call of the product's own command or of a tool.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ARGS ?=
# Much of the time of a test through the real engine is waiting.
WORKERS ?= 2

.PHONY: setup demo up test check e2e soak bench law playbooks sources notices scenarios lock clean
.DEFAULT_GOAL := help

help: ## what there is
	@grep -hE '^[a-z0-9]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: $(VENV)/.installed ## create .venv from requirements.lock

$(VENV)/.installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Seventytwo needs Python 3.11 or later: name one with PYTHON=python3.12 make …")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

demo: setup ## walk an exercise from alert to report (ARGS="--keep" leaves the system up)
	@$(BIN)/seventytwo demo $(ARGS)

up: setup ## start server, worker, desk and watch for real use
	@$(BIN)/seventytwo up $(ARGS)

test: setup ## every test that needs no browser
	$(BIN)/pytest -m "not browser and not soak" -n $(WORKERS) --dist loadfile --no-loadscope-reorder $(ARGS)

check: setup ## formatting, lint, types, layers, lock, generated pages
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m tests.checks.lock
	$(BIN)/python -m tests.checks.law_page
	$(BIN)/python -m tests.checks.playbook_pages
	$(BIN)/python -m tests.checks.sources_page
	$(BIN)/python -m tests.checks.alert_rules_page
	$(BIN)/python -m tests.checks.notices_page
	$(BIN)/python -m tests.checks.scenarios_page

e2e: setup ## the tests in a browser (Chromium)
	$(BIN)/pytest tests/browser -m "not soak" $(ARGS)

soak: setup ## every playbook through the real engine, and other long walks
	$(BIN)/pytest -m soak $(ARGS)

bench: setup ## medians and ratios, written into docs/benchmarks.md
	$(BIN)/python -m tests.bench $(ARGS)

law: setup ## write docs/law.md from the rules
	$(BIN)/python -m tests.checks.law_page --write

playbooks: setup ## write docs/playbooks from the library
	$(BIN)/python -m tests.checks.playbook_pages --write

sources: setup ## write docs/sources.md from the adapters and mappings
	$(BIN)/python -m tests.checks.sources_page --write

notices: setup ## write docs/notice-forms.md from the forms of notices
	$(BIN)/python -m tests.checks.notices_page --write

scenarios: setup ## write the table of docs/scenarios.md from the scenarios
	$(BIN)/python -m tests.checks.scenarios_page --write

lock: setup ## resolve requirements.lock anew
	$(BIN)/uv pip compile --universal --generate-hashes --no-header --python-version 3.11 --extra dev --upgrade pyproject.toml -o requirements.lock --quiet

clean: ## remove what was built, never data
	rm -rf $(VENV) build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
