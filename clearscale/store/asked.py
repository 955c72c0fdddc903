"""What a reader asks a store for, looked at before a file is: a wrong word is no damage."""

from collections.abc import Callable, Sequence

import numpy as np
import pyarrow as pa

from clearscale.errors import StoreError, nearest

from .layout import CONVICTIONS, HISTORIES, PEOPLE

DATASETS = (HISTORIES, CONVICTIONS, PEOPLE)


def require_dataset(name: str) -> None:
    """Raise StoreError if there is no such dataset."""
    if name not in DATASETS:
        raise StoreError(f"'{name}' is no dataset; there are {HISTORIES}, {CONVICTIONS} and {PEOPLE}")


def require_number(number: int, count: int, of: str, what: str = "bucket") -> None:
    """Raise StoreError if there is no bucket, or block, of this number. of: what has them, for the message."""
    if not 0 <= number < count:
        many = f"{count} {what}s, numbered from 0" if count != 1 else f"one {what}, number 0"
        raise StoreError(f"{of}: there is no {what} {number}; it has {many}")


def with_columns(
    read: Callable[[list[str] | None], pa.Table], columns: Sequence[str] | None, what: str
) -> pa.Table:
    """Read a table, or only some of its columns.

    Raises StoreError for a column that it does not have, of which the readers of files say nothing.

    read: reads the columns that it is given, all for None. what: whose columns they are, for the message.
    """
    if columns is None:
        return read(None)
    if isinstance(columns, str):
        raise StoreError(f"columns is '{columns}'; give a list of names, such as ['{columns}']")
    table = read(list(columns))
    for name in columns:
        if name not in table.column_names:
            raise StoreError(f"'{name}' is no column of {what}; {nearest(str(name), read(None).column_names)}")
    return table


def numbered(
    read: Callable[[list[str] | None], pa.Table], dataset: str, number: int, columns: Sequence[str] | None
) -> pa.Table:
    """Read a bucket's rows with its number and, of people, with their places in it, as other tables name them.

    read: reads the columns that it is given, all for None. columns: those that are wanted, all for None.
    """
    added = ["bucket", "history"] if dataset == PEOPLE else ["bucket"]
    if columns is None or isinstance(columns, str):  # a text is refused where columns are read
        table, kept = with_columns(read, columns, dataset), None
    else:
        kept = [name for name in columns if name not in added]
        added = [name for name in added if name == "bucket" or name in columns]
        table = read(kept or ["flags"])  # which all have: a table without columns has no rows
    rows = table.num_rows
    values = {"bucket": np.full(rows, number, np.int32), "history": np.arange(rows, dtype=np.int32)}
    for name in reversed(added):
        table = table.add_column(0, name, pa.array(values[name]))
    return table.select(added) if kept == [] else table
