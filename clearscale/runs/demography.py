"""How tables group people: by race and age band. Unknown is a group like the others."""

from collections.abc import Mapping

import numpy as np

from clearscale.dates import years_behind
from clearscale.law import state
from clearscale.policy.caseload import Caseload
from clearscale_kernels import flag
from clearscale_kernels.arrays import Int8s
from clearscale_kernels.people import calendar

_PEOPLE = state().people

UNKNOWN = _PEOPLE.unknown

RACES = tuple(_PEOPLE.race_groups)
"""The groups of races, in the order of tables."""

race_group, sex_group = _PEOPLE.race_group, _PEOPLE.sex_group

AGE_BANDS = ("unknown", "under 21", "21-29", "30-39", "40-49", "50-64", "65 and over")

NEIGHBORS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "race": _PEOPLE.race_neighbors,
    "sex": _PEOPLE.sex_neighbors,
    "age": (
        ("unknown", "65 and over"),
        ("under 21", "21-29"),
        ("21-29", "30-39"),
        ("65 and over", "50-64"),
        ("50-64", "40-49"),
        ("40-49", "30-39"),
        ("30-39", "40-49"),
    ),
}
"""With whom a group of too few people to publish is counted; see `clearscale.law.people.People`."""

_BAND_STARTS = (21, 30, 40, 50, 65)
_OLDEST = 65


def age_bands(caseload: Caseload, as_of: int) -> Int8s:
    """Place in AGE_BANDS of each history's person on the as-of date. Shape (h,)."""
    ages = years_behind(calendar.AGE, caseload.subjects["birth_date"], as_of)
    of_age = np.searchsorted(_BAND_STARTS, np.arange(_OLDEST + 1), side="right").astype(np.int8) + np.int8(1)
    bands: Int8s = of_age[np.clip(ages, 0, _OLDEST)]
    bands[caseload.subjects["flags"] & flag.NO_BIRTH_DATE != 0] = 0
    return bands
