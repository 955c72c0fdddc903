"""A policy as runs record it, made a policy again: the other way from `document`."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, TypeVar

from .by_county import PolicyMap
from .model import Cited, Condition, Policy, Rule
from .outcomes import AnyPolicy

T = TypeVar("T")


def policy_from(document: Mapping[str, Any]) -> AnyPolicy:
    """Make the policy or policy map that a document states.

    Parameters
    ----------
    document
        As `Policy.document` or `PolicyMap.document` writes it. What an earlier version did not write is at its
        default, and what a later one writes beside is passed over: whoever decides by it compares its digest first.

    Returns
    -------
    Policy or PolicyMap
        With rules numbered as they were.

    Raises
    ------
    KeyError, TypeError
        If the document is none of a policy.
    """
    if "policies" not in document:
        return _policy(document)
    policies = [_policy(policy) for policy in document["policies"]]
    # In the order of their policies, so that the rules are numbered as they were.
    counties = sorted(document["counties"].items(), key=lambda choice: (choice[1], choice[0]))
    chosen = tuple((county, policies[place]) for county, place in counties)
    return PolicyMap(document["id"], document["title"], policies[document["default"]], chosen)


def _policy(document: Mapping[str, Any]) -> Policy:
    pairs = {
        name: tuple((first, second) for first, second in document.get(name, ()))
        for name in ("dismiss_sections", "reduce_sections", "parameters")
    }
    parts = {
        "rules": tuple(_rule(rule) for rule in document["rules"]),
        "counties": tuple(document.get("counties", ())),
        "sources": tuple(_known(Cited, source) for source in document.get("sources", ())),
    }
    return _known(Policy, {**document, **pairs, **parts})


def _rule(document: Mapping[str, Any]) -> Rule:
    conditions = tuple(_known(Condition, condition) for condition in document["conditions"])
    return _known(Rule, {**document, "conditions": conditions})


def _known(kind: type[T], document: Mapping[str, Any]) -> T:
    names = {field.name for field in fields(kind)}  # type: ignore[arg-type]
    return kind(**{name: value for name, value in document.items() if name in names})
