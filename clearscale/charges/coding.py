"""Charges as they are read to numbers: each distinct text once, and rows that carry its code."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from clearscale.errors import ExtractError
from clearscale.formats.column_map import DATES, YES_NO
from clearscale.formats.schema import NONE
from clearscale_kernels.arrays import Int8s, Int16s, Int32s, Int64s

from .tables import NO_DAY, UNKNOWN, Disposition, Mark, Offense, Words

TEXTS: dict[str, tuple[str, str, Any]] = {
    "county": ("county", "counties", np.int16),
    "court": ("court", "courts", np.int32),
    "agency": ("agency", "agencies", np.int32),
    "level": ("level", "levels", np.int8),
    "severity": ("class", "classes", np.int8),
    "sex": ("sex", "sexes", np.int8),
    "race": ("race", "races", np.int16),
    "file": ("file", "files", np.int32),
}
"""Columns of codes: the column of charges as they are read, the field of `Words`, and the dtype of the codes."""

DAYS = {role: role.replace("end_date", "end") for role in (*DATES, "birth_date")}
"""Columns of days, by those of charges as they are read."""

OFFENSE = tuple(part.name for part in fields(Offense))
"""What tells offenses apart."""

_MARKS = {"amended": Mark.AMENDED, "doubtful_date": Mark.DOUBTFUL_DATE} | {
    role: Mark[role.upper()] for role in YES_NO
}
_DISPOSITIONS = {disposition.name.lower().replace("_", " "): disposition for disposition in Disposition}

CODED = pa.schema(
    [
        pa.field("identity", pa.string(), nullable=False),
        pa.field("number", pa.string()),
        pa.field("sequence", pa.string()),
        pa.field("offense", pa.int32(), nullable=False),
        *(pa.field(name, pa.from_numpy_dtype(kind), nullable=False) for name, (_, _, kind) in TEXTS.items()),
        pa.field("disposition", pa.int8(), nullable=False),
        pa.field("marks", pa.int16(), nullable=False),
        *(pa.field(name, pa.int32(), nullable=False) for name in DAYS.values()),
        pa.field("grams_above", pa.float32(), nullable=False),
        pa.field("grams_to", pa.float32(), nullable=False),
        pa.field("line", pa.int64(), nullable=False),
    ]
)
"""A charge a row, in any order. identity: whose it is, see `identities`. number: of its case; null as read."""


@dataclass
class Coder:
    """Numbers charges batch by batch; what is known of texts only grows.

    texts: codes by column and text. offenses: codes by `OFFENSE`.
    """

    texts: dict[str, dict[str, int]] = field(default_factory=lambda: {name: {} for name in TEXTS})
    offenses: dict[tuple[str, ...], int] = field(default_factory=dict)

    def coded(self, batch: pa.RecordBatch, file: str | None = None) -> pa.Table:
        """Number the charges of a batch.

        Parameters
        ----------
        batch
            In the schema `clearscale.formats.schema.CHARGES`.
        file
            What the file is called, where its name does not tell it from others.

        Returns
        -------
        Table
            In the schema `CODED`, but with codes of this coder, int32 each; `recoded` makes them final.
        """
        rows = batch.num_rows
        made: dict[str, Any] = {
            "identity": identities(batch, file),
            "number": batch["case"],
            "sequence": batch["sequence"],
            "offense": self._offenses(batch),
        }
        for name, (column, _, _) in TEXTS.items():
            if name == "file" and file is not None:
                code = self.texts[name].setdefault(file, len(self.texts[name]))
                made[name] = np.full(rows, code, np.int32)
            else:
                made[name] = _codes(batch[column], self.texts[name])
        made["disposition"] = _said(batch["disposition"], _DISPOSITIONS.__getitem__, Disposition[NONE.upper()])
        made["marks"] = _marks(batch)
        for column, name in DAYS.items():
            made[name] = batch[column].cast(pa.int32()).fill_null(NO_DAY)
        made |= {name: batch[name].cast(pa.float32()).fill_null(np.nan) for name in ("grams_above", "grams_to")}
        made["line"] = batch["line"]
        return pa.table({name: pa.array(made[name]) for name in CODED.names})

    def _offenses(self, batch: pa.RecordBatch) -> Int32s:
        """The code of each row's offense."""
        keys, most = np.zeros(batch.num_rows, np.int64), 1
        columns = []
        for column in OFFENSE:
            values = batch[column]
            size = len(values.dictionary) + 1
            codes = values.indices.fill_null(size - 1).to_numpy(zero_copy_only=False)
            if most * size > _MOST_KEYS:
                keys = numbered(keys)
                most = int(keys.max(initial=0)) + 1
            keys, most = keys * size + codes, most * size
            columns.append(codes)
        keys = numbered(keys)
        first = first_places(keys)
        # Numbered in the order of their parts' codes.
        order = np.lexsort([codes[first] for codes in reversed(columns)])
        texts = [batch[column].take(pa.array(first[order])).fill_null("").to_pylist() for column in OFFENSE]
        known, numbers = self.offenses, np.empty(first.size, np.int32)
        numbers[order] = [known.setdefault(offense, len(known)) for offense in zip(*texts, strict=True)]
        return numbers[keys]


_MOST_KEYS = 2**62
"""Keys are less than this."""


def numbered(keys: Int64s) -> Int64s:
    """Keys numbered from 0, in the order in which they are met."""
    numbers: Int64s = pa.array(keys).dictionary_encode().indices.to_numpy().astype(np.int64)
    return numbers


def first_places(numbers: Int64s) -> Int64s:
    """Where each number is met first, of numbers from 0 of which none is left out."""
    first = np.empty(int(numbers.max(initial=-1)) + 1, np.int64)
    first[numbers[::-1]] = np.arange(numbers.size)[::-1]
    return first


def _codes(column: pa.DictionaryArray, known: dict[str, int]) -> Int32s:
    """Codes of a batch's texts; a dictionary may hold more than its rows have."""
    size = len(column.dictionary)
    indices = column.indices.fill_null(size).to_numpy(zero_copy_only=False)
    codes = np.full(size + 1, UNKNOWN, np.int32)
    used = np.flatnonzero(np.bincount(indices, minlength=size + 1)[:size])
    texts = column.dictionary.take(pa.array(used)).to_pylist()
    codes[used] = [known.setdefault(text, len(known)) for text in texts]
    result: Int32s = codes[indices]
    return result


def _said(column: pa.DictionaryArray, says: Callable[[str], int], of_null: int) -> Int8s:
    said = np.array([*map(says, column.dictionary.to_pylist()), of_null], np.int8)
    result: Int8s = said[column.indices.fill_null(said.size - 1).to_numpy(zero_copy_only=False)]
    return result


def _marks(batch: pa.RecordBatch) -> Int16s:
    marks = np.zeros(batch.num_rows, np.int16)
    for column, mark in _MARKS.items():
        marks |= batch[column].fill_null(False).to_numpy(zero_copy_only=False) * np.int16(mark)
    marks |= batch["person"].is_null().to_numpy(zero_copy_only=False) * np.int16(Mark.NO_KEY)
    return marks


def identities(batch: pa.RecordBatch, file: str | None = None) -> pa.StringArray:
    """Whose each charge is: `key:` and the map's key of the person, where there is one.

    Charges without a key that have the same number of a case in the same county are one unknown person's,
    `case:COUNTY/NUMBER`: a case without a key is nearly always one defendant's, and conditions on a whole case (all
    charges only of a list, a violent one among them) need its charges together. Nothing joins them to another case,
    since no number of a case says who else's it is. A charge without a number of a case is `record:FILE/LINE`.

    Parameters
    ----------
    batch
        In the schema `clearscale.formats.schema.CHARGES`.
    file
        As `Coder.coded`.

    Returns
    -------
    StringArray
        Shape (rows,), without nulls.
    """
    person = batch["person"]
    found = pc.binary_join_element_wise("key:", person, "")
    if not person.null_count:
        return found
    county = batch["county"].cast(pa.string()).fill_null("")
    names = batch["file"].cast(pa.string()) if file is None else pa.scalar(file)
    place = pc.binary_join_element_wise(county, batch["case"], "/")
    of_case = pc.binary_join_element_wise("case:", place, "")
    where = pc.binary_join_element_wise(names, batch["line"].cast(pa.string()), "/")
    return pc.coalesce(found, of_case, pc.binary_join_element_wise("record:", where, ""))


@dataclass(frozen=True)
class Known:
    """Distinct texts by column of codes, and offenses, each in the order of its codes."""

    texts: Mapping[str, tuple[str, ...]]
    offenses: tuple[tuple[str, ...], ...]

    @classmethod
    def of(cls, coder: Coder) -> "Known":
        """What a coder has numbered so far."""
        return cls({name: tuple(known) for name, known in coder.texts.items()}, tuple(coder.offenses))

    @classmethod
    def joined(cls, parts: Iterable["Known"]) -> "Known":
        """All that some know, sorted: whatever was read in whatever pieces, codes are the same.

        Raises ExtractError if a column has more different texts than codes.
        """
        texts: dict[str, set[str]] = {name: set() for name in TEXTS}
        offenses: set[tuple[str, ...]] = set()
        for part in parts:
            offenses.update(part.offenses)
            for name, known in texts.items():
                known.update(part.texts[name])
        for name, known in texts.items():
            column, _, kind = TEXTS[name]
            most = int(np.iinfo(kind).max) + 1
            if len(known) > most:
                raise ExtractError(
                    f"the files have {len(known):,} different texts for the {column}, where {most:,} have a code; "
                    "look at that column of the map, and at the words that it has for it"
                )
        return cls({name: tuple(sorted(known)) for name, known in texts.items()}, tuple(sorted(offenses)))

    def places_in(self, other: "Known") -> dict[str, Int32s]:
        """The code that another has for each of these, last of none, by column of codes; and of `offense`."""
        return {"offense": _places(self.offenses, other.offenses)} | {
            name: _places(known, other.texts[name]) for name, known in self.texts.items()
        }

    def words(self, told: Collection[str]) -> Words:
        """What codes stand for. told: columns of charges that all files have."""
        texts = {TEXTS[name][1]: known for name, known in self.texts.items()}
        return Words(tuple(Offense(*offense) for offense in self.offenses), **texts, told=frozenset(told))


def _places(known: tuple[Any, ...], other: tuple[Any, ...]) -> Int32s:
    places = {word: place for place, word in enumerate(other)}
    return np.array([*(places[word] for word in known), UNKNOWN], np.int32)


def recoded(coded: pa.Table, places: Mapping[str, Int32s]) -> pa.Table:
    """Charges with the codes of others.

    Parameters
    ----------
    coded
        As `Coder.coded` made it, or in the schema `CODED`.
    places
        See `Known.places_in`.

    Returns
    -------
    Table
        In the schema `CODED`.
    """
    columns = []
    for column in CODED:
        values = coded[column.name]
        if column.name in places:
            values = pa.array(places[column.name][values.to_numpy()], pa.int32())
        columns.append(values.cast(column.type))
    return pa.table(columns, schema=CODED)
