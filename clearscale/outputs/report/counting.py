"""What a run counts, page by page, as the publication takes it: people by group, and convictions by outcome."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import product
from typing import Any

import pyarrow as pa

from clearscale.law import state
from clearscale.outputs.disclosure import (
    DIMENSIONS,
    GROUPED,
    LEFT,
    MEASURES_PUBLISHED,
    Outcome,
    PageCounts,
    PeopleCounts,
    merged,
)
from clearscale.outputs.disclosure.convictions import DECISIONS, Key
from clearscale.outputs.disclosure.people import Key as PeopleKey
from clearscale.outputs.disclosure.people import Measure
from clearscale.outputs.lists.flag_words import FLAG_WORDS
from clearscale.policy import AnyPolicy, Policy
from clearscale.policy.possible import ConvictionKind, possible_rules
from clearscale.runs import summary_keys as keys
from clearscale.runs.crosstabs import SCOPES
from clearscale.runs.demography import AGE_BANDS, NEIGHBORS, RACES

from .policy_words import plain_reason, worth

RELATED = "related"
"""In place of a section, of charges that are decided beside Prop 64 convictions."""

BROADER = (keys.ALL_DISMISSED, keys.ALL_AND_RELATED_DISMISSED)
"""Policies counted beside the run's, each relieving more than the one before, by their keys in summaries."""

_SECTIONS = state().charges.sections
SEVERITIES = {"felony": True, "not a felony": False}

Conviction = tuple[str, str, str, str, str, int | None]
"""County, section, severity, determination, reason as it is recorded, year."""


def people_counts(
    table: pa.Table, below: int | None, summaries: Mapping[str, Mapping[str, Any]], related: bool = False
) -> PeopleCounts:
    """Count the people of all pages by race, sex and age.

    table: `people` of a run. below: groups of fewer people with Prop 64 convictions are counted with a neighbor.
    summaries: of each page, which have the people left under broader policies.
    """
    columns = {name: table.column(name).cast(pa.string()).to_pylist() for name in ("scope", "county", *DIMENSIONS)}
    counts = {measure: table.column(measure).to_pylist() for measure in MEASURES_PUBLISHED}
    county_scope = SCOPES[0]
    named = {
        county for scope, county in zip(columns["scope"], columns["county"], strict=True) if scope == county_scope
    }
    pages = ["", *sorted(named)]
    base: Counter[PeopleKey] = Counter()
    for row in range(table.num_rows):
        page = columns["county"][row] if columns["scope"][row] == county_scope else ""
        for measure in MEASURES_PUBLISHED:
            base[page, measure, "", ()] += counts[measure][row]
        for measure, by in product(GROUPED, DIMENSIONS):
            base[page, measure, by, (columns[by][row],)] += counts[measure][row]
    for page, policy, measure in product(pages, BROADER, LEFT):
        if policy in summaries.get(page, {}):
            of_policy: Measure = (measure, policy)
            base[page, of_policy, "", ()] = summaries[page][policy][keys.PEOPLE_LEFT[measure]]
    groups: dict[str, Sequence[str]] = {
        "race": RACES,
        "sex": sorted({*columns["sex"]}),
        "age": (*AGE_BANDS[1:], AGE_BANDS[0]),
    }
    blocks = {
        (page, by): merged(
            {group: base[page, "with_prop64", by, (group,)] for group in groups[by]}, NEIGHBORS[by], below
        )
        for page, by in product(pages, DIMENSIONS)
    }
    return PeopleCounts(pages, groups, blocks, dict(base), BROADER, related)


def conviction_counts(
    policy: AnyPolicy,
    county: str,
    as_of: str,
    years: Sequence[str],
    counted: Mapping[Conviction, int],
    flags: Mapping[str, int],
) -> PageCounts:
    """Count a page's convictions by all that pages list. county: empty for the state.

    years: all that occur in the run. counted: with related charges, whose section is RELATED. flags: decisions by
    flag, and under the empty one all of them.
    """
    found: Counter[Key] = Counter()
    worths: dict[tuple[str, str], set[str]] = {}
    possible = _possible(policy, county, as_of, years)
    for (of_county, section, severity, determination, recorded, year), number in counted.items():
        if section == RELATED:
            found["related", determination] += number
            continue
        own, reason = policy.of_county(of_county), plain_reason(policy, recorded)
        outcome = Outcome(section, severity, determination, reason, worth(own, determination, recorded))
        when = year_text(year)
        possible[outcome] = possible.get(outcome, frozenset()) | {when}
        worths.setdefault((determination, reason), set()).add(outcome.worth)
        found.update(dict.fromkeys((*outcome.keys, ("year", when)), number))
    found[DECISIONS] += flags[""]
    for flag in FLAG_WORDS:
        found["flag", flag] += flags.get(flag, 0)
        found["no flag", flag] += flags[""] - flags.get(flag, 0)
    # Where all reasons of a decision are worth one thing, they add up to it.
    clear = {pair: min(several) for pair, several in worths.items()}
    mixed = {determination for (determination, _), several in worths.items() if len(several) > 1}
    return PageCounts(
        +found, possible, {pair: value for pair, value in clear.items() if pair[0] not in mixed}, policy.related
    )


def year_text(year: int | None) -> str:
    """Write a year as lists have it, empty where there is no usable date."""
    return str(year) if year is not None and year > 1 else ""


def _possible(policy: AnyPolicy, county: str, as_of: str, years: Sequence[str]) -> dict[Outcome, frozenset[str]]:
    """Return what can become of convictions on a page, by the rules alone, each with the years in which it can."""
    if county or isinstance(policy, Policy):
        policies: Iterable[Policy] = (policy.of_county(county),)
    else:
        policies = policy.policies
    found: dict[Outcome, set[str]] = {}
    for own in policies:
        for outcome, when in _of_policy(own, policy, as_of, tuple(years)):
            found.setdefault(outcome, set()).update(when)
    return {outcome: frozenset(when) for outcome, when in found.items()}


def outcomes_of(own: Policy, policy: AnyPolicy) -> list[tuple[str, str, str]]:
    """Return the determination, the reason and the worth of each rule of a policy, and last of what none decides.

    policy: the run's, which may be a map that the policy is of.
    """
    ruled = [
        (rule.determination, plain_reason(policy, rule.reason), worth(own, rule.determination, rule.reason))
        for rule in own.rules
    ]
    return [*ruled, ("", "", worth(own, "", ""))]


@lru_cache(maxsize=128)
def _of_policy(
    own: Policy, policy: AnyPolicy, as_of: str, years: tuple[str, ...]
) -> tuple[tuple[Outcome, frozenset[str]], ...]:
    outcomes = outcomes_of(own, policy)
    cells = list(product(range(len(_SECTIONS)), SEVERITIES, years))
    kinds = [
        ConvictionKind(section, SEVERITIES[severity], int(year) if year else None)
        for section, severity, year in cells
    ]
    found: dict[Outcome, set[str]] = {}
    for (section, severity, year), rules in zip(cells, possible_rules(own, kinds, as_of), strict=True):
        for rule in rules:
            found.setdefault(Outcome(_SECTIONS[section], severity, *outcomes[rule]), set()).add(year)
    return tuple((outcome, frozenset(when)) for outcome, when in found.items())
