"""Parquet files joined without decoding them: what readers find in them is what was in the pieces."""

import contextlib
import io
from collections.abc import Sequence
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearscale.io.parquet_pieces import UnjoinableError, joined, pieces_of

NAMES = [f"c{place:03d}" for place in range(130)]
TYPES: dict[Any, st.SearchStrategy[Any]] = {
    pa.binary(): st.binary(max_size=12),
    pa.string(): st.text(max_size=5),
    pa.int32(): st.integers(-(2**31), 2**31 - 1),
    pa.float64(): st.floats(allow_nan=False),
    pa.bool_(): st.booleans(),
}


def written(tables: Sequence[pa.Table], **options: Any) -> bytes:
    """A file with a row group for each table."""
    sink = io.BytesIO()
    with pq.ParquetWriter(sink, tables[0].schema, store_schema=False, **options) as writer:
        for table in tables:
            writer.write_table(table, row_group_size=max(table.num_rows, 1))
    return sink.getvalue()


def as_one(*files: bytes, replaced: bytes | None = None) -> bytes:
    """The files joined."""
    by = None if replaced is None else pieces_of(replaced)
    return b"".join(joined([pieces_of(file) for file in files], by))


def read(file: bytes) -> pa.Table:
    return pq.ParquetFile(io.BytesIO(file), page_checksum_verification=True).read()


@st.composite
def tables(draw: st.DrawFn) -> pa.Table:
    """A table of any columns, some of them with nulls."""
    rows = draw(st.integers(0, 30))
    types = draw(st.lists(st.sampled_from(list(TYPES)), min_size=1, max_size=6))
    columns, fields = [], []
    for name, kind in zip(NAMES, types, strict=False):
        nullable = draw(st.booleans())
        values = st.one_of(st.none(), TYPES[kind]) if nullable else TYPES[kind]
        columns.append(pa.array(draw(st.lists(values, min_size=rows, max_size=rows)), kind))
        fields.append(pa.field(name, kind, nullable=nullable))
    return pa.table(columns, pa.schema(fields))


@st.composite
def cut(draw: st.DrawFn) -> list[list[pa.Table]]:
    """A table in row groups, and these in files."""
    table = draw(tables())
    ends = sorted(draw(st.lists(st.integers(0, table.num_rows), max_size=6)))
    bounds = zip([0, *ends], [*ends, table.num_rows], strict=True)
    groups = [table.slice(start, end - start) for start, end in bounds]
    files: list[list[pa.Table]] = [[]]
    for group in groups:
        files[-1].append(group)
        if draw(st.booleans()):
            files.append([])
    return [file for file in files if file]


OPTIONS = st.fixed_dictionaries(
    {
        "compression": st.sampled_from(["zstd", "snappy", "none"]),
        "use_dictionary": st.booleans(),
        "write_statistics": st.booleans(),
        "write_page_checksum": st.booleans(),
        "data_page_size": st.sampled_from([16, 2**20]),
    }
)


@given(files=cut(), options=st.data())
def test_what_is_read_is_what_was_in_the_pieces(files: list[list[pa.Table]], options: st.DataObject) -> None:
    pieces = [written(tables, **options.draw(OPTIONS)) for tables in files]
    found, groups = as_one(*pieces), [table for tables in files for table in tables]
    whole = pa.concat_tables(groups)
    assert read(found).equals(whole)
    file = pq.ParquetFile(io.BytesIO(found))
    assert [file.metadata.row_group(place).num_rows for place in range(file.num_row_groups)] == [
        table.num_rows for table in groups
    ]
    for place, table in enumerate(groups):
        assert file.read_row_group(place).equals(table)
    polars = pl.read_parquet(io.BytesIO(found))
    assert polars.to_dict(as_series=False) == whole.to_pydict()
    # Joined once more, it is as if all had been joined at once.
    assert as_one(found) == found
    assert as_one(as_one(*pieces[:1]), *pieces[1:]) == found


@given(files=cut(), data=st.data())
def test_columns_are_replaced(files: list[list[pa.Table]], data: st.DataObject) -> None:
    groups = [table for tables in files for table in tables]
    schema = groups[0].schema
    names = data.draw(st.lists(st.sampled_from(schema.names), unique=True, min_size=1))
    new = []
    for table in groups:
        columns = {}
        for name in names:
            field = schema.field(name)
            values = st.one_of(st.none(), TYPES[field.type]) if field.nullable else TYPES[field.type]
            drawn = data.draw(st.lists(values, min_size=table.num_rows, max_size=table.num_rows))
            columns[name] = pa.array(drawn, field.type)
        new.append(pa.table(columns, pa.schema([schema.field(name) for name in names])))
    found = as_one(*(written(tables) for tables in files), replaced=written(new, compression="gzip"))
    expected = pa.concat_tables(groups)
    for name in names:
        place = schema.get_field_index(name)
        column = pa.concat_tables(new).column(name)
        expected = expected.set_column(place, schema.field(name), column)
    assert read(found).equals(expected)


@given(files=cut(), data=st.data())
def test_some_row_groups(files: list[list[pa.Table]], data: st.DataObject) -> None:
    groups = [table for tables in files for table in tables]
    chosen = data.draw(st.lists(st.integers(0, len(groups) - 1), max_size=8))
    whole = pieces_of(as_one(*(written(tables) for tables in files)))
    found = b"".join(joined([whole.only(chosen)]))
    assert (
        read(found).to_pydict()
        == pa.concat_tables([groups[0].slice(0, 0), *(groups[k] for k in chosen)]).to_pydict()
    )


def test_more_columns_and_row_groups_than_a_short_list_has(tmp_path: Any) -> None:
    table = pa.table({name: [b"x" * place, name.encode()] for place, name in enumerate(NAMES)})
    found = as_one(*[written([table])] * 40)
    assert read(found).equals(pa.concat_tables([table] * 40))
    duckdb = pytest.importorskip("duckdb")
    (tmp_path / "x.parquet").write_bytes(found)
    by_duckdb = duckdb.sql(f"select * from read_parquet('{tmp_path}/x.parquet')").to_arrow_table()
    assert by_duckdb.to_pydict() == read(found).to_pydict()
    assert pl.read_parquet(tmp_path / "x.parquet").to_dict(as_series=False) == read(found).to_pydict()


def test_pages_have_the_checksums_that_they_had() -> None:
    table = pa.table({"a": [b"some text that is not compressed"]})
    piece = written([table], compression="none", use_dictionary=False, write_page_checksum=True)
    found = as_one(piece, piece)
    turned = found.replace(b"some text", b"same text")
    assert turned != found
    with pytest.raises(OSError, match="CRC"):
        read(turned)


TABLE = pa.table({"a": [1, 2], "b": [b"x", b"y"]})
OTHERS = {
    "other names": TABLE.rename_columns(["a", "c"]),
    "other types": TABLE.set_column(0, "a", pa.array([1.0, 2.0])),
    "more columns": TABLE.append_column("c", TABLE.column("a")),
    "no nulls": TABLE.cast(pa.schema([pa.field("a", pa.int64(), nullable=False), TABLE.schema.field("b")])),
}


@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS)
def test_files_that_are_not_alike(other: pa.Table) -> None:
    with pytest.raises(UnjoinableError, match="not alike"):
        as_one(written([TABLE]), written([other]))


@pytest.mark.parametrize(
    ("by", "match"),
    [
        (TABLE.select(["a"]).slice(0, 1), "has not the rows"),
        (TABLE.select(["a"]).rename_columns(["c"]), "has others"),
        (TABLE.select(["a"]).cast(pa.schema([("a", pa.int32())])), "has others"),
    ],
)
def test_what_does_not_replace_columns(by: pa.Table, match: str) -> None:
    with pytest.raises(UnjoinableError, match=match):
        as_one(written([TABLE]), replaced=written([by]))


UNHANDLED = {
    "columns in columns": lambda file: pq.write_table(pa.table({"a": [[1]]}), file),
    "an index": lambda file: pq.write_table(TABLE, file, write_page_index=True),
    "sorted": lambda file: pq.write_table(TABLE, file, sorting_columns=[pq.SortingColumn(0)]),
}


@pytest.mark.parametrize("write", UNHANDLED.values(), ids=UNHANDLED)
def test_what_is_not_handled_is_refused(write: Any) -> None:
    file = io.BytesIO()
    write(file)
    with pytest.raises(UnjoinableError):
        pieces_of(file.getvalue())


@given(data=st.data())
def test_damage_is_told_or_changes_nothing_that_is_looked_at(data: st.DataObject) -> None:
    """Whatever is in a footer, there is one kind of error."""
    whole = bytearray(written([TABLE, TABLE]))
    for _ in range(data.draw(st.integers(1, 3))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    end = data.draw(st.one_of(st.just(len(whole)), st.integers(0, len(whole))))
    with contextlib.suppress(UnjoinableError):
        joined([pieces_of(bytes(whole[:end]))])


@pytest.mark.parametrize("content", [b"", b"PAR1", b"PAR1" + bytes(8), b"x" * 99, b"PAR1\xff\xff\xff\x7fPAR1"])
def test_what_is_no_parquet_file(content: bytes) -> None:
    with pytest.raises(UnjoinableError):
        pieces_of(content)
