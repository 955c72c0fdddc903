"""A county's result files as one workbook: what stands in the CSV files, made for people to look through."""

import datetime
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from clearscale.encoding import legible
from clearscale.errors import RunError
from clearscale.law import state
from clearscale.outputs.county_files import ALL_RESULTS, CONDENSED_RESULTS, PROP64_RESULTS
from clearscale.outputs.lists.about import write_about
from clearscale.outputs.lists.checking import require_same
from clearscale.outputs.lists.flag_words import words_of
from clearscale.outputs.workbooks import DATE, DECIMAL, NUMBER, TEXT, WORDS, Book, Column, Sheet, writing_book
from clearscale.runs import Run

from .columns import ADDED_COLUMNS, ADDED_DATE, ADDED_NUMBERS, ADDED_YEARS

_FORMAT = state().format
_DETERMINATION = ADDED_COLUMNS.index("Eligibility Determination") - len(ADDED_COLUMNS)
_FLAG_COLUMNS = (Column("Flags", 30), Column("What the flags say", 60, WORDS))
_BLOCK_BYTES = 2**24
"""Of a CSV file that are in memory at a time: more than its longest record, whose quotes are doubled."""

_COLUMNS = (
    ("Columns of the extract", "as the extract names and fills them"),
    ("# of convictions on record", "of the person, in all counties"),
    ("Possible Other P64 Charges", "the record's comment, where it names another charge than its own"),
    ("Code Section(s)", "on the person's record, such as exclude from some relief"),
    ("Years Since", "from the conviction, or from the person's last one, to the as-of date; -1.0 without a date"),
    ("Eligibility Determination", "what the run decided; empty on lines that are no decided conviction"),
    ("Eligibility Reason", "of the rule that decided"),
    ("Flags", "what to know before acting on a decision; in words beside them"),
)
_MEANINGS = {
    PROP64_RESULTS: "the records that the run decides, with all columns of the extract, what the run found of "
    "each, and its flags",
    CONDENSED_RESULTS: "all records of the extract with the columns that matter most, and what the run found of "
    "each",
    ALL_RESULTS: "all records of the extract with all of its columns, and what the run found of each",
}
_WIDTHS = {
    _FORMAT.roles.name: 28,
    _FORMAT.roles.agency: 26,
    _FORMAT.roles.offense: 42,
    _FORMAT.roles.comment: 42,
    _FORMAT.roles.case_number: 16,
    "Case Number": 18,
    "Eligibility Determination": 22,
    "Eligibility Reason": 44,
}


def write_workbook(
    run: Run, county: str, files: Mapping[str, Path], flags: pa.ChunkedArray, records: int, url: str
) -> None:
    """Write the workbook of a county.

    Parameters
    ----------
    run
        Whose results they are.
    county
        Of it.
    files
        Where the CSV files are, by their names without ending.
    flags
        Of the decisions, in the order of the lines of the file with decisions only.
    records
        How many the county's extract has.
    url
        Where the workbook belongs.

    Raises
    ------
    RunError
        If its counts are not those of the run's tables.
    ClearscaleError
        If the extra `xlsx` is not installed.
    """
    with writing_book(url, f"Results, {county}", datetime.date.fromisoformat(run.info["as_of"])) as book:
        about = book.page("About")
        decided, sheets = _decided(book, files[PROP64_RESULTS], flags)
        sheets += [_all(book, name, files[name]) for name in (CONDENSED_RESULTS, ALL_RESULTS)]
        require_same(run, {(county, outcome): count for outcome, count in decided.items()}, [county])
        for sheet in sheets[1:]:
            if sheet.rows != records:
                raise RunError(
                    f"{run.folder.url}: {sheet.rows:,} records of {county} were written where its extract has "
                    f"{records:,}; `clearscale verify` looks for what is damaged"
                )
        cut = sum(sheet.cut for sheet in sheets)
        write_about(
            about,
            run,
            f"Results of {county}",
            [
                "The county's result files as sheets; the CSV files beside it hold the same, as the counties' "
                "program wrote them.",
                *(
                    f"{', '.join(sheet.names)}: {_MEANINGS[name]}; {sheet.rows:,} lines."
                    for name, sheet in zip(_MEANINGS, sheets, strict=True)
                ),
                f"{_FORMAT.roles.record} names a line; `clearscale explain --record` takes it.",
            ],
            {"County": county},
            decided,
            _COLUMNS,
            [f"{cut:,} texts are longer than a cell can be, and were cut."] if cut else [],
        )


def _decided(book: Book, file: Path, flags: pa.ChunkedArray) -> tuple[Counter[str], list[Sheet]]:
    """Write the sheet of decided records, with their flags: (how many have each outcome, the sheet)."""
    counts: Counter[str] = Counter()
    sheet: Sheet | None = None
    for columns, table in _tables(file):
        sheet = sheet or book.sheet(PROP64_RESULTS, [*columns, *_FLAG_COLUMNS])
        own = flags.slice(sheet.rows, table.num_rows).cast(pa.string()).combine_chunks()
        said = own.dictionary_encode()
        words = pa.array([words_of(text) for text in said.dictionary.to_pylist()], pa.string()).take(said.indices)
        for found in pc.value_counts(table.column(table.num_columns + _DETERMINATION)).to_pylist():
            counts[found["values"]] += found["counts"]
        for column, values in zip(_FLAG_COLUMNS, (own, words), strict=True):
            table = table.append_column(column.name, values)
        sheet.add(table)
    assert sheet is not None
    return counts, [sheet]


def _all(book: Book, name: str, file: Path) -> Sheet:
    """Write a sheet of a whole file."""
    sheet: Sheet | None = None
    for columns, table in _tables(file):
        sheet = sheet or book.sheet(name, columns)
        sheet.add(table)
    assert sheet is not None
    return sheet


def _tables(file: Path) -> Iterator[tuple[list[Column], pa.Table]]:
    """Yield the lines of a CSV file as a workbook shows them, some at a time; at least once."""
    import pyarrow.csv

    with file.open("rb") as content:
        names = content.readline().decode().rstrip("\n").split(",")
        columns = [Column(name, _WIDTHS.get(name, 12), _kind(name)) for name in names]
        # pyarrow refuses a file without a line.
        if content.read(1) == b"":
            yield columns, pa.table({name: pa.array([], pa.string()) for name in names})
            return
    reader = pyarrow.csv.open_csv(
        str(file),
        pyarrow.csv.ReadOptions(block_size=_BLOCK_BYTES, use_threads=False),
        pyarrow.csv.ParseOptions(newlines_in_values=True),
        pyarrow.csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.binary()), strings_can_be_null=False, check_utf8=False
        ),
    )
    with reader:
        for batch in reader:
            yield columns, pa.table([_shown(batch.column(k), columns[k]) for k in range(len(names))], names)


def _kind(name: str) -> str:
    if name in (*_FORMAT.dates, ADDED_DATE):
        return DATE
    return NUMBER if name in ADDED_NUMBERS else DECIMAL if name in ADDED_YEARS else TEXT


def _shown(values: pa.Array, column: Column) -> pa.Array:
    """A column for a sheet: texts, numbers, or dates where each is one."""
    if column.kind in (NUMBER, DECIMAL):
        texts = values.cast(pa.string())
        numbers = pc.if_else(pc.equal(texts, ""), pa.scalar(None, pa.string()), texts)
        return numbers.cast(pa.int64() if column.kind == NUMBER else pa.float64())
    texts = _texts(values)
    if column.kind != DATE:
        return texts
    coded = texts.dictionary_encode()
    read = _us_day if column.name == ADDED_DATE else _day
    days = pa.array([read(text) for text in coded.dictionary.to_pylist()], pa.date32()).take(coded.indices)
    return pa.StructArray.from_arrays([texts, days], ["text", "day"])


@lru_cache(2**16)
def _day(text: str) -> datetime.date | None:
    """The day that the extract writes as YYYYMMDD."""
    return _date(text[:4], text[4:6], text[6:]) if len(text) == 8 else None


def _us_day(text: str) -> datetime.date | None:
    """The day that the counties' program writes as MM/DD/YYYY."""
    return _date(text[6:], text[:2], text[3:5]) if len(text) == 10 else None


def _date(*parts: str) -> datetime.date | None:
    if not all(part.isascii() and part.isdigit() for part in parts):
        return None
    try:
        return datetime.date(*map(int, parts))
    except ValueError:
        return None


def _texts(values: pa.Array) -> pa.Array:
    try:
        return values.cast(pa.string())
    except pa.ArrowInvalid:
        return pa.array([legible(value) for value in values.to_pylist()], pa.string())
