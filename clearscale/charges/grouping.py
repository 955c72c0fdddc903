"""Charges in any order to tables of charges, cases and people, in an order that depends on the charges alone."""

import zlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import pyarrow as pa

from clearscale_kernels.arrays import Bools, Int32s, Int64s

from .coding import CODED, Coder, Known, first_places, numbered, recoded
from .tables import NO_DAY, UNKNOWN, Cases, Charges, Mark, People, Tables, Words

OF_CHARGES = Mark.AMENDED | Mark.REVOKED | Mark.DOUBTFUL_DATE
"""Marks that a charge has; a person has the others that any charge of theirs tells."""

_OWN_DAYS = ("offense_date", "arrest_date", "filing_date", "disposition_date", "sentence_date")
"""Days by which charges and cases are earlier or later: not those on which something ends."""


_MOST_KEYS = 2**62
"""Keys that are packed into one number are less than this."""


@dataclass(frozen=True)
class Grouped:
    """Tables, and what they have no place for.

    order: the row of each charge among those that were grouped. identities: of people. numbers: of cases, null
    where there is none.
    """

    tables: Tables
    order: Int64s
    identities: pa.Array
    numbers: pa.Array


def tables_of(batches: Iterable[pa.RecordBatch], told: Collection[str] = ()) -> Tables:
    """Charges as they are read as tables, in memory.

    Parameters
    ----------
    batches
        In the schema `clearscale.formats.schema.CHARGES`, such as `piece.charges` of a `Reading`; files have
        different names.
    told
        Columns of charges that all files have: `noticed.told` of the reading.

    Returns
    -------
    Tables
        The same for any batches of the same charges.

    Raises
    ------
    ExtractError
        If a column has more different texts than there are codes.
    """
    coder = Coder()
    coded = [coder.coded(batch) for batch in batches]
    known = Known.of(coder)
    final = Known.joined([known])
    places = known.places_in(final)
    table = pa.concat_tables([recoded(part, places) for part in coded]) if coded else CODED.empty_table()
    return grouped(table, final.words(told)).tables


def hashes_of(identities: pa.Array) -> Int64s:
    """The hash of each identity: its CRC-32, from 0 to 2**32 - 1. Shape (n,)."""
    values = identities.cast(pa.binary()).to_pylist()
    return np.fromiter(map(zlib.crc32, values), np.int64, len(values))


def grouped(coded: pa.Table, words: Words) -> Grouped:
    """Charges side by side by people and cases.

    Parameters
    ----------
    coded
        Charges in any order, in the schema `clearscale.charges.coding.CODED`.
    words
        What their codes stand for.

    Returns
    -------
    Grouped
        People in the order of their identities' hash and text, cases in that of their first day, number, county and
        first record, charges in that of their sequence, file and line. Numbers of charges count as numbers.
    """
    rows = coded.num_rows
    column = {name: coded[name].to_numpy() for name in CODED.names[3:]}
    person, identities = _people(coded["identity"])
    case, numbers, case_person = _cases(coded["number"], person, column)
    sequence = _sequences(coded["sequence"])
    records = in_order(column["file"], column["line"])
    order = records[in_order(case[records], sequence[records])]
    ordered = {name: values[order] for name, values in column.items()}
    case, person = case[order], person[order]
    charges = Charges(
        **{"person": person, "case": case, "marks": ordered["marks"] & np.int16(OF_CHARGES)},
        **{field.name: ordered[field.name] for field in fields(Charges) if field.name in set(ordered) - {"marks"}},
    )
    bounds = np.searchsorted(person, np.arange(len(identities) + 1)).astype(np.int64)
    cases = Cases(np.searchsorted(case, np.arange(len(numbers) + 1)).astype(np.int64), case_person)
    people = _told_of_people(ordered, person, bounds)
    assert bounds[-1] == cases.bounds[-1] == rows
    return Grouped(Tables(charges, cases, people, words), order, identities, numbers)


def _encoded(column: pa.ChunkedArray) -> tuple[Int64s, pa.Array]:
    """(code of each row, -1 for null; the distinct values)."""
    values = pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)
    found = values.dictionary_encode()
    return found.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64), found.dictionary


def _people(column: pa.ChunkedArray) -> tuple[Int32s, pa.Array]:
    """(each row's person, identities of people) in the order of people."""
    codes, distinct = _encoded(column)
    hashes = hashes_of(distinct)
    order = in_order(hashes)
    tied = _tied(hashes[order])
    if tied.any():
        texts = distinct.take(pa.array(order[tied])).to_pylist()
        again = sorted(range(len(texts)), key=lambda place: (hashes[order[tied][place]], texts[place].encode()))
        order[tied] = order[tied][again]
    return _ranks(order)[codes].astype(np.int32), distinct.take(pa.array(order))


def _tied(ordered: "np.ndarray[Any, Any]") -> Bools:
    """Which values, in order, have an equal neighbor."""
    same = ordered[1:] == ordered[:-1]
    result: Bools = np.zeros(ordered.size, np.bool_)
    result[1:] |= same
    result[:-1] |= same
    return result


def in_order(*keys: "np.ndarray[Any, Any]") -> Int64s:
    """The rows in the order of their keys, of which the first counts most; those that are alike stay in order."""
    rows = keys[0].size
    packed, room = np.zeros(rows, np.int64), 1
    for key in keys if rows else ():
        least = int(key.min())
        size = int(key.max()) - least + 1
        room *= size
        if room > _MOST_KEYS // rows:
            return np.lexsort(keys[::-1])
        packed = packed * size + (key.astype(np.int64) - least)
    # With the row in the number, numbers are sorted, which takes a fraction of sorting rows by numbers.
    packed = packed * rows + np.arange(rows)
    packed.sort()
    return packed % rows if rows else packed


def _ranks(order: Int64s) -> Int64s:
    ranks = np.empty(order.size, np.int64)
    ranks[order] = np.arange(order.size)
    return ranks


def _cases(
    column: pa.ChunkedArray, person: Int32s, charges: dict[str, "np.ndarray[Any, Any]"]
) -> tuple[Int32s, pa.Array, Int32s]:
    """(each row's case, numbers of cases, persons of cases) in the order of cases.

    A case is a person's charges with one number in one county. A charge without a number is a case of its own.
    """
    number, distinct = _encoded(column)
    rows = number.size
    place = numbered(number * (2**16) + charges["county"].astype(np.int64))
    place[number < 0] = place.max(initial=0) + 1 + np.arange(np.count_nonzero(number < 0))
    case = numbered(person.astype(np.int64) * (2 * rows + 1) + place)
    some_row = first_places(case)
    first_day = _first_days(charges, case, some_row.size)
    owner = person[some_row]
    order = in_order(owner, first_day)
    tied = _tied(owner[order].astype(np.int64) * 2**32 + first_day[order])
    if tied.any():
        at = order[tied]
        texts = distinct.take(pa.array(number[some_row[at]], mask=number[some_row[at]] < 0)).to_pylist()
        keys = zip(
            *(owner[at].tolist(), first_day[at].tolist()),
            [(text is not None, (text or "").encode()) for text in texts],
            *(charges[name][some_row[at]].tolist() for name in ("county", "file", "line")),
            strict=True,
        )
        listed = list(keys)
        order[tied] = at[sorted(range(len(listed)), key=listed.__getitem__)]
    codes = number[some_row][order]
    return (
        _ranks(order)[case].astype(np.int32),
        distinct.take(pa.array(codes, mask=codes < 0)),
        owner[order].astype(np.int32),
    )


def _first_days(charges: dict[str, "np.ndarray[Any, Any]"], case: Int64s, cases: int) -> Int64s:
    """The earliest day of each case's charges, `NO_DAY` where none is known."""
    earliest = np.full(case.size, np.iinfo(np.int64).max)
    for name in _OWN_DAYS:
        earliest = np.where(charges[name] == NO_DAY, earliest, np.minimum(earliest, charges[name]))
    result = np.full(cases, np.iinfo(np.int64).max)
    np.minimum.at(result, case, earliest)
    return np.where(result == np.iinfo(np.int64).max, NO_DAY, result)


def _sequences(column: pa.ChunkedArray) -> Int64s:
    """The place of each row's number of a charge: numbers as numbers, others behind them, none before them."""
    codes, distinct = _encoded(column)
    texts: list[str] = distinct.to_pylist()
    order = sorted(range(len(texts)), key=lambda place: _natural(texts[place]))
    return np.append(_ranks(np.array(order, np.int64)), -1)[codes]


def _natural(text: str) -> tuple[bool, int, str, str]:
    is_number = text.isascii() and text.isdigit()
    digits = text.lstrip("0") if is_number else ""
    return not is_number, len(digits), digits, text


def _told_of_people(charges: dict[str, "np.ndarray[Any, Any]"], person: Int32s, bounds: Int64s) -> People:
    """What charges tell of people: of the latest charge that says it; marks of any."""
    people = bounds.size - 1
    latest = np.full(person.size, NO_DAY, np.int32)
    for name in _OWN_DAYS:
        latest = np.maximum(latest, charges[name])
    # Of two as late, the one that stands last.
    ranks = (latest.astype(np.int64) - NO_DAY) * max(person.size, 1) + np.arange(person.size)
    told = {
        name: _latest(charges[name], missing, ranks, bounds[:-1])
        for name, missing in (("birth_date", NO_DAY), ("sex", UNKNOWN), ("race", UNKNOWN))
    }
    marks = charges["marks"] & ~np.int16(OF_CHARGES)
    joined = np.bitwise_or.reduceat(marks, bounds[:-1]) if people else marks
    return People(bounds, told["birth_date"], told["sex"], told["race"], joined)


def _latest(values: "np.ndarray[Any, Any]", missing: int, ranks: Int64s, starts: Int64s) -> "np.ndarray[Any, Any]":
    """The value of the highest rank of each stretch that is there, `missing` if none is.

    ranks: by the number of values, the rest is a value's place.
    """
    if not starts.size:
        return values
    last = np.maximum.reduceat(np.where(values != missing, ranks, -1), starts)
    return np.where(last < 0, missing, values[last % values.size]).astype(values.dtype)
