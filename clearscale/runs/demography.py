"""How the people of extracts are grouped in tables: race and age band. Unknown is a group like the others."""

import numpy as np

from clearscale.dates import years_behind
from clearscale.policy.caseload import Caseload
from clearscale_kernels import flag
from clearscale_kernels.arrays import Int8s
from clearscale_kernels.people import calendar

UNKNOWN = "UNKNOWN"

RACES = ("BLACK", "HISPANIC", "WHITE", "ASIAN OR PACIFIC ISLANDER", "AMERICAN INDIAN", "OTHER", UNKNOWN)
"""The groups of `RACE_DESCR`, in the order of tables."""

_ASIAN_OR_PACIFIC_ISLANDER = (
    "ASIAN INDIAN",
    "CAMBODIAN",
    "CHINESE",
    "FILIPINO",
    "GUAMANIAN",
    "HAWAIIAN",
    "JAPANESE",
    "KOREAN",
    "LAOTIAN",
    "OTHER ASIAN",
    "PACIFIC ISLANDER",
    "SAMOAN",
    "VIETNAMESE",
)

AGE_BANDS = ("unknown", "under 21", "21-29", "30-39", "40-49", "50-64", "65 and over")
_BAND_STARTS = (21, 30, 40, 50, 65)
_OLDEST = 65


def race_group(description: str) -> str:
    """The group of a `RACE_DESCR`: the groups of the 2019 reports stand for themselves, the Department of Justice's
    descriptions of Asians and Pacific Islanders are one; a blank or unheard-of description is UNKNOWN, not OTHER.
    """
    if description in RACES:
        return description
    return "ASIAN OR PACIFIC ISLANDER" if description in _ASIAN_OR_PACIFIC_ISLANDER else UNKNOWN


def age_bands(caseload: Caseload, as_of: int) -> Int8s:
    """Place in AGE_BANDS of each history's person on the as-of date. Shape (h,)."""
    ages = years_behind(calendar.AGE, caseload.subjects["birth_date"], as_of)
    of_age = np.searchsorted(_BAND_STARTS, np.arange(_OLDEST + 1), side="right").astype(np.int8) + np.int8(1)
    bands: Int8s = of_age[np.clip(ages, 0, _OLDEST)]
    bands[caseload.subjects["flags"] & flag.NO_BIRTH_DATE != 0] = 0
    return bands
