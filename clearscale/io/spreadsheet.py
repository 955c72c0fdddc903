"""Tables as CSV files that are safe to open in a spreadsheet program."""

import pyarrow as pa

from .files import Folder
from .seals import Seal

_FORMULA = r"^[=+\-@\t\r\n\x{FF1D}\x{FF0B}\x{FF0D}\x{FF20}]"
"""Cells with such a beginning are formulas to a spreadsheet program, quoted or not; the last are the wide forms."""


def write_csv(folder: Folder, name: str, table: pa.Table) -> Seal:
    """Write a table as CSV, see `csv`; returns the file's seal."""
    return folder.write(name, memoryview(csv(table)), lasting=True)


def csv(table: pa.Table, *, header: bool = True) -> pa.Buffer:
    """Convert a table to CSV. A text that a spreadsheet program would run gets an apostrophe before it.

    Numbers stay numbers. Names of columns are texts, too: policies name parameters. header: whether it has them.
    """
    import pyarrow.csv

    table = table.rename_columns(harmless(pa.chunked_array([table.column_names], pa.string())).to_pylist())
    for place, field in enumerate(table.schema):
        kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
        if pa.types.is_string(kind) or pa.types.is_large_string(kind):
            table = table.set_column(place, field.name, harmless(table.column(place).cast(pa.string())))
    sink = pa.BufferOutputStream()
    # As one piece: behind one without rows, pyarrow 26 writes zeros over the beginning of the next.
    table = table.combine_chunks()
    pyarrow.csv.write_csv(table, sink, pyarrow.csv.WriteOptions(include_header=header, quoting_style="needed"))
    return sink.getvalue()


def harmless(texts: pa.ChunkedArray) -> pa.ChunkedArray:
    """Put an apostrophe before texts that begin like a formula."""
    import pyarrow.compute as pc

    return pc.if_else(pc.match_substring_regex(texts, _FORMULA), pc.binary_join_element_wise("'", texts, ""), texts)
