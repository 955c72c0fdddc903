"""Every kernel called once on next to nothing, so that it is compiled, or loaded from the cache on disk."""

import numpy as np

from .calendar import ages, parse_dates, years_clear, years_of, years_since
from .columns import gather, measure
from .decide import EQUAL, first_rules, mark, narrow
from .fold import fold, table_size
from .lines import most_bytes, write_lines
from .tokens import tokenize


def compile_kernels() -> None:
    """Call each kernel with the dtypes that it is used with."""
    data = np.frombuffer(bytearray(b"a,20200229\n"), np.uint8)
    int32 = np.zeros(1, np.int32)
    int16 = np.zeros(1, np.int16)
    int64 = np.zeros(1, np.int64)
    bools = np.ones(1, np.bool_)
    starts, ends = np.zeros((2, 1), np.int32), np.zeros((2, 1), np.int32)
    pair, wide = np.zeros((2, 1), np.int32), np.zeros(1, np.int64)
    tokenize(data, 0, data.size, True, 100, starts, ends, pair, wide, np.zeros(1, np.int8), pair.copy())
    first = np.ascontiguousarray(starts[1])
    past = np.ascontiguousarray(ends[1])
    offsets = np.empty(2, np.int32)
    gather(data, first, past, offsets, np.empty(measure(first, past, offsets), np.uint8))
    parse_dates(data, starts[1], ends[1], int32, bools)
    ages(int32, int32, int16)
    years_since(int32, 0, int16)
    years_clear(int32, 0, int16)
    years_of(int32, int16)
    masks = np.zeros(1, np.uint64)
    narrow(int32, EQUAL, 0, bools)
    mark(bools, 0, masks)
    first_rules(masks, 1, np.zeros(1, np.int8))
    _compile_fold(int32, int16)
    suffix_bounds = np.zeros(2, np.int64)
    arguments = (data, starts, ends, np.arange(2), int64, suffix_bounds, int32)
    out = np.empty(most_bytes(*arguments), np.uint8)
    write_lines(data, starts, ends, np.arange(2), int64, data[:0], suffix_bounds, int32, out)


def _compile_fold(int32: np.ndarray, int16: np.ndarray) -> None:
    fold(
        np.array([0, 1], np.int64),
        int32,
        int16,
        int32,
        int32,
        int32,
        np.zeros(1, np.int8),
        int32,
        np.zeros((5, table_size(1)), np.int32),
        int32.copy(),
        int16.copy(),
        int32.copy(),
        np.zeros(2, np.int64),
        int16.copy(),
        np.zeros((1, 4), np.int32),
        int32.copy(),
    )
