"""Writing fabricated extracts: one CSV file a county, and beside them what they were made of."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import fsspec
import numpy as np

from clearscale.synth.counties import County
from clearscale.synth.histories import draw_history
from clearscale.synth.lines import HEADER, Lines
from clearscale.synth.people import RACES, draw_people
from clearscale.synth.plan import Plan, make_plan
from clearscale.synth.tables import Ints

TRUTH = "truth.json"
_GUEST_IDS, _RESIDENT_IDS = 20_000_000, 10_000_000


@dataclass(frozen=True)
class FabricatedExtract:
    """One county's extract: the county's name, the file's URL, and its numbers of records and of people."""

    county: str
    path: str
    rows: int
    people: int


@dataclass(frozen=True)
class _Facts:
    """What an extract holds. by_race: int64 [RACES, 3], people, their convictions in the county, the felonies."""

    rows: int
    by_race: Ints


def _write_extract(plan: Plan, county: County, file: Any, advance: Callable[[int], None]) -> _Facts:
    """Writes a county's extract to an open binary file, group by group."""
    file.write(HEADER)
    rows = 0
    by_race = np.zeros((len(RACES), 3), dtype=np.int64)
    next_id = {True: _RESIDENT_IDS, False: _GUEST_IDS + county.code * 1_000_000}
    for group in plan.extract(county):
        rng = group.rng()
        people = draw_people(rng, group)
        history = draw_history(rng, group, people)
        lines = Lines(rng, history)
        resident = group.route[0] == county
        ids = next_id[resident] + np.arange(len(people))
        next_id[resident] += len(people)
        for chunk in lines.chunks(people.prefixes(ids)):
            file.write(chunk)
        rows += len(history.row_entry)
        place = group.route.index(county)
        tallies = (np.ones(len(people)), history.convictions[place], history.felonies[place])
        for column, tally in enumerate(tallies):
            by_race[:, column] += np.bincount(people.race, tally, len(RACES)).astype(np.int64)
        advance(len(people))
    return _Facts(rows, by_race)


def _truth(county: County, facts: _Facts) -> list[dict[str, str | int]]:
    return [
        {"county": county.name, "race": race, "people": people, "convictions": convictions, "felonies": felonies}
        for race, (people, convictions, felonies) in zip(RACES, facts.by_race.tolist(), strict=True)
        if people
    ]


def fabricate(
    out: str,
    *,
    counties: int,
    people: int,
    seed: int,
    progress: Callable[[int, int], None] | None = None,
) -> list[FabricatedExtract]:
    """Writes the fabricated extracts of the `counties` most populous counties under the fsspec URL `out`.

    `people` distinct people are allotted to the counties in proportion to the published figures. One in eight has
    Prop 64 convictions in two or three of them; their history is in each of those extracts, so the people of the
    extracts add up to more. `progress` is called with the people written so far and those to write, in all
    extracts. The same arguments give the same bytes. Existing files of the same names are replaced.

    Beside the extracts, `truth.json` lists for every county and race the people, their Prop 64 convictions in the
    county and the felonies among these.

    Raises ValueError when `counties` is not 1 to 58, `people` is less than `counties`, or `seed` is negative.
    """
    plan = make_plan(counties, people, seed)
    total = sum(group.people * len(group.route) for group in plan.groups)
    written = 0

    def advance(more: int) -> None:
        nonlocal written
        written += more
        if progress is not None:
            progress(written, total)

    system, root = fsspec.core.url_to_fs(out)
    system.makedirs(root, exist_ok=True)
    extracts, truth = [], []
    for county in plan.counties:
        name = f"{county.slug}.csv"
        with system.open(f"{root}/{name}", "wb") as file:
            facts = _write_extract(plan, county, file, advance)
        path = f"{out.rstrip('/')}/{name}"
        extracts.append(FabricatedExtract(county.name, path, facts.rows, int(facts.by_race[:, 0].sum())))
        truth += _truth(county, facts)
    with system.open(f"{root}/{TRUTH}", "wb") as file:
        file.write(json.dumps(truth, indent=1).encode() + b"\n")
    return extracts
