"""The JSON Schema of policies over charges, from the tables that reading them uses; editors complete by it."""

import re
from typing import Any

from clearscale.policy.language import PARAMETER_KEYS
from clearscale.policy.schema import ID, SOURCES, TEXT, VALUE, WHEN, described, table_of

from .evidence import CASE, PERSON
from .facts import CHARGE_DATES, FACTS, Kind
from .language import CAP_KEYS, GROUP_KEYS, KEYS, LIST_KEYS, RULE_KEYS
from .outcomes import OUTCOMES
from .waits import UNITS
from .writing import LISTED_WORDS, TODAY

_NAME = r"[a-z0-9][\w-]*"
_VALUE = r"\{\w+\}"
_NUMBER = rf"(-?\d+|{_VALUE})"
_DAY = rf"(\d{{4}}-\d{{2}}-\d{{2}}|{TODAY}|{_VALUE})"
_OF = f"({CASE}|{PERSON})"
_COMPARED = "(==|!=|<=|>=|<|>)"


def _any(words: Any) -> str:
    return "(" + "|".join(re.escape(word) for word in words) + ")"


def _names(*kinds: Kind) -> str:
    return _any(name for name, fact in FACTS.items() if fact.kind in kinds)


_LATEST = f"latest {_any(CHARGE_DATES)} of {_NAME}"


def _conditions() -> list[dict[str, str]]:
    """Write a pattern for each form of a condition."""
    listed = [
        {
            "description": f"one of these words, or none of them: {name}",
            "pattern": f"^{name} is (not )?{_any(words)}( or {_any(words)})*$",
        }
        for name, words in LISTED_WORDS.items()
    ]
    others = [name for name, fact in FACTS.items() if fact.kind is Kind.WORD and name not in LISTED_WORDS]
    return [
        {"description": "a yes-or-no fact, or its opposite", "pattern": f"^(not )?{_names(Kind.FLAG)}$"},
        *listed,
        {"description": "one of some words, or none of them", "pattern": f"^{_any(others)} is (not )?[^,]+$"},
        {"description": "whether a fact is known", "pattern": f"^(not )?{_any(FACTS)} is (not )?known$"},
        {
            "description": f"a date, compared with another or with {TODAY}",
            "pattern": f"^({_names(Kind.DATE)}|{_LATEST}) *{_COMPARED} *{_DAY}$",
        },
        {
            "description": "a number, a count of charges, or a place among them, compared",
            "pattern": f"^({_names(Kind.NUMBER)}|{_OF} count {_NAME}|place in {_NAME}) *{_COMPARED} *{_NUMBER}$",
        },
        {"description": "a weight, up to or more than", "pattern": rf"^grams *(<=|>) *(\d+(\.\d+)?|{_VALUE})$"},
        {"description": "a statute on a list, or on none of it", "pattern": f"^(not )?statute in {_NAME}$"},
        {
            "description": "whether some charge, or each, of the case or person is in a group",
            "pattern": f"^(not )?{_OF} (some|only) {_NAME}$",
        },
    ]


def _waits() -> list[dict[str, str]]:
    date = f"({_names(Kind.DATE)}|{_LATEST})"
    length = rf"(\d+|{_VALUE}) {_any(UNITS)}s? "
    return [
        {"description": "until a day", "pattern": rf"^until (\d{{4}}-\d{{2}}-\d{{2}}|{_VALUE})$"},
        {
            "description": "so long since a date, clear of the charges of a group if it says so",
            "pattern": f"^({length}(clear of {_NAME} )?)?since {date}( if known)?$",
        },
    ]


def charge_policy_schema() -> dict[str, Any]:
    """Make the schema (draft 2020-12)."""
    text = TEXT
    texts = {"type": "array", "items": text}
    conditions = {"type": "array", "items": {"anyOf": _conditions()}}
    wait = {"anyOf": _waits()}
    sections = table_of(
        {
            "code": text,
            "sections": texts,
            "subsections": {"type": "array", "items": {"pattern": r"^(\([^()\s]+\))+$"}},
        },
        ["code", "sections"],
    )
    rule = {
        "if": conditions,
        "wait": {"anyOf": [{"type": "string", **wait}, {"type": "array", "items": {"type": "string", **wait}}]},
        "then": {"enum": [name for name, outcome in OUTCOMES.items() if outcome.rules]},
        "because": text,
        "law": {"type": "string"},
        "when": WHEN,
        "cap": text,
        "unknown": {"const": "no"},
    }
    listing = {
        "title": {"type": "string"},
        "statutes": {"type": "array", "items": sections},
        "but_not": {"type": "array", "items": sections},
        "descriptions": {"type": "array", "items": {"type": "string", "pattern": "^[^a-z]+$"}},
    }
    cap = {
        "most": {"anyOf": [{"type": "integer", "minimum": 0}, {"type": "string", "pattern": f"^{_VALUE}$"}]},
        "first": {"enum": ["oldest", "newest"]},
        "by": {"enum": list(CHARGE_DATES)},
        "already": text,
    }
    parameter = dict.fromkeys(PARAMETER_KEYS, VALUE) | {"meaning": {"type": "string"}}
    keys = {
        "id": ID,
        "title": text,
        "about": {"type": "string"},
        "state": text,
        "sources": SOURCES,
        "cannot_know": texts,
        "parameters": {"type": "object", "additionalProperties": table_of(parameter, ["default"])},
        "lists": _tables(described(listing, LIST_KEYS), []),
        "groups": _tables(described({"if": conditions}, GROUP_KEYS), ["if"]),
        "caps": _tables(described(cap, CAP_KEYS), ["most"]),
        "scope": {**conditions, "minItems": 1},
        "rule": {
            "type": "array",
            "minItems": 1,
            "items": table_of(described(rule, RULE_KEYS), ["if", "then", "because"]),
        },
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A clearscale policy over charges",
        **table_of(described(keys, KEYS), ["id", "title", "state", "scope", "rule"]),
    }


def _tables(keys: dict[str, Any], required: list[str]) -> dict[str, Any]:
    """Tables by their names."""
    names = {"pattern": ID["pattern"]}
    return {"type": "object", "propertyNames": names, "additionalProperties": table_of(keys, required)}
