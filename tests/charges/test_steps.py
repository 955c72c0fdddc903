"""Steps of a count become one charge, as plain Python says."""

import random
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from clearscale.charges.coding import CODED
from clearscale.charges.steps import ARRESTED as ARRESTED_MARK
from clearscale.charges.steps import joined_steps
from clearscale.charges.tables import Disposition
from tests.charges.plain import NO_DAY
from tests.support.examples import examples

CONVICTED = int(Disposition.CONVICTED)
UNDOES = {Disposition.SET_ASIDE, Disposition.VACATED, Disposition.DISMISSED}
ENDS = UNDOES | {Disposition.ACQUITTED, Disposition.DIVERTED}
LAST = 2_932_896
ARRESTED = int(ARRESTED_MARK)

STEP = st.fixed_dictionaries(
    {
        "identity": st.sampled_from(["key:1", "key:2"]),
        "sequence": st.sampled_from(["001001001000", "001002002000", "002001001000", None]),
        "disposition": st.sampled_from([*map(int, Disposition)]),
        "marks": st.sampled_from([0, 1, 2, 4, 8, 18, ARRESTED, ARRESTED]),
        "disposition_date": st.sampled_from([NO_DAY, 100, 2_900_000]),
        "arrest_date": st.sampled_from([NO_DAY, 50, 60]),
        "sentence_end": st.sampled_from([0, 1, 61, -3, 2**30]),
        "supervision_end": st.sampled_from([0, 0, 61]),
        "file": st.sampled_from([0, 1]),
    }
)


def table(steps: Sequence[dict[str, Any]]) -> pa.Table:
    empty = {field.name: None if field.nullable else 0 for field in CODED}
    return pa.Table.from_pylist([{**empty, **step} for step in steps], schema=CODED)


def expected(steps: Sequence[dict[str, Any]]) -> list[tuple[Any, ...]]:
    """(line, disposition, marks, arrest, ends of the sentence and of supervision) of each charge."""
    cycles: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for step in steps:
        if step["sequence"] is not None:
            cycles[step["identity"], step["sequence"][:3]].append(step)
    counts = defaultdict(list)
    for step in sorted(steps, key=lambda step: (step["file"], step["line"])):
        cycle = cycles.get((step["identity"], (step["sequence"] or "")[:3]), [step])
        arrests = [other for other in cycle if other["marks"] & ARRESTED]
        if step["marks"] & ARRESTED and len(arrests) < len(cycle):
            continue
        days = [other["arrest_date"] for other in arrests if other["arrest_date"] != NO_DAY]
        arrest = min(days, default=NO_DAY) if step["sequence"] is not None else step["arrest_date"]
        alone = step["line"] if step["sequence"] is None else None
        counts[step["identity"], step["sequence"], alone].append({**step, "arrest_date": arrest})
    return sorted(charge(of) for of in counts.values())


def charge(steps: Sequence[dict[str, Any]]) -> tuple[Any, ...]:
    marks = 0
    for step in steps:
        marks |= step["marks"] & ~(1 | ARRESTED)
    convicting = [step for step in steps if step["disposition"] == CONVICTED]
    if not convicting:
        ends = [step["disposition"] for step in steps if step["disposition"] in ENDS]
        last = ends[-1] if ends else steps[-1]["disposition"]
        return (steps[0]["line"], last, marks, steps[0]["arrest_date"], NO_DAY, NO_DAY)
    first = convicting[0]
    later = [step["disposition"] for step in steps[steps.index(first) :]]
    decided = [disposition for disposition in later if disposition == CONVICTED or disposition in UNDOES][-1]
    days = []
    for name in ("sentence_end", "supervision_end"):
        halves = [step[name] for step in convicting]
        told = first["disposition_date"] != NO_DAY and (name == "sentence_end" or any(halves))
        end = first["disposition_date"] + (sum(halves) + 1) // 2
        days.append(min(max(end, NO_DAY), LAST) if told else NO_DAY)
    return (first["line"], decided, marks, first["arrest_date"], *days)


@settings(max_examples=examples(600))
@given(st.lists(STEP, max_size=12), st.randoms(use_true_random=False))
def test_steps_become_charges(steps: list[dict[str, Any]], chance: random.Random) -> None:
    steps = [{**step, "line": place + 1} for place, step in enumerate(steps)]
    mixed = list(steps)
    chance.shuffle(mixed)
    found = joined_steps(table(mixed), 3)
    assert found.schema == CODED
    names = ("line", "disposition", "marks", "arrest_date", "sentence_end", "supervision_end")
    told = zip(*(found.column(name).to_pylist() for name in names), strict=True)
    assert sorted(told) == expected(steps)
