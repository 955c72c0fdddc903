"""Values as codes, against a dictionary: any sizes, any number of distinct values, columns that are given up."""

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clearscale_kernels.jit import vectors
from clearscale_kernels.text.coding import (
    CHUNK_ROWS,
    FIRST_SLOTS,
    CodedColumns,
    CodingScratch,
    Values,
    code_values,
    table_room,
)
from tests.support.examples import examples

stable = settings(derandomize=True, deadline=None, database=None)

SIZES = (0, 1, 7, 8, 9, 15, 16, 63, 64, 65, 127, 128, 129)


def coded(columns: list[list[bytes]], limits: list[int]) -> list[tuple[list[int], list[int]] | None]:
    """(codes, first rows) of each column as the kernel finds them; None for one that it gives up."""
    rows = len(columns[0])
    starts, ends = np.zeros((len(columns), rows), np.int32), np.zeros((len(columns), rows), np.int32)
    data = bytearray()
    for row in range(rows):
        for column, values in enumerate(columns):
            starts[column, row] = len(data)
            data += values[row]
            ends[column, row] = len(data)
            data += b","
    data += bytes(vectors.WIDTH)
    most, room = max(limits), np.array(limits, np.int64)
    codes = np.full((len(columns), rows), -1, np.int32)
    firsts = np.full((len(columns), most), -1, np.int32)
    sizes = np.full(len(columns), -2, np.int64)
    code_values(
        Values(np.frombuffer(data, np.uint8), starts, ends),
        rows,
        np.arange(len(columns)),
        room,
        CodingScratch(
            np.full(table_room(room), 7, np.int32),
            np.zeros((len(columns), most), np.uint32),
            np.zeros((len(columns), most), np.int32),
            np.full(len(columns), 7, np.int64),
            np.full(len(columns), 7, np.int64),
        ),
        CodedColumns(codes, firsts, sizes),
    )
    return [
        None if size < 0 else (codes[k].tolist(), firsts[k, :size].tolist())
        for k, size in enumerate(sizes.tolist())
    ]


def naive(values: list[bytes], limit: int) -> tuple[list[int], list[int]] | None:
    places: dict[bytes, int] = {}
    codes = [places.setdefault(value, len(places)) for value in values]
    if len(places) > limit:
        return None
    return codes, [values.index(value) for value in places]


@settings(stable, max_examples=examples(200))
@given(data=st.data(), rows=st.integers(0, 40), columns=st.integers(1, 4))
def test_codes_are_those_of_a_dictionary(data: st.DataObject, rows: int, columns: int) -> None:
    values = st.one_of(st.binary(max_size=3), st.sampled_from([b"a" * size for size in SIZES]))
    table = [data.draw(st.lists(values, min_size=rows, max_size=rows)) for _ in range(columns)]
    limits = data.draw(st.lists(st.integers(1, 50), min_size=columns, max_size=columns))
    assert coded(table, limits) == [naive(column, limit) for column, limit in zip(table, limits, strict=True)]


@pytest.mark.parametrize("size", [size for size in SIZES if size])
def test_values_that_differ_in_one_byte_only(size: int) -> None:
    values = [b"x" * size]
    for place in range(size):
        values.append(b"x" * place + b"y" + b"x" * (size - place - 1))
    column = values + values[::-1] + [b"x" * (size - 1), b"x" * (size + 1)]
    assert coded([column], [len(column)]) == [naive(column, len(column))]


@pytest.mark.parametrize("distinct", [1, FIRST_SLOTS // 2, FIRST_SLOTS // 2 + 1, FIRST_SLOTS, 700])
def test_tables_grow_beside_each_other(distinct: int) -> None:
    rows, choice = CHUNK_ROWS + 300, random.Random(distinct)
    columns = [
        [b"%d" % choice.randrange(distinct) for _ in range(rows)],
        [b"same"] * rows,
        [b"%d" % (row % distinct) * 9 for row in range(rows)],
        [b"%d" % row for row in range(rows)],
    ]
    limits = [rows, 1, distinct, rows - 1]
    found = coded(columns, limits)
    assert found == [naive(column, limit) for column, limit in zip(columns, limits, strict=True)]
    assert found[3] is None
