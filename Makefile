# Two commands matter: `make report` and `make test`. `make help` lists the rest.

PYTHON  ?= python3
EDITION ?= params/demo.yml

BIN     := .venv/bin
READY   := .venv/.installed

# Some machines forbid bytecode; without it every start-up is compiled anew and a run takes twice as long.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help report test lint lab bench mutants messages lock clean

help: ## list these targets
	@sed -n 's/^\([a-z]*\):[^#]*## \(.*\)/  make \1|\2/p' $(firstword $(MAKEFILE_LIST)) | awk -F'|' '{printf "%-17s%s\n", $$1, $$2}'

report: $(READY) ## build the demonstration edition (EDITION=params/other.yml for one's own) and print the page to open
	@$(BIN)/workbench build $(EDITION)

test: $(READY) ## run everything: unit, oracle, property, flow and house tests (PYTEST_ARGS=... is passed on)
	@$(BIN)/python -m pytest -n auto --dist loadfile $(PYTEST_ARGS)

lint: $(READY) ## check style and formatting
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check

lab: $(READY) ## open JupyterLab on the chapters
	@$(BIN)/jupyter lab --notebook-dir=notebooks

bench: $(READY) ## time intake, counts and estimates against peers, and the report against the papermill and nbconvert commands
	@$(BIN)/python benchmarks/intake.py
	@$(BIN)/python benchmarks/rates_against_peers.py
	@$(BIN)/python benchmarks/survival_against_peers.py
	@$(BIN)/python benchmarks/net_survival_against_peers.py
	@$(BIN)/python benchmarks/person_time_against_pyears.py
	@$(BIN)/python benchmarks/event_tables.py
	@$(BIN)/python benchmarks/report_against_commands.py $(BENCH_ARGS)

mutants: $(READY) ## change the code in small ways and see which changes no test notices (STAGE=display SIZE=40 for fewer)
	@$(BIN)/python benchmarks/mutation_testing.py $(if $(STAGE),--stage $(STAGE)) $(if $(SIZE),--size $(SIZE))

messages: $(READY) ## bring the catalogues of translations up to date (LANGUAGE=sv begins a new language)
	@$(BIN)/workbench messages $(if $(LANGUAGE),--language $(LANGUAGE))

lock: $(READY) ## resolve requirements.lock anew from pyproject.toml
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --all-extras --no-header \
		pyproject.toml -o requirements.lock

clean: ## remove the environment, the built reports and all caches
	@rm -rf .venv .ruff_cache .pytest_cache .hypothesis
	@find outputs -mindepth 1 -not -name README.md -delete
	@find src tests benchmarks notebooks \( -name __pycache__ -o -name .ipynb_checkpoints \) -prune -exec rm -rf {} +

# The stamp is older than the lock when something must be installed, and only then.
# uv is taken from the package index by its hash in the lock; where it cannot be had, or cannot
# reach the index as pip can, pip installs the same files, uv left out.
$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version.split()[0]; sys.exit(None if sys.version_info >= (3, 11) else \
		"Python 3.11 or newer is needed; $(PYTHON) is " + v + ". Name another: make PYTHON=python3.12 ...")'
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "Installing the packages of requirements.lock into .venv (once, until the lock changes)"
	@sed -n '/^uv==/,/# via/p' requirements.lock > .venv/uv.lock
	@if $(BIN)/python -m pip install -qq --no-deps --require-hashes -r .venv/uv.lock 2> .venv/uv.log \
		&& $(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes --compile-bytecode \
			-r requirements.lock 2>> .venv/uv.log; \
	then echo "Installed with uv"; \
	else echo "uv cannot be had here (.venv/uv.log); installing with pip, which takes longer"; \
		sed '/^uv==/,/# via/d' requirements.lock > .venv/pip.lock; \
		$(BIN)/python -m pip install -qq --require-hashes -r .venv/pip.lock; fi
	@$(BIN)/python -m pip install -qq --no-deps --no-build-isolation -e .
	@touch $@
