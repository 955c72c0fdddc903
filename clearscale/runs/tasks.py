"""The tasks of a run: a caseload decided and counted."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial

import pyarrow as pa

from clearscale.encoding import readable
from clearscale.histories.dictionaries import Dictionaries
from clearscale.io.files import Folder
from clearscale.law.offense_texts import Offenses
from clearscale.policy import AnyPolicy
from clearscale.policy.caseload import Caseload, caseload_of
from clearscale.store import Store, open_store, read_charges
from clearscale.store.layout import DICTIONARIES
from clearscale_kernels.arrays import Int8s, Int16s

from .crosstabs import CellCounts, Labels, count_convictions, count_people, person_cells
from .evaluate import evaluate
from .parts import DecisionPart, part_of
from .resident import SHELF
from .tally import Tally, tally


@dataclass(frozen=True)
class RunTask:
    """A run's inputs, for any of its tasks.

    policies: the one chosen, then those counted beside it. apart: whether tasks share no memory.
    """

    store: Folder
    snapshot: str
    policies: tuple[AnyPolicy, ...]
    as_of: int
    out: Folder
    apart: bool = True


@dataclass(frozen=True)
class DecidedBuckets:
    """What a caseload adds to the run's totals. parts: its decisions, by the number of its first bucket."""

    tally: Tally
    convictions: CellCounts
    people: CellCounts
    parts: dict[int, DecisionPart]

    def __add__(self, other: "DecidedBuckets") -> "DecidedBuckets":
        return DecidedBuckets(
            self.tally + other.tally,
            self.convictions + other.convictions,
            self.people + other.people,
            self.parts | other.parts,
        )


@dataclass(frozen=True)
class RunSnapshot:
    """A snapshot as tasks need it. Snapshots never change, so a process reads one once.

    charge_flags, sections, offenses: by offense code. texts: of the dictionaries, by name and code. counties: their
    names as records write them, by code.
    """

    store: Store
    charge_flags: Int16s
    sections: Int8s
    texts: dict[str, list[str]]
    offenses: Offenses
    counties: list[bytes]

    @cached_property
    def labels(self) -> Labels:
        """What the tables' texts are."""
        counties = [entry.county for entry in self.store.manifest.extracts]
        of_extract = [readable(name) for name in counties]
        return Labels.of(self.texts["county"], self.texts["race"], self.texts["sex"], of_extract, self.offenses)


@lru_cache(maxsize=2)
def _run_snapshot(url: str, snapshot: str) -> RunSnapshot:
    store = open_store(url, snapshot)
    names = ("county", "race", "sex", "offense")
    dictionaries = Dictionaries.read(store.snapshot.folder(DICTIONARIES), names)
    charge_flags, sections = read_charges(store.snapshot)
    texts = {name: [readable(text) for text in dictionaries.texts[name]] for name in names}
    offenses = Offenses(dictionaries.texts["offense"])
    return RunSnapshot(store, charge_flags, sections, texts, offenses, dictionaries.texts["county"])


def run_snapshot(task: RunTask) -> RunSnapshot:
    """The run's snapshot."""
    return _run_snapshot(task.store.url, task.snapshot)


def decide_buckets(task: RunTask, buckets: Sequence[int]) -> DecidedBuckets:
    """Decide and count some buckets together."""
    about = run_snapshot(task)
    key = (task.store.url, task.snapshot, buckets[0], buckets[-1])
    caseload = SHELF.get(key, partial(_read, about, buckets))
    decisions = [evaluate(caseload, policy, task.as_of) for policy in task.policies]
    counted, standings = tally(caseload, decisions, task.as_of)
    labels = about.labels
    cells = person_cells(caseload, labels, task.as_of)
    outcome = DecidedBuckets(
        counted,
        count_convictions(caseload, decisions[0], labels, cells),
        count_people(caseload, standings, labels, cells),
        {buckets[0]: part_of(caseload, decisions[0], task.out if task.apart else None, buckets[0])},
    )
    SHELF.put(key, caseload)
    return outcome


def _read(about: RunSnapshot, buckets: Sequence[int]) -> Caseload:
    tables = [about.store.candidates(number) for number in buckets]
    extracts = len(about.store.manifest.extracts)
    return caseload_of(tables, about.charge_flags, about.sections, extracts, about.offenses, about.counties)


def write_result(
    task: RunTask, name: str, table: pa.Table, repeating: Sequence[str], numbers: Sequence[str]
) -> None:
    """Write a table of the run. repeating: columns whose values repeat. numbers: whole numbers that do not.

    The numbers as differences are smaller than they are by zstd alone, and then LZ4 is enough, in two thirds of the
    time; statistics would only be in the way of so small files.
    """
    task.out.write_parquet(
        name,
        table,
        compression="lz4",
        use_dictionary=list(repeating),
        column_encoding=dict.fromkeys(numbers, "DELTA_BINARY_PACKED"),
        write_statistics=False,
    )
