"""What a block group leaves in staging: the rows of neighboring blocks of an extract, dealt out to buckets.

One file. It has an Arrow stream a bucket with all that the bucket reads: its rows, their subjects and case
numbers, as one row of lists; so a bucket's work does not depend on how large the others are. The group's marker
says where each begins, so that a bucket asks for its parts of all groups at once. Behind them is an Arrow file of
what the plan is made from: the texts of the codes, the bucket of each subject, and in which counties it has a
conviction that tells whose extract it is.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from clearscale.extract import Encoded
from clearscale.extract.contradictions import Told
from clearscale.extract.subject_facts import FACTS, KINDS, Facts, SubjectFacts, contradicting, first_told
from clearscale.histories.dictionaries import NAMES, Dictionaries
from clearscale.histories.merging import CONTRADICTORY, TOLD
from clearscale.io.files import Folder
from clearscale.io.parts import FilePart
from clearscale.io.seals import Seal
from clearscale.law import state
from clearscale.store.layout import Staging, group_file
from clearscale.store.slices import slices_of
from clearscale_kernels import flag
from clearscale_kernels.arrays import Int32s, Int64s
from clearscale_kernels.people.dealing import Renumbered, number_anew

from .short_files import read_staged

STAGED = "arrow"
"""Ending of a block group's file."""

_OF_ROWS = ("row", "subject", "event_date", "offense", "county", "count_order", "sentence", "flags", "ofn")
_OF_SUBJECTS = ("birth_date", "no_birth_date", "unreadable_birth", "race", "sex")


@dataclass(frozen=True)
class Dealt:
    """A bucket's rows of a block group.

    rows: by column name, shape (n,); `subject` and `ofn` (-1 for none) are places in `subjects` and `ofn`, other
    codes those of the group. subjects: by name, shape (s,); `race` and `sex` are codes of the group.
    """

    rows: dict[str, np.ndarray]
    subjects: dict[str, np.ndarray]
    ofn: pa.Array


SLICE = "slice"
"""The slice of each subject, as far as the block group tells: the bucket of its rows follows from it."""

SAID_BY = "said_by"
"""The subject of each fact, by place: a subject has those of each block that it is in."""


def said(kind: str, name: str) -> str:
    """The column of facts beside a block group's texts. kind: one of KINDS. name: one of FACTS."""
    return f"said_{kind}_{name}"


_NOBODY, _NOTHING = np.empty(0, np.int32), np.empty(0, np.int64)
"""Before what blocks say of subjects: there may be no block."""


class BlockGroup:
    """A block group in the making: blocks are added in file order, then it is written.

    first_row: of its first block. Its rows are counted from there.
    """

    def __init__(self, buckets: int, first_row: int) -> None:
        self._buckets = buckets
        self._first_row = np.int32(first_row)
        self._texts = Dictionaries()
        self._places: dict[bytes, int] = {}
        self._persons: list[bytes] = []
        self._facts: dict[str, list[np.ndarray]] = {name: [] for name in _OF_SUBJECTS}
        self._rows: dict[str, list[np.ndarray]] = {name: [] for name in _OF_ROWS}
        self._ofns: list[pa.Array] = []
        self._convicted: list[Int64s] = []
        self._said_by: list[Int32s] = [_NOBODY]
        self._said: dict[str, list[Int64s]] = {said(kind, name): [_NOTHING] for kind in KINDS for name in FACTS}

    def add(self, encoded: Encoded, facts: SubjectFacts) -> None:
        """Add the next block. facts: what it says of its subjects."""
        codes = {name: self._texts.encode(name, texts) for name, texts in encoded.texts.items()}
        codes["subject"] = self._enter(encoded.subjects)
        self._convicted.append(_convicted(encoded, codes))
        self._said_by.append(codes["subject"])
        for kind, found in facts.items():
            for name in FACTS:
                self._said[said(kind, name)].append(getattr(found, name))
        before = sum(map(len, self._ofns))
        self._ofns.append(encoded.case_numbers)
        for name, pieces in self._rows.items():
            values = encoded.rows[name]
            if name in codes:
                values = codes[name].take(values)
            elif name == "row" and self._first_row:
                values = values - self._first_row
            elif name == "ofn" and before:
                values = np.where(values >= 0, values + np.int32(before), np.int32(-1))
            pieces.append(values)

    def _enter(self, subjects: dict[str, np.ndarray]) -> Int32s:
        """Register a block's subjects; return their places. The first facts stay, a missing number is added."""
        ids, persons = subjects["subject_id"].tolist(), subjects["cii_number"].tolist()
        places, new = np.empty(len(ids), np.int32), []
        for k, (subject, person) in enumerate(zip(ids, persons, strict=True)):
            place = self._places.get(subject)
            if place is None:
                place = self._places[subject] = len(self._persons)
                self._persons.append(person)
                new.append(k)
            elif not self._persons[place]:
                self._persons[place] = person
            places[k] = place
        for name in ("birth_date", "no_birth_date", "unreadable_birth"):
            self._facts[name].append(subjects[name][new])
        for name in ("race", "sex"):
            self._facts[name].append(self._texts.encode(name, subjects[name][new].tolist()))
        return places

    def write(self, folder: Folder, number: int) -> tuple[Seal, list[int], memoryview]:
        """Write the file; returns its seal, where each bucket's rows, the texts and the end are, and the texts."""
        slices, sink = self._slices(), pa.BufferOutputStream()
        bounds = self._deal(slices, sink)
        texts = self.texts(slices)
        sink.write(texts)
        bounds.append(sink.tell())
        return folder.write(group_file(number, STAGED), memoryview(sink.getvalue())), bounds, texts

    def texts(self, slices: Int32s | None = None) -> memoryview:
        """The texts and subjects, as a file of their own. slices: of the subjects, if they are known."""
        texts = {name: pa.array([self._texts.texts[name]], pa.list_(pa.binary())) for name in NAMES}
        convicted = np.unique(_joined(self._convicted)) if self._convicted else np.empty(0, np.int64)
        subjects = {
            "subject_id": pa.array([list(self._places)], pa.list_(pa.binary())),
            "cii_number": pa.array([self._persons], pa.list_(pa.binary())),
            SLICE: pa.array([self._slices() if slices is None else slices]),
            "convicted_subject": pa.array([(convicted >> _PAIR).astype(np.int32)]),
            "convicted_county": pa.array([(convicted & (2**_PAIR - 1)).astype(np.int32)]),
            SAID_BY: pa.array([_joined(self._said_by)]),
            **{column: pa.array([_joined(pieces)]) for column, pieces in self._said.items()},
        }
        batch, sink = pa.record_batch({**texts, **subjects}), pa.BufferOutputStream()
        with pa.ipc.new_file(sink, batch.schema, options=_compressed(batch.nbytes)) as writer:
            writer.write_batch(batch)
        return memoryview(sink.getvalue())

    def _who(self) -> dict[str, np.ndarray]:
        """What is told first of who each subject is, and whether something else is told later."""
        owners, count = _joined(self._said_by), len(self._places)
        facts = {kind: Facts(*(_joined(self._said[said(kind, name)]) for name in FACTS)) for kind in KINDS}
        contradictory = np.zeros(count, np.bool_)
        for kind in KINDS:
            contradictory[contradicting(facts[kind], owners, count)[0]] = True
        told = {column: first_told(facts[kind].values, owners, count) for kind, column in TOLD.items()}
        return {**told, CONTRADICTORY: contradictory}

    def _slices(self) -> Int32s:
        """The slice of each subject."""
        return slices_of(self._persons, self._places)

    def _deal(self, slices: Int32s, sink: pa.BufferOutputStream) -> list[int]:
        """Write the rows of each bucket; return where they begin, and the end."""
        ids, homes = list(self._places), slices % np.int32(self._buckets)
        subjects, of_subjects = _dealt_out(homes, self._buckets)
        places = np.empty(subjects.size, np.int32)
        places[subjects] = np.arange(subjects.size, dtype=np.int32)
        places -= of_subjects[:-1].astype(np.int32)[homes]
        row = {name: _joined(pieces) for name, pieces in self._rows.items()}
        rows, of_rows = _dealt_out(homes.take(row["subject"]), self._buckets)
        column = {name: values.take(rows) for name, values in row.items()}
        column["subject"] = places.take(column["subject"])
        ofns = pa.concat_arrays(self._ofns)
        used = Renumbered(
            numbers=np.empty(rows.size, np.int32),
            codes=np.empty(rows.size, np.int32),
            bounds=np.empty(of_rows.size, np.int64),
        )
        size = number_anew(column["ofn"], of_rows, np.zeros(len(ofns), np.int32), used)
        column["ofn"] = used.numbers
        facts = {name: _joined(pieces).take(subjects) for name, pieces in self._facts.items()}
        facts |= {name: values.take(subjects) for name, values in self._who().items()}
        lists = {name: _lists(of_rows, values) for name, values in column.items()}
        lists["case_number"] = _lists(used.bounds, ofns.take(pa.array(used.codes[:size])))
        for name, texts in (("subject_id", ids), ("cii_number", self._persons)):
            lists[name] = _lists(of_subjects, pa.array(texts, pa.binary()).take(pa.array(subjects)))
        lists |= {name: _lists(of_subjects, values) for name, values in facts.items()}
        batch, bounds = pa.record_batch(lists), [0]
        options = _compressed(batch.nbytes // self._buckets)
        for bucket in range(self._buckets):
            with pa.ipc.new_stream(sink, batch.schema, options=options) as writer:
                writer.write_batch(batch.slice(bucket, 1))
            bounds.append(sink.tell())
        return bounds


_PAIR = 32
"""Bits of a county's code in a number that stands for a subject and a county."""


def _convicted(encoded: Encoded, codes: dict[str, Int32s]) -> Int64s:
    """Pairs of subject and county, by the group's codes, with a conviction that extracts are made for."""
    charges = state().charges
    named = np.array([charges.section(text) >= 0 for text in encoded.texts["offense"]], np.bool_)
    rows = encoded.rows
    if not rows["row"].size:
        return np.empty(0, np.int64)
    hit = named[rows["offense"]] & ((rows["flags"] & flag.CONVICTED) != 0)
    subjects = codes["subject"].take(rows["subject"][hit]).astype(np.int64)
    return np.unique(subjects << _PAIR | codes["county"].take(rows["county"][hit]))


def _joined(pieces: list[np.ndarray]) -> np.ndarray:
    return pieces[0] if len(pieces) == 1 else np.concatenate(pieces)


def _dealt_out(homes: Int32s, buckets: int) -> tuple[Int64s, Int64s]:
    """Order entries by bucket, stably: (places in that order; where each bucket begins, and the end)."""
    # NumPy sorts numbers of 16 bits in one pass.
    narrow = homes.astype(np.uint16) if buckets <= 2**16 else homes
    bounds = np.concatenate([[0], np.cumsum(np.bincount(homes, minlength=buckets))])
    return np.argsort(narrow, kind="stable"), bounds.astype(np.int64)


def _lists(bounds: Int64s, values: np.ndarray | pa.Array) -> pa.Array:
    return pa.ListArray.from_arrays(pa.array(bounds.astype(np.int32)), values)


_WORTH_COMPRESSING = 2**16
"""Bytes of a record batch. Columns of a smaller one are so short that to begin each costs more than it saves."""


def _compressed(nbytes: int) -> pa.ipc.IpcWriteOptions:
    """How a record batch of so many bytes is written."""
    return pa.ipc.IpcWriteOptions(compression="zstd" if nbytes > _WORTH_COMPRESSING else None)


def texts_in(file: Any) -> pa.RecordBatch:
    """The texts and subjects of a block group, one row of lists, in their file or its bytes."""
    return pa.ipc.open_file(file).get_batch(0)


def with_lines_behind(texts: pa.RecordBatch, lines: int) -> pa.RecordBatch:
    """The texts of a block group that counts lines from its begin, as lines of the file. lines: those before it."""
    for kind in KINDS:
        for name in ("lines", "others"):
            column = said(kind, name)
            found = _list(texts, column).to_numpy()
            place = texts.schema.get_field_index(column)
            counted = pa.array([np.where(found > 0, found + lines, 0)], texts.schema.field(place).type)
            texts = texts.set_column(place, texts.schema.field(place), counted)
    return texts


def told_in(texts: pa.RecordBatch) -> Told:
    """What a block group says of its subjects. texts: see `texts_in`."""
    facts = {kind: Facts(*(_list(texts, said(kind, name)).to_numpy() for name in FACTS)) for kind in KINDS}
    return Told(_list(texts, "subject_id"), _list(texts, SAID_BY).to_numpy(), facts)


_AT_ONCE = 2**26
"""Bytes of staged rows that are read in one call: a bucket's of a whole state, or of all strays that it fetches."""


def rows_part(staging: Staging, extract: str, number: int, bounds: Int64s, bucket: int) -> FilePart:
    """Where a bucket's rows of a block group lie in the store. bounds: as `BlockGroup.write` returned them."""
    name = f"{staging.path(extract)}/{group_file(number, STAGED)}"
    return FilePart(name, int(bounds[bucket]), int(bounds[bucket + 1]), int(bounds[-1]))


def texts_part(staging: Staging, extract: str, number: int, bounds: Sequence[int]) -> FilePart:
    """Where the texts of a block group lie in the store. bounds: as `BlockGroup.write` returned them."""
    name = f"{staging.path(extract)}/{group_file(number, STAGED)}"
    return FilePart(name, bounds[-2], bounds[-1], bounds[-1])


def read_dealt(store: Folder, parts: Sequence[FilePart]) -> Iterator[Dealt]:
    """Read a bucket's rows of many block groups, in their order. parts: see `rows_part`."""
    ends = np.cumsum([part.end - part.start for part in parts])
    first = 0
    while first < len(parts):
        before = int(ends[first - 1]) if first else 0
        after = max(int(np.searchsorted(ends, before + _AT_ONCE, side="right")), first + 1)
        found = read_staged(store, parts[first:after])
        found.reverse()
        while found:  # each is given up when it is used
            yield _dealt_in(found.pop())
        first = after


def _dealt_in(content: pa.Buffer) -> Dealt:
    batch = pa.ipc.open_stream(content).read_next_batch()
    subjects: dict[str, np.ndarray] = {
        name: np.array(_list(batch, name).to_pylist(), object) for name in ("subject_id", "cii_number")
    }
    subjects |= {name: _numbers(batch, name) for name in (*_OF_SUBJECTS, *TOLD.values(), CONTRADICTORY)}
    return Dealt({name: _numbers(batch, name) for name in _OF_ROWS}, subjects, _list(batch, "case_number"))


def _list(batch: pa.RecordBatch, name: str) -> pa.Array:
    return batch.column(name)[0].values


def _numbers(batch: pa.RecordBatch, name: str) -> Any:
    return _list(batch, name).to_numpy(zero_copy_only=False)
