# Everything a person does with Kontor; needs python3 >= 3.11 and make, and makes the rest itself.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
ENGINE := .local/engine-venv
PINS   := requirements.txt requirements-dev.txt requirements-rules.txt local/layer-requirements.txt
PIP    := -m pip --quiet --disable-pip-version-check install
STAGE  ?= dev

export PYTHONDONTWRITEBYTECODE := 1

.DEFAULT_GOAL := help
.PHONY: help venv run test check verify-documents bench package deploy clean

help:  ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 24

venv: $(VENV)/.stamp $(ENGINE)/.stamp  ## the two environments, with everything pinned

$(VENV)/.stamp: $(PINS)
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Kontor needs Python 3.11 or later; set PYTHON=…")'
	@echo "· making $(VENV) (once, about a minute)"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python $(PIP) 'pip<26.3'
	@$(BIN)/python $(PIP) -r requirements-dev.txt
	@$(BIN)/python $(PIP) --no-deps -r requirements-rules.txt
	@touch $@

$(ENGINE)/.stamp: local/engine-requirements.txt
	@echo "· making the local AWS engine's environment (once)"
	@mkdir -p .local
	@test -x $(ENGINE)/bin/python || $(PYTHON) -m venv $(ENGINE)
	@$(ENGINE)/bin/python $(PIP) 'pip<26.3'
	@$(ENGINE)/bin/python $(PIP) -r local/engine-requirements.txt
	@touch $@

run: venv  ## the whole house at http://localhost:8000 (ONCE=1: check it and stop; PORT=…)
	@exec $(BIN)/python -m local.run $(if $(ONCE),--once)

test: venv  ## every test
	@$(BIN)/python -m pytest

check: venv  ## style, types, import contracts and the template
	@echo "· ruff" && $(BIN)/ruff check --quiet . && $(BIN)/ruff format --check --quiet .
	@echo "· mypy" && $(BIN)/mypy --no-error-summary
	@echo "· import contracts" && $(BIN)/lint-imports --no-cache > .local/imports.txt \
		|| { cat .local/imports.txt; exit 1; }
	@$(BIN)/python -m local.package --stage dev
	@echo "· cfn-lint" && $(BIN)/cfn-lint .local/build/dev/template.json

verify-documents: venv  ## the official validators over all kinds of documents (java, mvn)
	@$(BIN)/python -m tests.documents.verify

bench: venv  ## the figures of docs/performance.md
	@$(BIN)/python -m bench

package: venv  ## the artefact that goes to AWS, under .local/build
	@$(BIN)/python -m local.package --stage $(STAGE)

deploy: venv  ## STAGE=… to your AWS account (docs/operations.md)
	@$(BIN)/python -m local.deploy --stage $(STAGE)

clean:  ## removes environments, builds and the local engine's state
	@rm -rf $(VENV) .local .chalice/deployments .mypy_cache .pytest_cache .ruff_cache
