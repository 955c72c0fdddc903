"""The summary of a county, with the keys of the counties' program (`gogen.json`), from a tally."""

from collections.abc import Iterable
from typing import Any

from clearscale.dates import NO_DATE, iso
from clearscale.law import state
from clearscale.policy import DISMISS, REDUCE, AnyPolicy
from clearscale.policy.outcomes import filled_in

from . import summary_keys as keys
from .tally import MEASURES, NO_EARLIEST, Tally

_NOT_ADDITIONAL = ("Dismiss all HS", "Misdemeanor or Infraction")
"""Reasons that begin so are no additional relief."""

Summary = dict[str, Any]


def people_left(tally: Tally, scope: int, policy: int) -> dict[str, int]:
    """People who are left without a felony or a conviction, under a policy that the tally counts."""
    return {key: int(tally.measures[scope, policy, MEASURES.index(name)]) for name, key in keys.PEOPLE_LEFT.items()}


def _by_reason(tally: Tally, scope: int, policy: AnyPolicy) -> dict[tuple[str, str], int]:
    """Decided Prop 64 convictions by (determination, reason), only those that occur."""
    counts: dict[tuple[str, str], int] = {}
    for place, rule in enumerate(policy.rules):
        if count := int(tally.rules[scope, place]):
            key = (rule.determination, filled_in(rule.reason, "code section of the charge"))
            counts[key] = counts.get(key, 0) + count
    return counts


def _by_section(policy: AnyPolicy, determination: str, counts: dict[tuple[str, str], int]) -> dict[str, int]:
    """Dismissals or reductions by the entry of the policy's list that decided, zeros included."""
    listed = policy.dismiss_sections if determination == DISMISS else policy.reduce_sections
    return {section: counts.get((determination, reason), 0) for section, reason in sorted(listed)}


def county_summary(tally: Tally, scope: int, policy: AnyPolicy, county: str, lines: int, seconds: float) -> Summary:
    """The summary of one extract. `policy` comes first in the tally's measures, "dismiss all Prop 64" second.

    lines: records of the extract without its header. seconds: how long the work took.
    """
    counts = _by_reason(tally, scope, policy)
    listing = policy.of_county(county) if county else policy
    earliest = int(tally.earliest[scope])
    additional = {
        reason: count
        for (determination, reason), count in sorted(counts.items())
        if determination == DISMISS and not reason.startswith(_NOT_ADDITIONAL)
    }
    return {
        keys.COUNTY: county,
        keys.EARLIEST: None if earliest == NO_EARLIEST else f"{iso(earliest)}T00:00:00Z",
        keys.LINES: lines,
        keys.SECONDS: seconds,
        keys.THIS_POLICY: people_left(tally, scope, 0),
        keys.ALL_DISMISSED: people_left(tally, scope, 1),
        keys.BY_SECTION: {
            section: int(tally.sections[scope, place])
            for place, section in enumerate(state().charges.sections)
            if tally.sections[scope, place]
        },
        keys.WITH_PROP64: int(tally.people[scope]),
        keys.FELONIES: int(tally.severities[scope, 0]),
        keys.NOT_FELONIES: int(tally.severities[scope, 1]),
        keys.SOME_RELIEF: int(tally.measures[scope, 0, MEASURES.index("some_relief")]),
        keys.DISMISSED_BY_SECTION: _by_section(listing, DISMISS, counts),
        keys.REDUCED_BY_SECTION: _by_section(listing, REDUCE, counts),
        keys.DISMISSED_BY_REASON: additional,
    }


def add_summaries(summaries: Iterable[Summary]) -> Summary:
    """The summary of several extracts of a county: counts add up, a person in two of them counts twice.

    The earliest conviction is the earliest, but a missing date gives way to a later extract's date, as it did in
    the counties' program.
    """
    total: Summary = {}
    for summary in summaries:
        total = _added(total, summary) if total else summary
    return total


def with_earliest(summary: Summary, as_of: int) -> Summary:
    """Fill in the as-of date where there is no conviction, as readers of `gogen.json` expect a date."""
    return {**summary, keys.EARLIEST: summary[keys.EARLIEST] or f"{iso(as_of)}T00:00:00Z"}


def _added(first: Summary, second: Summary) -> Summary:
    result: Summary = {}
    for key, value in second.items():
        before = first[key]
        if key == keys.COUNTY:
            result[key] = value
        elif key == keys.EARLIEST:
            result[key] = _earlier(before, value)
        elif isinstance(value, dict):
            names = sorted({*before, *value})
            result[key] = {name: before.get(name, 0) + value.get(name, 0) for name in names}
        else:
            result[key] = before + value
    return result


def _earlier(first: str | None, second: str | None) -> str | None:
    if second is None:
        return first
    missing = f"{iso(NO_DATE)}T00:00:00Z"
    return first if first is not None and first != missing and first < second else second
