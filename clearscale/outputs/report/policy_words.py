"""A recorded policy in plain words: rules with their conditions, reasons and law, and where it comes from."""

from collections.abc import Mapping
from typing import Any

from clearscale.dates import iso
from clearscale.law import state
from clearscale.law.catalog import BITS
from clearscale.policy import DISMISS, REDUCE
from clearscale.policy.facts import Fact, Kind, known, text_question
from clearscale.policy.model import CODE_SECTION, DISMISSAL, NONE, REDUCTION
from clearscale.policy.outcomes import filled_in, reasons_with_code_section

from .words import county_words, listed, outcome

_YES_NO = {
    "felony": ("it is a felony", "it is not a felony"),
    "only_prop64": ("every conviction on the record is a Prop 64 conviction", "some conviction is of another kind"),
    "deceased": ("the record says that the person has died", "the record does not say that the person has died"),
    "sentence_ended": ("its sentence has ended", "its sentence has not ended"),
    "serving_sentence": ("some sentence is still being served", "no sentence is still being served"),
    "gang_pair": (
        "a gang enhancement and an offense that it makes a superstrike stand in one case",
        "no gang enhancement makes an offense a superstrike",
    ),
}
"""Yes-or-no facts as a sentence says them; others by their meaning."""

_NUMBERS = {
    "age": ("the person is", "years old"),
    "age_at_conviction": ("the person was", "years old at the conviction"),
    "julian_age": ("the person is", "years old, counting 365.25 days a year"),
    "years_since_conviction": ("the conviction is", "years ago"),
    "years_crime_free": ("the latest conviction of any kind is", "full years ago, or there is none"),
    "years_since_latest_conviction": ("the latest conviction of any kind is", "years ago"),
    "priors": ("there are", "earlier convictions of the same section"),
    "superstrikes": ("there are", "superstrike convictions on the record"),
    "pc290_convictions": (
        "there are",
        f"convictions under {state().charges.marked('registration').words} on the record",
    ),
    "section": ("its Prop 64 section is", ""),
    "event_date": ("the conviction's date is", ""),
}
"""Other facts: the words before and after the figure."""

_COMPARED = {
    "==": "{}",
    "!=": "not {}",
    "<": "less than {}",
    "<=": "at most {}",
    ">": "more than {}",
    ">=": "at least {}",
}
_DATED = {**_COMPARED, "<": "before {}", "<=": "{} or earlier", ">": "after {}", ">=": "{} or later"}
_CHARGES = (*state().charges.sections, *(state().charges.marked(mark).words for mark in BITS))
"""What the bits of a charge stand for, the lowest first."""

CODE_SECTION_WORDS = "code section of the charge"
"""What summaries write for the code section in a reason."""


def policies(document: Mapping[str, Any]) -> list[tuple[dict[str, Any], str]]:
    """Policies of a recorded policy or policy map, each with the counties that it decides in words."""
    if "policies" not in document:
        return [(dict(document), "")]
    counties: dict[int, list[str]] = {}
    for county, place in document["counties"].items():
        counties.setdefault(place, []).append(county_words(county))
    found = []
    for place, policy in enumerate(document["policies"]):
        named = listed(counties.get(place, []))
        rest = "every county without a policy of its own" if place == document["default"] else ""
        found.append((policy, "; ".join(filter(None, [rest, named]))))
    return found


def of_county(document: Mapping[str, Any], county: str) -> dict[str, Any]:
    """The recorded policy that decides a county's convictions."""
    if "policies" not in document:
        return dict(document)
    place = document["counties"].get(county.strip().upper(), document["default"])
    policy: dict[str, Any] = document["policies"][place]
    return policy


def worth(policy: Mapping[str, Any], determination: str, reason: str) -> str:
    """What a decision of a recorded policy is worth to a person: DISMISSAL, REDUCTION or NONE.

    The same determination may be worth more for one reason than for another.
    """
    for rule in policy["rules"]:
        if rule["determination"] == determination and _is_reason(rule["reason"], reason):
            return rule.get("worth") or {DISMISS: DISMISSAL, REDUCE: REDUCTION}.get(determination, NONE)
    return NONE


def plain_reason(document: Mapping[str, Any], reason: str) -> str:
    """A decision's reason without the code section that it may hold: that may come from a comment on a person."""
    for form in reasons_with_code_section(document):
        if _is_reason(form, reason):
            return form.replace(CODE_SECTION, "(code section)")
    return reason


def summary_reason(document: Mapping[str, Any], reason: str) -> str:
    """The same of a reason as summaries write it."""
    for form in reasons_with_code_section(document):
        if filled_in(form, CODE_SECTION_WORDS) == reason:
            return plain_reason(document, form)
    return reason


def _is_reason(form: str, reason: str) -> bool:
    before, found, after = form.partition(CODE_SECTION)
    return reason == form if not found else reason.startswith(before) and reason.endswith(after)


def rules(policy: Mapping[str, Any]) -> tuple[tuple[str, ...], ...]:
    """A row a rule: number, when it holds, outcome, reason, law."""
    return tuple(
        (
            str(place),
            conditions(rule["conditions"]),
            outcome(rule["determination"]),
            rule["reason"].replace(CODE_SECTION, "(code section)"),
            rule.get("law") or "-",
        )
        for place, rule in enumerate(policy["rules"], start=1)
    )


def conditions(given: list[dict[str, Any]]) -> str:
    """All conditions of a rule as one phrase."""
    if not given:
        return "Always"
    text = ", and ".join(condition(**each) for each in given)
    return text[0].upper() + text[1:]


def condition(fact: str, operator: str, value: int) -> str:
    """A condition in words."""
    about = known(fact)
    if about.kind == Kind.BITS:
        named = [each for place, each in enumerate(_CHARGES) if value >> place & 1]
        return f"the charge {'names' if operator == 'has' else 'does not name'} {' or '.join(named) or 'anything'}"
    if about.kind == Kind.FLAG:
        return _flag(fact, about, (operator == "==") == bool(value))
    before, after = _NUMBERS.get(fact, (f"{_meaning(about)}:", ""))
    words = _DATED if about.kind == Kind.DATE else _COMPARED
    return " ".join(filter(None, [before, words[operator].format(_value(about, value)), after]))


def _flag(fact: str, about: Fact, holds: bool) -> str:
    if fact in _YES_NO:
        return _YES_NO[fact][0 if holds else 1]
    if (question := text_question(fact)) is not None:
        verb = {"begins with": "begin with", "is": "be", "contains": "contain"}.get(question.how, question.how)
        return f"the code section {question.how if holds else f'does not {verb}'} {question.text}"
    return _meaning(about) if holds else f"it is not so that {_meaning(about)}"


def _meaning(about: Fact) -> str:
    return about.meaning.replace("`", "").replace("*", "")


def _value(about: Fact, value: int) -> str:
    if about.kind == Kind.DATE:
        return iso(value)
    if about.kind == Kind.SECTION:
        return state().charges.sections[value]
    if about.kind == Kind.LETTER:
        return chr(ord("A") + value - 1)
    return f"{value / about.per_unit:g}"
