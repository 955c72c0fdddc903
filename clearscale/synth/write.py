"""Writing fabricated extracts: one CSV file a county, one task each, and beside them what they were made of.

The truth, `truth.json`, is written last, so that it is there only beside whole extracts. It is an object of two:

- `counties`, a list: for each extract its `county`, its `file`, and its counts;
- `state`: the counts with each person, their records and their convictions once.

Counts are `rows` (records), `people` (all have a Prop 64 conviction in the county), `convictions` (under Prop 64,
in the county), `felonies` and `others` (these by severity and leftmost section), and `groups`, a list of `race`,
`sex` and the same counts for these people, without rows. A conviction is a felony if CONV_STAT_DESCR says so or,
where that is empty, OFFENSE_TOC.
"""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import BinaryIO

import numpy as np
import pyarrow as pa

from clearscale.io.all_or_nothing import whole_file
from clearscale.io.files import Folder
from clearscale.law.counties import County
from clearscale_cluster import Cluster, open_cluster

from .histories import draw_history
from .lines import HEADER, Lines
from .people import draw_people
from .plan import Group, StatePlan, make_plan, make_state_plan
from .truth import TrueCounts, count

TRUTH = "truth.json"
_ZSTD_LEVEL = 3
_GUEST_IDS, _RESIDENT_IDS = 20_000_000, 10_000_000

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class FabricatedExtract:
    """One county's extract: the county's name, the file's URL, and its numbers of records and of people."""

    county: str
    path: str
    rows: int
    people: int


@dataclass(frozen=True)
class _ExtractTask:
    """An extract to write: its county and its people, residents first."""

    county: County
    groups: list[Group]
    compress: bool

    @property
    def file(self) -> str:
        return f"{self.county.slug}.csv{'.zst' if self.compress else ''}"


@dataclass(frozen=True)
class _Outcome:
    """The facts of an extract, and of the people at home in its county with all their convictions."""

    extract: TrueCounts
    at_home: TrueCounts


def _compressing(file: BinaryIO) -> Callable[[bytes], int]:
    """Compress each piece as a zstd frame of its own: a stream of pyarrow's has no level, and closes the file."""
    codec = pa.Codec("zstd", compression_level=_ZSTD_LEVEL)
    return lambda piece: file.write(codec.compress(piece, asbytes=True))


def _write_extract(folder: Folder, task: _ExtractTask) -> _Outcome:
    """Write a county's extract, group by group."""
    county = task.county
    extract = at_home = TrueCounts.none()
    next_id = {True: _RESIDENT_IDS, False: _GUEST_IDS + county.code * 1_000_000}
    with whole_file(f"{folder.url.rstrip('/')}/{task.file}") as file:
        write = _compressing(file) if task.compress else file.write
        write(HEADER)
        for group in task.groups:
            rng = group.rng()
            people = draw_people(rng, group)
            history = draw_history(rng, group, people)
            lines = Lines(rng, history)
            resident = group.route[0] == county
            ids = next_id[resident] + np.arange(len(people))
            next_id[resident] += len(people)
            for chunk in lines.chunks(people.prefixes(ids)):
                write(chunk)
            extract += count(history, group.route.index(county))
            if resident:
                at_home += count(history, None)
    return _Outcome(extract, at_home)


def _write(
    out: str, plan: StatePlan, compress: bool, cluster: Cluster | None, progress: Progress | None
) -> list[FabricatedExtract]:
    """Write the extracts of a plan, then the truth about them."""
    folder = Folder(out)
    folder.remove(TRUTH)
    tasks = [_ExtractTask(county, plan.extract(county), compress) for county in plan.counties]
    people = [sum(group.people for group in task.groups) for task in tasks]
    outcomes: dict[int, _Outcome] = {}
    with open_cluster("threads:1") if cluster is None else contextlib.nullcontext(cluster) as opened:
        for place, outcome in opened.map(partial(_write_extract, folder), tasks, label="fabricate extracts"):
            outcomes[place] = outcome
            if progress is not None:
                progress(sum(people[done] for done in outcomes), sum(people))
    counties, extracts, state = [], [], TrueCounts.none()
    for place, task in enumerate(tasks):
        facts = outcomes[place].extract
        state += outcomes[place].at_home
        counties.append({"county": task.county.name, "file": task.file, **facts.document()})
        path = f"{out.rstrip('/')}/{task.file}"
        extracts.append(FabricatedExtract(task.county.name, path, facts.rows, facts.people))
    folder.write_json(TRUTH, {"counties": counties, "state": state.document()}, lasting=True)
    return extracts


def fabricate(
    out: str,
    *,
    counties: int,
    people: int,
    seed: int,
    compress: bool = False,
    cluster: Cluster | None = None,
    progress: Progress | None = None,
) -> list[FabricatedExtract]:
    """Write the fabricated extracts of the `counties` most populous counties under the fsspec URL `out`.

    `people` distinct people are allotted to the counties in proportion to the published figures. One in eight has
    Prop 64 convictions in two or three of them; their history is in each of those extracts, so the people of the
    extracts add up to more. Each extract is a task of `cluster`, None for this process; `progress` is called with
    the people written so far and those to write, in all extracts. With `compress` each extract is a
    `COUNTY.csv.zst`, a tenth as long, instead of a `COUNTY.csv`. The same arguments give the same bytes on any
    cluster. Existing files of the same names are replaced; `truth.json` beside them is described above.

    Raises ValueError when the state has not so many counties, when `people` is less than `counties`, or when `seed`
    is negative.
    """
    return _write(out, make_plan(counties, people, seed), compress, cluster, progress)


def fabricate_state(
    out: str,
    *,
    scale: float,
    seed: int,
    compress: bool = False,
    cluster: Cluster | None = None,
    progress: Progress | None = None,
) -> list[FabricatedExtract]:
    """Write the fabricated extracts of all counties, each as large as its published figures, times `scale`.

    At scale 1 these are about 175,000 people with 220,000 Prop 64 convictions. At scales so small that travelers
    would outnumber a county's own, fewer than one in eight are. The rest is as in `fabricate`.

    Raises ValueError when `scale` is not above 0 and at most 100 or leaves a county without anybody, or `seed` is
    is negative.
    """
    return _write(out, make_state_plan(scale, seed), compress, cluster, progress)
