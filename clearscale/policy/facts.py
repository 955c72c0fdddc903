"""Facts: what a rule can ask of a conviction or of its person, as arrays over convictions."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from clearscale_kernels import calendar, facts
from clearscale_kernels.arrays import Int8s, Int16s, Int32s

from ..errors import PolicyError

Columns = Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Evidence:
    """What facts are made from.

    convictions: columns of the store's `convictions` by name, shape (n,), those in scope; people: columns of
    `people`, shape (h,); the convictions' `history` is their person's place. charge_flags, sections: by offense
    code. as_of: day number.
    """

    convictions: Columns
    people: Columns
    charge_flags: Int16s
    sections: Int8s
    as_of: int

    def of_person(self, column: str) -> np.ndarray:
        """A column of `people`, brought to the convictions. Shape (n,)."""
        return self.people[column][self.convictions["history"]]

    @cached_property
    def charge_bits(self) -> Int32s:
        """Charge flags of each conviction."""
        return self.charge_flags[self.convictions["offense"]].astype(np.int32)

    @cached_property
    def missing(self) -> Int32s:
        """Which dates each conviction's facts lack: bits of `clearscale_kernels.facts`."""
        own = self.convictions["flags"] & facts.NO_EVENT_DATE
        person = self.of_person("flags") & (facts.NO_BIRTH_DATE | facts.ANY_NO_EVENT_DATE)
        return (own | person).astype(np.int32)


@dataclass(frozen=True)
class Fact:
    """A fact's meaning, the dates it rests on (bits of `clearscale_kernels.facts`), and how it is found."""

    meaning: str
    rests_on: int
    find: Callable[[Evidence], np.ndarray]


def _spans(kernel: Callable[[Int32s, int, Int16s], None], days: np.ndarray, as_of: int) -> Int16s:
    out = np.empty(days.size, np.int16)
    kernel(days, as_of, out)
    return out


def _ages(births: np.ndarray, at: np.ndarray) -> Int16s:
    out = np.empty(births.size, np.int16)
    calendar.ages(births, at, out)
    return out


def _prop64_on_record(evidence: Evidence) -> np.ndarray:
    return sum(
        (evidence.people[f"convictions_{section}"] for section in facts.SECTIONS),
        np.zeros_like(evidence.people["convictions"]),
    )


FACTS: dict[str, Fact] = {
    "felony": Fact(
        "1 if the conviction is a felony: CONV_STAT_DESCR says so, or is empty and OFFENSE_TOC is F",
        0,
        lambda e: e.convictions["flags"] & facts.FELONY != 0,
    ),
    "section": Fact(
        "place of the leftmost Prop 64 section in 11357, 11358, 11359, 11360; -1 if the charge names none",
        0,
        lambda e: e.sections[e.convictions["offense"]],
    ),
    "charge": Fact(
        "bits: 1 names 11357, 2 11358, 4 11359, 8 11360, 16 related, 32 superstrike, 64 PC 290, 128 11357.5",
        0,
        lambda e: e.charge_bits,
    ),
    "age": Fact(
        "the person's age in whole years on the as-of date",
        facts.NO_BIRTH_DATE,
        lambda e: _ages(e.people["birth_date"], np.array([e.as_of], np.int32))[e.convictions["history"]],
    ),
    "age_at_conviction": Fact(
        "the person's age in whole years on the day of the conviction",
        facts.NO_BIRTH_DATE | facts.NO_EVENT_DATE,
        lambda e: _ages(e.of_person("birth_date"), e.convictions["event_date"]),
    ),
    "years_since_conviction": Fact(
        "whole years from the conviction to the as-of date; a day n years ago counts as n",
        facts.NO_EVENT_DATE,
        lambda e: _spans(calendar.years_since, e.convictions["event_date"], e.as_of),
    ),
    "years_crime_free": Fact(
        "whole years since the person's latest conviction; a latest conviction n years ago to the day counts n - 1",
        facts.ANY_NO_EVENT_DATE,
        lambda e: _spans(calendar.years_clear, e.people["latest_conviction"], e.as_of)[e.convictions["history"]],
    ),
    "only_prop64": Fact(
        "1 if every conviction on the record, in any county, is a Prop 64 conviction",
        0,
        lambda e: (_prop64_on_record(e) == e.people["convictions"])[e.convictions["history"]],
    ),
    "deceased": Fact(
        "1 if the record says that the person is deceased",
        0,
        lambda e: e.of_person("flags") & facts.DECEASED != 0,
    ),
}
"""Every fact by the name that rules use."""


def find(name: str, evidence: Evidence) -> Int32s:
    """The fact for each conviction. Shape (n,). Raises PolicyError for a name that is no fact."""
    if name not in FACTS:
        raise PolicyError(f"'{name}' is no fact; there are: {', '.join(sorted(FACTS))}")
    return FACTS[name].find(evidence).astype(np.int32)
