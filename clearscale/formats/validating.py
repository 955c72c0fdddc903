"""Whether a document is a column map, by the JSON schema; what is wrong is said with its key."""

import datetime
import json
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from clearscale.errors import closest

if TYPE_CHECKING:
    from jsonschema import ValidationError

_TYPES = {
    "string": "a text",
    "array": "a list",
    "object": "a table",
    "boolean": "true or false",
    "integer": "a whole number",
    "number": "a number",
}


@cache
def schema() -> dict[str, Any]:
    """The JSON schema of column maps (draft 2020-12)."""
    text = resources.files(__package__).joinpath("column-map.schema.json").read_text("utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


def problems(document: Mapping[str, Any]) -> list[str]:
    """What is wrong with a document, each with its key, what is wrong, and what is allowed.

    Parameters
    ----------
    document
        As TOML is read.

    Returns
    -------
    list of str
        In the order of the keys; empty if nothing is.
    """
    # Half of this module's time to import; only who reads a map needs it.
    from jsonschema import Draft202012Validator

    errors = Draft202012Validator(schema()).iter_errors(_plain(document))
    return [_told(error) for error in sorted(errors, key=lambda error: [str(key) for key in error.absolute_path])]


def _plain(value: Any) -> Any:
    """A document with dates as texts."""
    if isinstance(value, Mapping):
        return {key: _plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    return value.isoformat() if isinstance(value, datetime.date | datetime.time) else value


def _key(error: "ValidationError") -> str:
    written = ""
    for key in error.absolute_path:
        written += f" {key + 1}" if isinstance(key, int) else f"{'.' if written else ''}{key}"
    return written


def _told(error: "ValidationError") -> str:
    where = f"{key}: " if (key := _key(error)) else ""
    return f"{where}{_what(error)}"


def _what(error: "ValidationError") -> str:
    rule, wanted, given = error.validator, error.validator_value, error.instance
    allowed = error.schema.get("description", wanted)
    said: dict[str, Callable[[], str]] = {
        "enum": lambda: f"'{given}' is none of {', '.join(map(str, wanted))}",
        "type": lambda: f"is {_kind(given)}; allowed is {_TYPES[wanted]}",
        "anyOf": lambda: f"is {_kind(given)}; allowed is {allowed}",
        "required": lambda: _missing(wanted, given),
        "additionalProperties": lambda: _unknown(error.schema["properties"], given),
        "uniqueItems": lambda: "something stands in it twice; allowed is once",
        "pattern": lambda: f"'{given}' is not allowed; {allowed}",
        **dict.fromkeys(_LEAST, lambda: f"has too little in it; allowed is {wanted} or more"),
        **dict.fromkeys(_MOST, lambda: f"has too much in it; allowed is at most {wanted}"),
    }
    return said.get(str(rule), lambda: f"{given} is out of range; allowed is {allowed}")()


_LEAST = ("minItems", "minLength", "minProperties")
_MOST = ("maxItems", "maxLength", "maxProperties")


def _missing(wanted: Sequence[str], given: Mapping[str, Any]) -> str:
    return f"'{next(name for name in wanted if name not in given)}' is missing; needed are {', '.join(wanted)}"


def _unknown(allowed: Mapping[str, Any], given: Mapping[str, Any]) -> str:
    unknown = next(name for name in given if name not in allowed)
    near = closest(unknown, allowed)
    hint = f"; did you mean '{near}'?" if near else ""
    return f"there is no key '{unknown}'{hint} (allowed are {', '.join(allowed)})"


def _kind(value: Any) -> str:
    kinds = {bool: "boolean", str: "string", list: "array", dict: "object", int: "integer", float: "number"}
    return _TYPES[kinds.get(type(value), "string")]
