"""A list as a file, for a court, an agency or a program: as it comes, court by court, in constant memory."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

import pyarrow as pa

from clearscale.errors import RunError, closest
from clearscale.io.all_or_nothing import whole_file
from clearscale.io.spreadsheet import csv
from clearscale.outputs.workbooks import DATE, NUMBER, TEXT, WORDS, Column, writing_book
from clearscale.runs import Run
from clearscale.runs.charges import ChargeRun

from .about import outcome_words, write_about
from .checking import counts_of, require_same
from .columns import Meanings, columns_of, schema_of
from .flag_words import words_of
from .wanted import Wanted, named

FORMATS = ("csv", "xlsx", "parquet")
"""Files that a list can be written as, which are their endings, too."""

TABLE = "Decisions"
_AT_ONCE = 2**15
"""Rows that are written together, more where a court has more."""

_WIDTHS = {
    **{"county": 16, "court": 26, "case": 18, "person": 28, "number": 14, "charge": 16, "description": 48},
    **{"agency": 26, "outcome": 22, "reason": 44, "missing": 30, "flags": 30, "extract": 28, "file": 28},
}
_LONG = ("case", "person", "description", "agency", "outcome", "reason", "missing", "flags")
"""Columns whose texts may be longer than their cell is wide."""

_WORDS = "What the flags say"


def format_of(out: str, form: str | None) -> str:
    """The format of a file: as it is named, else as its name ends. Raises RunError if that is none."""
    found = form or out.partition("?")[0].rpartition("/")[2].rpartition(".")[2].lower()
    if found not in FORMATS:
        near = closest(found, FORMATS)
        if form:
            hint = f"; did you mean '{near}'?" if near else f"; there are {', '.join(FORMATS)}"
            raise RunError(f"'{found}' is no format of a list{hint}")
        endings = " or ".join((", ".join(f".{ending}" for ending in FORMATS[:-1]), f".{FORMATS[-1]}"))
        raise RunError(f"{out}: has no ending that says its form; end its name in {endings}, or name its format")
    return found


def write_list(
    run: Run | ChargeRun,
    tables: Iterable[pa.Table],
    out: str,
    form: str,
    wanted: Wanted,
) -> int:
    """Write a list to a path or URL, whole or not at all.

    Parameters
    ----------
    run
        Whose decisions they are.
    tables
        As `listed` yields them.
    out
        The file; one of that name is replaced.
    form
        One of `FORMATS`.
    wanted
        Which decisions they are. Where they are all of some counties, a workbook's counts are held against the
        run's tables.

    Returns
    -------
    int
        Its rows.

    Raises
    ------
    RunError
        If the counts of a workbook are not those of the run's tables.
    ClearscaleError
        If the extra `xlsx` is needed, and not installed.
    StorageError
        If an object storage refuses, or cannot be reached.
    """
    schema = schema_of(columns_of(run))
    batches = _together(tables, schema)
    if form == "xlsx":
        return _workbook(run, batches, out, wanted)
    with whole_file(out) as file:
        return _csv(file, batches) if form == "csv" else _parquet(file, batches, schema)


def _together(tables: Iterable[pa.Table], schema: pa.Schema) -> Iterator[pa.Table]:
    """Yield small tables together; at least one, if without rows."""
    held, rows, any_table = [schema.empty_table()], 0, False
    for table in tables:
        held.append(table)
        rows += table.num_rows
        if rows >= _AT_ONCE:
            yield pa.concat_tables(held)
            held, rows, any_table = [schema.empty_table()], 0, True
    if rows or not any_table:
        yield pa.concat_tables(held)


def _csv(file: Any, batches: Iterable[pa.Table]) -> int:
    rows = 0
    for number, table in enumerate(batches):
        file.write(csv(table, header=number == 0))
        rows += table.num_rows
    return rows


def _parquet(file: Any, batches: Iterable[pa.Table], schema: pa.Schema) -> int:
    import pyarrow.parquet as pq

    rows = 0
    with pq.ParquetWriter(file, schema, compression="zstd") as writer:
        for table in batches:
            writer.write_table(table)
            rows += table.num_rows
    return rows


def _workbook(run: Run | ChargeRun, batches: Iterable[pa.Table], out: str, wanted: Wanted) -> int:
    meanings = columns_of(run)
    counts: Counter[tuple[str, str]] = Counter()
    with writing_book(out, TABLE, date.fromisoformat(run.info["as_of"])) as book:
        about = book.page("About")
        table_of_counts = book.sheet(
            "Counts", [Column("County", 24), Column("Outcome", 28), Column("Decisions", 12, NUMBER)]
        )
        places = [*meanings]
        sheet = book.sheet(TABLE, _columns(run), keys=(places.index("case"), places.index("person")))
        for table in batches:
            counts.update(zip(table.column("county").to_pylist(), table.column("outcome").to_pylist(), strict=True))
            sheet.add(_with_words(table))
        table_of_counts.add(_counted(run, counts))
        if not wanted.filters:
            require_same(run, counts, named(wanted.counties, {county for county, _ in counts_of(run)}, "county"))
        outcomes: Counter[str] = Counter()
        for (_, outcome), count in counts.items():
            outcomes[outcome] += count
        parts = f"on the sheets {', '.join(sheet.names)}" if len(sheet.names) > 1 else f"on the sheet {TABLE}"
        write_about(
            about,
            run,
            "Decisions, court by court",
            [f"{wanted.words}: {sheet.rows:,} decisions, {parts}, by county, court, case, person and charge."],
            {},
            outcomes,
            list(_explained(meanings)),
            [f"{sheet.cut:,} texts are longer than a cell can be, and were cut."] if sheet.cut else [],
        )
        return sheet.rows


def _columns(run: Run | ChargeRun) -> list[Column]:
    columns = []
    for name, (kind, _) in columns_of(run).items():
        texts = WORDS if name in _LONG else TEXT
        own = DATE if pa.types.is_date(kind) else NUMBER if pa.types.is_integer(kind) else texts
        columns.append(Column(_label(name), _WIDTHS.get(name, 12), own))
        if name == "flags":
            columns.append(Column(_WORDS, 60, WORDS))
    return columns


def _with_words(table: pa.Table) -> pa.Table:
    """A list with what its flags say beside them."""
    place = table.column_names.index("flags")
    flags = table.column(place).combine_chunks().dictionary_encode()
    words = pa.array([words_of(text) for text in flags.dictionary.to_pylist()], pa.string()).take(flags.indices)
    return table.add_column(place + 1, _WORDS, words)


def _explained(meanings: Meanings) -> Iterator[tuple[str, str]]:
    """Yield the name and the meaning of each column of the sheet, in their order."""
    for name, (_, meaning) in meanings.items():
        yield _label(name), meaning
        if name == "flags":
            yield _WORDS, "the flags in words"


def _counted(run: Run | ChargeRun, counts: Counter[tuple[str, str]]) -> pa.Table:
    rows = sorted(counts.items())
    return pa.table(
        {
            "county": pa.array([county for (county, _), _ in rows], pa.string()),
            "outcome": pa.array([outcome or outcome_words(run, "") for (_, outcome), _ in rows], pa.string()),
            "decisions": pa.array([count for _, count in rows], pa.int64()),
        }
    )


def _label(name: str) -> str:
    return name.replace("_", " ").capitalize()
