"""Our side of the benchmarks: each function prepares a piece of work and returns what does it, and is timed.

Arguments are texts and imports are made late: a new process can be asked for the same work and then pays for
nothing but what the work needs (`measure.first_and_again`).
"""

import itertools
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

TOKENIZED_BYTES = 24 * 2**20
ENCODED_BLOCK_BYTES = 8 * 2**20
CONVICTIONS = 4_000_000
"""How many convictions the decide kernel is given: the store's, repeated until no cache holds them."""
RULES = 13
"""Rules of the policy that it is given."""


def command(*arguments: str) -> None:
    """Run `clearscale` in this process. Raises RuntimeError if it fails."""
    from clearscale.commands.main import main

    try:
        main(list(arguments))
    except SystemExit as leaving:
        if leaving.code:
            raise RuntimeError(f"clearscale {arguments[0]} ended with {leaving.code}") from None


def county_words(extract: str, results: str, county: str, policy: str) -> list[str]:
    """The words of `clearscale gogen run`."""
    return [
        "gogen",
        "run",
        f"--input-doj={extract}",
        f"--outputs={results}",
        f"--county={county}",
        f"--eligibility-options={policy}",
        f"--compute-at={_as_of()}",
    ]


def county_run(extract: str, results: str, county: str, policy: str) -> Callable[[], object]:
    """`clearscale gogen run` in this process."""
    return lambda: command(*county_words(extract, results, county, policy))


def ingest(extracts: str, store: str, *more: str) -> Callable[[], object]:
    """`clearscale ingest` into a new store, one numbered folder after the other below `store`."""
    numbers = itertools.count()
    return lambda: command("ingest", f"{extracts}/*.csv*", "--store", f"{store}/{next(numbers)}", "--quiet", *more)


def without_gate() -> None:
    """Have this process take in extracts without a look at their values, to time what the looks cost."""
    from clearscale.extract.subject_facts import FACTS, KINDS, Facts
    from clearscale.store.ingest import blocks

    def no_facts(look: Any) -> dict[str, Facts]:
        nothing = np.zeros(len(look.encoded.subjects["subject_id"]), np.int64)
        return {kind: Facts(*(nothing for _ in FACTS)) for kind in KINDS}

    # A look that has another name by now must fail here: as an attribute that nobody reads it would be timed.
    for name, instead in {
        "notice": lambda look: None,
        "doubt": lambda look: None,
        "subject_facts": no_facts,
    }.items():
        assert callable(getattr(blocks, name)), name
        setattr(blocks, name, instead)


def run(store: str, policy: str, out: str, cluster: Any = None) -> Callable[[], Any]:
    """A run with all that it writes, one numbered folder after the other below `out`."""
    numbers = itertools.count()

    def work() -> Any:
        import clearscale

        return clearscale.run(store, policy, _as_of(), f"{out}/{next(numbers)}", cluster=cluster)

    return work


def charge_run(store: str, policy: str, as_of: str, out: str) -> Callable[[], Any]:
    """A run over charges with all that it writes, one numbered folder after the other below `out`."""
    numbers = itertools.count()

    def work() -> Any:
        import clearscale

        return clearscale.run_charges(store, policy, as_of, f"{out}/{next(numbers)}")

    return work


def forecast(store: str, policy: str, as_of: str, months: str) -> Callable[[], Any]:
    """What becomes due in each of so many months."""

    def work() -> Any:
        import clearscale

        return clearscale.forecast(store, policy, as_of, months=int(months))

    return work


def read_charges(file: str) -> Callable[[], int]:
    """Read a file of the generic form and make charges of its records, on one core; the work returns how many."""
    from clearscale.formats import load_map
    from clearscale.formats.reading import Reading

    stated = load_map("generic-charges")
    return lambda: sum(piece.charges.num_rows for piece in Reading([file], stated))


def encode(extract: str, cores: int | None = None) -> Callable[[], tuple[int, int, int]]:
    """Read an extract, find the fields that decisions need and encode them, as a county's run does.

    cores: all of them without it. The work returns (rows, convicted rows, subjects).
    """
    from collections import deque

    from clearscale.extract import ENCODED, BlockReader, Cut, Workspace, code_block, parse_cut
    from clearscale.extract import encode as encode_block
    from clearscale.io.read_ahead import ahead
    from clearscale.io.source import Source
    from clearscale_kernels.arrays import Bytes
    from clearscale_kernels.flag import CONVICTED

    threads = cores or os.cpu_count() or 1
    workspace = Workspace()
    spare: deque[Bytes] = deque()

    def counted(cut: Cut) -> tuple[int, int, list[bytes]]:
        block = parse_cut(cut, ENCODED, workspace, judge=False)
        encoded = encode_block(block, code_block(block, workspace=workspace))
        spare.append(cut.content)
        flags = encoded.rows["flags"]
        return flags.size, int(np.count_nonzero(flags & CONVICTED)), encoded.subjects["subject_id"].tolist()

    def work() -> tuple[int, int, int]:
        rows = convicted = 0
        subjects: set[bytes] = set()
        cuts = BlockReader(Source(extract), ENCODED_BLOCK_BYTES, spare=spare).cuts()
        for found in ahead(counted, cuts, threads, threads + 1):
            rows, convicted = rows + found[0], convicted + found[1]
            subjects.update(found[2])
        return rows, convicted, len(subjects)

    return work


@dataclass(frozen=True)
class Kernel:
    """A kernel with its arguments. work: what is timed. reads: the arrays whose bytes it has to go through once."""

    work: Callable[[], Any]
    rows: int
    reads: list[np.ndarray]

    def __call__(self) -> Any:
        return self.work()


def tokenize(extract: str) -> Kernel:
    """The tokenizer on the first whole records of an extract; the work returns their number."""
    from clearscale_kernels.jit.vectors import WIDTH
    from clearscale_kernels.text.records import FoundRecords, Reading, Text, reading_scratch
    from clearscale_kernels.text.tokens import tokenize as tokenize_kernel

    with Path(extract).open("rb") as file:
        file.readline()
        text = file.read(TOKENIZED_BYTES)
    text = text[: text.rfind(b"\n") + 1]
    data = np.frombuffer(text + bytes(WIDTH), np.uint8).copy()
    room = text.count(b"\n") + 1
    out = FoundRecords(
        starts=np.zeros((95, room), np.int32),
        ends=np.zeros((95, room), np.int32),
        extents=np.zeros((2, room), np.int32),
        lines=np.zeros(room, np.int64),
        problems=np.zeros(room, np.int8),
        details=np.zeros((2, room), np.int32),
        canonical=np.zeros(room, np.bool_),
    )
    reading = Reading(slots=np.arange(95), most=2**22, resolve=True, judge=True, surplus=0)

    def work() -> int:
        return int(tokenize_kernel(Text(data, 0, len(text), True), reading, reading_scratch(95), out)[0])

    return Kernel(work, room - 1, [data[: len(text)]])


def fold(store: str) -> Kernel:
    """The fold kernel on every bucket's histories; the work returns the number of convictions."""
    import clearscale
    from clearscale.law import state
    from clearscale_kernels import flag
    from clearscale_kernels.people.fold import Codes, FoldedConvictions, FoldedHistories, HistoryRows, table_size
    from clearscale_kernels.people.fold import fold as fold_kernel

    opened = clearscale.open_store(store)
    dictionaries = opened.dictionaries()
    sections, cycles = dictionaries.charges()[1], dictionaries.cycles()
    names = ("event_date", "flags", "offense", "count_order", "sentence")
    buckets = []
    for number in range(opened.manifest.buckets):
        table = opened.bucket("histories", number, list(names))
        sizes = opened.bucket("people", number, ["rows"]).column("rows").to_numpy()
        bounds = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
        buckets.append((bounds, [table.column(name).to_numpy() for name in names]))

    def fold_bucket(bounds: np.ndarray, rows: list[np.ndarray]) -> int:
        convicted = int(np.count_nonzero(rows[1] & flag.CONVICTED))
        histories, longest = bounds.size - 1, int(np.diff(bounds).max(initial=0))
        return fold_kernel(
            bounds,
            HistoryRows(*rows),
            Codes(sections, cycles),
            np.zeros((5, table_size(longest)), np.int32),
            FoldedConvictions(
                np.empty(convicted, np.int32), np.empty(convicted, np.int16), np.empty(convicted, np.int32)
            ),
            FoldedHistories(
                np.empty(histories + 1, np.int64),
                np.empty(histories, np.int16),
                np.zeros((histories, len(state().charges.sections)), np.int32),
                np.empty(histories, np.int32),
            ),
        )

    reads = [array for _, rows in buckets for array in rows]
    rows = sum(int(bounds[-1]) for bounds, _ in buckets)
    return Kernel(lambda: sum(fold_bucket(*bucket) for bucket in buckets), rows, reads)


def caseload(store: str) -> Any:
    """All that a policy may decide of a store, in memory, as evaluation takes it."""
    import clearscale
    from clearscale.policy.caseload import caseload_of
    from clearscale.store import read_charges

    opened = clearscale.open_store(store)
    tables = [opened.candidates(number) for number in range(opened.manifest.buckets)]
    return caseload_of(tables, *read_charges(opened.snapshot), len(opened.manifest.extracts))


def evaluate(store: str) -> Kernel:
    """Evaluation, resident: facts, rules, decisions; the work returns (caseload, decisions)."""
    from clearscale.runs.evaluate import evaluate as evaluate_caseload

    policy, as_of, cases = _policy(), _as_of_day(), caseload(store)
    reads = list(cases.candidates.values())
    return Kernel(lambda: (cases, evaluate_caseload(cases, policy, as_of)), cases.section.size, reads)


@dataclass(frozen=True)
class Rules:
    """A policy as numbers, and the facts that it asks for, of `CONVICTIONS` convictions.

    rules, matrices: as the decide kernel takes them. facts: each on its own by name, shape (n,).
    """

    policy: Any
    rules: Any
    matrices: Any
    facts: dict[str, np.ndarray]


def rules_of(store: str) -> Rules:
    """The demo's policy with 13 rules, and the facts of the store's convictions, repeated."""
    from clearscale.policy import Evidence, compiled
    from clearscale.policy.facts import find

    policy = _thirteen_rules()
    program, evidence = compiled(policy), Evidence(caseload(store), _as_of_day())
    places = np.resize(np.arange(evidence.caseload.section.size), CONVICTIONS)
    found = program.matrices(evidence)
    matrices = type(found)(
        np.ascontiguousarray(found.narrow[:, places]), np.ascontiguousarray(found.wide[:, places])
    )
    alone = {
        name: find(name, evidence).astype(np.int32 if name in program.wide else np.int16)[places]
        for name in program.facts
    }
    return Rules(policy, program.rules, matrices, alone)


def decide(store: str) -> Kernel:
    """The decide kernel on facts that are in memory; the work returns the deciding rule of each conviction."""
    return decide_kernel(rules_of(store))


def decide_kernel(rules: Rules) -> Kernel:
    """As `decide`, of facts that are at hand."""
    from clearscale_kernels.policy.decide import first_rules

    out = np.empty(CONVICTIONS, np.int8)

    def work() -> np.ndarray:
        first_rules(rules.rules, rules.matrices, out)
        return out

    return Kernel(work, CONVICTIONS, [*rules.matrices, out])


def _as_of() -> str:
    from clearscale.commands.demo import AS_OF

    return AS_OF


def _as_of_day() -> int:
    from clearscale.dates import as_of_day

    return as_of_day(_as_of())


def _thirteen_rules() -> Any:
    """The demo's policy with all sections in the list of those to reduce; what is dismissed is asked before."""
    from clearscale.commands.demo import options
    from clearscale.law import state
    from clearscale.policy import gogen_policy

    baseline = {**options()["baselineEligibility"], "reduce": list(state().charges.sections)}
    policy = gogen_policy({**options(), "baselineEligibility": baseline})
    if len(policy.rules) != RULES:
        raise RuntimeError(f"the decide kernel is to be measured with {RULES} rules, not {len(policy.rules)}")
    return policy


def _policy() -> Any:
    from clearscale.commands.demo import options
    from clearscale.policy import gogen_policy

    return gogen_policy(options())
