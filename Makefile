# Everything sets itself up in .venv on first use and is at once ready afterwards.
PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/.run
DEV := $(VENV)/.dev
DOCS := $(VENV)/.docs
PIP := $(VENV)/bin/python -m pip install --quiet --disable-pip-version-check
# Everything comes in the versions of the lock files, and is what their hashes say; `make lock` renews them.
LOCKED = $(PIP) --require-hashes -r
OURS := $(PIP) --no-deps -e .
LOCK := $(VENV)/lock/bin/uv pip compile pyproject.toml --upgrade --universal --python-version 3.11 --generate-hashes \
	--no-annotate --no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock' --quiet
# Two workers more than there are cores: much of a test is waiting for other processes. The longest files come first.
SPREAD := -n $(shell expr $$(nproc) + 2) --dist loadfile --no-loadscope-reorder

.DEFAULT_GOAL := help
.PHONY: help demo test corpus chaos fuzz lint docs screenshots bench setup llm tracing postgresql files lock release-check sbom clean

help:  ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit("Slackwater needs Python 3.11 or newer; run: make PYTHON=python3.11 …" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)

$(RUN): pyproject.toml locks/run.txt | $(VENV)/bin/python
	$(LOCKED) locks/run.txt
	$(OURS)
	@touch $@

$(DEV): pyproject.toml locks/dev.txt | $(VENV)/bin/python
	$(LOCKED) locks/dev.txt
	$(OURS)
	@touch $@ $(RUN)

$(DOCS): pyproject.toml locks/docs.txt | $(VENV)/bin/python
	$(LOCKED) locks/docs.txt
	$(OURS)
	@touch $@ $(RUN)

setup: $(DEV)  ## install everything into .venv: what runs, tests, checks

llm: $(RUN)  ## install the language models' libraries into .venv, for a service that uses one
	$(LOCKED) locks/llm.txt
	$(OURS)

tracing: $(RUN)  ## install the libraries of OpenTelemetry into .venv, for a service that reports traces
	$(LOCKED) locks/tracing.txt
	$(OURS)

postgresql: $(RUN)  ## install the driver of PostgreSQL into .venv, for a service that keeps its store there
	$(LOCKED) locks/postgresql.txt
	$(OURS)

files: $(RUN)  ## install fsspec into .venv, for a service that keeps uploaded files at a URL
	$(LOCKED) locks/files.txt
	$(OURS)

demo: $(RUN)  ## three real sources: back-fill, stop half-way, resume, compare point by point (about 20 s)
	$(VENV)/bin/slackwater demo

# Compiled modules are kept, whatever the environment says: each of hundreds of processes would compile them anew.
test: export PYTHONDONTWRITEBYTECODE =
# What `make lint` holds is looked at there.
test: $(DEV)  ## the whole suite: real processes, signals, HTTP, files; the browser tests need Chromium
	$(VENV)/bin/python -m pytest tests $(SPREAD) --ignore tests/unit/test_house.py

corpus: $(DEV)  ## known tables in thousands of mutations (SEED=…, COUNT=…): exact, asked or wrong, a table by mutation
	$(VENV)/bin/python tests/corpus/mutations.py $(if $(SEED),--seed $(SEED)) $(if $(COUNT),--count $(COUNT))

# What tries few examples in `make test`: all that ask `budget.examples`.
MANY := $(addprefix tests/,faults/test_model.py faults/test_soak.py faults/test_frames.py faults/test_uploads.py \
	acceptance/test_fuzz_api.py corpus/test_api_laws.py corpus/test_files_law.py \
	$(addprefix integration/store/test_,vintages.py blocks.py readings.py points.py))
# What `make test` tries on SQLite alone, and has to do with the store.
ON_POSTGRESQL := $(addprefix tests/acceptance/test_,contract_access.py contract_files.py contract_sources.py \
	contract_wrappers.py stop.py resume.py downloads.py processes.py watchdog.py)
chaos: $(DEV)  ## the fault campaign: kills, full disks, wrong clocks, a long model and a soak; about an hour
	$(VENV)/bin/python tests/faults/campaign.py
	SLACKWATER_CHAOS=200 $(VENV)/bin/python -m pytest -n 2 --dist loadfile $(MANY)
	SLACKWATER_CHAOS=1 $(VENV)/bin/python -m pytest -n 2 --dist loadfile -m "long or hypothesis" tests $(addprefix --ignore ,$(MANY))
	SLACKWATER_TEST_STORE=postgresql $(VENV)/bin/python -m pytest -n 2 --dist loadfile $(ON_POSTGRESQL)

fuzz:  ## coverage-guided fuzzing (atheris) of what a wrapper process says; SECONDS=… long, an hour by default
	$(PYTHON) -m venv $(VENV)/fuzz
	$(VENV)/fuzz/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r locks/run.txt
	$(VENV)/fuzz/bin/python -m pip install --quiet --disable-pip-version-check 'atheris>=3,<4'
	$(VENV)/fuzz/bin/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	$(VENV)/fuzz/bin/python tests/faults/fuzz_frames.py -max_total_time=$(or $(SECONDS),3600)

lint: $(DEV)  ## style, types, layering, docstrings and sizes of modules
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports
	$(VENV)/bin/python -m pytest -q --durations=0 --durations-min=5 tests/unit/test_house.py

docs: $(DEV) $(DOCS)  ## write the generated parts of the docs and build the site into site/; fails on a dead link
	$(VENV)/bin/python docs/generate.py
	$(VENV)/bin/mkdocs build --strict --quiet

screenshots: $(DEV)  ## pictures of the main pages into docs/images; needs Chromium
	PYTHONPATH=tests $(VENV)/bin/python tests/browser/screenshots.py

bench: $(DEV)  ## stop, start, density, discovery, ingest, history, console, chart, vintages, clients, health, nodes and PostgreSQL, each beside a reference run
	$(VENV)/bin/python -m benchmarks

lock:  ## renew the lock files: the newest versions that pyproject.toml allows, with their hashes
	$(PYTHON) -m venv $(VENV)/lock
	$(VENV)/lock/bin/python -m pip install --quiet --disable-pip-version-check 'uv>=0.9'
	$(LOCK) -o locks/run.txt
	$(LOCK) --extra dev -o locks/dev.txt
	$(LOCK) --extra docs -c locks/dev.txt -o locks/docs.txt
	$(LOCK) --extra llm -c locks/dev.txt -o locks/llm.txt
	$(LOCK) --extra tracing -c locks/dev.txt -o locks/tracing.txt
	$(LOCK) --extra postgresql -c locks/dev.txt -o locks/postgresql.txt
	$(LOCK) --extra files -c locks/dev.txt -o locks/files.txt

release-check:  ## build, install the wheel into an empty environment of each Python that is there, and try it
	rm -rf dist/check && mkdir -p dist/check
	$(PYTHON) -m venv dist/check/build
	dist/check/build/bin/python -m pip install --quiet --disable-pip-version-check 'build>=1.2'
	dist/check/build/bin/python -m build --quiet --outdir dist/check .
	@for python in python3.11 python3.12 python3.13 python3.14; do \
		command -v $$python >/dev/null && $$python -c '' 2>/dev/null || { echo "$$python is not there"; continue; }; \
		$$python -m venv dist/check/$$python && dist/check/$$python/bin/python -m pip install --quiet \
			--disable-pip-version-check dist/check/*.whl || exit 1; \
		dist/check/$$python/bin/slackwater --version || exit 1; \
		dist/check/$$python/bin/slackwater run src/slackwater/cli/demo_data/sunspots.csv >/dev/null || exit 1; \
		echo "$$python: installed, and a file was read"; \
	done

sbom: $(RUN)  ## write dist/sbom.json (CycloneDX): what a service without a language model consists of
	$(PYTHON) -m venv $(VENV)/sbom
	$(VENV)/sbom/bin/python -m pip install --quiet --disable-pip-version-check 'cyclonedx-bom>=7,<8'
	@mkdir -p dist
	$(VENV)/sbom/bin/cyclonedx-py requirements locks/run.txt --pyproject pyproject.toml --output-reproducible \
		--of JSON -o dist/sbom.json

clean:  ## remove .venv, caches and the built site
	rm -rf $(VENV) site .mypy_cache .ruff_cache .pytest_cache .hypothesis
