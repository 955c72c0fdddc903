"""The figures of one setting: counted in the rows of a population, in milliseconds."""

from dataclasses import dataclass

import numpy as np

from clearscale.law import state
from clearscale.runs.demography import AGE_BANDS, RACES
from clearscale.runs.tally import MEASURES
from clearscale_kernels.arrays import Int8s, Int64s

from .population import COUNTY_VIEW, REASONS, REDUCED, STATE_VIEW, UNDECIDED, Population, Setting

_SECTIONS = state().charges.sections


@dataclass(frozen=True)
class PolicyFigures:
    """What a policy does in a county or in the state.

    decided: shape (4, REASONS), Prop 64 convictions by leftmost section and reason. people: shape (RACES, 5), those
    with Prop 64 convictions, then MEASURES. by_sex, by_age: the same by the population's sexes and by AGE_BANDS;
    None where it was not asked for, or may not be shown.
    """

    decided: Int64s
    people: Int64s
    by_sex: Int64s | None = None
    by_age: Int64s | None = None

    @property
    def outcomes(self) -> Int64s:
        """Convictions dismissed, reduced, and neither, by section. Shape (4, 3)."""
        dismissed = self.decided[:, :REDUCED].sum(axis=1)
        return np.stack([dismissed, self.decided[:, REDUCED], self.decided[:, UNDECIDED]], axis=1)


def count(population: Population, setting: Setting, county: str | None, *, by_who: bool = False) -> PolicyFigures:
    """Return the figures of a county, or of the state. by_who: people by sex and age, too."""
    view = STATE_VIEW if county is None else COUNTY_VIEW
    convictions, people = population.rows(county)
    kinds = convictions.section.astype(np.int16) * len(REASONS) + convictions.reasons(setting)
    decided = np.bincount(kinds[convictions.in_view(view)], minlength=len(_SECTIONS) * len(REASONS))
    counted = [people.in_view(view), *people.measures(setting, view)]

    def by(groups: Int8s, many: int) -> Int64s:
        counts = [np.bincount(groups[rows], minlength=many) for rows in counted]
        return population.weight * np.stack(counts, axis=1).astype(np.int64)

    shown = people.who if by_who else None
    return PolicyFigures(
        population.weight * decided.reshape(len(_SECTIONS), -1).astype(np.int64),
        by(people["race"], len(RACES)),
        None if shown is None else by(shown[0], len(population.sexes)),
        None if shown is None else by(shown[1], len(AGE_BANDS)),
    )


def count_counties(population: Population, setting: Setting) -> Int64s:
    """Return each county's own figures: convictions, dismissed, reduced, people, MEASURES. Shape (counties, 8)."""
    convictions, people = population.convictions, population.people
    reasons = convictions.reasons(setting)
    own = convictions.in_view(COUNTY_VIEW)
    rows = [convictions.county[own & chosen] for chosen in (reasons >= 0, reasons < REDUCED, reasons == REDUCED)]
    rows += [
        people.county[chosen] for chosen in (people.in_view(COUNTY_VIEW), *people.measures(setting, COUNTY_VIEW))
    ]
    assert len(rows) == 4 + len(MEASURES)
    counts = [np.bincount(county, minlength=len(population.counties)) for county in rows]
    return population.weight * np.stack(counts, axis=1).astype(np.int64)
