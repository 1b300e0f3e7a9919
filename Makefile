# make apps : set everything up and serve the dashboards
# make test : set everything up and run every check
# The other targets are for people who change the project: see CONTRIBUTING.md.

PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
UV_VERSION := 0.13.9

.PHONY: apps lab test test-fast hub-test hub-load lite lite-test lite-bench bench load calibrate validate population \
  specs catalogue lessons screenshots lock frontend wheel docs release release-try licences audit fuzz clean

apps: $(VENV)/.runtime
	$(BIN)/osteoteach apps

lab: $(VENV)/.runtime
	$(BIN)/osteoteach lab

# pip installs uv into our own environment, uv installs the rest (four times faster).
# Where uv cannot reach an index that pip can, pip does the whole job.
define install_locked
	$(BIN)/python -m uv pip install --quiet --compile-bytecode --python $(BIN)/python \
	  --require-hashes -r $(1) \
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
	$(BIN)/python -m compileall -q osteoteach tests
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

$(VENV)/.docs: requirements-docs.lock $(VENV)/.runtime
	$(call install_locked,requirements-docs.lock)
	@touch $@

# The documentation, from pages, lessons, data and docstrings, into build/site. Warnings are errors.
docs: $(VENV)/.docs
	$(BIN)/python -m tools.site

# Everything that needs neither a browser nor a kernel: some seconds.
test-fast: $(VENV)/.test
	$(BIN)/python -m pytest tests osteoteach --ignore=tests/browser

$(VENV)/.hub: requirements-hub.lock $(VENV)/.test
	$(call install_locked,requirements-hub.lock)
	@touch $@

# A real JupyterHub with its proxy, PostgreSQL and users in browsers: some minutes.
hub-test: $(VENV)/.hub
	sh tests/browser/ensure-browser.sh $(BIN)/python
	sh tests/ensure-postgres.sh
	sh tests/hub/ensure-proxy.sh
	$(BIN)/python -m pytest --run-hub tests/hub

# Thirty users, each with Lab and a dashboard: memory, times, and what culling gives back.
hub-load: $(VENV)/.hub $(VENV)-hub/.ready
	sh tests/ensure-postgres.sh
	sh tests/hub/ensure-proxy.sh
	$(BIN)/python -m tests.hub.load --users-python $(VENV)-hub/bin/python

# The users' environment of a hub: what a school installs, and nothing that only tests need.
$(VENV)-hub/.ready: requirements-hub.lock pyproject.toml | $(VENV)/bin/uv
	$(PYTHON) -m venv $(VENV)-hub
	$(BIN)/python -m uv pip install --quiet --compile-bytecode --python $(VENV)-hub/bin/python \
	  --require-hashes -r requirements-hub.lock
	$(VENV)-hub/bin/python -m pip install --quiet --no-deps --editable .
	@touch $@

# New inputs for all public functions and readers, for some minutes; says how many it tried.
# atheris searches by coverage; it has no wheel for every Python, and is not needed.
FUZZ_MINUTES ?= 10

fuzz: $(VENV)/.test
	$(BIN)/python -m uv pip install --quiet --python $(BIN)/python --only-binary :all: \
	  --require-hashes -r requirements-fuzz.lock \
	  || echo "No wheel of atheris for this Python: without a search by coverage."
	$(BIN)/python -W ignore -m tests.fuzz --minutes $(FUZZ_MINUTES)

bench: $(VENV)/.test
	sh tests/browser/ensure-browser.sh $(BIN)/python
	$(BIN)/python -m benchmarks

# Thirty viewers on one computer: memory, first charts, sliders. Some minutes, nothing else running.
load: $(VENV)/.test
	sh tests/browser/ensure-browser.sh $(BIN)/python
	$(BIN)/python -m benchmarks serving

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
	  --ExecutePreprocessor.record_timing=False notebooks/lessons/*.ipynb
	$(BIN)/jupyter nbconvert --to notebook --inplace --CoalesceStreamsPreprocessor.enabled=True \
	  notebooks/lessons/*.ipynb
	$(BIN)/nbstripout --keep-output --keep-count --keep-id \
	  --extra-keys "metadata.language_info" notebooks/lessons/*.ipynb

screenshots: $(VENV)/.test
	sh tests/browser/ensure-browser.sh $(BIN)/python
	$(BIN)/python -m tests.browser.screenshots --cards

LOCK := $(BIN)/python -m uv pip compile --quiet --universal --python-version 3.11 \
  --generate-hashes --no-emit-index-url --no-annotate --custom-compile-command "make lock"

lock: | $(VENV)/bin/uv
	$(LOCK) pyproject.toml -o requirements.lock
	$(LOCK) pyproject.toml --extra test -c requirements.lock -o requirements-test.lock
	$(LOCK) pyproject.toml --extra hub --extra hub-server -c requirements-test.lock -o requirements-hub.lock
	$(LOCK) pyproject.toml --extra fuzz -c requirements-test.lock -o requirements-fuzz.lock
	$(LOCK) pyproject.toml --extra docs -c requirements-test.lock -o requirements-docs.lock
	$(LOCK) pyproject.toml --extra release -c requirements-test.lock -c requirements-docs.lock -o requirements-release.lock

frontend:
	cd frontend && npm ci && npm run build

# The site that needs no server, in lite/_output: any static host serves it.
lite: $(VENV)/.runtime lite/node_modules/.package-lock.json
	$(BIN)/python -m lite.build

lite/node_modules/.package-lock.json: lite/package-lock.json
	sh lite/ensure-node.sh
	cd lite && npm ci --ignore-scripts

lite-test: $(VENV)/.test lite
	sh tests/browser/ensure-browser.sh $(BIN)/python
	OSTEOTEACH_LITE=1 $(BIN)/python -m pytest --reruns 1 tests/lite

lite-bench: $(VENV)/.test lite
	sh tests/browser/ensure-browser.sh $(BIN)/python
	$(BIN)/python -m benchmarks lite

wheel: $(VENV)/.test
	$(BIN)/python -m build --no-isolation --outdir dist

$(VENV)/.release: requirements-release.lock $(VENV)/.test
	$(call install_locked,requirements-release.lock)
	@touch $@

# Build sdist and wheel, check them, and use the wheel where no checkout is: docs/releasing.md.
# release-try does the same for a version without a date.
release: $(VENV)/.release
	sh tests/browser/ensure-browser.sh $(BIN)/python
	$(BIN)/python -m tools.release

release-try: $(VENV)/.release
	sh tests/browser/ensure-browser.sh $(BIN)/python
	$(BIN)/python -m tools.release --try

# Licences of everything that is locked; needs no network.
licences: $(VENV)/.docs $(VENV)/.release
	$(BIN)/python -m tools.release.licences

# The same, and known vulnerabilities of every locked version, from PyPI. A package about which
# PyPI says nothing counts as a failure, and so does a network that is not there.
audit: licences
	for lock in requirements*.lock; do \
	  $(BIN)/pip-audit --strict --disable-pip --require-hashes -s pypi -r $$lock || exit 1; done

clean:
	rm -rf $(VENV) $(VENV)-hub dist build .pytest_cache .ruff_cache .import_linter_cache
