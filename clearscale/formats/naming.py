"""Which column of a map each name in a header is."""

from collections.abc import Sequence

from clearscale.errors import ExtractError, closest
from clearscale.io.source import Source

from .column_map import ColumnMap

_LONGEST = 2**20


def _key(name: str) -> str:
    return "_".join(name.upper().replace("-", " ").replace("_", " ").split())


def distinct(names: Sequence[str]) -> list[str]:
    """Names of columns, those that are blank or stand twice told by their places.

    Examples
    --------
    >>> distinct(["Case", "Date", "", "date"])
    ['Case', 'Date', 'column_3', 'date_4']
    """
    found: list[str] = []
    keys: set[str] = set()
    for place, name in enumerate(names, start=1):
        new = name or f"column_{place}"
        new = f"{new}_{place}" if _key(new) in keys else new
        keys.add(_key(new))
        found.append(new)
    return found


def read_names(file: str) -> list[str]:
    """The names of columns in a file, a line each or with commas between.

    Raises ExtractError if it has none, and OSError if it cannot be read.
    """
    with Source(file).open() as opened:
        text = opened.read(_LONGEST).decode("utf-8-sig", "replace")
    names = [name for line in text.splitlines() for part in line.split(",") if (name := part.strip().strip('"'))]
    if not names:
        raise ExtractError(f"{Source(file).name}: has no names of columns; write them with commas, or a line each")
    return distinct(names)


def named_columns(stated: ColumnMap, names: Sequence[str], file: str) -> list[str]:
    """The column of the map that each name of a header is; others as they are, made different from the map's.

    Raises
    ------
    ExtractError
        If columns are missing that a file may not leave out, or one stands twice. No name of the header is told: a
        file without a header has somebody's values there.
    """
    known = {_key(column): column for column in stated.columns}
    known |= {_key(old): column for old, column in stated.document.get("renamed", {}).items()}
    # A map whose draft had two columns of one name tells them by their places; one that had not does not guess.
    told = [new if _key(new) in known else name for name, new in zip(names, distinct(names), strict=True)]
    found = [known.get(_key(name), f"(column {place})") for place, name in enumerate(told, start=1)]
    twice = sorted({column for column in found if found.count(column) > 1})
    if twice:
        raise ExtractError(f"{file}: its header has {', '.join(twice)} twice; take one of them out")
    missing = [column for column in stated.columns if column not in found and column not in stated.absent]
    needed = [column for column in missing if column in stated.used]
    if len(missing) == len(stated.columns) - len(stated.absent) and not any(
        column in found for column in stated.columns
    ):
        raise ExtractError(
            f"{file}: its first line names none of the {len(stated.columns)} columns of {stated.name}; "
            "is the separator right, and does it have a header? `clearscale formats draft` looks at it. Of chunks "
            'of one file of which only the first has names, name all in order, with header = "first" under [file]; '
            "lines above the header are told by `skip`"
        )
    if needed:
        near = [closest(_key(column), [_key(name) for name in names]) for column in needed]
        hint = "; others are nearly so written: add them under [renamed]" if any(near) else ""
        raise ExtractError(
            f"{file}: lacks {', '.join(needed)}{hint}. If files may leave that out, add it to `absent` in a map of "
            "your own"
        )
    return found
