"""What becomes of fabricated charges under a state's law, worked out from what was drawn, a person at a time.

Each kind of law is a plain walk over a person's charges. It shares nothing with what decides by policies, so that
a truth table is a second opinion; what the law says in numbers stands in the table `relief` of the state's recipe.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from fnmatch import fnmatchcase
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .charge_facts import Charge, Version

Judge = Callable[[Sequence["Charge"]], list[str]]
"""From a person's charges, in order, to what becomes of each; blank of what the law is not about."""

_EPOCH = date(1970, 1, 1).toordinal()
_CONVICTED, _NONE, _PENDING = "convicted", "none", "pending"
_RELIEVED = ("set aside", "vacated")


def judge_of(relief: Mapping[str, Any] | None) -> Judge | None:
    """The judge of a recipe's law.

    Parameters
    ----------
    relief
        The recipe's table `relief`, if it has one.

    Returns
    -------
    Judge or None
        None where it names no kind: outcomes are then those that were drawn with the weights.
    """
    if relief is None or "kind" not in relief:
        return None
    return partial(_KINDS[relief["kind"]], relief)


def _by_section(relief: Mapping[str, Any], charges: Sequence["Charge"]) -> list[str]:
    """Convictions of some sections are relieved, of others of their article not, whatever else there is."""
    found = []
    for charge in charges:
        of = charge.counts
        about = of.code == relief["code"] and fnmatchcase(of.section, relief["about"])
        given = relief["is"] if of.section in relief["sections"] else relief["none"]
        found.append(str(given) if about and charge.disposition == _CONVICTED else "")
    return found


def _by_case(relief: Mapping[str, Any], charges: Sequence["Charge"]) -> list[str]:
    """Cases that hold nothing but some offenses are relieved as a whole."""
    last = relief["last"].toordinal() - _EPOCH
    found: list[str] = []
    for _, case in groupby(charges, key=lambda charge: charge.case):
        together = [*case]
        members = [_member(charge.counts, relief) for charge in together]
        alone = all(charge.counts.section in relief["not_alone"] for charge in together)
        if False in members:
            outcome = relief["none"]
        elif None in members:
            outcome = relief["undecided"]
        elif alone:
            outcome = relief["alone"]
        elif any(charge.disposition == _PENDING or _after(charge, last) for charge in together):
            outcome = relief["none"]
        else:
            outcome = relief["is"]
        found += [
            str(outcome)
            if charge.counts.code == relief["code"] and charge.counts.section in relief["offenses"]
            else ""
            for charge in together
        ]
    return found


def _after(charge: "Charge", last: int) -> bool:
    """Whether a charge is known to be of a later day."""
    return charge.arrest_known and charge.arrest > last


def _member(of: "Version", relief: Mapping[str, Any]) -> bool | None:
    """Whether a charge is one of the offenses; None where its statute does not tell."""
    if not of.code:
        return None
    if of.code != relief["code"] or of.section not in relief["offenses"] or of.inchoate in relief["not_as"]:
        return False
    wanted = relief["offenses"][of.section]
    if any(of.subsection.startswith(subsection) for subsection in wanted):
        return True
    return None if any(subsection.startswith(of.subsection) for subsection in wanted) else False


def _by_waiting(relief: Mapping[str, Any], charges: Sequence["Charge"]) -> list[str]:
    """Convictions are relieved when years have passed without another, so many of a person at most."""
    as_of, effective = (relief[name].toordinal() - _EPOCH for name in ("as_of", "effective"))
    convicted = [charge.disposed for charge in charges if charge.disposition == _CONVICTED]
    pending = any(charge.disposition == _PENDING for charge in charges)
    # Where there is no disposition, nobody knows whether and when there was another conviction.
    doubted = any(charge.disposition == _NONE for charge in charges)
    found = ["" for _ in charges]
    claims: dict[str, list[tuple[int, int, int]]] = {}
    for place, charge in enumerate(charges):
        of = charge.counts
        if charge.disposition != _CONVICTED or of.level not in relief["levels"]:
            continue
        if not of.code:
            found[place] = str(relief["undecided"])
            continue
        found[place] = str(relief["none"])
        barred = [of.code, of.section] in relief["barred"] or of.grade in relief["barred_classes"]
        if barred or pending:
            continue
        rule = _rule_of(of, relief["waits"])
        assert rule is not None, f"no wait is for {of.level}, {of.grade}"
        first = max(_clear(charge.disposed, rule["years"], convicted), effective)
        if rule.get("since_end") and charge.sentence_end is not None:
            first = max(first, _years_later(charge.sentence_end, rule["years"]))
        due = as_of if doubted else max(first, as_of)
        claims.setdefault(rule["name"], []).append((due, charge.disposed, place))
    for rule in relief["waits"]:
        of_rule = sorted(claims.get(rule["name"], ()))
        if "most" in rule:
            relieved = [charge.counts for charge in charges if charge.disposition in _RELIEVED]
            taken = sum(_rule_of(of, relief["waits"]) is rule for of in relieved)
            of_rule = of_rule[: max(0, rule["most"] - taken)]
        for due, _, place in of_rule:
            found[place] = str(
                relief["undecided"] if doubted else relief["is"] if due <= as_of else relief["later"]
            )
    return found


def _rule_of(of: "Version", waits: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The first wait that is for a charge's level and class, None if none is."""
    found = (wait for wait in waits if of.level == wait["level"] and of.grade in wait.get("classes", (of.grade,)))
    return next(found, None)


def _clear(start: int, years: int, events: Sequence[int]) -> int:
    """The first day with so many years behind it since a start, or since an event before they were over."""
    over = _years_later(start, years)
    for event in sorted(events):
        if start < event < over:
            start, over = event, _years_later(event, years)
    return over


def _years_later(day: int, years: int) -> int:
    """So many years later; a 29 February that the year lacks is 1 March."""
    there = date.fromordinal(day + _EPOCH)
    try:
        later = there.replace(year=there.year + years)
    except ValueError:
        later = date(there.year + years, 3, 1)
    return later.toordinal() - _EPOCH


_KINDS: Mapping[str, Callable[[Mapping[str, Any], Sequence["Charge"]], list[str]]] = {
    "sections": _by_section,
    "whole cases": _by_case,
    "waits": _by_waiting,
}
