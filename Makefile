# make apps : set everything up and serve the dashboards
# make test : set everything up and run every check
# The other targets are for people who change the project: see CONTRIBUTING.md.

PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
UV_VERSION := 0.13.9

.PHONY: apps lab test test-fast fuzz bench calibrate validate population specs catalogue lessons screenshots lock frontend wheel clean

apps: $(VENV)/.runtime
	$(BIN)/osteoteach apps

lab: $(VENV)/.runtime
	$(BIN)/osteoteach lab

# pip installs uv into our own environment, uv installs the rest (four times faster).
# Where uv cannot reach an index that pip can, pip does the whole job.
define install_locked
	$(BIN)/python -m uv pip install --quiet --python $(BIN)/python --require-hashes -r $(1) \
	  || $(BIN)/python -m pip install --quiet --require-hashes -r $(1)
endef

$(VENV)/bin/uv:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "osteoteach needs Python 3.11 or newer: make PYTHON=/path/to/python3.11")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet uv==$(UV_VERSION)

$(VENV)/.runtime: requirements.lock pyproject.toml | $(VENV)/bin/uv
	$(call install_locked,requirements.lock)
	$(BIN)/python -m pip install --quiet --no-deps --editable .
	@touch $@

$(VENV)/.test: requirements-test.lock $(VENV)/.runtime
	$(call install_locked,requirements-test.lock)
	@touch $@

test: $(VENV)/.test
	sh tests/browser/ensure-browser.sh $(BIN)/python
	sh tests/ensure-postgres.sh
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/python -m pytest $(TWICE) tests osteoteach --ignore=tests/browser
	$(BIN)/python -m pytest $(TWICE) --reruns 1 tests/browser
	$(BIN)/python -m pytest -o addopts=-q --nbval-lax notebooks/dashboards
	$(BIN)/python -m pytest -o addopts=-q $(TWICE) --nbval notebooks/lessons

# A browser on a busy machine may miss its time once; what is wrong fails twice.
# Two at a time, a file never split: a notebook's cells and a module's fixtures stay together.
TWICE := -n 2 --dist loadfile

# Everything that needs neither a browser nor a kernel: some seconds.
test-fast: $(VENV)/.test
	$(BIN)/python -m pytest tests osteoteach --ignore=tests/browser

# New inputs for all public functions and readers, for some minutes; says how many it tried.
# atheris searches by coverage; it has no wheel for every Python, and is not needed.
FUZZ_MINUTES ?= 10
ATHERIS := atheris==3.0.0

fuzz: $(VENV)/.test
	$(BIN)/python -m uv pip install --quiet --python $(BIN)/python --only-binary :all: $(ATHERIS) \
	  || echo "No wheel of atheris for this Python: without a search by coverage."
	$(BIN)/python -W ignore -m tests.fuzz --minutes $(FUZZ_MINUTES)

bench: $(VENV)/.test
	sh tests/browser/ensure-browser.sh $(BIN)/python
	$(BIN)/python -m benchmarks

# Fit the constants of the remodelling model to the calibration rows of data/trials.csv.
calibrate: $(VENV)/.runtime
	$(BIN)/python -m osteoteach.calibration fit

# Count a synthetic population for the page that shows it.
population: $(VENV)/.runtime
	$(BIN)/python -m osteoteach.synthetic_population

# Hold the model against every published number, seen and unseen, and write the scores.
validate: $(VENV)/.runtime
	$(BIN)/python -m osteoteach.calibration validate

specs: $(VENV)/.runtime
	$(BIN)/python -m osteoteach.view.chart_specs

catalogue: $(VENV)/.runtime
	$(BIN)/python -m osteoteach.evidence

# Run every lesson again and save its outputs, without times and other noise.
lessons: $(VENV)/.test
	$(BIN)/jupyter nbconvert --to notebook --inplace --execute \
	  --ExecutePreprocessor.record_timing=False --ExecutePreprocessor.coalesce_streams=True \
	  notebooks/lessons/*.ipynb
	$(BIN)/nbstripout --keep-output --keep-count --keep-id \
	  --extra-keys "metadata.language_info" notebooks/lessons/*.ipynb

screenshots: $(VENV)/.test
	sh tests/browser/ensure-browser.sh $(BIN)/python
	$(BIN)/python -m tests.browser.screenshots

LOCK := $(BIN)/python -m uv pip compile --quiet --universal --python-version 3.11 \
  --generate-hashes --no-emit-index-url --no-annotate --custom-compile-command "make lock"

lock: | $(VENV)/bin/uv
	$(LOCK) pyproject.toml -o requirements.lock
	$(LOCK) pyproject.toml --extra test -c requirements.lock -o requirements-test.lock

frontend:
	cd frontend && npm ci && npm run build

wheel: $(VENV)/.test
	$(BIN)/python -m build --no-isolation --outdir dist

clean:
	rm -rf $(VENV) dist build .pytest_cache .ruff_cache .import_linter_cache
