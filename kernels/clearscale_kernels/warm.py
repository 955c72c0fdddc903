"""Every kernel called once on next to nothing, so that it is compiled, or loaded from the cache on disk."""

import numpy as np

from .calendar import ages, parse_dates, years_clear, years_of, years_since
from .cases import list_case_numbers
from .columns import gather, measure
from .decide import EQUAL, first_rules, mark, narrow
from .fold import fold, table_size
from .lines import most_bytes, write_lines
from .tokens import tokenize
from .vectors import WIDTH


def compile_kernels() -> None:
    """Call each kernel with the dtypes that it is used with.

    Every array is fresh zeros: kernels do not check indexes, so what one fills must not become another's index.
    """
    text = b"a,20200229\n"
    data = np.frombuffer(bytearray(text + bytes(WIDTH)), np.uint8)
    starts, ends, extents, details = (np.zeros((2, 1), np.int32) for _ in range(4))
    lines, problems, canonical = np.zeros(1, np.int64), np.zeros(1, np.int8), np.zeros(1, np.bool_)
    tokenize(data, 0, len(text), True, 100, starts, ends, extents, lines, problems, details, canonical)
    offsets = np.empty(2, np.int32)
    values = np.empty(measure(starts[0], ends[0], offsets), np.uint8)
    gather(data, starts[0], ends[0], offsets, values)
    parse_dates(data, starts[1], ends[1], _int32(), np.zeros(1, np.bool_))
    ages(_int32(), _int32(), _int16())
    years_since(_int32(), 0, _int16())
    years_clear(_int32(), 0, _int16())
    years_of(_int32(), _int16())
    masks, holds = np.zeros(1, np.uint64), np.ones(1, np.bool_)
    narrow(_int32(), EQUAL, 0, holds)
    mark(holds, 0, masks)
    first_rules(masks, np.uint64(1), np.zeros(1, np.int8))
    bounds, rows, columns = np.zeros(2, np.int64), np.zeros(1, np.int64), np.arange(2)
    out = np.empty(most_bytes(starts, ends, columns, rows, bounds, _int32()), np.uint8)
    no_bytes = np.zeros(WIDTH, np.uint8)
    write_lines(data, starts, ends, extents, canonical, columns, rows, no_bytes, bounds, _int32(), out)
    _compile_fold()
    ones = np.array([0, 1], np.int64)
    tables, links = np.zeros((3, table_size(1)), np.int32), np.zeros((2, 1), np.int32)
    offsets = np.zeros(2, np.int32)
    list_case_numbers(ones, _int32(), _int32(), _int32(), ones, tables, links, offsets, _int32())


def _int32() -> np.ndarray:
    return np.zeros(1, np.int32)


def _int16() -> np.ndarray:
    return np.zeros(1, np.int16)


def _compile_fold() -> None:
    fold(
        np.array([0, 1], np.int64),
        _int32(),
        _int16(),
        _int32(),
        _int32(),
        _int32(),
        np.zeros(1, np.int8),
        _int32(),
        np.zeros((5, table_size(1)), np.int32),
        _int32(),
        _int16(),
        _int32(),
        np.zeros(2, np.int64),
        _int16(),
        np.zeros((1, 4), np.int32),
        _int32(),
    )
