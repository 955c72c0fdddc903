"""The shapes a cycle of a history can take: its steps, counts and records, without texts, dates or places.

A fixed library of shapes is built once; a history is a sequence of picks from it. A cycle begins with an arrest,
an application, a registration or a death. Each of its charges has a slot, 0 to 3.
"""

from dataclasses import dataclass, field
from functools import cache

import numpy as np

from clearscale.law import state

from .arrays import Bools, Ints, within

SLOTS = 4
NO_SLOT = SLOTS
ARREST, COURT, PROBATION, CUSTODY, SUPPLEMENTAL, REGISTRATION, APPLICANT, DECEASED = range(8)
NO_SENTENCE, JAIL, SUPERVISION, PRISON, FINE, SUSPENDED, OTHER_TERM = range(7)
NO_STATUS, OWN_STATUS, REDUCED = range(3)  # CONV_STAT: none, the count's own, misdemeanor
NO_DATE, STEP_DATE, LATER_DATE = range(3)  # DISP_DATE: none, the step's, some time after it

_GROUPS = tuple(
    state().fabricated["dispositions"][name] for name in ("convicted", "not_convicted", "not_charged", "afterwards")
)
"""Code, text and weight of each disposition of a group."""

CONVICTED, NOT_CONVICTED, NOT_CHARGED, AFTERWARDS = range(4)
DISPOSITIONS = ((0, ""), *((code, text) for group in _GROUPS for code, text, _ in group))
_FIRST = np.cumsum([1, *map(len, _GROUPS)])
_SAYS = state().format.says
SET_ASIDE, MADE_MISDEMEANOR = (
    next(code for code, (_, text) in enumerate(DISPOSITIONS) if saying(text.encode()))
    for saying in (_SAYS.set_aside, _SAYS.reduced)
)

# What a sentence consists of, by disposition of the conviction.
_SENTENCES: tuple[tuple[tuple[int, ...], ...], ...] = (
    ((), (JAIL,), (SUPERVISION, FINE), (SUPERVISION, JAIL, FINE), (SUSPENDED, SUPERVISION, JAIL)),
    ((JAIL,), (JAIL, FINE), (JAIL, OTHER_TERM), (JAIL, JAIL)),
    ((SUPERVISION,), (SUPERVISION, FINE), (SUSPENDED, SUPERVISION), (SUPERVISION, OTHER_TERM, FINE)),
    ((SUPERVISION, JAIL), (SUPERVISION, JAIL, FINE), (SUSPENDED, SUPERVISION, JAIL, OTHER_TERM)),
    ((PRISON,), (PRISON, FINE), (PRISON, PRISON), (PRISON, OTHER_TERM)),
    ((FINE,), (FINE, OTHER_TERM)),
)


_STEP_FIELDS = ("kind", "least_lag", "greatest_lag")
_RECORD_FIELDS = ("step", "count", "slot", "disposition", "sentence", "status", "when", "part")


@dataclass
class _Shape:
    """One cycle being built: steps of _STEP_FIELDS and records of _RECORD_FIELDS."""

    steps: list[tuple[int, int, int]] = field(default_factory=list)
    records: list[tuple[int, ...]] = field(default_factory=list)
    convicted: list[bool] = field(default_factory=lambda: [False] * SLOTS)

    def step(self, kind: int, least: int, greatest: int) -> None:
        """Opens a step that happens `least` to `greatest` days after the latest the step before it can be."""
        before = self.steps[-1][2] if self.steps else 0
        self.steps.append((kind, before + least, before + greatest))

    def record(
        self,
        count: int,
        slot: int,
        disposition: int = 0,
        sentence: int = NO_SENTENCE,
        status: int = NO_STATUS,
        when: int = NO_DATE,
        part: int = 0,
    ) -> None:
        """Adds a record to the open step."""
        self.records.append((len(self.steps) - 1, count, slot, disposition, sentence, status, when, part))


@dataclass(frozen=True)
class Shapes:
    """The library as arrays. The records of shape s begin at first_record[s] and are records[s]; steps likewise.

    Per shape: steps, records, first_step, first_record int64 [shapes]; convicted bool [shapes, SLOTS].
    Per step: kind, least_lag, greatest_lag (days after the cycle's date), step_number (from 1) int64 [steps].
    Per record: step (within the shape, from 0), count (from 1), slot (0-3, NO_SLOT), disposition, sentence, status,
    when, part (of the sentence, from 1; 0 none) int64 [records].
    """

    steps: Ints
    records: Ints
    first_step: Ints
    first_record: Ints
    convicted: Bools
    kind: Ints
    least_lag: Ints
    greatest_lag: Ints
    step_number: Ints
    step: Ints
    count: Ints
    slot: Ints
    disposition: Ints
    sentence: Ints
    status: Ints
    when: Ints
    part: Ints
    ordinary: Ints
    convicting: Ints
    convicting_two: Ints
    registration: int
    applicant: int
    deceased: int


def _draw(rng: np.random.Generator, group: int) -> int:
    weights = np.array([weight for *_, weight in _GROUPS[group]], dtype=float)
    return int(_FIRST[group]) + int(rng.choice(len(weights), p=weights / weights.sum()))


def _convictions(rng: np.random.Generator, shape: _Shape, counts: int, at_least: int) -> None:
    """The court step: each count convicted or not, with its sentence parts, then what became of it."""
    shape.step(COURT, 5, 240)
    for slot in range(counts):
        if slot >= at_least and rng.random() > 0.4:
            shape.record(slot + 1, slot, _draw(rng, NOT_CONVICTED), when=STEP_DATE)
            continue
        shape.convicted[slot] = True
        how = _draw(rng, CONVICTED)
        choices = _SENTENCES[how - int(_FIRST[CONVICTED])]
        parts = choices[rng.integers(len(choices))] or (NO_SENTENCE,)
        for number, sentence in enumerate(parts, start=1):
            shape.record(
                slot + 1, slot, how, sentence, OWN_STATUS, STEP_DATE, number if sentence != NO_SENTENCE else 0
            )
        if rng.random() < 0.22:
            later = _draw(rng, AFTERWARDS)
            status = {SET_ASIDE: OWN_STATUS, MADE_MISDEMEANOR: REDUCED}.get(later, NO_STATUS)
            shape.record(slot + 1, slot, later, NO_SENTENCE, status, LATER_DATE)


def _case(rng: np.random.Generator, convicted: int) -> _Shape:
    """An arrest and what follows; `convicted` counts at least end in conviction, none (0) or a rejection (-1)."""
    shape = _Shape()
    counts = max(convicted, 1 + int(rng.choice(SLOTS, p=(0.4, 0.3, 0.2, 0.1))))
    shape.step(ARREST, 0, 0)
    for slot in range(counts):
        rejected = convicted < 0 and rng.random() < 0.6
        shape.record(
            slot + 1, slot, _draw(rng, NOT_CHARGED) if rejected else 0, when=STEP_DATE if rejected else NO_DATE
        )
    if rng.random() < 0.15:
        shape.step(SUPPLEMENTAL, 1, 20)
        shape.record(1, 0)
    if convicted == 0:
        shape.step(COURT, 5, 240)
        for slot in range(counts):
            shape.record(slot + 1, slot, _draw(rng, NOT_CONVICTED), when=STEP_DATE)
    if convicted > 0:
        _convictions(rng, shape, counts, convicted)
        _aftermath(rng, shape)
    return shape


def _aftermath(rng: np.random.Generator, shape: _Shape) -> None:
    if rng.random() < 0.35:
        shape.step(PROBATION, 10, 60)
        for count in range(1, 2 + int(rng.integers(2))):
            shape.record(count, 0, sentence=SUPERVISION, part=count)
    if rng.random() < 0.3:
        shape.step(CUSTODY, 1, 90)
        for count in range(1, 2 + int(rng.integers(3))):
            shape.record(count, (0, 1, 1)[count - 1] if shape.convicted[1] else 0, sentence=PRISON, part=count)
    if rng.random() < 0.2:
        shape.step(COURT, 60, 700)
        later = _draw(rng, AFTERWARDS)
        shape.record(1, 0, later, JAIL, NO_STATUS, STEP_DATE, 1)


def _single(kind: int, slot: int) -> _Shape:
    shape = _Shape()
    shape.step(kind, 0, 0)
    shape.record(1, slot)
    return shape


@cache
def shapes() -> Shapes:
    """The library of shapes, the same in every run."""
    rng = np.random.Generator(np.random.PCG64(64))
    one = [_case(rng, 1) for _ in range(360)]
    two = [_case(rng, 2) for _ in range(80)]
    lost = [_case(rng, 0) for _ in range(80)]
    rejected = [_case(rng, -1) for _ in range(60)]
    special = [_single(APPLICANT, NO_SLOT), _single(REGISTRATION, 0), _single(DECEASED, NO_SLOT)]
    library = one + two + lost + rejected + special
    steps = np.array([len(shape.steps) for shape in library])
    records = np.array([len(shape.records) for shape in library])
    step_table = np.array([step for shape in library for step in shape.steps])
    record_table = np.array([record for shape in library for record in shape.records])
    cases = len(library) - len(special)
    return Shapes(
        steps=steps,
        records=records,
        first_step=np.cumsum(steps) - steps,
        first_record=np.cumsum(records) - records,
        convicted=np.array([shape.convicted for shape in library]),
        step_number=1 + within(steps),
        **dict(zip(_STEP_FIELDS, step_table.T.copy(), strict=True)),
        **dict(zip(_RECORD_FIELDS, record_table.T.copy(), strict=True)),
        ordinary=np.concatenate([np.arange(cases), np.full(cases // 50, cases)]),
        convicting=np.arange(len(one) + len(two)),
        convicting_two=np.arange(len(one), len(one) + len(two)),
        registration=cases + 1,
        applicant=cases,
        deceased=cases + 2,
    )
