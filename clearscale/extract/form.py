"""The form of an extract, told from its first bytes: encoding, separator, line ends, and the header by its names.

There are two ways to look at it. An ingest goes by the header's names (`by_names`) and takes an extract in if its
form leaves no doubt. The counties' program goes by position (`by_position`): the line that begins with the first
column's name is a header, everything else a record.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from clearscale.errors import closest
from clearscale.io.magic import kind_of
from clearscale.law import state

_COLUMNS = state().format.columns
_PLACES = state().format.places
_FIRST = _COLUMNS[0].encode()

_WORDS = {word for name in (*_COLUMNS, *state().format.roles._fields) for word in name.upper().split("_")}
"""Words for columns."""

BYTE_ORDER_MARK = b"\xef\xbb\xbf"

_WIDE = {
    b"\xff\xfe\0\0": "UTF-32",
    b"\0\0\xfe\xff": "UTF-32",
    b"\xff\xfe": "UTF-16",
    b"\xfe\xff": "UTF-16",
}
"""Byte-order marks of encodings that are not read, the longer ones first."""

_LONGEST_LINE = 2**16
"""So much of a first line is looked at."""

_LOOKED_AT = 4096
"""First bytes that tell whether every other one is zero."""

_SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "vertical bars", ":": "colons", "^": "carets", "~": "tildes"}

_FEWEST_NAMES = 3
"""So many names of columns make a header, if they are half of what stands in the line."""

_FEWEST_FOREIGN = 5
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_ ]*")

_QUOTED = re.compile(r'"((?:[^"]|"")*)"')

_SHOWN = 5
"""Names of columns in a message."""


@dataclass(frozen=True)
class Form:
    """How the records of an extract stand in its bytes.

    Parameters
    ----------
    skip
        Bytes before the first record: a byte-order mark and the header.
    header_lines
        Physical lines before the first record.
    surplus
        Empty fields behind the columns of every record, 0 or 1.
    order
        The column of each field, None where fields stand in the order of the format.
    """

    skip: int = 0
    header_lines: int = 0
    surplus: int = 0
    order: tuple[int, ...] | None = None


@dataclass(frozen=True)
class Unreadable:
    """A form that is not read. what: what it is, to stand behind "it" or a file's name. do: how to mend it."""

    what: str
    do: str


PLAIN = Form()


@lru_cache(2**10)
def normalized(name: str) -> str:
    """A column's name without what does not matter: case, white space around it, blanks or hyphens within."""
    return re.sub(r"[\s-]+", "_", name.removeprefix("\xef\xbb\xbf").strip(" \t\"'").upper())


def _split(line: bytes, separator: str = ",") -> list[str]:
    """The fields of a line, whatever its quotes are like; the module `csv` refuses a CR within one."""
    text = line.decode("latin-1").rstrip("\r\n")
    fields, at = [], 0
    while at <= len(text):
        quoted = _QUOTED.match(text, at)
        end = text.find(separator, quoted.end() if quoted else at)
        end = end if end >= 0 else len(text)
        fields.append(quoted[1].replace('""', '"') if quoted else text[at:end])
        at = end + 1
    return fields if text else []


def is_name(text: str) -> bool:
    """Whether it is the name of a column."""
    return normalized(text) in _PLACES


def names_in(fields: Sequence[str]) -> list[str] | None:
    """The names of a header's fields; None if the line is none.

    Parameters
    ----------
    fields
        Of a line.

    Returns
    -------
    list of str or None
        Normalized, in order.
    """
    names = [normalized(field) for field in fields]
    filled = sum(map(bool, names))
    known = len({*names} & _PLACES.keys())
    return names if names and (names[0] == _COLUMNS[0] or known >= max(_FEWEST_NAMES, filled / 2)) else None


def _lines(text: bytes, at: int, whole: bool) -> Iterator[tuple[bytes, int]]:
    """Yield (line, position behind it) of lines that hold something; line feeds in quotes end none.

    A line whose quotes do not pair ends at its first line feed. whole: whether the text ends with its file; the
    last line is not known otherwise.
    """
    while at < len(text):
        end = text.find(b"\n", at)
        first = end
        while end >= 0 and text.count(b'"', at, end) % 2:
            end = text.find(b"\n", end + 1)
        end = end if end >= 0 else first
        if end < 0 and not whole:
            return
        behind = end + 1 if end >= 0 else len(text)
        line = text[at:behind]
        at = behind
        if line.strip(b"\r\n"):
            yield line, behind


def _mark(begin: bytes) -> int:
    """How many bytes of the first are a byte-order mark."""
    return len(BYTE_ORDER_MARK) if begin.startswith(BYTE_ORDER_MARK) else 0


def by_position(begin: bytes, whole: bool) -> Form:
    """The form by position, as the counties' program looked at it.

    Parameters
    ----------
    begin
        The first bytes, with the whole first line.
    whole
        Whether there are no more.

    Returns
    -------
    Form
        A header is the line at the top that begins with the first column's name, whatever else it holds.
    """
    mark = _mark(begin)
    if not begin.startswith(_FIRST, mark):
        return Form(skip=mark)
    line_end = begin.find(b"\n", mark)
    skip = len(begin) if line_end < 0 else line_end + 1
    return Form(skip, 1, _surplus(begin[mark:skip].decode("latin-1").split(","), begin, skip, whole))


def without_surplus(begin: bytes, whole: bool) -> Form:
    """As `by_position`, for an extract of which not every record has an empty field too many."""
    return replace(by_position(begin, whole), surplus=0)


def _surplus(header: Sequence[str], begin: bytes, skip: int, whole: bool) -> int:
    """Whether header and first record both end with one empty field too many: 1 or 0."""
    if len(header) != len(_COLUMNS) + 1 or header[-1].strip():
        return 0
    record = next((_split(line) for line, _ in _lines(begin, skip, whole)), [])
    return int(len(record) == len(_COLUMNS) + 1 and not record[-1])


def by_names(begin: bytes, whole: bool) -> Form | Unreadable:
    """The form by what the first bytes are and by the names in the header.

    Parameters
    ----------
    begin
        The first bytes, with the whole first line.
    whole
        Whether there are no more.

    Returns
    -------
    Form or Unreadable
    """
    mark = _mark(begin)
    line, behind = next(_lines(begin, mark, whole), (begin[mark:].strip(b"\r\n"), -1))
    fields = _split(line[:_LONGEST_LINE])
    odd = _no_text(begin) or _other_lines(line[:_LONGEST_LINE]) or _other_separator(line[:_LONGEST_LINE], fields)
    if odd is None and line and behind < 0:
        odd = Unreadable(f"has a first line of more than {len(begin):,} bytes", "Check what kind of file it is.")
    if odd is not None:
        return odd
    names = names_in(fields)
    if names is None:
        return _foreign(fields) or Form(skip=mark)
    surplus = _surplus(fields, begin, behind, whole)
    if len(names) == len(_COLUMNS) + 1 and not names[-1]:
        names.pop()
    order = ordered(names)
    if order is None:
        return Unreadable(
            f"has a header that {_difference(names)}",
            "If its columns are those of the format in their order, take the header out; else ask for the file as "
            "it was sent.",
        )
    in_order = order == tuple(range(len(_COLUMNS)))
    return Form(behind, begin.count(b"\n", 0, behind) or 1, surplus, None if in_order else order)


def ordered(names: Sequence[str]) -> tuple[int, ...] | None:
    """The column of each of a header's names, None if they are not just those of the format."""
    if len(names) != len(_COLUMNS) or {*names} != {*_COLUMNS}:
        return None
    return tuple(_PLACES[name] for name in names)


def _difference(names: Sequence[str]) -> str:
    """What is wrong with the names of a header. Only what looks like a column's name is shown."""
    foreign = [name for name in dict.fromkeys(names) if name not in _PLACES]
    lacking = [name for name in _COLUMNS if name not in names]
    twice = [name for name in dict.fromkeys(names) if name and names.count(name) > 1]
    said = []
    if foreign:
        said.append(f"names columns that the format does not have: {_listed(_told(foreign, names))}")
    if lacking:
        said.append(f"lacks {_listed(lacking)}")
    if twice:
        said.append(f"names columns twice: {_listed(_told(twice, names))}")
    return ", and ".join(said)


def _told(among: Sequence[str], names: Sequence[str]) -> list[str]:
    """Names as messages have them: by their place, unless they look like a column's."""
    return [name if _like_a_column(name) else f"column {names.index(name) + 1}" for name in among]


def _like_a_column(name: str) -> bool:
    """Whether it is nearly a name of the format, made of words for columns, or a letter.

    A damaged header may hold a person's name.
    """
    alike = len(name) == 1 or closest(name, _COLUMNS) is not None or {*name.split("_")} <= _WORDS
    return alike and _NAME.fullmatch(name) is not None


def _listed(names: Sequence[str]) -> str:
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {more} more" if more > 0 else "")


def _no_text(begin: bytes) -> Unreadable | None:
    kind = kind_of(begin)
    if kind is not None:
        return Unreadable(f"is {kind.what}, not CSV", kind.do)
    wide = next((name for mark, name in _WIDE.items() if begin.startswith(mark)), None)
    sample = begin[:_LOOKED_AT]
    if wide is None and sample.count(0) > len(sample) // 4:
        zeros = sorted(sample[place::2].count(0) for place in (0, 1))
        wide = "UTF-16" if zeros[0] < zeros[1] // 8 else "UTF-32" if sample.count(0) > len(sample) // 2 else None
        if wide is None or sample.count(0) == len(sample):
            return Unreadable("holds zeros instead of text", "Copy the file again.")
    if wide is None:
        return None
    return Unreadable(
        f"is encoded as {wide}, not as UTF-8 or Latin-1",
        f"Save it as UTF-8, or convert it: iconv -f {wide} -t UTF-8 OLD > NEW.",
    )


def _other_lines(line: bytes) -> Unreadable | None:
    """A first line that holds others, which end in CR alone."""
    first, _, rest = line.rstrip(b"\r\n").partition(b"\r")
    if not rest:
        return None
    fields = _split(first)
    further = _split(rest.partition(b"\r")[0])
    if names_in(fields) or (len(fields) in (len(_COLUMNS), len(_COLUMNS) + 1) and len(further) > 1):
        return Unreadable(
            "has line ends that are CR alone, as old Macs wrote them",
            "Line ends are LF or CRLF; convert it: tr '\\r' '\\n' < OLD > NEW.",
        )
    return None


def _other_separator(line: bytes, fields: Sequence[str]) -> Unreadable | None:
    if len(fields) in (len(_COLUMNS), len(_COLUMNS) + 1):
        return None
    if line.strip().lower().startswith(b"sep=") and len(line.strip()) <= len(b"sep=;"):
        return Unreadable("begins with a line for spreadsheets, sep=", "Take that line out.")
    for separator, called in _SEPARATORS.items():
        others = _split(line, separator)
        if len(others) in (len(_COLUMNS), len(_COLUMNS) + 1) or (len(others) > 1 and names_in(others)):
            return Unreadable(f"is separated by {called}, not by commas", "Save it as CSV with commas.")
    return None


def _foreign(fields: Sequence[str]) -> Unreadable | None:
    """A first line of nothing but names, none of them the format's."""
    stripped = [field.strip() for field in fields]
    named = len(stripped) >= _FEWEST_FOREIGN and len({*stripped}) == len(stripped)
    if named and all(map(_NAME.fullmatch, stripped)):
        return Unreadable(
            f"begins with the header of another format, of {len(stripped)} columns",
            "Ask for the file as it was sent.",
        )
    return None


def doubts(begin: bytes, whole: bool) -> list[str]:
    """What is odd about an extract that is read by position all the same.

    Parameters
    ----------
    begin
        The first bytes, with the whole first line.
    whole
        Whether there are no more.

    Returns
    -------
    list of str
        Each to stand behind a file's name.
    """
    named, placed = by_names(begin, whole), by_position(begin, whole)
    if isinstance(named, Unreadable):
        return [f"{named.what}. {named.do}"]
    found = []
    if named.header_lines and not placed.header_lines:
        found.append("has a header that is not written as the format's, so that it counts as a record")
    if named.order is not None:
        found.append(
            "has a header with the columns in another order; values are read in that of the format all the same"
        )
    return found
