PYTHON ?= python3
TORCH_INDEX ?=

VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed

.DEFAULT_GOAL := help
.PHONY: help install demo test lint types notebooks bench docs clean

help:  ## say what each target does
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo
	@echo "  PYTHON=python3.12   the Python (3.11 or newer) that .venv is made with"
	@echo "  TORCH_INDEX=URL     an index of PyTorch builds, such as PyTorch's own for CPUs"

install: $(INSTALLED)  ## make .venv and install everything into it

# Redone only when what is to be installed has changed. Without editable_mode=compat, Python would take this folder, if it is called aligner,
# for the package where it runs in the folder above.
$(INSTALLED): setup.cfg pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("aligner needs Python 3.11 or newer; this is " + sys.version + "\nname another: make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)
	@echo "installing into $(VENV): some minutes and 2.6 GB, most of them PyTorch's (less with TORCH_INDEX=URL)"
	$(BIN)/python -m pip install --config-settings editable_mode=compat $(if $(TORCH_INDEX),--extra-index-url $(TORCH_INDEX)) -c constraints.txt -e '.[all]'
	@touch $@

demo: $(INSTALLED)  ## align everything in examples/ and show the result
	$(BIN)/python examples/demo.py

test: $(INSTALLED)  ## run the whole test suite
	$(BIN)/python -m pytest

lint: $(INSTALLED)  ## check style and formatting
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: $(INSTALLED)  ## check types
	$(BIN)/mypy

notebooks: $(INSTALLED)  ## run every notebook from top to bottom
	$(BIN)/python -m pytest tests/test_notebooks.py

bench: $(INSTALLED)  ## run the benchmarks, which take an hour and gold data
	@test -n "$$ALIGNER_GOLD" || { echo "ALIGNER_GOLD does not say where the gold data lie (docs/quality.md)"; exit 2; }
	@set -e; for benchmark in $$(grep -l '^if __name__' benchmarks/*.py); do echo "== $$benchmark"; PYTHONPATH=tests $(BIN)/python $$benchmark; done

docs: $(INSTALLED)  ## write what is made of other files: docs/cli.md, keys in docs/review.md, the notebook in the package
	$(BIN)/python docs/write_cli.py
	$(BIN)/python docs/write_keys.py
	cp notebooks/02_review.ipynb aligner/reviewing/notebook/review.ipynb

clean:  ## remove .venv and everything that the other targets made
	rm -rf $(VENV) demo build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
