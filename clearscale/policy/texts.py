"""The text of policies: bytes to tables, with what is wrong with them named."""

import json
import re
import tomllib
from typing import Any, NoReturn

from clearscale_cluster.shown import has_shape

from .findings import Finding, FoundError

_MARKS = {
    b"\xef\xbb\xbf": "with a byte-order mark",
    b"\xff\xfe\x00\x00": "as UTF-32",
    b"\x00\x00\xfe\xff": "as UTF-32",
    b"\xff\xfe": "as UTF-16",
    b"\xfe\xff": "as UTF-16",
}
"""How a file that begins so was saved; longer marks first, where one begins like another."""

_LINES = ("about",)
"""Keys whose texts may be of several lines."""

_MOST_DOTS = 1000
"""Dots of a line of TOML at most: a key of so many parts, each a table in the one before, is no policy."""


class Pairs(list[tuple[str, Any]]):
    """The members of a JSON object in order, names that stand twice included."""


def decoded(content: bytes, where: str, what: str) -> str:
    """Decode a policy's text. what: begins the message, such as `is no valid TOML`. Raises FoundError."""
    for mark, how in _MARKS.items():
        if content.startswith(mark):
            _refuse(
                where, "encoding", f"{what}: the file is saved {how}; save it as UTF-8 without a byte-order mark"
            )
    if b"\x00" in content[:2]:
        _refuse(where, "encoding", f"{what}: the file looks like UTF-16; save it as UTF-8")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        _refuse(where, "encoding", f"{what}: line {line} is not UTF-8; save the file as UTF-8")


def toml(content: bytes | str, where: str) -> dict[str, Any]:
    """Read the tables of a TOML file. Raises FoundError if it is none."""
    what = "is no valid TOML"
    text = decoded(content, where, what) if isinstance(content, bytes) else content
    try:
        if any(line.count(".") > _MOST_DOTS for line in text.splitlines()):
            raise RecursionError  # reading a key of so many parts takes minutes
        tables = tomllib.loads(text)
        unseen = [Finding("control-character", said, where) for said in _unseen(tables)]
    except RecursionError:
        _refuse(where, "nesting", f"{what}: tables or lists lie in one another without end")
    except ValueError as error:  # TOMLDecodeError, and integers too long for Python
        _refuse(where, "syntax", f"{what}: {error}{_likely(text, str(error))}")
    if unseen:
        raise FoundError(unseen)
    return tables


_LINE = re.compile(r"at line (\d+)")

_LIKELY = {
    "Illegal character '\\n'": "a text is not closed before the line ends",
    "Expected '=' after a key": "write KEY = VALUE",
    "Cannot overwrite a value": "a key stands twice in one table",
    "Cannot declare": "a table stands twice; rules stand in double brackets, [[rule]]",
    "Cannot mutate immutable": "a table stands twice; rules stand in double brackets, [[rule]]",
}


def _likely(text: str, error: str) -> str:
    """What may be wrong where reading stopped, behind a semicolon; nothing where nobody knows."""
    place = _LINE.search(error)
    lines = text.splitlines()
    line = lines[int(place[1]) - 1] if place and int(place[1]) <= len(lines) else ""
    if any(mark in line for mark in "\u201c\u201d\u2018\u2019"):
        return "; a word processor's quotes stand there: write \""
    return next((f"; {said}" for begin, said in _LIKELY.items() if begin in error), "")


def _unseen(tables: dict[str, Any]) -> list[str]:
    """What to say of each text that has a character which nobody sees."""
    said = []
    left: list[tuple[str, Any]] = [("", tables)]
    while left:
        place, value = left.pop()
        if isinstance(value, dict):
            for key, inner in reversed(value.items()):
                at = f"{place}.{key}" if place else key
                if not has_shape(key):
                    said.append(f"the key '{at}' has a character that nobody sees; leave it out")
                left.append((at, inner))
        elif isinstance(value, list):
            left += [(f"{place} {number}", inner) for number, inner in enumerate(value, start=1)]
        elif isinstance(value, str) and not has_shape(value.replace("\n", "") if place in _LINES else value):
            said.append(f"'{place}' has a character that nobody sees; leave it out")
    return said


def json_document(content: bytes | str, where: str, what: str) -> Any:
    """Read a JSON text; objects become Pairs. what: begins messages. Raises FoundError if it is none."""
    text = decoded(content, where, what) if isinstance(content, bytes) else content
    if text.startswith("\ufeff"):
        _refuse(where, "encoding", f"{what}: the text begins with a byte-order mark; leave it out")
    if not text.strip():
        _refuse(where, "syntax", f"{what}: the file is empty")
    try:
        return json.loads(text, object_pairs_hook=Pairs, parse_constant=_no_constant)
    except RecursionError:
        _refuse(where, "nesting", f"{what}: objects or lists lie in one another without end")
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        _refuse(where, "syntax", f"{what}: {place}: {_explained(text, error)}")
    except ValueError as error:  # NaN and the like, and integers too long for Python
        _refuse(where, "syntax", f"{what}: {error}")


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of JSON")


def _explained(text: str, error: json.JSONDecodeError) -> str:
    """Say in plain words what is wrong where reading stopped."""
    rest, before = text[error.pos :].lstrip(), text[: error.pos].rstrip()
    if rest.startswith(("//", "/*", "#")):
        return "a comment stands there; JSON has none"
    if error.msg == "Extra data":
        return "more text stands behind the end"
    if rest.startswith(("}", "]")) and before.endswith(","):
        return "a comma stands before the end of an object or list; leave it out"
    if rest.startswith("'"):
        return "texts stand in double quotes"
    return error.msg


def _refuse(where: str, name: str, text: str) -> NoReturn:
    raise FoundError([Finding(name, text, where)]) from None
