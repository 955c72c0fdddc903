"""Drawing people: who they are, and the columns of a record that say so."""

from dataclasses import dataclass
from functools import cache

import numpy as np

from clearscale.law import state
from clearscale.law.counties import County

from .arrays import (
    Bools,
    Ints,
    Texts,
    date_codes,
    dates,
    day_number,
    fields,
    numbers,
    pick,
    quoted,
    spoil,
    texts,
    urn,
)
from .counties import race_shares
from .names import draw_names
from .plan import Group

_CII_STEP, _CII_START, _CII_COUNT = 7_368_787_409, 1_029_384_757, 10**10  # a bijection of 10-digit numbers
_BIRTH_YEARS = (1938, 1996)
_UNKNOWN_BIRTH = 0.006

RACES = tuple(race.text for race in state().people.races)


@dataclass(frozen=True)
class GroupPeople:
    """A group's people.

    race: int64 [n], into RACES; sex: int64 [n], into SEXES; birth: int64 [n], days since 1970-01-01;
    birth_known: bool [n];
    status, columns: the texts around SUBJECT_ID, object [n] (see `prefixes`).
    """

    race: Ints
    sex: Ints
    birth: Ints
    birth_known: Bools
    status: Texts
    columns: Texts

    def __len__(self) -> int:
        return len(self.race)

    def prefixes(self, subject_ids: Ints) -> Texts:
        """SUBJECT_STATUS .. CYC_SEG_SEP, with a comma on either side: object [n] of byte strings."""
        parts = zip(self.status.tolist(), subject_ids.tolist(), self.columns.tolist(), strict=True)
        return texts(b"%b%d%b" % part for part in parts)


@cache
def _race_urn(county: County) -> Ints:
    shares, alone = race_shares(county), state().counties.race_shares_of
    # Groups without a share of their own share the last one.
    drawn = [
        (alone.index(race.group) if race.group in alone else len(alone), race.weight)
        for race in state().people.races
    ]
    totals = [sum(weight for group, weight in drawn if group == i) for i in range(len(shares))]
    return urn([shares[group] * weight / totals[group] for group, weight in drawn])


_STATUSES = texts((b",ACTIVE,", b",INACTIVE,", b",ACTIVE    ,", b",,"))
# REQ_SEG_SEP .. PII_SEG_SEP are blank in one way or another: nobody was asked for by name.
_ASKED = texts(b"," + fields(*[blank] * 8) for blank in ("", "     ", "  -  "))
SEXES = ("M", "F", "U")
_GENDERS = texts(sex.encode() for sex in SEXES)
_RACE_FIELDS = texts(b"%b,%b" % (race.code.encode(), race.text.encode()) for race in state().people.races)
_EYES = texts(
    fields(code, name)[:-1]
    for code, name in (
        ("BRO", "BROWN"),
        ("BLU", "BLUE"),
        ("HAZ", "HAZEL"),
        ("GRN", "GREEN"),
        ("BLK", "BLACK"),
        ("", ""),
    )
)
_HAIRS = texts(
    fields(code, name)[:-1]
    for code, name in (
        ("BLK", "BLACK"),
        ("BRO", "BROWN"),
        ("BLN", "BLOND"),
        ("RED", "RED"),
        ("GRY", "GRAY"),
        ("BAL", "BALD"),
    )
)
_HEIGHTS = texts([*(b"%d%02d" % divmod(inches, 12) for inches in range(58, 79)), b""])
_YES_NO = texts((b"Y", b"N", b""))
_BIRTHPLACES = texts(
    fields(*place)[:-1]
    for place in (
        ("CA", "CALIFORNIA", "S"),
        ("MM", "MEXICO", "C"),
        ("TX", "TEXAS", "S"),
        ("NY", "NEW YORK", "S"),
        ("LA", "LOUISIANA     ", "S"),
        ("ES", "EL SALVADOR", "C"),
        ("VM", "VIET NAM, SOUTH", "C"),
        ("PI", "PHILIPPINES", "C"),
        ("YY", "UNKNOWN", ""),
    )
)
_CITIZENSHIPS = texts(map(quoted, ("US", "", "MM", "US,MM", "ES", "UNKNOWN")))


def _numbered(rng: np.random.Generator, people: int, form: bytes, digits: int, share: float) -> Texts:
    """Invented numbers in the given form for a share of people, the others have none."""
    number = rng.integers(0, 10**digits, people)
    has = rng.random(people) < share
    return texts(form % n if some else b"" for n, some in zip(number.tolist(), has.tolist(), strict=True))


def draw_people(rng: np.random.Generator, group: Group) -> GroupPeople:
    """Draws a group's people from its random stream. CII_NUMBERs are unique in the state."""
    n = group.people
    serial = np.arange(group.first, group.first + n)
    cii = (serial * _CII_STEP + _CII_START + group.seed % _CII_COUNT) % _CII_COUNT
    race = pick(rng, _race_urn(group.route[0]), n)
    first_day, last_day = (day_number(year) for year in _BIRTH_YEARS)
    birth = first_day + (rng.beta(2.4, 2.0, n) * (last_day - first_day)).astype(np.int64)
    exact = date_codes(birth)
    birth_code = spoil(rng, exact, _UNKNOWN_BIRTH)
    asked, names = rng.integers(0, len(_ASKED), n), draw_names(rng, n)
    sex = pick(rng, urn((850, 147, 3), 1000), n)
    columns = (
        _ASKED[asked],
        texts(b"%010d" % number for number in cii.tolist()),
        names,
        _GENDERS[sex],
        dates()[birth_code],
        _numbered(rng, n, b"000%06d", 6, 0.7),
        _numbered(rng, n, b"Z%07d", 7, 0.6),
        _numbered(rng, n, b"I%08d", 8, 0.1),
        _numbered(rng, n, b"A%08d", 8, 0.06),
        _numbered(rng, n, b"%06dXZ9", 6, 0.9),
        texts([b""] * n),  # PDR_SEG_SEP
        _RACE_FIELDS[race],
        _EYES[pick(rng, urn((70, 10, 8, 6, 4, 2), 100), n)],
        _HAIRS[pick(rng, urn((50, 32, 8, 3, 4, 3), 100), n)],
        _HEIGHTS[np.clip(rng.normal(11, 3, n).astype(np.int64), 0, len(_HEIGHTS) - 1)],
        numbers(90, 320)[np.clip(rng.normal(85, 30, n).astype(np.int64), 0, 230)],
        _YES_NO[pick(rng, urn((70, 20, 10), 100), n)],
        _YES_NO[pick(rng, urn((25, 65, 10), 100), n)],
        _BIRTHPLACES[pick(rng, urn((60, 14, 5, 3, 4, 4, 2, 3, 5), 100), n)],
        _CITIZENSHIPS[pick(rng, urn((70, 10, 10, 4, 3, 3), 100), n)],
    )
    joined = zip(*(column.tolist() for column in columns), strict=True)
    return GroupPeople(
        race=race,
        sex=sex,
        birth=birth,
        birth_known=birth_code == exact,
        status=_STATUSES[pick(rng, urn((80, 10, 6, 4), 100), n)],
        columns=texts(blank + b",".join(person) + b",," for blank, *person in joined),
    )
