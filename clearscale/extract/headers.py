"""Headers in the midst of an extract, as files that were joined have them: they are no records."""

from collections.abc import Sequence

import numpy as np

from clearscale.law import state
from clearscale.law.findings import EXAMPLES
from clearscale_kernels.arrays import Bools, Int64s

from .coding import Coding
from .form import is_name, names_in
from .noticed import Noticed

_FORMAT = state().format

HEADER_IN_THE_MIDDLE, OTHER_COLUMNS = "header-in-the-middle", "columns-in-another-order"


def headers_in(coding: Coding) -> tuple[Int64s, Bools]:
    """The records of a block that are headers.

    Parameters
    ----------
    coding
        Of the block, some or all of whose columns are at hand.

    Returns
    -------
    tuple of numpy.ndarray
        (their places, shape (n,); whether each names other columns, or in another order, than the extract's first
        header or the format).
    """
    places = possible_headers(coding)
    columns = [column for column in range(len(_FORMAT.columns)) if coding.block.slots[column] >= 0]
    expected = [_FORMAT.columns[column] for column in columns]
    values = ((place, _values(coding, place, columns)) for place in places.tolist())
    found = [(place, names) for place, texts in values if (names := names_in(texts)) is not None]
    others = [names != expected for _, names in found]
    return np.array([place for place, _ in found], np.int64), np.array(others, np.bool_)


def possible_headers(coding: Coding) -> Int64s:
    """The places of the records of a block that may be headers, whichever columns are at hand."""
    # In a column whose values are few, a header has the name of some column.
    codes, texts = coding.coded(_FORMAT.roles.sex)
    named = np.array([is_name(text.decode("latin-1")) for text in texts], np.bool_)
    return np.flatnonzero(named[codes]) if named.any() else np.zeros(0, np.int64)


def notice_headers(coding: Coding, header_lines: int, noticed: Noticed) -> Int64s:
    """Note a block's headers; return their places. header_lines: those at the top of its file."""
    places, others = headers_in(coding)
    if places.size:
        lines = coding.block.lines[places] + header_lines
        noticed.note(HEADER_IN_THE_MIDDLE, places.size, lines[:EXAMPLES])
        noticed.note(OTHER_COLUMNS, int(np.count_nonzero(others)), lines[others][:EXAMPLES])
    return places


def _values(coding: Coding, place: int, columns: Sequence[int]) -> list[str]:
    data, bounds = coding.block.data, map(coding.block.column, columns)
    return [data[starts[place] : ends[place]].tobytes().decode("latin-1") for starts, ends in bounds]
