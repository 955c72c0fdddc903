"""What the kernels of this folder take and fill: text to read, records found in it, what is written of them."""

from typing import NamedTuple

import numpy as np

from clearscale_kernels.arrays import Bools, Bytes, Int8s, Int32s, Int64s
from clearscale_kernels.jit import vectors

PLACES = 2**14
"""Separators that are listed before values are taken from them: few enough to stay in a processor's cache."""

MARGIN = vectors.WIDTH + vectors.EIGHT
"""Places that must be free in the list of separators before the next 64 bytes are looked at."""


class Text(NamedTuple):
    """Bytes to be read, `data[begin:end]`.

    Attributes
    ----------
    data : uint8, shape (bytes,)
        Values are rewritten in it where they are to be resolved.
    begin, end : int
    final : bool
        Whether nothing follows `end` in the file.
    """

    data: Bytes
    begin: int
    end: int
    final: bool


class Reading(NamedTuple):
    """How records are read.

    Attributes
    ----------
    slots : int64, shape (columns,)
        Which row of `FoundRecords.starts` and `ends` a column has, -1 for those that nobody asks for.
    most : int
        Longest record in bytes; a quote that is still open after that many is taken for unclosed.
    resolve : bool
        Whether to rewrite values with doubled quotes or CRLF in place as what they mean; otherwise they lie as they
        are written.
    judge : bool
        Whether to tell which records are canonical.
    surplus : int
        How many empty fields stand behind the columns of every record, 0 or 1. A record with one more or one less
        has its values in the wrong columns, however its last field looks.
    """

    slots: Int64s
    most: int
    resolve: bool
    judge: bool
    surplus: int


class FoundRecords(NamedTuple):
    """Records found, filled up to their number. n, at least 1, bounds those found in one call.

    Attributes
    ----------
    starts, ends : int32, shape (slots, n)
        Where each value lies without its quotes.
    extents : int32, shape (2, n)
        First and past-last byte of each record.
    lines : int64, shape (n,)
        0-based physical line of each record, counted from the text's begin.
    problems : int8, shape (n,)
        GOOD or what is wrong.
    details : int32, shape (2, n)
        Of records with a problem the number of fields met and the position of the problem.
    canonical : bool, shape (n,)
        Whether the record's bytes without its line end are just what would be written of it. False also where that
        is not sure, and without `Reading.judge`.
    """

    starts: Int32s
    ends: Int32s
    extents: Int32s
    lines: Int64s
    problems: Int8s
    details: Int32s
    canonical: Bools


class ReadingScratch(NamedTuple):
    """Scratch of the tokenizer, of any content.

    Attributes
    ----------
    places, openings : int32, shape (at least PLACES,)
        Room for the separators of a record.
    bases : int32, shape (PLACES,)
    special : bool, shape (PLACES,)
    """

    places: Int32s
    openings: Int32s
    bases: Int32s
    special: Bools


def reading_scratch(columns: int) -> ReadingScratch:
    """Scratch of the tokenizer for records of so many columns."""
    size = max(PLACES, columns + 2 + 2 * MARGIN)
    return ReadingScratch(
        places=np.empty(size, np.int32),
        openings=np.empty(size, np.int32),
        bases=np.empty(PLACES, np.int32),
        special=np.empty(PLACES, np.bool_),
    )


class Records(NamedTuple):
    """Records, and where they and their values lie in bytes.

    Attributes
    ----------
    data : uint8, shape (bytes,)
        Copying is fastest where 64 bytes follow behind the last value.
    starts, ends : int32, shape (columns, at least n)
        Where each value lies.
    extents : int32, shape (2, at least n)
        From a record's first byte to behind its line end. Looked at where a record is canonical.
    canonical : bool, shape (n,)
        Whether a record stands in `data` just as it would be written; others are quoted anew.
    """

    data: Bytes
    starts: Int32s
    ends: Int32s
    extents: Int32s
    canonical: Bools


class Suffixes(NamedTuple):
    """What is written behind the columns of each record.

    Attributes
    ----------
    content : uint8, shape (bytes,)
        The distinct suffixes, already quoted, with their leading comma. Copying is fastest where 64 bytes follow.
    bounds : int64, shape (distinct + 1,)
        Where each of them begins, and the end of the last.
    of_record : int32, shape (n,)
        Which of them a record bears.
    """

    content: Bytes
    bounds: Int64s
    of_record: Int32s
