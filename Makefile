# make app · make test · make check · make bench: each sets up what it needs. `make help` lists all.

PYTHON ?= python3
VENV ?= .venv
PORT ?= 8501
BIN := $(VENV)/bin
PIP := $(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt
export KB_HOME ?= .kb

.PHONY: help install app test lint check coverage architecture fuzz bench bench-quality bench-answers bench-load picture picture-lens constraints clean

help:
	@echo "make app      install, read the sample interviews, open the app"
	@echo "make test     install what tests need and run all of them"
	@echo "make lint     linters, types, architecture, dependencies"
	@echo "make check    make lint and the fast tests"
	@echo "make coverage which lines the fast tests do not run"
	@echo "make architecture  draw docs/architecture.md's picture again"
	@echo "make fuzz     throw broken files, names, tables, questions and addresses at the program, MINUTES each (default 10)"
	@echo "              then forge backups and damage homes, for SECONDS each (default 60)"
	@echo "make bench    measure speed on the samples"
	@echo "make bench-quality  measure retrieval against the usual pipelines, on fetched interviews"
	@echo "make bench-load HOME_FOLDER=...  measure the app under many readers at once"
	@echo "make bench-answers  measure answers to themes, each step by itself, on fetched interviews"
	@echo "make picture  take the README's picture of an answer again; make picture-lens, that of the lens"

install: $(BIN)/.installed

# torch comes first and alone: with it in place, nothing asks for another build of it.
$(BIN)/.installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	@echo "Installing torch, then the rest; about two minutes, 2.3 GB on disk."
	$(PIP) torch
	$(PIP) --editable .
	@touch $@

$(BIN)/.installed-test: $(BIN)/.installed
	$(PIP) --editable ".[test]"
	@touch $@

# Memory that a crowd of readers took comes back only where their threads take it from the same few places (mallopt(3)).
# A first reading of the samples that was broken off is taken up again; a catalog that hosts share is left as it is.
app: install
	@test -n "$$KB_CATALOG_URL" || { test -e $(KB_HOME)/catalog.sqlite && ! test -e $(KB_HOME)/unfinished; } || \
		{ mkdir -p $(KB_HOME) 2>/dev/null && touch $(KB_HOME)/unfinished; $(BIN)/kb-ingest corpus && rm -f $(KB_HOME)/unfinished; }
	@echo "Opening http://127.0.0.1:$(PORT) (Ctrl-C stops it)"
	@test -n "$$CI" || (sleep 3; $(BIN)/python -m webbrowser http://127.0.0.1:$(PORT) >/dev/null 2>&1) &
	@MALLOC_ARENA_MAX=$${MALLOC_ARENA_MAX:-2} $(BIN)/streamlit run app.py --server.port $(PORT)

# A process for each core, up to four: each loads the model. The tests of a file run one after another.
SIDE_BY_SIDE := -n auto --maxprocesses 4 --dist loadgroup

# Coverage is measured in the same run, against the floor in pyproject.toml.
test: $(BIN)/.installed-test
	$(BIN)/pytest $(SIDE_BY_SIDE) --cov --cov-report=

lint: $(BIN)/.installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry .

check: lint
	$(BIN)/pytest $(SIDE_BY_SIDE) -m "not slow"

# Apart from `make check`: measuring makes the fast tests a fifth slower, and more where they read files.
coverage: $(BIN)/.installed-test
	$(BIN)/pytest -m "not slow" --cov --cov-report=term-missing

# The picture is drawn from the imports; a test fails when it is out of date.
architecture: $(BIN)/.installed-test
	$(BIN)/python docs/draw_architecture.py

bench: $(BIN)/.installed-test
	$(BIN)/python -m bench

MINUTES ?= 10
SECONDS ?= 60
fuzz: $(BIN)/.installed-test
	$(BIN)/python tests/fuzz.py --minutes $(MINUTES)
	$(BIN)/python tests/fuzz_asking.py --minutes $(MINUTES)
	$(BIN)/python tests/fuzz_backups.py --seconds $(SECONDS)
	$(BIN)/python tests/fuzz_homes.py --seconds $(SECONDS)

# Both read the interviews that `kb-ingest fetch founders-talk` puts into KB_HOME; bench/README.md tells what is asked.
# The peers' packages go beside ours: torch stays the one that is pinned.
bench-quality: $(BIN)/.installed-test
	$(PIP) -r bench/requirements.txt
	$(BIN)/python -m bench.quality

# What is found and shown for themes, each step by itself, beside the usual pipelines.
bench-answers: $(BIN)/.installed-test
	$(PIP) -r bench/requirements.txt
	$(BIN)/python -m bench.answers

# The app under 10 and 30 readers for three minutes each, and 50 threads of the library; HOME_FOLDER is what they ask.
bench-load: $(BIN)/.installed-test
	$(BIN)/python -m bench.load --home $(HOME_FOLDER)

# The README's picture of an answer.
picture: $(BIN)/.installed-test
	PYTHONPATH=tests $(BIN)/python -m browser.picture

# The README's picture of the lens, of the interviews in KB_HOME.
picture-lens: $(BIN)/.installed-test
	PYTHONPATH=. $(BIN)/python docs/draw_lens.py

# Pins every version that is installed now; for whoever raises the ranges in pyproject.toml.
constraints: $(BIN)/.installed-test
	$(BIN)/pip freeze --exclude-editable | sed 's/+cpu$$//' > constraints.txt

clean:
	rm -rf $(VENV) build *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .coverage
