"""How tables group people: by race and age band. Unknown is a group like the others."""

from collections.abc import Mapping

from clearscale.law import state
from clearscale.policy.caseload import Caseload
from clearscale_kernels import flag
from clearscale_kernels.arrays import Int8s

from .ages import AGE_BANDS as AGE_BANDS
from .ages import bands_of

_PEOPLE = state().people

UNKNOWN = _PEOPLE.unknown

RACES = tuple(_PEOPLE.race_groups)
"""The groups of races, in the order of tables."""

race_group, sex_group = _PEOPLE.race_group, _PEOPLE.sex_group

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


def age_bands(caseload: Caseload, as_of: int) -> Int8s:
    """Place in AGE_BANDS of each history's person on the as-of date. Shape (h,)."""
    missing = caseload.subjects["flags"] & flag.NO_BIRTH_DATE != 0
    return bands_of(caseload.subjects["birth_date"], missing, as_of)
