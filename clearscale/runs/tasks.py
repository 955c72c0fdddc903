"""The tasks of a run: a caseload decided and counted."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from clearscale.io.files import Folder
from clearscale.policy import AnyPolicy

from .crosstabs import CellCounts, count_convictions, count_people, person_cells
from .evaluate import evaluate
from .parts import DecisionPart, part_of
from .resident import CACHE
from .snapshots import shared_snapshot
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


def decide_buckets(task: RunTask, buckets: Sequence[int]) -> DecidedBuckets:
    """Decide and count buckets together."""
    about = shared_snapshot(task.store, task.snapshot)
    key = (task.store.url, task.snapshot, buckets[0], buckets[-1])
    caseload = CACHE.get(key, partial(about.caseload_of_buckets, buckets))
    decisions = [evaluate(caseload, policy, task.as_of) for policy in task.policies]
    counted, standings = tally(caseload, decisions, task.as_of)
    labels = about.labels
    cells = person_cells(caseload, labels, task.as_of)
    outcome = DecidedBuckets(
        counted,
        count_convictions(caseload, decisions[0], labels, cells),
        count_people(caseload, standings, labels, cells),
        {buckets[0]: part_of(caseload, decisions[0], task.as_of, task.out if task.apart else None, buckets[0])},
    )
    CACHE.put(key, caseload)
    return outcome
