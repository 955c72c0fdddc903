"""A first column map of a file that nobody has described yet, with its doubts as comments."""

import json
import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

import pyarrow.parquet as pq

from clearscale.errors import ExtractError
from clearscale.formats.catalog import load_map, maps
from clearscale.formats.column_map import DATES, YES_NO, several
from clearscale.formats.damage import explained, require_bytes_of_text
from clearscale.formats.lines import cut
from clearscale.formats.validating import schema
from clearscale.io.magic import kind_of
from clearscale.io.source import Source

from .guess import Guess
from .guessing import first_line, guess_text
from .meanings import sorted_words
from .severities import in_one, severities
from .weighing import MOST_WORDS, guess_columns

_LOOKED_AT = 2**20
_PARQUET = b"PAR1"
_PIVOT, _BIRTHS, _ENDS = 29, 6, 59
"""Pivots of two-digit years: of most dates, of birth dates, and of days on which a sentence ends, maybe to come."""

_JSON = re.compile(rb'\s*(\[\s*)?\{\s*"')
_KEY = re.compile(r"[A-Za-z0-9_-]+")

_NEEDED = ("case", "statute", "disposition")
_WORDED = ("disposition", "level", "class", "sex", "race", *YES_NO)
_OPEN = ("class", "race")
"""Those whose texts may stand as they are."""

_LISTED = ("disposition", "level", "sex")
"""Those whose meanings are a list that the schema has."""

_MAY_BE_MISSING = (
    "person",
    "sex",
    "race",
    "court",
    "agency",
    "description",
    "level",
    "class",
    *DATES,
    "birth_date",
    *YES_NO,
)


def draft(files: str | Sequence[str], show_values: bool = False, columns: Sequence[str] = ()) -> list[str]:
    """Look at a file and write a first map.

    Parameters
    ----------
    files
        Path or URL, plain, compressed or Parquet; its first megabyte is looked at. Of several, which are chunks of
        one, the others are only looked at for a header.
    show_values
        Whether words of dispositions, levels and so on are written, too: they are values of records.
    columns
        Names of the columns of a file that has none in it, in order, as its layout has them.

    Returns
    -------
    list of str
        Lines of TOML; what is doubtful stands in comments.

    Raises
    ------
    ExtractError
        If it is no text and no Parquet file, or has another number of columns than were named.
    OSError
        If it cannot be read.
    """
    source, *others = [Source(file) for file in several(files)]
    begin = _begin(source)
    if begin[:4] == _PARQUET:
        with explained(source):
            found = _guess_parquet(source)
    else:
        lines = begin if len(begin) < _LOOKED_AT else begin[: begin.rfind(b"\n") + 1]
        found = guess_text(lines, columns)
        if found.header == "each" and any(not _has_header(found, _begin(other)) for other in others):
            found.header = "first"
            found.doubts.append("header: only the first file has names; name all in this order with every command")
    return [*_written(found, source.name, show_values)]


def _begin(source: Source) -> bytes:
    """A file's first bytes. Raises ExtractError if they are of no table."""
    with explained(source), source.open() as opened:
        begin: bytes = opened.read(_LOOKED_AT)
    if begin[:4] != _PARQUET:
        kind = kind_of(begin)
        if kind is not None:
            raise ExtractError(f"{source.name} is {kind.what}, neither CSV nor Parquet. {kind.do}")
        require_bytes_of_text(begin, source.name)
        if _JSON.match(begin):
            raise ExtractError(f"{source.name} is JSON, neither CSV nor Parquet. Export it as CSV, a row a charge.")
    return begin


def _has_header(found: Guess, begin: bytes) -> bool:
    names = cut(first_line(begin, found), found.separator, found.quote)
    return {name.strip() for name in names} >= {*found.columns}


def _guess_parquet(source: Source) -> Guess:
    with source.open() as opened:
        parquet = pq.ParquetFile(opened)
        rows = next(parquet.iter_batches(batch_size=2_000), parquet.schema_arrow.empty_table())
    found = Guess(columns=list(parquet.schema_arrow.names))
    found.cells = {
        name: ["" if value is None else str(value).strip() for value in rows.column(name).to_pylist()]
        for name in found.columns
    }
    guess_columns(found)
    return found


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)


def _bare(key: str) -> str:
    """A key, in quotes where it must be."""
    return key if _KEY.fullmatch(key) else _text(key)


def _list(values: Sequence[str]) -> str:
    return f"[{', '.join(map(_text, values))}]"


def _written(found: Guess, name: str, show_values: bool) -> Iterator[str]:
    yield f"# A first map of {json.dumps(name)[1:-1]}, by its first lines. Look at each doubt, then try it:"
    yield "# clearscale formats check FILE --format THIS.toml"
    yield from (f"# doubt: {doubt}" for doubt in found.doubts)
    yield f"title = {_text('Charges from ' + name)}"
    if found.state:
        yield f"state = {_text(found.state)}"
    yield f"columns = {_list(found.columns)}"
    yield f"required = {_list([found.roles[role][0] for role in _NEEDED if role in found.roles])}"
    yield from ("", "[file]", f"encoding = {_text(found.encoding)}", f"separator = {_text(found.separator)}")
    yield f"header = {_text(found.header)}"
    yield from [f"skip = {found.skip}"] if found.skip else []
    yield from [f"escape = {_text(found.escape)}"] if found.escape else []
    yield from ["line_breaks = true"] if found.line_breaks else []
    yield from ("", "[missing]", 'everywhere = ["NULL", "N/A", "NONE", "UNKNOWN"]')
    if found.placeholders:
        yield "# doubt: these days stand where none is known, it seems; take out what are real days"
        yield "[missing.columns]"
        yield from (f"{_text(column)} = {_list(texts)}" for column, texts in found.placeholders.items())
    if found.no_charges:
        column, texts = found.no_charges
        yield from ("", "[rows]", f"column = {_text(column)}", f"is_not = {_list(texts)}")
    yield from ("", "[charge]")
    yield from _roles(found)
    yield from _identity(found)
    if "statute" in found.amended:
        yield from ("", "[amended]", *(f"{role} = {_text(column)}" for role, column in found.amended.items()))
    yield from _dates(found)
    if "county" in found.roles:
        yield from ("", "[county]", f"column = {_text(found.roles['county'][0])}")
    else:
        yield from ("", '# doubt: no column looks like a county; if all are in one: [county] and fixed = "NAME"')
    yield from _words(found, show_values)
    if not found.state:
        yield from _patterns()


def _roles(found: Guess) -> Iterator[str]:
    for role, columns in sorted(found.roles.items(), key=lambda item: _order().index(item[0])):
        if role != "county":
            yield f"{role} = {_text(columns[0]) if len(columns) == 1 else _list(columns)}"
    yield from (
        f'# doubt: no column looks like the {role}; it is needed: {role} = "COLUMN"'
        for role in _NEEDED
        if role not in found.roles
    )
    missing = [role.replace("_", " ") for role in _MAY_BE_MISSING if role not in found.roles]
    if missing:
        yield f"# no column looks like the {', '.join(missing)}"
    if len(found.roles.get("person", ())) > 1:
        yield "# doubt: person: the first that is not blank counts; put what tells people apart best first"
    amended = found.amended if "statute" in found.amended else {}
    told = (*found.roles.values(), *found.identity.values(), [*amended.values()])
    used = {column for columns in told for column in columns}
    left = [column for column in found.columns if column not in used]
    if left:
        yield f"# doubt: nothing is read from {', '.join(left)}"


@cache
def _order() -> list[str]:
    """Roles as the schema has them, and what is no role of a charge."""
    return [*schema()["properties"]["charge"]["properties"], "county"]


def _identity(found: Guess) -> Iterator[str]:
    """What people are told by, if there is no key and it suffices."""
    apart = {"first_name", "last_name"} <= {*found.identity}
    whole = not apart and "name" in found.identity
    names = ("first_name", "middle_name", "last_name") if apart else ("name",)
    stated = {role: found.identity[role] for role in (*names, "numbers") if role in found.identity}
    why = "others tell as much"
    if "person" in found.roles:
        stated, why = {}, "person is a key"
    elif "birth_date" not in found.roles:
        stated, why = {}, "there is no birth date"
    elif not apart and not whole:
        stated, why = {}, "there is no whole name"
    if stated:
        yield from ("", "# doubt: no key of people; these tell who is who: clearscale formats link", "[identity]")
    for role, columns in stated.items():
        yield f"{role} = {_text(columns[0]) if len(columns) == 1 else _list(columns)}"
    left = [column for role, columns in found.identity.items() if role not in stated for column in columns]
    if left:
        yield f"# nothing is read from {', '.join(left)}: {why}"


def _dates(found: Guess) -> Iterator[str]:
    of_roles = [columns[0] for role, columns in found.roles.items() if role.endswith("_date")]
    forms = [found.forms[column] for column in of_roles if column in found.forms]
    if not of_roles:
        return
    common = Counter(forms).most_common(1)[0][0] if forms else "YYYY-MM-DD"
    yield from ("", "[dates]", f"formats = {_list([common])}")
    short = [column for column in of_roles if column in found.forms and "YYYY" not in found.forms[column]]
    pivots = {}
    if short:
        yield "# doubt: two-digit years up to the pivot are of 2000, others of 1900; that of birth dates is lower"
        yield f"pivot = {_PIVOT}"
        ends = {
            found.roles[role][0]: _ENDS
            for role in ("sentence_end_date", "supervision_end_date")
            if role in found.roles
        }
        births = dict.fromkeys(found.roles.get("birth_date", ()), _BIRTHS)
        pivots = {column: pivot for column, pivot in (ends | births).items() if column in short}
    for column in of_roles:
        other = found.forms.get(column, common) != common
        if other or column in pivots:
            yield f"[dates.columns.{_text(column)}]"
            yield from ([f"formats = {_list([found.forms[column]])}"] if other else [])
            yield from ([f"pivot = {pivots[column]}"] if column in pivots else [])


def _words(found: Guess, show_values: bool) -> Iterator[str]:
    for kind in _WORDED:
        columns = [column for column in (found.roles.get(kind, [""])[0], found.amended.get(kind, "")) if column]
        texts = sorted({" ".join(text.upper().split()) for column in columns for text in found.texts[column]})
        if columns or kind == "disposition":
            told = (
                _in_one_told(texts, kind, show_values) if _in_one(found, kind) else _told(texts, kind, show_values)
            )
            stated, doubts = told
            yield from ("", *([f"[values.{kind}]"] if stated else []))
            yield from (f"{_bare(meaning)} = {_list(words)}" for meaning, words in stated.items())
            yield from (f"# doubt: {doubt}" for doubt in doubts)


def _told(texts: Sequence[str], kind: str, show_values: bool) -> tuple[dict[str, list[str]], list[str]]:
    """(words of a kind, doubts about them)."""
    many = len(texts) > MOST_WORDS
    known, strange, double = sorted_words(() if many else texts, kind)
    generic: dict[str, list[str]] = load_map("generic-charges").document["values"][kind]
    if not show_values:
        unknown = f"{len(strange)} that they do not know, {len(double)} that may say two things"
        return generic, [
            f"these are the words of generic-charges; {len(texts)} different texts, {unknown}: --show-values"
        ]
    doubts = [f"{len(texts)} different texts"] if many else []
    doubts += [f"nobody knows what these mean: {_list(strange)}"] if strange else []
    doubts += [f"these may say two things, and say nothing yet: {_list(double)}"] if double else []
    if kind == "race" and any(len(text) == 1 for text in texts):
        doubts.append("letters are read as most courts use them; A may be another here")
    if kind in _LISTED and (strange or double or kind == "disposition"):
        # Whoever answers the doubts has only to fill in what is empty.
        return {meaning: known.get(meaning, []) for meaning in _meanings(kind)}, doubts
    if kind in _OPEN and strange and not known:
        return {}, [f"{kind}: nobody knows these, and they count as they stand; [values.{kind}] says otherwise"]
    return known or generic, doubts


def _in_one_told(texts: Sequence[str], kind: str, show_values: bool) -> tuple[dict[str, list[str]], list[str]]:
    """The same of level or class where both stand in one column. Its codes are no words of a record."""
    strange = [text for text in texts if not in_one(text)]
    said = f"nobody knows what these mean: {_list(strange)}"
    if not show_values:
        said = f"{len(strange)} texts mean nothing here: --show-values"
    return severities(texts)[kind], [said] if strange else []


def _meanings(kind: str) -> list[str]:
    """What a word of a kind may mean, as the schema has it."""
    return [*schema()["properties"]["values"]["properties"][kind]["properties"]]


def _in_one(found: Guess, kind: str) -> bool:
    """Whether level and class stand in one column."""
    return kind in ("level", "class") and any(
        "level" in of and of["level"] == of.get("class") for of in (found.roles, found.amended)
    )


def _patterns() -> Iterator[str]:
    stated: dict[str, Any] = tomllib.loads(maps()["generic-charges"].read_text("utf-8"))["statutes"]
    yield from ("", "# how statutes are spelled; these patterns are those of generic-charges")
    for name, entries in stated.items():
        for entry in entries:
            yield f"[[statutes.{name}]]"
            yield from (f"{key} = {_text(value)}" for key, value in entry.items())
