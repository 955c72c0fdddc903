"""A first column map of a file that nobody has described yet, with its doubts as comments."""

import json
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow.parquet as pq

from clearscale.errors import ExtractError
from clearscale.io.magic import kind_of
from clearscale.io.source import Source
from clearscale.law import state

from .catalog import load_map, maps
from .column_map import DATES, YES_NO
from .damage import explained
from .guessing import Guess, guess_columns, guess_text

_LOOKED_AT = 2**20
_PARQUET = b"PAR1"
_MOST_WORDS = 60
"""So many different texts of a column may be words."""

_NEEDED = ("case", "statute", "disposition")
_WORDED = ("disposition", "level", "class", "sex", "race", *YES_NO)
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


def draft(file: str, show_values: bool = False) -> list[str]:
    """Look at a file and write a first map.

    Parameters
    ----------
    file
        Path or URL, plain, compressed or Parquet; its first megabyte is looked at.
    show_values
        Whether words of dispositions, levels and so on are written, too: they are values of records.

    Returns
    -------
    list of str
        Lines of TOML; what is doubtful stands in comments.

    Raises
    ------
    ExtractError
        If it is no text and no Parquet file.
    OSError
        If it cannot be read.
    """
    source = Source(file)
    with explained(source):
        with source.open() as opened:
            begin = opened.read(_LOOKED_AT)
        if begin[:4] == _PARQUET:
            found = _guess_parquet(source)
        elif (kind := kind_of(begin)) is not None:
            raise ExtractError(f"{source.name} is {kind.what}, neither CSV nor Parquet. {kind.do}")
        else:
            found = guess_text(begin if len(begin) < _LOOKED_AT else begin[: begin.rfind(b"\n") + 1])
    return [*_written(found, source.name, show_values)]


def _guess_parquet(source: Source) -> Guess:
    with source.open() as opened:
        parquet = pq.ParquetFile(opened)
        rows = next(parquet.iter_batches(batch_size=2_000), parquet.schema_arrow.empty_table())
    found = Guess(columns=list(parquet.schema_arrow.names))
    found.texts = {
        name: [str(value) for value in rows.column(name).to_pylist() if value is not None] for name in found.columns
    }
    guess_columns(found)
    return found


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)


def _list(values: Sequence[str]) -> str:
    return f"[{', '.join(map(_text, values))}]"


def _written(found: Guess, name: str, show_values: bool) -> Iterator[str]:
    yield f"# A first map of {json.dumps(name)[1:-1]}, by its first lines. Look at each doubt, then try it:"
    yield "# clearscale formats check FILE --format THIS.toml"
    yield from (f"# doubt: {doubt}" for doubt in found.doubts)
    yield f"title = {_text('Charges from ' + name)}"
    if found.state:
        yield f"# doubt: statutes are spelled as those of {state(found.state).title}"
        yield f"state = {_text(found.state)}"
    yield f"columns = {_list(found.columns)}"
    yield f"required = {_list([found.roles[role][0] for role in _NEEDED if role in found.roles])}"
    yield from ("", "[file]", f"encoding = {_text(found.encoding)}", f"separator = {_text(found.separator)}")
    yield f"header = {_text('each' if found.has_header else 'none')}"
    yield from ("", "[missing]", 'everywhere = ["NULL", "N/A", "NONE", "UNKNOWN"]', "", "[charge]")
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
    for role, columns in found.roles.items():
        if role != "county":
            yield f"{role} = {_text(columns[0]) if len(columns) == 1 else _list(columns)}"
    yield from (
        f'# doubt: no column looks like the {role}; it is needed: {role} = "COLUMN"'
        for role in _NEEDED
        if role not in found.roles
    )
    yield from (
        f"# no column looks like the {role.replace('_', ' ')}"
        for role in _MAY_BE_MISSING
        if role not in found.roles
    )
    if len(found.roles.get("person", ())) > 1:
        yield "# doubt: person: the first that is not blank counts; put what tells people apart best first"
    told = (*found.roles.values(), *found.identity.values(), [*found.amended.values()])
    used = {column for columns in told for column in columns}
    left = [column for column in found.columns if column not in used]
    if left:
        yield f"# doubt: nothing is read from {', '.join(left)}"


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
    short = [column for column in of_roles if "YYYY" not in found.forms.get(column, "YYYY")]
    if short:
        yield "# doubt: two-digit years up to the pivot are of 2000, others of 1900; that of birth dates is lower"
        yield "pivot = 29"
    for column in of_roles:
        other = found.forms.get(column, common) != common
        birth = column in found.roles.get("birth_date", ()) and column in short
        if other or birth:
            yield f"[dates.columns.{_text(column)}]"
            yield from ([f"formats = {_list([found.forms[column]])}"] if other else [])
            yield from (["pivot = 6"] if birth else [])


def _words(found: Guess, show_values: bool) -> Iterator[str]:
    generic = load_map("generic-charges")
    for kind in _WORDED:
        columns = [column for column in (found.roles.get(kind, [""])[0], found.amended.get(kind, "")) if column]
        texts = sorted({" ".join(text.upper().split()) for column in columns for text in found.texts[column]})
        stated: dict[str, list[str]] = {}
        strange = []
        for text in texts if len(texts) <= _MOST_WORDS else ():
            meaning = generic.words[kind].meaning(text)
            stated.setdefault(meaning, []).append(text) if meaning else strange.append(text)
        if not stated or not show_values:
            stated = generic.document["values"][kind] if kind == "disposition" or columns else {}
        if not stated:
            continue
        yield from ("", f"[values.{kind}]")
        yield from (f"{_text(meaning)} = {_list(words)}" for meaning, words in stated.items())
        if not show_values:
            unknown = f"{len(texts)} different texts, {len(strange)} that they do not know: --show-values"
            yield f"# doubt: these are the words of generic-charges; {unknown}"
        elif strange or len(texts) > _MOST_WORDS:
            yield (
                f"# doubt: nobody knows what these mean: {_list(strange)}"
                if strange
                else f"# doubt: {len(texts)} different texts"
            )


def _patterns() -> Iterator[str]:
    stated: dict[str, Any] = tomllib.loads(maps()["generic-charges"].read_text("utf-8"))["statutes"]
    yield from ("", "# doubt: statutes: these patterns are those of generic-charges, CODE SECTION(SUBSECTION)")
    for name, entries in stated.items():
        for entry in entries:
            yield f"[[statutes.{name}]]"
            yield from (f"{key} = {_text(value)}" for key, value in entry.items())
