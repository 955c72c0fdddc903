"""Files without a key of people in, people out: a table of records and their people, and pairs to review."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from clearscale.errors import ExtractError
from clearscale.formats import ColumnMap
from clearscale.formats.reading import BLOCK_BYTES
from clearscale.io.claims import LOCK, claimed
from clearscale.io.files import Folder
from clearscale.io.source import Source
from clearscale.io.spreadsheet import write_csv
from clearscale_kernels.arrays import Int64s

from .grouping import Elements, Groups, Link, doubts, elements_of, links_of
from .identities import Identity
from .model import Model, model
from .people import ABOUT, PAIRS, PEOPLE, SURE, TABLE, WITH_DOUBTFUL
from .records import Records, read_records
from .reviewed import decided, parted, read_reviewed
from .scoring import frequencies, repeated, scored

_SHOWN = ("last", "first", "middle", "suffix", "born", "sex")


@dataclass(frozen=True)
class Linked:
    """What a linking came to.

    Parameters
    ----------
    format
        Name of the map.
    files
        Names, with how many records each has, and the digest of its bytes.
    records, identities
        How many records there are, and how many different names, birth dates and numbers they state.
    people, people_with_doubtful
        How many people they are by what is sure, and by what is doubtful besides.
    pairs
        How many pairs somebody should look at.
    reviewed
        How many pairs somebody said something of.
    against_scores
        How many pairs are surely one person's by their score and were not put together: somebody said that they,
        or others that would come together by it, are different.
    sure, doubtful
        The limits.
    model
        Digest of what agreements weigh.
    digest
        Of the table of people.
    """

    format: str
    files: dict[str, dict[str, Any]]
    records: int
    identities: int
    people: int
    people_with_doubtful: int
    pairs: int
    reviewed: int
    against_scores: int
    sure: float
    doubtful: float
    model: str
    digest: str


def link_files(
    files: Sequence[str],
    stated: ColumnMap,
    out: str,
    *,
    sure: float | None = None,
    doubtful: float | None = None,
    reviewed: str | None = None,
    show_values: bool = False,
    block_bytes: int = BLOCK_BYTES,
) -> Linked:
    """Find out which records are of one person, and write it down.

    The same records give the same people, in whatever order files come and however they are cut: what decides is
    stated and not learned.

    Parameters
    ----------
    files
        Paths or URLs.
    stated
        Their map, which has columns of `identity` and no key of people.
    out
        Folder, a path or URL: `people.parquet`, `pairs.csv` and `linking.json` are put there.
    sure, doubtful
        From which probability two records are of one person, and from which somebody should look at them; None for
        those of the model.
    reviewed
        Path or URL of `pairs.csv` with decisions.
    show_values
        Whether `pairs.csv` shows names, birth dates and numbers.
    block_bytes
        So many bytes of a file are looked at together.

    Returns
    -------
    Linked

    Raises
    ------
    ExtractError
        If the map has a key of people, a file cannot be read by it, or decisions contradict each other.
    ClearscaleError
        If splink is not installed.
    StorageError
        If an object storage refuses, or cannot be reached.
    """
    used = model()
    high, low = used.sure if sure is None else sure, used.doubtful if doubtful is None else doubtful
    if not 0 < low <= high < 1:
        raise ExtractError(f"doubtful is {low:g} and sure {high:g}; allowed is 0 < doubtful <= sure < 1")
    records = read_records(files, stated, block_bytes)
    found = _people(records, used, high, low, reviewed)
    table = _table(records, found)
    result = Linked(
        stated.name,
        _files(records),
        records.line.size,
        len(records.identities),
        len(set(found.sure.tolist())),
        len(set(found.with_doubtful.tolist())),
        len(found.pairs),
        found.reviewed,
        found.against,
        high,
        low,
        used.digest,
        _digest(table),
    )
    folder = Folder.rooted(out)
    with claimed(folder, LOCK, ExtractError):
        folder.remove(ABOUT)
        folder.write_parquet(PEOPLE, table, lasting=True)
        write_csv(folder, PAIRS, _pairs(records, found, show_values))
        folder.write_json(ABOUT, result.__dict__, lasting=True)
    return result


@dataclass(frozen=True)
class _Found:
    """sure, with_doubtful: the person of each record, as their first record. pairs: to review."""

    sure: Int64s
    with_doubtful: Int64s
    pairs: list[Link]
    elements: Elements
    reviewed: int
    against: int


def _people(records: Records, used: Model, sure: float, doubtful: float, reviewed: str | None) -> _Found:
    decisions = read_reviewed(reviewed, records) if reviewed is not None else []
    known = frequencies(used, records.identities)
    again = repeated(used, records.identities, known)
    elements = elements_of(records, (again >= sure) & ~parted(decisions, records))
    # What somebody said is judged before anything is compared, which takes longest.
    groups = decided(decisions, elements, Source(reviewed).shown if reviewed is not None else "")
    links = links_of(elements, scored(records.identities, used, known, doubtful), again, doubtful)
    groups.follow(link for link in links if link.score >= sure)
    against = len(groups.refused)
    with_doubtful = groups.copy()
    with_doubtful.follow(link for link in links if link.score < sure)
    return _Found(
        _first_records(elements, groups),
        _first_records(elements, with_doubtful),
        doubts(groups, links),
        elements,
        len(decisions),
        against,
    )


def _first_records(elements: Elements, groups: Groups) -> Int64s:
    """The first record of each record's person."""
    group = groups.all_of(range(elements.first.size))[elements.of_record]
    first = np.full(elements.first.size, group.size, np.int64)
    np.minimum.at(first, group, np.arange(group.size))
    return first[group]


def _table(records: Records, found: _Found) -> pa.Table:
    file = pa.DictionaryArray.from_arrays(pa.array(records.file, pa.int32()), pa.array(records.files, pa.string()))
    sure = _keys(found.sure)
    # A person of several is called as the first of them.
    merged = sure.take(pa.array(found.with_doubtful))
    return pa.table([file, pa.array(records.line), sure, merged], schema=TABLE)


def _keys(people: Int64s) -> pa.Array:
    """Keys: people numbered by their first records. They say where a record stands, nothing of what is in it."""
    _, number = np.unique(people, return_inverse=True)
    return pa.array([f"L{place + 1:08d}" for place in number.tolist()], pa.string())


def _pairs(records: Records, found: _Found, show_values: bool) -> pa.Table:
    firsts = found.elements.first
    sides = {"left": [int(firsts[link.left]) for link in found.pairs]}
    sides["right"] = [int(firsts[link.right]) for link in found.pairs]
    columns: dict[str, pa.Array] = {}
    for side, places in sides.items():
        columns[f"{side}_file"] = pa.array([records.files[records.file[place]] for place in places], pa.string())
        columns[f"{side}_line"] = pa.array([int(records.line[place]) for place in places], pa.int64())
    columns["score"] = pa.array([round(link.score, 6) for link in found.pairs], pa.float64())
    columns["agreed"] = pa.array([link.agreed for link in found.pairs], pa.string())
    columns["decision"] = pa.array([""] * len(found.pairs), pa.string())
    for side, places in sides.items() if show_values else ():
        people = [records.identities[records.who[place]] for place in places]
        for name, says in _said(records.identities).items():
            columns[f"{side}_{name}"] = pa.array([says(identity) for identity in people], pa.string())
    return pa.table(columns)


def _said(identities: Sequence[Identity]) -> dict[str, Callable[[Identity], str]]:
    """What identities say, by name."""
    numbers = len(identities[0].numbers) if identities else 0

    def of(name: str) -> Callable[[Identity], str]:
        return lambda identity: str(getattr(identity, name))

    def number(place: int) -> Callable[[Identity], str]:
        return lambda identity: identity.numbers[place]

    return {
        **{name: of(name) for name in _SHOWN},
        **{f"number_{place + 1}": number(place) for place in range(numbers)},
    }


def _files(records: Records) -> dict[str, dict[str, Any]]:
    counts = np.bincount(records.file, minlength=len(records.files)).tolist()
    return {
        name: {"records": count, "digest": digest}
        for name, count, digest in zip(records.files, counts, records.digests, strict=True)
    }


def _digest(table: pa.Table) -> str:
    """Of who is who, whatever wrote it down."""
    digesting = hashlib.sha256()
    for name in (SURE, WITH_DOUBTFUL):
        digesting.update("\n".join(table.column(name).to_pylist()).encode())
    return digesting.hexdigest()
