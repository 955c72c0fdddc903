"""Checking a policy: beside what makes it unusable, what its author cannot have meant.

Findings are certain: a rule is only said never to decide if no combination of facts could let it, taking each fact
for itself and knowing the few implications of `regions`. What follows from other relations of facts is not found.
"""

from dataclasses import dataclass

from clearscale.errors import PolicyError
from clearscale.law import state

from .conditions import PARAMETER
from .findings import Finding, found_in
from .language import DETERMINATIONS, Document, RuleText
from .library import Stated, read_stated
from .locating import PACKS
from .model import Condition
from .packs import pack
from .parameters import Value, shown
from .regions import Region, of_switch, region_of, values, without
from .text_questions import TextQuestion, text_question

_MOST_PIECES = 2000
"""Beyond so many pieces the question whether a rule can decide is left open."""


@dataclass(frozen=True)
class _Asked:
    """A rule with its conditions. region: where all of them hold, None if nowhere."""

    text: RuleText
    conditions: tuple[Condition, ...]
    region: Region | None

    @property
    def here(self) -> Region:
        """Its region, with the switches that it is part of the policy for."""
        assert self.region is not None
        return {**self.region, **{of_switch(name): ((int(on), int(on)),) for name, on in self.text.when}}


def check_policy(reference: str) -> list[Finding]:
    """List everything that is wrong with a policy, a policy map or eligibility options.

    reference: as for `load_policy`.
    """
    if reference in PACKS:
        return check_document(pack(reference))
    try:
        return doubts(read_stated(reference))
    except PolicyError as error:
        return list(found_in(error, "unusable"))


def doubts(stated: Stated) -> list[Finding]:
    """List what can be decided by, and nobody can have meant."""
    return [*stated.doubted, *(finding for document in stated.documents for finding in check_document(document))]


def check_document(document: Document) -> list[Finding]:
    """List what the author of a policy that can be read cannot have meant."""
    return [
        *_unused(document),
        *(Finding("never-decides", problem, document.where) for problem in _rules(document)),
    ]


def _unused(document: Document) -> list[Finding]:
    asked = {name for rule in document.rules for name, _ in rule.when}
    for rule in document.rules:
        for text in (*rule.conditions, rule.because):
            asked.update(PARAMETER.findall(text))
    given = {rule.then for rule in document.rules}
    own = [name for name, meant in document.determinations.items() if DETERMINATIONS.get(name) != meant]
    parameters = [name for name in document.parameters if name not in asked]
    determinations = [name for name in own if name not in given]
    where = document.where
    return [
        *(Finding("unused-parameter", f"parameter '{name}' is used by no rule", where) for name in parameters),
        *(
            Finding("unused-determination", f"determination '{name}' is given by no rule", where)
            for name in determinations
        ),
    ]


def _defaults(document: Document) -> dict[str, Value]:
    """Return the parameters' defaults; the least value for one that is off."""
    found = {}
    for name, parameter in document.parameters.items():
        off = parameter.off is not None and parameter.default == parameter.off and parameter.least is not None
        found[name] = parameter.least if off and parameter.least is not None else parameter.default
    return found


def _rules(document: Document) -> list[str]:
    defaults = _defaults(document)
    conditions = [document.conditions(rule, defaults) for rule in document.rules]
    names = dict.fromkeys(condition.fact for of_rule in conditions for condition in of_rule)
    questions = [question for name in names if (question := text_question(name)) is not None]
    scope: Region = {}
    if document.charges == "prop64":
        scope = {"prop64": ((1, 1),), "section": ((0, len(state().charges.sections) - 1),)}
    rules = [
        _Asked(text, of_rule, region_of(of_rule, scope, questions))
        for text, of_rule in zip(document.rules, conditions, strict=True)
    ]
    findings = []
    for place, rule in enumerate(rules):
        wrong = _alone(rule)
        if not wrong:
            before = [earlier for earlier in rules[:place] if earlier.region is not None]
            wrong = _among(rule, before, questions, defaults)
        findings += [f"{rule.text.label}: {problem}" for problem in wrong]
    return findings


def _alone(rule: _Asked) -> list[str]:
    never = [
        f"condition '{text}' can never hold"
        for text, condition in zip(rule.text.conditions, rule.conditions, strict=True)
        if not values(condition)
    ]
    if never or rule.region is not None:
        return never
    if len(rule.conditions) == 1:
        return [f"condition '{rule.text.conditions[0]}' holds for no conviction that the policy decides"]
    return ["can never fire: its conditions contradict each other"]


def _among(
    rule: _Asked, before: list[_Asked], questions: list[TextQuestion], defaults: dict[str, Value]
) -> list[str]:
    when = set(rule.text.when)
    same = next(
        (earlier for earlier in before if earlier.region == rule.region and set(earlier.text.when) <= when), None
    )
    if same is not None:
        given = _given([rule.text, same.text], defaults) if rule.text.conditions != same.text.conditions else ""
        return [f"asks the same as {same.text.label}{given}, so it can never fire; remove one of them"]
    takers = [earlier for earlier in before if not any((name, not on) in when for name, on in earlier.text.when)]
    alone = next((taker for taker in takers if _nothing_left(rule.here, [taker], questions)), None)
    if alone is not None:
        return [_shadowed(rule, [alone.text], defaults)]
    if not _nothing_left(rule.here, takers, questions):
        return []
    for taker in list(takers):
        without_it = [other for other in takers if other is not taker]
        if _nothing_left(rule.here, without_it, questions):
            takers = without_it
    return [_shadowed(rule, [taker.text for taker in takers], defaults)]


def _nothing_left(region: Region, takers: list[_Asked], questions: list[TextQuestion]) -> bool:
    """Tell whether the rules together hold everywhere in a region; no if that takes too long to find out."""
    left = [region]
    for taker in takers:
        left = [part for piece in left for part in without(piece, taker.here, questions)]
        if len(left) > _MOST_PIECES:
            return False
    return not left


def _given(rules: list[RuleText], defaults: dict[str, Value]) -> str:
    """Write the values for which something is so of rules that ask for parameters."""
    named = {name for rule in rules for text in rule.conditions for name in PARAMETER.findall(text)}
    settings = ", ".join(f"{name} = {shown(defaults[name])}" for name in sorted(named))
    return f" with {settings}" if settings else ""


def _shadowed(rule: _Asked, taking: list[RuleText], defaults: dict[str, Value]) -> str:
    """Say of a rule that those before it leave nothing for it."""
    given = _given([rule.text, *taking], defaults)
    labels = [taker.label for taker in taking]
    who = labels[0] if len(labels) == 1 else f"{', '.join(labels[:-1])} and {labels[-1]} together"
    return f"can never fire{given}: {who} before it decide{'s' if len(labels) == 1 else ''} all it could"
