"""What a file looks like: its encoding, its separator, what stands above its header, and its header."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from clearscale.errors import ExtractError
from clearscale.formats.lines import cut
from clearscale.formats.naming import distinct

from .guess import Guess
from .roles import roles_of, told_by
from .weighing import guess_columns

_LINES = 5
"""So many lines are named at most."""

SEPARATORS = ("\u2021", "~|~", "||", ",", "|", "\t", ";", "^", "~")
"""Those of several characters first, which hold others."""

_MOST_LINES = 2_000
_LONGEST_RECORD = 100
_SURELY = 0.9

_NAME = re.compile(r"[\[_#]*[^\W\d_][\w .\[\]/#()%&'?:,-]{0,60}")
_ESCAPED = re.compile(r'\\"[A-Za-z0-9(]')
_DIGIT = re.compile(r".*\d")

_FEWEST_ROLES = 3
"""So many names that say what a column is make a header; other first lines may be somebody's record."""

_HEADER_WITHIN = 10
"""Rows that may stand above a header, with as many values as it has."""


@dataclass(frozen=True)
class _Cut:
    """Lines cut into values. begins: the line of each row, from 0. share: rows with as many values as most."""

    separator: str
    line_breaks: bool
    rows: list[list[str]]
    begins: list[int]
    share: float
    size: int


def guess_text(content: bytes, columns: Sequence[str] = ()) -> Guess:
    """What a file's first bytes look like. content: whole lines. columns: names of its columns, if it has none.

    Raises ExtractError if most lines have another number of values than there are names.
    """
    found = Guess()
    text = _decoded(found, content.removeprefix(b"\xef\xbb\xbf"))
    lines = [line.rstrip("\r") for line in text.split("\n")[:_MOST_LINES]]
    while lines and not lines[-1]:
        lines.pop()
    if any(lines):
        best = _separated(found, lines)
        if columns and len(columns) != best.size:
            raise ExtractError(
                f"most lines have {best.size} values, and {len(columns)} columns are named; name each, in order"
            )
        _headed(found, best, columns)
        guess_columns(found)
    else:
        found.doubts.append("the file has no line")
    return found


def first_line(content: bytes, of: Guess) -> str:
    """The first line of a file's first bytes, read as another was."""
    line = content.removeprefix(b"\xef\xbb\xbf").split(b"\n", 1)[0]
    return line.decode(of.encoding, "replace").rstrip("\r")


def _decoded(found: Guess, content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        high = {byte for byte in content if 0x80 <= byte < 0xA0}
        found.encoding = "windows-1252" if high else "iso-8859-1"
        found.doubts.append(
            f"encoding: not UTF-8; {found.encoding} fits, as others may: look at names with accents"
        )
        return content.decode(found.encoding, "replace")


def _separated(found: Guess, lines: Sequence[str]) -> _Cut:
    """Rows of values, by the separator with which most lines have the same number of values."""
    # A path may end in a backslash; where a word follows the quote, it stands in the midst of a value.
    if any(_ESCAPED.search(line) for line in lines):
        found.escape = "\\"
        found.doubts.append("quotes: a backslash stands before some; if they are doubled, take `escape` out")
    escaped = (
        [line.replace(f"{found.escape}{found.quote}", found.quote * 2) for line in lines] if found.escape else lines
    )
    best = _best(escaped, False)
    if any(line.count('"') % 2 for line in escaped):
        joined = _best(escaped, True)
        if joined.share > best.share:
            best = joined
    found.separator, found.line_breaks = best.separator, best.line_breaks
    if best.size == 1:
        found.doubts.append(
            "separator: none parts the lines. A file whose columns have fixed widths cannot be read: have it "
            "exported with a separator"
        )
    return best


def _best(lines: Sequence[str], line_breaks: bool) -> _Cut:
    records = list(_joined(lines) if line_breaks else ((place, line) for place, line in enumerate(lines) if line))
    begins = [place for place, _ in records]
    best = _Cut(",", line_breaks, [[record] for _, record in records], begins, 0.0, 1)
    for separator in SEPARATORS:
        rows = [cut(record, separator, '"') for _, record in records]
        ((size, times),) = Counter(map(len, rows)).most_common(1)
        share = round(times / len(rows), 2)
        if size > 1 and (share > best.share + 0.1 or (share >= best.share - 0.1 and size > best.size)):
            best = _Cut(separator, line_breaks, rows, begins, times / len(rows), size)
            if (
                len(separator) > 1
                and share >= _SURELY
                and not any(separator[0] in value for row in rows for value in row)
            ):
                break
    return best


def _joined(lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    """(place, record) where a value with an open quote goes on in the next lines."""
    place = 0
    while place < len(lines):
        record, size = lines[place], 1
        while record.count('"') % 2 and size < _LONGEST_RECORD and place + size < len(lines):
            record += "\n" + lines[place + size]
            size += 1
        if record.count('"') % 2:
            record, size = lines[place], 1
        if record:
            yield place, record
        place += size


def _headed(found: Guess, best: _Cut, columns: Sequence[str]) -> None:
    """Find the header; without one, columns are told by their places, or as they are named."""
    same = [place for place, row in enumerate(best.rows) if len(row) == best.size]
    rows, begins = [best.rows[place] for place in same], [best.begins[place] for place in same]
    at = next((place for place in range(min(_HEADER_WITHIN, len(rows))) if _is_header(rows, place)), None)
    found.skip = begins[at or 0]
    if at is None:
        _unnamed(found, best.size, columns)
    else:
        names = [name.strip() for name in rows[at]]
        found.columns = [*columns] or distinct(names)
        found.names = dict(zip(found.columns, columns or names, strict=True))
        rows = rows[at + 1 :]
        _note_names(found, names, bool(columns))
    if found.skip:
        found.doubts.append(f"skip: lines above the table that are passed over: {found.skip}")
    other = [
        begin + 1
        for row, begin in zip(best.rows, best.begins, strict=True)
        if len(row) != best.size and begin >= found.skip
    ]
    if other:
        lines = ("line " if len(other) == 1 else "lines ") + ", ".join(map(str, other[:_LINES]))
        lines += ", ..." if len(other) > _LINES else ""
        found.doubts.append(
            f"separator: {len(other)} of {len(best.rows)} lines have another number of values than most "
            f"({lines}); an ingest refuses the file for such lines, or with --on-bad-record quarantine sets them "
            "aside"
        )
    found.cells = {column: [row[place].strip() for row in rows] for place, column in enumerate(found.columns)}


def _unnamed(found: Guess, size: int, columns: Sequence[str]) -> None:
    found.header = "none"
    found.columns = [*columns] or [f"column_{place}" for place in range(1, size + 1)]
    if not columns:
        found.doubts.append(
            "header: the first line does not look like names of such columns, and is not shown; columns are told "
            "by position. Name them as the file's layout does: clearscale formats draft FILE --columns NAMES. If "
            'the line holds names, write them in `columns` and header = "each"'
        )


def _note_names(found: Guess, names: Sequence[str], named: bool) -> None:
    """Note doubts about a header. named: whether columns were named besides."""
    if named:
        found.header, found.skip = "none", found.skip + 1
        found.doubts.append(
            "header: the file has names of its own, it seems; those that were given count, by place"
        )
        return
    found.doubts.append(
        'header: the first line looks like names; if it is somebody\'s record, write header = "none"'
    )
    if others := [column for column, name in zip(found.columns, names, strict=True) if column != name]:
        found.doubts.append(
            f"header: names are blank or stand twice; these columns are told by place: {', '.join(others)}"
        )


def _is_header(rows: Sequence[Sequence[str]], place: int) -> bool:
    """Whether a row looks like names: each begins with a letter, and many say what a column is.

    Or where the rows below have digits in several columns, and it has none there.
    """
    first = [name.strip() for name in rows[place]]
    named = [name for name in first if name]
    if len(named) < 0.8 * len(first) or not all(map(_NAME.fullmatch, named)) or len(set(named)) < 0.8 * len(named):
        return False
    known = sum(bool(roles_of(name, True) or told_by(name)) for name in named)
    below = rows[place + 1 :]
    other = 0
    for column, name in enumerate(first):
        texts = [row[column].strip() for row in below if row[column].strip()]
        with_digits = sum(bool(_DIGIT.match(text)) for text in texts)
        other += bool(texts) and not _DIGIT.match(name) and with_digits >= _SURELY * len(texts)
    return known >= min(_FEWEST_ROLES, len(named)) or (other >= 2 and known >= 1) or other >= _FEWEST_ROLES
