"""Steps of a count become one charge, as plain Python says."""

import random
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from clearscale.charges.coding import CODED
from clearscale.charges.steps import joined_steps
from clearscale.charges.tables import Disposition
from tests.charges.plain import NO_DAY
from tests.support.examples import examples

CONVICTED = int(Disposition.CONVICTED)
UNDOES = {Disposition.SET_ASIDE, Disposition.VACATED, Disposition.DISMISSED}
ENDS = UNDOES | {Disposition.ACQUITTED, Disposition.DIVERTED}
LAST = 2_932_896

STEP = st.fixed_dictionaries(
    {
        "identity": st.sampled_from(["key:1", "key:2"]),
        "sequence": st.sampled_from(["001001001000", "001001002000", None]),
        "disposition": st.sampled_from([*map(int, Disposition)]),
        "marks": st.sampled_from([0, 1, 2, 4, 8, 18]),
        "disposition_date": st.sampled_from([NO_DAY, 100, 2_900_000]),
        "sentence_end": st.sampled_from([0, 1, 61, -3, 2**30]),
        "file": st.sampled_from([0, 1]),
    }
)


def table(steps: Sequence[dict[str, Any]]) -> pa.Table:
    empty = {field.name: None if field.nullable else 0 for field in CODED}
    return pa.Table.from_pylist([{**empty, **step} for step in steps], schema=CODED)


def expected(steps: Sequence[dict[str, Any]]) -> list[tuple[Any, ...]]:
    """(line, disposition, marks, end of the sentence) of each charge."""
    counts = defaultdict(list)
    for step in sorted(steps, key=lambda step: (step["file"], step["line"])):
        alone = step["line"] if step["sequence"] is None else None
        counts[step["identity"], step["sequence"], alone].append(step)
    return sorted(charge(of) for of in counts.values())


def charge(steps: Sequence[dict[str, Any]]) -> tuple[Any, ...]:
    marks = 0
    for step in steps:
        marks |= step["marks"] & ~1
    convicting = [place for place, step in enumerate(steps) if step["disposition"] == CONVICTED]
    if not convicting:
        ends = [step["disposition"] for step in steps if step["disposition"] in ENDS]
        return (steps[0]["line"], ends[-1] if ends else steps[-1]["disposition"], marks, NO_DAY)
    first = steps[convicting[0]]
    later = [step["disposition"] for step in steps[convicting[0] :]]
    decided = [each for each in later if each == CONVICTED or each in UNDOES][-1]
    halves = sum(steps[place]["sentence_end"] for place in convicting)
    end = first["disposition_date"] + (halves + 1) // 2
    known = first["disposition_date"] != NO_DAY
    return (first["line"], decided, marks, min(max(end, NO_DAY), LAST) if known else NO_DAY)


@settings(max_examples=examples(600))
@given(st.lists(STEP, max_size=12), st.randoms(use_true_random=False))
def test_steps_become_charges(steps: list[dict[str, Any]], chance: random.Random) -> None:
    steps = [{**step, "line": place + 1} for place, step in enumerate(steps)]
    mixed = list(steps)
    chance.shuffle(mixed)
    found = joined_steps(table(mixed))
    assert found.schema == CODED
    told = zip(
        *(found.column(name).to_pylist() for name in ("line", "disposition", "marks", "sentence_end")), strict=True
    )
    assert sorted(told) == expected(steps)
