"""A policy over charges as runs record it, made a policy again: the other way from `ChargePolicy.document`."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from clearscale.policy.model import Cited

from .language import Cap, ChargePolicy, Rule
from .outcomes import OUTCOMES
from .questions import Condition, Group, Latest, Named, Quantity
from .statutes import Sections, StatuteList
from .waits import Clear, Since, Until, Wait
from .writing import Names, condition


def policy_from(document: Mapping[str, Any]) -> ChargePolicy:
    """Make the policy that a document states.

    Parameters
    ----------
    document
        As `ChargePolicy.document` writes it, read from JSON or not. What it says is not checked: whoever decides by
        the policy compares its digest first.

    Returns
    -------
    ChargePolicy
        The policy.

    Raises
    ------
    PolicyError
        If a condition is none of this version.
    KeyError, TypeError
        If the document is none of a policy over charges.
    """
    lists = tuple(map(_list, document["lists"]))
    known = Names({listed.name: listed for listed in lists}, {}, {})
    groups = {group["name"]: _group(group, known) for group in _groups(document)}
    names = Names(known.lists, groups, {})
    return ChargePolicy(
        document["id"],
        document["title"],
        document["state"],
        _conditions(document["scope"], names),
        tuple(_rule(rule, names) for rule in document["rules"]),
        lists,
        tuple(Cited(source["title"], source["where"], source["confidence"]) for source in document["sources"]),
        tuple((name, value) for name, value in document["parameters"]),
    )


def _groups(part: Any) -> Iterator[Mapping[str, Any]]:
    """All groups that a part of a document names, in full."""
    if isinstance(part, Mapping):
        if part.keys() == {"name", "conditions"}:
            yield part
        for inner in part.values():
            yield from _groups(inner)
    elif isinstance(part, list | tuple):
        for inner in part:
            yield from _groups(inner)


def _list(document: Mapping[str, Any]) -> StatuteList:
    on_it, off_it = (
        tuple(
            Sections(statute["code"], tuple(statute["sections"]), tuple(statute["subsections"]))
            for statute in document[name]
        )
        for name in ("statutes", "but_not")
    )
    return StatuteList(document["name"], document["title"], on_it, off_it, tuple(document["descriptions"]))


def _group(document: Mapping[str, Any], names: Names) -> Group:
    return Group(document["name"], _conditions(document["conditions"], names))


def _conditions(documents: Sequence[Mapping[str, Any]], names: Names) -> tuple[Condition, ...]:
    return tuple(condition(document["text"], names) for document in documents)


def _rule(document: Mapping[str, Any], names: Names) -> Rule:
    return Rule(
        _conditions(document["conditions"], names),
        tuple(_wait(wait, names) for wait in document["waits"]),
        OUTCOMES[document["outcome"]["name"]],
        document["reason"],
        document["law"],
        _cap(document["cap"], names),
        document["unknown_is_no"],
    )


def _cap(document: Mapping[str, Any] | None, names: Names) -> Cap | None:
    if document is None:
        return None
    already = None if document["already"] is None else _group(document["already"], names)
    return Cap(document["name"], document["most"], document["oldest"], document["by"], already)


def _wait(document: Mapping[str, Any], names: Names) -> Wait:
    if "day" in document:
        return Until(document["day"])
    if "since" in document:
        return Clear(_since(document["since"], names), _group(document["group"], names))
    return _since(document, names)


def _since(document: Mapping[str, Any], names: Names) -> Since:
    quantity = _quantity(document["quantity"], names)
    return Since(document["number"], document["unit"], quantity, document["if_known"])


def _quantity(document: Mapping[str, Any], names: Names) -> Quantity:
    if "date" in document:
        return Latest(document["date"], _group(document["group"], names))
    return Named(document["name"])
