"""The words of a report: groups, measures, flags and outcomes as a reader knows them."""

import re
import zlib
from collections.abc import Sequence

from clearscale.law import state
from clearscale.policy import DISMISS, REDUCE

HIDDEN = "hidden"
"""In place of a figure that the report does not show."""

RACE_WORDS = state().people.race_groups

SEX_WORDS = state().people.sexes

MEASURE_WORDS = {
    "with_prop64": "people with Prop 64 convictions",
    "some_relief": "people with some relief",
    "no_felony": "people who no longer have a felony",
    "no_conviction": "people who no longer have any conviction",
    "no_recent_conviction": "people who no longer have a conviction in the last 7 years",
}
SHORT_MEASURES = {
    "with_prop64": "before relief",
    "some_relief": "some relief",
    "no_felony": "no felony left",
    "no_conviction": "no conviction left",
}
"""Measures whose groups a report compares, in a word or two."""

OUTCOME_WORDS = {DISMISS: "Dismiss", REDUCE: "Reduce to a misdemeanor", "": "No determination"}

_SAYS_WHAT = re.compile(r"\b(?:county|counties|co\.?|parish|borough|district)$", re.IGNORECASE)
"""The end of a name of a county that says by itself what it is, as records of other states may write it."""

_COUNTY_BEHIND = re.compile(r"\{county\} county\b", re.IGNORECASE)
_COUNTY_BEFORE = re.compile(r"(\bcounty of )\{county\}", re.IGNORECASE)

_RELIEF = state().charges.marked("relief")

SECTION_WORDS = {
    **{
        section: f"{section} {subject}" for section, subject in zip(_RELIEF.patterns, _RELIEF.subjects, strict=True)
    },
    "related": "related charges",
}


def outcome(determination: str) -> str:
    """Return a determination in the report's words; others than the law's two stand for themselves."""
    return OUTCOME_WORDS.get(determination, determination)


def group(dimension: str, value: str) -> str:
    """Return a group of people in words. dimension: race, sex or age."""
    if dimension == "sex":
        # Any other text in the field may be anything, also a name.
        return SEX_WORDS.get(value) or f"Another text ({zlib.crc32(value.encode()) % 1000:03})"
    return RACE_WORDS.get(value, value)


def block(dimension: str, groups: Sequence[str]) -> str:
    """Return groups that are counted together in words: `Male and Unknown`."""
    return listed([group(dimension, value) for value in groups])


def year_words(years: Sequence[str]) -> str:
    """Return years that are counted together in words, the first and the last of them."""
    dated = [year for year in years if year]
    words = [f"{dated[0]} to {dated[-1]}" if len(dated) > 1 else year for year in dated[:1]]
    return listed([*words, *(["no usable date"] if "" in years else [])])


def county_words(county: str) -> str:
    """Return a county's name as people write it."""
    return county.title() if county.isupper() else county


def county_title(county: str) -> str:
    """Return it as a title: with "County", unless it says by itself what it is, such as "Sample Co."."""
    words = county_words(county)
    return words if _SAYS_WHAT.search(words) else f"{words} County"


def with_county(text: str, county: str) -> str:
    """Return a text with the county in place of `{county}`, which says once that it is one.

    Where the text says it beside the name, `{county} County` or `County of {county}`, a name that says it does not.
    """
    words = county_words(county)
    if (found := _SAYS_WHAT.search(words)) is not None:
        text = _COUNTY_BEHIND.sub("{county}", text)
        before = words[: found.start()].rstrip(" ,")
        text = _COUNTY_BEFORE.sub(lambda place: f"{place[1]}{before or words}", text)
    return text.replace("{county}", words)


def number(value: int | None) -> str:
    """Write a figure, or HIDDEN."""
    return HIDDEN if value is None else f"{value:,}"


def share(part: int | None, total: int | None) -> str:
    """Return part of total in percent; only where both are shown."""
    if part is None or total is None:
        return HIDDEN
    if not total:
        return "-"
    percent = 100 * part / total
    return f"{percent:.1f}%" if percent < 99.95 or part == total else "99.9%"


def listed(items: Sequence[str]) -> str:
    """Join texts: a, b and c."""
    return " and ".join([", ".join(items[:-1]), items[-1]] if len(items) > 1 else items)
