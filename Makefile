# Every target sets up what it needs in .venv and does its job: a fresh clone and Python are enough.
#
#   make demo   solve the bundled Kalundborg scenario; ends with the paths of its map and report
#   make test   run all tests
#
# Another interpreter:      make test PYTHON=python3.12
# Some of the benchmarks:   make bench SIZES=1000,10000 PHASES=build,hand_over

PYTHON ?= python3
VENV   ?= .venv
JOBS   ?= 2
OUT    ?= out/kalundborg
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check

.DEFAULT_GOAL := help
.PHONY: help demo ready test coverage lint format types docs bench clean distclean

help: ## say what each target does
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

demo: $(VENV)/.ready ## solve the bundled Kalundborg scenario, draw its map
	$(BIN)/isopt check scenarios/kalundborg
	$(BIN)/isopt solve scenarios/kalundborg -o $(abspath $(OUT))

ready: $(VENV)/.ready-dev ## install what the targets below need

test: $(VENV)/.ready-dev ## run all tests and the examples in the docstrings
	$(BIN)/python -m pytest -n $(JOBS) --dist worksteal

coverage: $(VENV)/.ready-dev ## run all tests and hold the covered share of isopt/ to 90 %
	$(BIN)/python -m pytest -n $(JOBS) --dist worksteal --cov --cov-report=term --cov-fail-under=90

lint: $(VENV)/.ready-dev ## check the style of the code
	$(BIN)/ruff check .

format: $(VENV)/.ready-dev ## lay out the code and mend what can be mended without thought
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: $(VENV)/.ready-dev ## check the types of isopt/, strictly
	$(BIN)/mypy

docs: $(VENV)/.ready-dev ## build the documentation, a warning is an error
	$(BIN)/sphinx-build -W --keep-going -q -b html docs docs/_build/html
	@echo "docs    $(abspath docs/_build/html/index.html)"

bench: $(VENV)/.ready-bench ## measure every phase against its baselines: one table, one plot, one results.json
	$(BIN)/python -m benchmarks $(if $(SIZES),--sizes $(SIZES)) $(if $(PHASES),--phases $(PHASES))

clean: ## remove what runs leave behind, keep the environment
	rm -rf out build dist htmlcov docs/_build docs/_generated .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage .coverage.*
	find isopt tests docs benchmarks -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true

distclean: clean ## remove the environment too
	rm -rf $(VENV)

# One environment; a stamp tells which of its parts are installed, and a change of pyproject.toml makes each of them stale.

$(BIN)/python:
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; (3, 11) <= v < (3, 14) or sys.exit("isopt needs Python 3.11, 3.12 or 3.13 and $(PYTHON) is %d.%d: say make PYTHON=/path/to/python3.12" % v)'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.ready: pyproject.toml | $(BIN)/python
	$(PIP) install -q -e .
	@touch $@

# pip compiles one file after the other, and packages' own tests too; here all cores do, and what is left out is compiled once it is imported.
$(VENV)/.ready-dev: pyproject.toml | $(BIN)/python
	$(PIP) install -q --no-compile -e ".[dev]"
	@$(BIN)/python -m compileall -qq -j 0 -x '/(tests?|examples?)/' $(VENV)/lib || true
	@touch $@ $(VENV)/.ready

$(VENV)/.ready-bench: pyproject.toml | $(BIN)/python
	$(PIP) install -q -e ".[bench]"
	@touch $@ $(VENV)/.ready
