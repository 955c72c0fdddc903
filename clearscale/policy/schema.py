"""The JSON Schema of policy files, from the tables that reading them uses; editors check and complete by it."""

import re
from typing import Any

from clearscale.law import state
from clearscale.law.offense_texts import BEGINS_WITH, CONTAINS, IS

from .facts import FACTS, Kind
from .language import CHARGES, CONFIDENCES, DETERMINATIONS, KEYS, RELIEFS, RULE_KEYS, SOURCE_KEYS

_SECTIONS = state().charges.sections


_VALUES = {
    Kind.NUMBER: r"(-?\d+|\{\w+\})",
    Kind.DATE: r"(\d{4}-\d{2}-\d{2}|\{\w+\})",
    Kind.SECTION: "(" + "|".join(_SECTIONS) + ")",
    Kind.LETTER: "[A-Z]",
}


def described(keys: dict[str, Any], meanings: dict[str, str]) -> dict[str, Any]:
    """Give each key of a table its meaning."""
    return {key: {**schema, "description": meanings[key]} for key, schema in keys.items()}


def table_of(keys: dict[str, Any], required: list[str]) -> dict[str, Any]:
    """A table with these keys and no others."""
    return {"type": "object", "properties": keys, "required": required, "additionalProperties": False}


TEXT = {"type": "string", "minLength": 1}
VALUE = {"type": ["integer", "boolean", "string"], "description": "a number, a date, true or false"}
_SWITCH = {"type": "string", "pattern": r"^(not )?\{\w+\}$"}
WHEN = {"anyOf": [_SWITCH, {"type": "array", "items": _SWITCH}]}
ID = {"type": "string", "pattern": "^[a-z0-9][a-z0-9-]*$"}
_LETTERS = "".join(CONFIDENCES)
_SOURCE = dict.fromkeys(SOURCE_KEYS, TEXT) | {
    "confidence": {
        "type": "string",
        "pattern": f"^[{_LETTERS}](, [{_LETTERS}])*$",
        "description": "; ".join(f"{letter}: {meaning}" for letter, meaning in CONFIDENCES.items()),
    }
}
SOURCES = {"type": "array", "items": table_of(_SOURCE, [*SOURCE_KEYS])}
"""What policies of every kind state in one way."""


def _names(*kinds: Kind) -> str:
    return "(" + "|".join(re.escape(name) for name, fact in FACTS.items() if fact.kind in kinds) + ")"


def _conditions() -> list[dict[str, str]]:
    """Write a pattern for each form of a condition."""
    how = "|".join((BEGINS_WITH, IS, CONTAINS))
    compared = {}
    for kind, value in _VALUES.items():
        operators = "==|!=" if kind in (Kind.SECTION, Kind.LETTER) else "==|!=|<=|>=|<|>"
        compared[kind] = f"^{_names(kind)} *({operators}) *{value}$"
    return [
        {"description": "a yes-or-no fact, or its opposite", "pattern": f"^(not )?{_names(Kind.FLAG)}$"},
        {
            "description": "the text of the code section, case and spaces included",
            "pattern": f"^(not )?code_section ({how}) ('[^']+'|\"[^\"]+\")$",
        },
        *({"description": f"a {kind}, compared", "pattern": pattern} for kind, pattern in compared.items()),
    ]


def policy_schema() -> dict[str, Any]:
    """Make the schema (draft 2020-12)."""
    text, value = TEXT, VALUE
    rule: dict[str, dict[str, Any]] = {
        "if": {"type": "array", "items": {"anyOf": _conditions()}},
        "then": {"anyOf": [{"enum": list(DETERMINATIONS)}, text]},
        "because": text,
        "law": {"type": "string"},
        "when": WHEN,
        "summary_section": {"enum": list(_SECTIONS)},
    }
    parameter = {
        "default": value,
        "min": value,
        "max": value,
        "off": {"type": "integer", "description": "a number outside min and max that turns the parameter off"},
        "meaning": {"type": "string"},
    }
    keys: dict[str, dict[str, Any]] = {
        "id": ID,
        "title": text,
        "extends": text,
        "about": {"type": "string"},
        "jurisdiction": {"type": "string"},
        "charges": {"enum": list(CHARGES), "default": CHARGES[0]},
        "counties": {"type": "array", "items": {"anyOf": [{"enum": list(state().counties.names)}, text]}},
        "sources": SOURCES,
        "parameters": {"type": "object", "additionalProperties": table_of(parameter, ["default"])},
        "determinations": {
            "type": "object",
            "additionalProperties": table_of({"text": text, "relief": {"enum": list(RELIEFS)}}, ["text", "relief"]),
        },
        "rule": {
            "type": "array",
            "minItems": 1,
            "items": table_of(described(rule, RULE_KEYS), ["if", "then", "because"]),
        },
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A clearscale policy",
        **table_of(described(keys, KEYS), ["id", "title"]),
        "anyOf": [{"required": ["rule"]}, {"required": ["extends"]}],
    }
