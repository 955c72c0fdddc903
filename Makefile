# Two commands: `make demo` runs the main job, `make test` checks everything. Both set themselves up.
# Python is the newest of 3.11 to 3.14 that is found, or the one that PYTHON names.
VENV   := .venv
BIN    := $(VENV)/bin
DEMO   := $(VENV)/.demo
STAMP  := $(VENV)/.installed
AUDIT  := $(VENV)/audit
PLACES := $(VENV)/places
DOCS   := $(VENV)/docs
PYTEST := $(BIN)/pytest --numprocesses 3 --dist loadfile --no-loadscope-reorder

WRITTEN := *.md docs clearscale kernels cluster bench/clearscale_bench scripts

.PHONY: demo test test-long bench bench-smoke bench-state format lint types layers unit kernels wheel constraints audit sbom docs clean

demo: $(DEMO)
	$(BIN)/clearscale demo --out demo-output

test: lint types layers unit

# What is too long for every change: more examples of the same tests, workers that are killed, clusters of every kind.
# EIGHTH=0 to EIGHTH=7 try an eighth of the examples, damages and moments, each another one, and all else: half the time.
EIGHTH :=

test-long: $(STAMP) $(PLACES)/.installed $(DOCS)/.installed
	$(PYTEST) -m "long or sampled or hypothesis" --hypothesis-profile long $(if $(EIGHTH),--eighth $(EIGHTH))

lint: $(STAMP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/codespell $(WRITTEN)

types: $(STAMP)
	$(BIN)/mypy

layers: $(STAMP)
	$(BIN)/lint-imports --no-cache

unit: $(STAMP)
	@$(BIN)/clearscale warm-up --quiet
	$(PYTEST)

# Benchmarks beside their peers, all with a table in bench/results: of a small state in some minutes, of larger sizes,
# and of the whole state (18 million records; some 25 GB of disk, kept in .benchmarks/data). More options in BENCH, such
# as BENCH='--scale 0.1 --scale 1 --scale 10', which takes some 90 GB more.
BENCH ?=
MEASURE := $(BIN)/clearscale bench --data .benchmarks/data --out bench/results

bench: $(STAMP)
	$(MEASURE) --size county $(BENCH)

bench-state: $(STAMP)
	$(MEASURE) --size state $(BENCH)

# Exit code 1 where a ratio to a peer got worse: part of CI, see docs/how-to/benchmark.md.
# Three times is tolerated: ratios are of the processor, too; by another one the sweep of counties is nearly twice the
# baseline's, and decisions are half. 1.3 is enough for a baseline of the machine that compares.
bench-smoke: $(STAMP)
	$(MEASURE) --size smoke --against bench/baseline.json --tolerance 3 $(BENCH)

# The kernels as LLVM text, which comes with the package: after a kernel, or what compiles it, was changed.
kernels: $(STAMP)
	$(BIN)/python -m clearscale_kernels.jit.make_texts

# A file that uv, pipx and pip install, without this folder: dist/clearscale-VERSION-py3-none-any.whl. What an earlier one
# left would be packed again, so it goes first.
wheel: $(STAMP)
	rm -rf build
	$(BIN)/python -c "from setuptools.build_meta import build_wheel; build_wheel('dist')" >/dev/null
	@ls dist/*.whl
	rm -rf build

# constraints.txt anew, after pyproject.toml was changed: every package, with the hashes of its files for all systems.
# It keeps the versions that it has; `make constraints UPGRADE=--upgrade` takes the newest.
constraints: $(STAMP)
	$(BIN)/python scripts/pinned.py --build | uv pip compile --quiet --universal --python-version 3.11 --all-extras \
		--generate-hashes --annotation-style line --no-header $(UPGRADE) --output-file constraints.txt pyproject.toml -

# Known weaknesses of the packages: exit code 1 if there is one. It asks the package index, if that keeps a list.
audit: $(AUDIT)/.installed
	$(BIN)/python scripts/pinned.py dev,gzip,s3,ssh,report,bench,link,xlsx,audit,docs > $(AUDIT)/pinned.txt
	@$(BIN)/python scripts/audit.py $(AUDIT)/bin/pip-audit $(AUDIT)/pinned.txt

# The packages that a user of clearscale gets, extras included, in CycloneDX: licenses, what needs what, and the hashes
# of their files, all of which are installed by these first.
sbom: $(AUDIT)/user/.installed
	$(CYCLONEDX) environment $(REPRODUCIBLE) --output-file $(AUDIT)/installed.json $(AUDIT)/user
	$(CYCLONEDX) requirements $(REPRODUCIBLE) --output-file $(AUDIT)/pinned.json $(AUDIT)/user.txt
	$(BIN)/python scripts/sbom.py $(AUDIT)/installed.json $(AUDIT)/pinned.json > sbom.json

CYCLONEDX    := PYTHONWARNINGS=ignore $(AUDIT)/bin/cyclonedx-py
REPRODUCIBLE := --pyproject pyproject.toml --output-reproducible

$(AUDIT)/user/.installed: $(AUDIT)/.installed
	$(BIN)/python -m venv --clear --without-pip $(AUDIT)/user
	$(BIN)/python scripts/pinned.py gzip,s3,ssh,report,link,xlsx > $(AUDIT)/user.txt
	$(AUDIT)/bin/python -m pip --python $(AUDIT)/user install --quiet --disable-pip-version-check --no-compile \
		--no-deps --only-binary :all: --require-hashes --requirement $(AUDIT)/user.txt
	@touch $@

# A gateway's server, what judges manifests, and what starts clusters in Kubernetes.
$(PLACES)/.installed: $(STAMP)
	$(BIN)/python -m venv $(PLACES)
	$(BIN)/python scripts/pinned.py --only places,kubernetes > $(PLACES)/pinned.txt
	$(PLACES)/bin/python -m pip install --quiet --disable-pip-version-check --no-compile --only-binary :all: \
		--require-hashes --requirement $(PLACES)/pinned.txt
	@touch $@

# The documentation as a site in build/site, without a network; a dead link is an error. To look at it: build/site/index.html.
docs: $(DOCS)/.installed
	NO_MKDOCS_2_WARNING=1 $(DOCS)/bin/mkdocs build --quiet --strict

$(DOCS)/.installed: $(STAMP)
	$(BIN)/python -m venv $(DOCS)
	$(BIN)/python scripts/pinned.py --only docs > $(DOCS)/pinned.txt
	$(DOCS)/bin/python -m pip install --quiet --disable-pip-version-check --only-binary :all: --require-hashes \
		--requirement $(DOCS)/pinned.txt
	@touch $@

$(AUDIT)/.installed: $(STAMP)
	$(BIN)/python -m venv $(AUDIT)
	$(BIN)/python scripts/pinned.py --only audit > $(AUDIT)/pinned.txt
	$(AUDIT)/bin/python -m pip install --quiet --disable-pip-version-check --only-binary :all: --require-hashes \
		--requirement $(AUDIT)/pinned.txt
	@touch $@

format: $(STAMP)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# The demo needs a third of what tests and benchmarks need.
$(DEMO): pyproject.toml constraints.txt scripts/install.sh scripts/pinned.py
	@scripts/install.sh $(VENV) report,xlsx $@

$(STAMP): pyproject.toml constraints.txt scripts/install.sh scripts/pinned.py
	@scripts/install.sh $(VENV) dev,gzip,s3,report,bench,link,xlsx $@
	@touch $(DEMO)

clean:
	rm -rf $(VENV) .benchmarks bench/results ci-artefacts demo-output sbom.json build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
