# Two commands: `make demo` runs the main job, `make test` checks everything. Both set themselves up.
# Python is the newest of 3.11 to 3.14 that is found, or the one that PYTHON names.
VENV   := .venv
BIN    := $(VENV)/bin
DEMO   := $(VENV)/.demo
STAMP  := $(VENV)/.installed
PYTEST := $(BIN)/pytest --numprocesses 3 --dist loadfile --no-loadscope-reorder

.PHONY: demo test test-long bench bench-smoke bench-state format lint types layers unit kernels clean

demo: $(DEMO)
	$(BIN)/clearscale demo --out demo-output

test: lint types layers unit

# What is too long for every change: more examples of the same tests, workers that are killed, clusters over SSH.
test-long: $(STAMP)
	$(PYTEST) -m "long or sampled or hypothesis" --hypothesis-profile long

lint: $(STAMP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: $(STAMP)
	$(BIN)/mypy

layers: $(STAMP)
	$(BIN)/lint-imports --no-cache

unit: $(STAMP)
	@$(BIN)/clearscale warm-up --quiet
	$(PYTEST)

# Benchmarks beside their peers, all with a table in benchmarks/results: of a small state in a minute or two, of larger
# sizes in some minutes, and of the whole state (18 million records; some 25 GB of disk, kept in .benchmarks/data). More
# options in BENCH, such as BENCH='--scales 0.1 1 10', which takes some 90 GB more.
BENCH ?=

bench bench-smoke bench-state: $(STAMP)
	mkdir -p benchmarks/results
	$(BIN)/pytest benchmarks --size $(subst bench-,,$@) --benchmark-quiet $(BENCH) \
		--benchmark-json benchmarks/results/pytest-benchmark.json

# The kernels as LLVM text, which comes with the package: after a kernel, or what compiles it, was changed.
kernels: $(STAMP)
	$(BIN)/python -m clearscale_kernels.jit.make_texts

format: $(STAMP)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# The demo needs a third of what tests and benchmarks need.
$(DEMO): pyproject.toml constraints.txt scripts/install.sh
	@scripts/install.sh $(VENV) report $@

$(STAMP): pyproject.toml constraints.txt scripts/install.sh
	@scripts/install.sh $(VENV) dev,s3,report,bench $@
	@touch $(DEMO)

clean:
	rm -rf $(VENV) .benchmarks benchmarks/results ci-artefacts demo-output build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
