# Two commands: `make demo` runs the main job, `make test` checks everything. Both set themselves up.
PYTHON ?= python3.11
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed

.PHONY: demo test bench bench-smoke bench-state format lint types layers unit clean

demo: $(STAMP)
	$(BIN)/clearscale demo --out demo-output

test: lint types layers unit

lint: $(STAMP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: $(STAMP)
	$(BIN)/mypy

layers: $(STAMP)
	$(BIN)/lint-imports --no-cache

unit: $(STAMP)
	$(BIN)/pytest

# Benchmarks beside their peers, all with a table in benchmarks/results: of a small state in a minute or two, of larger
# sizes in some minutes, and of the whole state (18 million records; some 25 GB of disk, kept in .benchmarks/data). More
# options in BENCH, such as BENCH='--scales 0.1 1 10', which takes some 90 GB more.
BENCH ?=

bench bench-smoke bench-state: $(STAMP)
	mkdir -p benchmarks/results
	$(BIN)/pytest benchmarks --size $(subst bench-,,$@) --benchmark-quiet $(BENCH) \
		--benchmark-json benchmarks/results/pytest-benchmark.json

format: $(STAMP)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

$(STAMP): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[dev,s3,report,bench]'
	touch $@

clean:
	rm -rf $(VENV) .benchmarks benchmarks/results ci-artefacts demo-output build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
