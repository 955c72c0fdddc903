"""Kernels on one core, on arrays in memory, beside one thread that merely reads the same bytes."""

import clearscale
from clearscale_bench import work
from clearscale_bench.comparing import Bench
from clearscale_bench.data import Data
from clearscale_bench.measure import Program, first_and_again, reading
from clearscale_bench.peers import arrow_records, decided_totals, duckdb_convictions, duckdb_totals, numpy_rules
from clearscale_bench.report import Goal


def _moved(kernel: work.Kernel) -> float:
    return sum(array.nbytes for array in kernel.reads) / 1e6


def test_tokenizer(bench: Bench, data: Data, county_rows: int) -> None:
    (extract,) = map(str, data.county(county_rows).paths)
    kernel = work.tokenize(extract)
    text = kernel.reads[0].tobytes()  # a copy from before the kernel resolves quotes in place
    bench.compare(
        "tokenizer kernel",
        f"{len(text) / 1e6:,.1f} MB in memory",
        Program("tokenize", kernel, totals=int),
        [
            reading(kernel.reads),
            Program("pyarrow.csv of the same bytes, one thread", lambda: arrow_records(text), totals=int),
        ],
        rows=kernel.rows,
        mb=_moved(kernel),
        quick=True,
        child=first_and_again("tokenize", extract),
    )


def test_fold(bench: Bench, data: Data, scale: float) -> None:
    store = str(data.store(scale))
    opened = clearscale.open_store(store)
    kernel = work.fold(store)
    in_sql = "duckdb, the convictions of histories counted in SQL, all cores"
    bench.compare(
        "fold kernel",
        f"{scale:g} of the state, {kernel.rows:,} rows",
        Program("fold", kernel, totals=int),
        [reading(kernel.reads), Program(in_sql, lambda: duckdb_convictions(opened), totals=int)],
        rows=kernel.rows,
        mb=_moved(kernel),
        quick=True,
        child=first_and_again("fold", store),
        goals=[Goal("rows/s", 130e6)],
    )


def test_decide(bench: Bench, data: Data, scale: float) -> None:
    store = str(data.store(scale))
    rules = work.rules_of(store)
    kernel = work.decide_kernel(rules)
    bench.compare(
        "decide kernel",
        f"{kernel.rows:,} convictions, {work.RULES} rules, {_moved(kernel) / kernel.rows * 1e6:.0f} bytes each",
        Program("decide", kernel, totals=lambda found: found.tobytes()),
        [
            reading(kernel.reads),
            Program(
                "numpy, rule by rule",
                lambda: numpy_rules(rules.policy, rules.facts),
                totals=lambda found: found.tobytes(),
            ),
        ],
        rows=kernel.rows,
        mb=_moved(kernel),
        quick=True,
        child=first_and_again("decide", store),
        goals=[Goal("rows/s", 850e6)],
    )


def test_evaluate(bench: Bench, data: Data, scale: float) -> None:
    store = str(data.store(scale))
    opened = clearscale.open_store(store)
    kernel = work.evaluate(store)
    bench.compare(
        "evaluate: facts, rules, decisions, resident, one core",
        f"{scale:g} of the state, {kernel.rows:,} convictions",
        Program("evaluate", kernel, totals=decided_totals),
        [
            reading(kernel.reads),
            Program("duckdb, counts from convictions", lambda: duckdb_totals(opened), totals=dict),
        ],
        rows=kernel.rows,
        mb=_moved(kernel),
        quick=True,
        child=first_and_again("evaluate", store),
    )
