"""Records that several files of an extract have: the later ones are set aside, so that each counts once.

Records of a count that an earlier file has with other values are told: the files may be no parts of an extract, but
an extract and a later one.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from clearscale.extract import Workspace, block_of, opened, read_cut
from clearscale.extract.bad_records import REPEATED
from clearscale.extract.missing import names_nobody
from clearscale.io.seals import Seal
from clearscale.law import state
from clearscale.law.findings import EXAMPLES
from clearscale.store.entry import ExtractEntry
from clearscale.store.opened import Store
from clearscale_kernels.arrays import Int32s

from .blocks import ReadTask, coded_blocks
from .quarantine import quarantine_of, write_quarantine

_BETWEEN = b"\x00\xff\x00\xfe"
"""Stands between the values of a record where it is compared; no text of an extract is like it."""

_ROLES = state().format.roles

_DIGEST = np.dtype([("low", np.uint64), ("high", np.uint64)])


@dataclass(frozen=True)
class Digests:
    """What tells the records of a file apart: all their columns. rows, of, counts: shape (n,).

    counts: what tells the counts apart that they are of: the person and COUNT_ORDER.
    """

    rows: Int32s
    of: np.ndarray
    counts: np.ndarray


def record_digests(task: tuple[ReadTask, pa.Array]) -> list[Digests]:
    """The digests of the usable records of some block groups of a file, block by block.

    task: how to read them, and the subjects whose records are compared.
    """
    read, subjects = task
    subject = state().format.places[_ROLES.subject]
    found = []
    for coding in coded_blocks(read):
        chosen = pc.is_in(_plain(coding.array(subject)), value_set=subjects)
        if pc.any(chosen).as_py():
            rows = coding.block.rows[chosen.to_numpy(zero_copy_only=False)]
            columns = [coding.array(place).filter(chosen) for place in range(len(state().format.columns))]
            found.append(_digests_of(rows, columns))
    return found


def stored_digests(task: tuple[Store, ExtractEntry, pa.Array]) -> list[Digests]:
    """The digests of the records of an extract that is in a store, of the subjects whose records are compared."""
    store, entry, subjects = task
    names = state().format.columns
    chosen = (
        table.filter(pc.is_in(table.column(_ROLES.subject), value_set=subjects)) for table in store.records(entry)
    )
    return [
        _digests_of(table.column("row").to_numpy(), [table.column(name).combine_chunks() for name in names])
        for table in chosen
    ]


def in_several(parts: Sequence[tuple[pa.Array, pa.Array]]) -> list[pa.Array]:
    """The subjects of each part who are in another one, too, or whose number is: no others have records in common.

    parts: SUBJECT_ID of each subject, and its number, empty for none.
    """
    ids, numbers = (_repeated_in([part[place] for part in parts]) for place in (0, 1))
    return [
        subjects.filter(pc.or_(pc.is_in(subjects, value_set=ids), pc.is_in(persons, value_set=numbers)))
        for subjects, persons in parts
    ]


def _repeated_in(parts: Sequence[pa.Array]) -> pa.Array:
    """The values that several parts have, but for empty ones."""
    counted = pa.chunked_array([pc.unique(part) for part in parts], pa.binary()).value_counts()
    values = counted.field("values").filter(pc.greater(counted.field("counts"), 1))
    return values.filter(pc.greater(pc.binary_length(values), 0))


def _plain(column: pa.Array) -> pa.Array:
    return column.dictionary_decode() if pa.types.is_dictionary(column.type) else column


def _digests_of(rows: Int32s, columns: Sequence[pa.Array]) -> Digests:
    """The digests of records. columns: all of them, in order."""
    plain = list(map(_plain, columns))
    subject, person, order = (
        plain[state().format.places[name]] for name in (_ROLES.subject, _ROLES.person, _ROLES.count_order)
    )
    numbers = person.dictionary_encode()
    nobody = pa.array(
        [not text.strip() or names_nobody(text) for text in numbers.dictionary.to_pylist()], pa.bool_()
    )
    who = pc.if_else(nobody.take(numbers.indices), subject, person)
    return Digests(rows, _digests(plain), _digests([who, order]))


def _digests(columns: Sequence[pa.Array]) -> np.ndarray:
    joined = pc.binary_join_element_wise(*columns, pa.scalar(_BETWEEN, pa.binary()))
    found = [hashlib.blake2b(text, digest_size=_DIGEST.itemsize).digest() for text in joined.to_pylist()]
    return np.frombuffer(b"".join(found), _DIGEST)


def repeated(parts: Sequence[Sequence[Digests]]) -> list[Int32s]:
    """The rows of each part that an earlier part has, too, in order. What one part has several times stays."""
    return _known_before(parts, "of")


def changed(parts: Sequence[Sequence[Digests]], repeats: Sequence[Int32s]) -> list[int]:
    """How many records of each part are of a count that an earlier part has, and are not the same as one there.

    repeats: those that are the same.
    """
    return [rows.size - same.size for rows, same in zip(_known_before(parts, "counts"), repeats, strict=True)]


def _known_before(parts: Sequence[Sequence[Digests]], name: str) -> list[Int32s]:
    """The rows of each part whose digests of that name an earlier part has, too, in order."""
    of_part = [sum(found.rows.size for found in part) for part in parts]
    every = [found for part in parts for found in part]
    if not every:
        return [np.empty(0, np.int32) for _ in parts]
    part = np.repeat(np.arange(len(parts)), of_part)
    rows, digests = (np.concatenate([getattr(found, field) for found in every]) for field in ("rows", name))
    order = np.lexsort((digests["high"], digests["low"]))  # stable: of equals, the earliest part comes first
    ordered = digests[order]
    first = np.maximum.accumulate(np.where(np.r_[True, ordered[1:] != ordered[:-1]], np.arange(order.size), 0))
    again = order[part[order] > part[order[first]]]
    return [np.sort(rows[again[part[again] == place]]) for place in range(len(parts))]


@dataclass(frozen=True)
class SetAsideTask:
    """Repeated rows of a file. folder: of their quarantine. read: how to read the blocks that they are in."""

    read: ReadTask
    folder: str
    rows: Int32s


def set_aside(task: SetAsideTask) -> tuple[list[int], dict[str, Seal]]:
    """Write the rows to quarantine, if anything is written; return some of their lines, and the files' seals.

    Raises ExtractError if the file is not as it was.
    """
    read, workspace = task.read, Workspace()
    lines: list[int] = []
    seals: dict[str, Seal] = {}
    with opened(read.source) as file:
        for span in (span for _, spans in read.groups for span in spans):
            rows = task.rows[(task.rows >= span.first_row) & (task.rows < span.first_row + span.rows)]
            if rows.size:
                content = read_cut(file, read.source, span, workspace).content[: span.length].tobytes()
                block = block_of(content, read.source, span, form=read.form, exact=read.exact, workspace=workspace)
                places = np.flatnonzero(np.isin(block.rows, rows))
                block.set_aside(places, np.full(places.size, REPEATED, np.int8))
                found = block.bad.only(block.bad.problems == REPEATED)
                lines += (found.lines[:EXAMPLES] + read.form.header_lines).tolist()
                if read.keep:
                    table = quarantine_of(read.source, read.form, found)
                    seals |= write_quarantine(read.staging.store, task.folder, span.number, table)
        read.require_unchanged(failed=False)
    return lines[:EXAMPLES], seals
