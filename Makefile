# `make` prints this help; a target builds the environments it needs first.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules

# The first Python on the PATH that every environment runs on, then 3.13 (no alibi-detect there).
PYTHON ?= $(shell for name in python3.12 python3.11 python3 python3.13; do \
	"$$name" -c 'import sys; ok = (3, 11) <= sys.version_info[:2] < (3, 14); print(sys.executable) if ok else None; sys.exit(not ok)' \
	2>/dev/null && break; done)
# Of the tests: one a core, on two.
WORKERS ?= 2
UV := $(shell command -v uv 2>/dev/null || echo .uv/bin/uv)

export UV_PYTHON_DOWNLOADS := never
# Behind a company proxy, its certificate is known to the system only.
export UV_SYSTEM_CERTS := true
export DO_NOT_TRACK := true
export DBT_SEND_ANONYMOUS_USAGE_STATS := false
export MLFLOW_DISABLE_TELEMETRY := true
export SCARF_NO_ANALYTICS := true
export GX_ANALYTICS_ENABLED := false

.PHONY: help setup spark demo up down test stories quick faults proof nights pages benchmark benchmark-api load-test benchmark-features benchmark-training benchmark-drift benchmark-night benchmark-spark verdicts year reasons shap properties image chart check docs fix clean lock mlflow-ui

help: ## What can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: .venv/.installed .venv-airflow/.installed .venv-alibi/.installed ## Build the three environments from their locks

spark: .venv-spark/.installed ## Build the environment of populations with engine = "spark"; Java 17 or 21 has to be there

demo: setup ## 20,000 customers, a champion and three nights through Airflow, in one command
	@.venv/bin/churn demo

up: setup ## Start Airflow and the MLflow server; print addresses and login
	@.venv/bin/churn up

down: .venv/.installed ## End everything that was started, the database too
	@.venv/bin/churn down

mlflow-ui: setup ## Start only the MLflow server and print its address
	@.venv/bin/churn up --only mlflow

test: setup ## Every kind of test, from a bare clone, in ten minutes
	@.venv/bin/pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder --durations 15 $(TESTS)

stories: setup ## The tests that `make test` leaves out: whole nights, more faults and attacks (a quarter of an hour)
	@.venv/bin/pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder --durations 15 -m 'story and not slow' $(TESTS)

# What adapters do to files and models, what the demo makes up, what benchmarks are made of, servers that are asked, and
# what is shown by drawing thousands of worlds take as long as all the others.
quick: .venv/.installed ## Unit tests of what is decided, and contract tests on doubles, in about half a minute
	@OMP_NUM_THREADS=1 .venv/bin/pytest -n $(WORKERS) --dist loadfile -m 'not slow and not story and not server and not adapter and not simulation' \
		--ignore tests/unit/adapters --ignore tests/unit/api --ignore tests/unit/benchmarks --ignore tests/unit/demo \
		tests/unit tests/contracts

faults: setup ## Kill, fill, break and race everything while people read; rewrites docs/faults.md (half an hour)
	@.venv/bin/python -m tests.faults.suite

proof: setup ## Twenty quiet nights and a planted change, twice, with 20,000 customers (a quarter of an hour)
	@.venv/bin/pytest -m slow tests/e2e/test_planted_changes.py

pages: .venv/.installed ## Pages of hostile nights in Chromium: they fit, print, stand out and fetch nothing (AXE_CORE=axe.min.js asks axe too)
	@.venv/bin/pytest -m browser tests/browser

benchmark-drift: setup ## A calm year and planted changes, judged by both engines; goes on where it was stopped (hours)
	@.venv/bin/python -m tests.benchmarks.drift --engine scipy
	@.venv/bin/python -m tests.benchmarks.drift --engine alibi --judged 30 --repeats 3
	@.venv/bin/python -m tests.benchmarks.drift --engine scipy --customers 100000 --nights 100 --only calm
	@.venv/bin/python -m tests.benchmarks.drift_million

# A night of 1,000,000 customers; `make benchmark SIZE=200000` for a smaller one.
SIZE ?= 1000000
benchmark: .venv/.installed ## What a night of scoring costs beside pandas, and beside reading, predicting and writing alone
	@.venv/bin/python -m tests.benchmarks.scoring --customers $(SIZE)

# Of a generated business; `make benchmark-features SIZE=20000` for a smaller one.
benchmark-features: .venv/.installed ## What the features of one new day cost, step by step, beside reading once what they are made of
	@.venv/bin/python -m tests.benchmarks.features --customers $(SIZE)

benchmark-training: .venv/.installed ## What a training of up to 5,000,000 rows of 60 features holds in memory
	@.venv/bin/python -m tests.benchmarks.training

benchmark-night: setup ## A night of 20,000 customers by one command and by its ten: CPU and seconds; goes on where it was stopped (a quarter of an hour)
	@.venv/bin/python -m tests.benchmarks.small_night

# Of so many customers the cluster's share is mostly its start: `make benchmark-spark SPARK_SIZES="20000 100000 1000000"`.
SPARK_SIZES ?= 20000 100000
benchmark-spark: .venv/.installed .venv-spark/.installed ## The same lists by a cluster of Spark on this machine, beside scoring here
	@.venv/bin/python -m tests.benchmarks.spark $(SPARK_SIZES)

benchmark-api: .venv/.installed ## What answers of the service cost beside a bare echo, and how long they take at rising rates (ten minutes)
	@.venv/bin/python -m tests.benchmarks.api
	@.venv/bin/python -m tests.benchmarks.api_open_loop

load-test: .venv/.installed .venv-load/.installed ## A mixture of requests by locust for a minute, with a table and a picture
	@.venv/bin/python -m tests.load.run

verdicts: .venv/.installed ## 200 pairs of made-up models of which it is known which is to be promoted (half an hour of CPU)
	@.venv/bin/python -m tests.benchmarks.verdicts

year: setup ## A year of nights of which it is known who left: does a score mean what it says (an hour; goes on where it was stopped)
	@.venv/bin/python -m tests.benchmarks.year

reasons: .venv/.installed ## Scores and reasons of a million customers: seconds, memory, and that they add up (two minutes)
	@.venv/bin/python -m tests.benchmarks.reasons_million

shap: .venv/.installed .venv-shap/.installed ## What every family of models gives as reasons, beside what the library shap does
	@.venv/bin/pytest tests/integration/test_shap.py

nights: setup ## Ninety nights in a row of a log that somebody brought, and what their gates found (a quarter of an hour)
	@.venv/bin/pytest -s -m slow tests/e2e/test_ninety_nights.py

properties: .venv/.installed ## A thousand inputs nobody would think of, for every property (as every night in CI)
	@CHURN_EXAMPLES=nightly .venv/bin/pytest -n $(WORKERS) --dist loadfile -m 'not slow' tests/security

image: .venv/.installed ## The image's environment made as the Dockerfile says, without Docker, and looked at
	@.venv/bin/pytest -m 'slow or not slow' tests/integration/test_image.py

chart: .venv/.installed .venv-kubernetes/.installed ## The chart for Kubernetes linted, rendered and validated strictly, without a cluster or a network
	@.venv/bin/pytest tests/integration/test_chart.py

check: .venv/.installed .venv-airflow/.installed .venv-checks/.installed ## Format, lint, types, import directions, SQL, pages, workflows, image, secrets
	@.venv/bin/ruff format --check --quiet . && .venv/bin/ruff check --quiet .
	@.venv/bin/mypy --no-error-summary
	@.venv/bin/lint-imports --no-logo > .import_linter.log || { cat .import_linter.log; rm .import_linter.log; exit 1; }; rm .import_linter.log
	@.venv/bin/sqlfluff lint --disable-progress-bar dbt_project/models sql > .sqlfluff.log || { cat .sqlfluff.log; rm .sqlfluff.log; exit 1; }; rm .sqlfluff.log
	@.venv/bin/python -m docs.generate --check
	@.venv/bin/zizmor --offline --quiet --persona auditor .github
	@.venv-checks/bin/checkov --skip-download --quiet --compact --framework dockerfile github_actions \
		--file Dockerfile .github/workflows/*.yml > .checkov.log || { cat .checkov.log; rm .checkov.log; exit 1; }; rm .checkov.log
	@.venv/bin/python .ci/secret_scan.py
	@echo "format, lint, types, import directions, SQL, generated pages, workflows, image and secrets are fine"

docs: .venv/.installed ## Write what the pages in docs/ repeat of code and runs
	@.venv/bin/python -m docs.generate

fix: .venv/.installed ## Mend what the linters can mend
	@.venv/bin/ruff format . && .venv/bin/ruff check --fix .
	@.venv/bin/sqlfluff fix --disable-progress-bar dbt_project/models sql

clean: ## End everything and remove the state of this checkout: the database, models and logs
	@if [ -x .venv/bin/churn ]; then .venv/bin/churn down --remove; fi
	@rm -rf var .mypy_cache .ruff_cache .pytest_cache .import_linter_cache dbt_project/target dbt_project/logs

lock: | $(UV) ## Resolve requirements/*.in again
	@for name in uv build pipeline airflow alibi checks spark kubernetes load shap; do \
		$(UV) pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header \
			requirements/$$name.in -o requirements/$$name.txt; done
	@$(UV) pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header \
		requirements/dev.in -c requirements/pipeline.txt -o requirements/dev.txt

.uv/bin/uv: requirements/uv.txt
	@test -n "$(PYTHON)" || { echo "error: no Python 3.11 to 3.13 on the PATH" >&2; exit 1; }
	@echo "  uv            from requirements/uv.txt"
	@rm -rf .uv; "$(PYTHON)" -m venv .uv 2>/dev/null && .uv/bin/pip install --quiet --require-hashes -r requirements/uv.txt \
		|| { rm -rf .uv; "$(PYTHON)" -m pip install --quiet --target .uv --require-hashes -r requirements/uv.txt; }
	@touch $@

.venv/.installed: requirements/dev.txt pyproject.toml | $(UV)
	@$(call environment,.venv,dev)
	@$(UV) pip install --quiet --python .venv/bin/python --no-deps --no-build-isolation --editable .
	@touch $@

.venv-airflow/.installed: requirements/airflow.txt | $(UV)
	@$(call environment,.venv-airflow,airflow)
	@touch $@

# alibi-detect does not run on Python 3.13; without it drift is computed by scipy.
.venv-alibi/.installed: requirements/alibi.txt | $(UV)
	@if "$(PYTHON)" -c 'import sys; sys.exit(sys.version_info >= (3, 13))'; then \
		$(call environment,.venv-alibi,alibi); \
	else echo "  .venv-alibi   skipped: alibi-detect needs Python 3.11 or 3.12; drift will use scipy"; mkdir -p .venv-alibi; fi
	@touch $@

.venv-spark/.installed: requirements/spark.txt | $(UV)
	@$(call environment,.venv-spark,spark)
	@touch $@

.venv-checks/.installed: requirements/checks.txt | $(UV)
	@$(call environment,.venv-checks,checks)
	@touch $@

.venv-kubernetes/.installed: requirements/kubernetes.txt | $(UV)
	@$(call environment,.venv-kubernetes,kubernetes)
	@touch $@

.venv-load/.installed: requirements/load.txt | $(UV)
	@$(call environment,.venv-load,load)
	@touch $@

.venv-shap/.installed: requirements/shap.txt | $(UV)
	@$(call environment,.venv-shap,shap)
	@touch $@

define environment
started=$$SECONDS; \
printf '  %-13s from requirements/%s.txt ' "$(1)" "$(2)"; \
$(UV) venv --quiet --clear --python "$(PYTHON)" $(1); \
$(UV) pip install --quiet --compile-bytecode --require-hashes --python $(1)/bin/python -r requirements/$(2).txt; \
echo "$$((SECONDS - started)) s"
endef
