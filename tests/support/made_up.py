"""People made up at random, and the count tables of a run over them."""

import random
from collections import Counter
from typing import Any

import pyarrow as pa

from clearscale.runs.crosstabs import CONVICTION_COUNTS, CONVICTION_KEYS, PEOPLE_COUNTS, PEOPLE_KEYS
from clearscale.runs.demography import AGE_BANDS, RACES

COUNTIES = ("ALAMEDA", "ALPINE", "KERN", "LOS ANGELES", "SIERRA")


def tables(seed: int, people: int, counties: int, groups: int = 3, relief: float = 0.6) -> dict[str, pa.Table]:
    """The tables `people` and `convictions` of people who are in one county mostly, in two sometimes.

    groups: how many races and age bands occur, and one sex less. relief: how likely it is with Prop 64
    convictions.
    """
    random_ = random.Random(seed)
    counted: Counter[tuple[tuple[str, ...], str]] = Counter()
    convicted: Counter[tuple[tuple[Any, ...], str]] = Counter()
    for _ in range(people):
        who = (_some(random_, RACES, groups), _some(random_, "MFUX", groups - 1), _some(random_, AGE_BANDS, groups))
        where = {_some(random_, COUNTIES, counties) for _ in range(random_.choice((1, 1, 1, 1, 2)))}
        known: set[str] = set()
        for county in sorted(where):
            found = _standing(random_, relief)
            known |= found
            counted.update((("county", county, *who), measure) for measure in found)
            if "with_prop64" in found:
                section = random_.choice(("11357", "11359"))
                key = (county, section, "felony", "dismiss", "because", *who, random_.choice((None, 1999)))
                number = random_.choice((1, 1, 1, 2, 3))
                convicted[key, "convictions"] += number
                convicted[key, "convictions_once"] += number
        counted.update((("state", "", *who), measure) for measure in known)
    return {
        "people": _table(PEOPLE_KEYS, PEOPLE_COUNTS, counted),
        "convictions": _table(CONVICTION_KEYS, CONVICTION_COUNTS, convicted),
    }


def _some(random_: random.Random, values: Any, number: int) -> str:
    """One of the first few, each half as likely as the one before."""
    return str(random_.choices(values[:number], [2.0**-place for place in range(number)])[0])


def _standing(random_: random.Random, relief: float) -> set[str]:
    found = {"people"}
    if random_.random() < 0.95:
        found.add("with_prop64")
        if random_.random() < relief:
            found.add("some_relief")
            found |= {
                name for name in ("no_felony", "no_conviction", "no_recent_conviction") if random_.random() < 0.4
            }
    return found


def _table(keys: tuple[str, ...], counts: tuple[str, ...], counted: Counter[Any]) -> pa.Table:
    rows = sorted({key for key, _ in counted}, key=str)
    columns: dict[str, Any] = {
        name: [row[place] for row in rows]
        if name == "year"
        else pa.array([row[place] for row in rows], pa.string())
        for place, name in enumerate(keys)
    }
    return pa.table(columns | {name: pa.array([counted[row, name] for row in rows], pa.int64()) for name in counts})
