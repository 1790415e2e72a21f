# Everything sets itself up in .venv on first use and is at once ready afterwards.
PYTHON ?= python3
VENV := .venv
READY := $(VENV)/.ready
# Two workers more than there are cores: much of a test is waiting for other processes. The longest files come first.
SPREAD := -n $(shell expr $$(nproc) + 2) --dist loadfile --no-loadscope-reorder

.DEFAULT_GOAL := help
.PHONY: help demo test chaos lint docs screenshots bench setup clean

help:  ## this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(READY): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Slackwater needs Python 3.11 or newer; call: make PYTHON=python3.11 …" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $(READY)

setup: $(READY)  ## install everything into .venv

demo: $(READY)  ## three real sources: back-fill, stop half-way, resume, compare point by point
	$(VENV)/bin/slackwater demo

test: $(READY)  ## the whole suite: real processes, real signals, real HTTP, real files
	$(VENV)/bin/python -m pytest tests $(SPREAD)

chaos: $(READY)  ## the fault campaign: kills, full disks, wrong clocks, then a long model and a soak; one table
	$(VENV)/bin/python tests/faults/campaign.py
	SLACKWATER_CHAOS=200 $(VENV)/bin/python -m pytest -n 2 --dist loadfile tests/faults/test_model.py tests/faults/test_soak.py

lint: $(READY)  ## style, types, layering
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports

docs: $(READY)  ## write the generated parts of the docs
	$(VENV)/bin/python docs/generate.py

screenshots: $(READY)  ## pictures of the main pages into docs/images; needs Chromium
	$(VENV)/bin/python tests/browser/screenshots.py

bench: $(READY)  ## stop, start, density, ingest, history, console and chart
	$(VENV)/bin/python -m benchmarks

clean:  ## remove .venv and caches
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis
