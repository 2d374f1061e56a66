# Needs Python 3.11 to 3.14, make and git; everything else is installed into .venv from the lock files.

VENV     := .venv
BIN      := $(VENV)/bin
PIP      := $(BIN)/python -m pip --disable-pip-version-check
INBOX    ?= data/sample
SETTINGS ?= groupfunnel.toml
HOME_DIR ?= .
# What computes the models: duckdb, or spark on MASTER (default: this machine; needs Java 17).
ENGINE   ?= duckdb
MASTER   ?=
ENGINE_READY := $(if $(filter spark,$(ENGINE)),$(VENV)/.installed-spark)
JOBS     ?= 2
PYTEST_ARGS ?=
SIZE     ?= small
STEPS    ?=
MESSAGES ?= 1000000
EXAMPLES ?= 1000
SEED     ?= 1
KILLS    ?= 200
# Options of tests.install.versions: --quick, --only lowest, --python 3.12
VERSIONS ?=
SHARE    ?= 1
# An OSV server that `make audit` asks instead of the index.
OSV      ?=
ONLY     ?=
ROWS     ?= 1000000
GROUPS   ?= 200
EVENTS   ?= 5000000
# What benchmarks compare with lives in an environment of its own.
BENCH_VENV := .venv-bench
PEERS    ?= $(BENCH_VENV)/bin/python
BENCH_READY := $(if $(filter $(BENCH_VENV)/bin/python,$(PEERS)),$(BENCH_VENV)/.installed)
# Say PYTHON=/path/to/python3.12 to choose one; otherwise the first of these that is new enough.
PYTHON   ?=
PYTHONS  := $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11 python

.DEFAULT_GOAL := help
.PHONY: help install report test fuzz faults versions lint lock sample docs pictures bench bench-build bench-load bench-report bench-explore wheel audit clean
.DELETE_ON_ERROR:

help: ## print this help
	@printf 'groupfunnel: exports of chat groups in, an offline report out.\n\n'
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))
	@printf '\nYour own files:\n  make report INBOX=folder SETTINGS=groupfunnel.toml HOME_DIR=folder\n'

report: $(VENV)/.installed $(ENGINE_READY) ## build the report of data/sample, or of INBOX=… SETTINGS=… HOME_DIR=… (ENGINE=spark MASTER=…)
	@$(BIN)/groupfunnel run --inbox "$(INBOX)" --settings "$(SETTINGS)" --home "$(HOME_DIR)" \
		--engine $(ENGINE) $(if $(MASTER),--spark-master $(MASTER))

test: $(VENV)/.installed-dev ## run all tests (PYTEST_ARGS="-k name", JOBS=4)
	@$(BIN)/python -m pytest -n $(JOBS) --dist loadscope --no-loadscope-reorder $(PYTEST_ARGS)

fuzz: $(VENV)/.installed-dev ## load EXAMPLES=1000 mutated files of every format (ONLY="csv qq", SEED=1)
	@$(BIN)/python -m tests.load.fuzz --examples $(EXAMPLES) --seed $(SEED) --share $(SHARE) $(if $(ONLY),--only $(ONLY))

faults: $(VENV)/.installed-dev ## kill KILLS=200 weekly runs at random moments and look at what they leave (SEED=1)
	@$(BIN)/python -m tests.run.kills --kills $(KILLS) --seed $(SEED)

versions: $(VENV)/.installed-dev ## try every supported Python found here with the oldest, locked and newest dependencies
	@$(BIN)/python -m tests.install.versions $(VERSIONS)

lint: $(VENV)/.installed-dev ## ruff and mypy
	@$(BIN)/ruff check .
	@$(BIN)/mypy

install: $(VENV)/.installed ## make .venv with what a report needs

docs: $(VENV)/.installed-dev ## write the generated pages of docs/ anew
	@$(BIN)/python -m pipelines.reference write
	@$(BIN)/python -m pipelines.checks > docs/checks.md

pictures: $(VENV)/.installed-dev ## take the pictures of the README from data/sample (needs Chromium, Chrome or Edge)
	@$(BIN)/python docs/images/make.py

# A new sample can change: the reports and tests that read data/sample follow it.
sample: $(VENV)/.installed ## write data/sample anew (the same seed gives the same bytes)
	@$(BIN)/groupfunnel sample data/sample

bench: $(VENV)/.installed $(BENCH_READY) ## measure SIZE=small|medium|large beside pandas, Polars, ClickHouse (PEERS= for none)
	@PYTHONPATH=. $(BIN)/python -m benchmarks --size $(SIZE) $(if $(PEERS),--peers $(PEERS)) $(if $(STEPS),--steps $(STEPS) --keep)

bench-build: $(VENV)/.installed ## time the build of all models on MESSAGES=1000000 generated messages
	@$(BIN)/python benchmarks/build.py --messages $(MESSAGES)

bench-load: $(VENV)/.installed ## time the load of a CSV of ROWS=1000000 messages beside a bare typed read
	@$(BIN)/python benchmarks/load.py --rows $(ROWS)

bench-report: $(VENV)/.installed-dev ## time the report of GROUPS=200 groups
	@PYTHONPATH=. $(BIN)/python benchmarks/report.py --groups $(GROUPS)

bench-explore: $(VENV)/.installed ## time a funnel and a retention of EVENTS=5000000 events, beside ClickHouse where chdb is installed
	@$(BIN)/python benchmarks/explore.py --events $(EVENTS)

audit: $(VENV)/.installed-dev ## look the locked dependencies up in the index's list of known flaws (needs the network; OSV=URL)
	@$(BIN)/python -m tests.install.audit $(if $(OSV),--osv $(OSV))

wheel: $(VENV)/.installed ## build dist/*.whl and dist/*.tar.gz
	@$(BIN)/python -m hatchling build

# --no-config: what a machine's own configuration adds must not get into the locks.
LOCK := $(BIN)/uv pip compile --no-config --universal --python-version 3.11 \
	--generate-hashes --no-header --no-annotate --quiet
lock: $(VENV)/.installed-dev ## resolve the lock files anew (UPGRADE=--upgrade for newer versions)
	@echo 'hatchling>=1.27' | env -u UV_INDEX -u UV_EXTRA_INDEX_URL -u UV_FIND_LINKS \
		$(LOCK) $(UPGRADE) pyproject.toml - -o requirements.lock
	@env -u UV_INDEX -u UV_EXTRA_INDEX_URL -u UV_FIND_LINKS \
		$(LOCK) $(UPGRADE) --constraints requirements.lock --extra dev pyproject.toml -o requirements-dev.lock
	@env -u UV_INDEX -u UV_EXTRA_INDEX_URL -u UV_FIND_LINKS \
		$(LOCK) $(UPGRADE) --constraints requirements-dev.lock --extra spark pyproject.toml \
		-o requirements-spark.lock

clean: ## remove .venv, .venv-bench, caches, build results, the built reports and their warehouse (data/sample stays)
	rm -rf $(VENV) $(BENCH_VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis dist build
	rm -rf data/warehouse.duckdb data/warehouse.duckdb.* data/kept data/logs data/lake data/lakes.txt data/spark \
		data/.lock
	find reports -mindepth 1 ! -name .gitkeep -delete
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Stamps: what is older than its lock file, or missing, is installed; everything else is skipped.
$(VENV)/.made:
	@set -e; found=; \
	new_enough='import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))'; \
	if [ -x $(BIN)/python ] && $(BIN)/python -c "$$new_enough" 2>/dev/null; then touch $@; exit 0; fi; \
	for python in $(PYTHONS); do \
		if command -v "$$python" >/dev/null 2>&1 && "$$python" -c "$$new_enough" 2>/dev/null; \
		then found=$$python; break; fi; \
	done; \
	if [ -z "$$found" ]; then \
		echo 'groupfunnel needs Python 3.11 to 3.14 and found none (looked for: $(strip $(PYTHONS))).' >&2; \
		echo 'Install one (python.org, your package manager, `uv python install 3.13`), or name it: make report PYTHON=/path/to/python' >&2; \
		exit 1; \
	fi; \
	echo "Making $(VENV) with $$("$$found" --version)"; \
	"$$found" -m venv --clear $(VENV) || { \
		rm -rf $(VENV); \
		echo 'Python could not make an environment. On Debian and Ubuntu: apt-get install python3-venv' >&2; \
		exit 1; \
	}; \
	touch $@

$(VENV)/.installed: requirements.lock pyproject.toml | $(VENV)/.made
	@echo 'Installing from requirements.lock; the first time this takes a minute or two'
	@$(PIP) install --quiet --require-hashes -r requirements.lock
	@$(PIP) install --quiet --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.installed-dev: requirements-dev.lock $(VENV)/.installed
	@echo 'Installing from requirements-dev.lock'
	@$(PIP) install --quiet --require-hashes -r requirements-dev.lock
	@touch $@

$(VENV)/.installed-spark: requirements-spark.lock $(VENV)/.installed
	@echo 'Installing from requirements-spark.lock: PySpark, 0.5 GB'
	@$(PIP) install --quiet --require-hashes -r requirements-spark.lock
	@touch $@

$(BENCH_VENV)/.installed: benchmarks/requirements.txt | $(VENV)/.made
	@echo 'Installing benchmarks/requirements.txt: pandas, Polars and ClickHouse (chDB), 1 GB'
	@$(BIN)/python -m venv --clear $(BENCH_VENV)
	@$(BENCH_VENV)/bin/python -m pip --disable-pip-version-check install --quiet -r benchmarks/requirements.txt
	@touch $@
