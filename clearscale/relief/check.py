"""Checking a policy over charges: beside what makes it unusable, what its author cannot have meant.

Findings are certain: a rule is only said never to decide if a rule before it decides whatever it could.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from clearscale.errors import PolicyError
from clearscale.policy.choosing import refusal, require_allowable
from clearscale.policy.findings import Finding, found_in

from .language import ChargePolicy, Document, RuleText
from .outcomes import OUTCOMES
from .packs import load_document
from .placing import placed

_PARAMETER = re.compile(r"\{(\w+)\}")
_WORD = re.compile(r"[\w-]+")


def check_policy(reference: str) -> list[Finding]:
    """List everything that is wrong with a policy over charges.

    Parameters
    ----------
    reference
        Name of a pack, or path or URL of a policy file.

    Returns
    -------
    list of Finding
        In the order of the file, what makes it unusable alone if something does.
    """
    try:
        return check_document(load_document(reference))
    except PolicyError as error:
        return list(found_in(error, "unusable"))


def choose(
    reference: str, parameters: Mapping[str, Any] | None = None, allow: Sequence[str] = ()
) -> tuple[ChargePolicy, tuple[Finding, ...]]:
    """Return the policy that somebody chose.

    Parameters
    ----------
    reference
        Name of a pack, or path or URL of a policy file.
    parameters
        Values of some parameters; the others have their defaults.
    allow
        Names of findings that are let pass.

    Returns
    -------
    ChargePolicy
        With the values in place.
    tuple of Finding
        What was let pass.

    Raises
    ------
    PolicyError
        If there is no such policy, something is wrong with it that is not allowed, or a name is none of a finding
        that may be allowed.
    """
    require_allowable(allow)
    document = load_document(reference)
    found = check_document(document)
    if refused := [finding for finding in found if finding.name not in allow]:
        raise refusal(refused)
    return document.policy(parameters), tuple(found)


def check_document(document: Document) -> list[Finding]:
    """List what the author of a policy that can be read cannot have meant."""
    return [*_unused(document), *_never(document)]


def _unused(document: Document) -> list[Finding]:
    rules, where = document.rules, document.where
    asked = [*document.scope, *(text for texts in document.groups.values() for text in texts)]
    asked += [text for rule in rules for text in (*rule.conditions, *rule.waits)]
    caps = [document.caps[rule.cap] for rule in rules if rule.cap]
    words = {word for text in [*asked, *(cap.already for cap in caps)] for word in _WORD.findall(text)}
    texts = [*asked, *(rule.because for rule in rules), *(cap.most for cap in document.caps.values())]
    parameters = {name for text in texts for name in _PARAMETER.findall(text)}
    parameters |= {name for rule in rules for name, _ in rule.when}
    found = [
        Finding(
            "unused-parameter",
            _unused_name(document, f"parameter '{name}'"),
            where,
        )
        for name in document.parameters
        if name not in parameters
    ]
    used = {"list": words, "group": words, "cap": {rule.cap for rule in rules}}
    named = {"list": document.lists, "group": document.groups, "cap": document.caps}
    for kind, names in named.items():
        found += [
            Finding("unused-name", _unused_name(document, f"{kind} '{name}'"), where)
            for name in names
            if name not in used[kind]
        ]
    return found


def _unused_name(document: Document, label: str) -> str:
    return placed(document.lines, label, f"{label} is used by no rule")


def _never(document: Document) -> list[Finding]:
    found = []
    for place, rule in enumerate(document.rules):
        taker = next(
            (
                earlier
                for at, earlier in enumerate(document.rules[:place])
                if _takes(earlier, rule, any(first.waits for first in document.rules[:at]))
            ),
            None,
        )
        if taker is not None:
            said = f"{rule.label}: can never fire: {taker.label} before it decides all it could"
            found.append(
                Finding("never-decides", placed(document.lines, f"rule {rule.number}", said), document.where)
            )
    return found


def _takes(earlier: RuleText, rule: RuleText, may_wait: bool) -> bool:
    """Whether an earlier rule decides, or leaves undecided, whatever the rule could. may_wait: before it."""
    if earlier.waits or earlier.cap or not set(earlier.conditions) <= set(rule.conditions):
        return False
    if not set(earlier.when) <= set(rule.when):
        return False
    # Where it is not known whether the earlier one holds, it may pass a charge on, which this one leaves undecided.
    if earlier.unknown_is_no and not rule.unknown_is_no and earlier.conditions:
        return False
    # A charge that waits passes by what gives nothing, and takes what gives something.
    return not may_wait or OUTCOMES[earlier.then].relief or not OUTCOMES[rule.then].relief
