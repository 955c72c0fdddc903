"""Tables as CSV files that a spreadsheet program can open without harm."""

import pyarrow as pa

from .files import Folder

_RUNS = r"^[=+\-@\t\r]"
"""Cells that begin so are formulas to a spreadsheet program, whatever their quotes."""


def write_csv(folder: Folder, name: str, table: pa.Table) -> None:
    """Write a table in one step; see `csv`."""
    folder.write(name, memoryview(csv(table)))


def csv(table: pa.Table) -> pa.Buffer:
    """The table as CSV. A text that a spreadsheet program would run gets an apostrophe before it."""
    import pyarrow.csv

    for place, field in enumerate(table.schema):
        kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
        if pa.types.is_string(kind):
            table = table.set_column(place, field.name, harmless(table.column(place).cast(pa.string())))
    sink = pa.BufferOutputStream()
    pyarrow.csv.write_csv(table, sink, pyarrow.csv.WriteOptions(quoting_style="needed"))
    return sink.getvalue()


def harmless(texts: pa.ChunkedArray) -> pa.ChunkedArray:
    """The texts, those that begin like a formula with an apostrophe before them."""
    import pyarrow.compute as pc

    return pc.if_else(pc.match_substring_regex(texts, _RUNS), pc.binary_join_element_wise("'", texts, ""), texts)
