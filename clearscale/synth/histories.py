"""Drawing histories: a group's cycles, their charges and steps, and the codes of every record."""

from dataclasses import dataclass

import numpy as np

from clearscale.dates import as_of_day
from clearscale.law import state

from .arrays import Bools, Ints, day_number, pick, urn, within
from .counties import COUNTIES, felony_share, nearest, repeats
from .offenses import FELONY, INFRACTION, MISDEMEANOR, SECTIONS, UNREPORTED, FabricatedOffenses, offenses
from .people import GroupPeople
from .plan import Group
from .record_shapes import SLOTS, Shapes, shapes

_FREE_CYCLES = 12.2  # average number of cycles without a Prop 64 conviction
_SPREAD = 0.45  # the smaller, the more skewed: about a fifth have no other cycle, as the counties' figures suggest
_MOST_CYCLES = 140
_ADULT_DAYS = round(17.5 * 365.25)
_OLD_DAYS = 78 * 365
_FIRST_DAY, _LAST_DAY = day_number(1961), day_number(2019, 7, 1)
_PROP64_DAY = as_of_day(str(state().charges.marked("relief").effective))
_AFTER_PROP64 = 0.4  # share of people whose history goes on after Proposition 64
_REGISTRANTS, _DECEASED = 0.04, 0.05
_STYLE_URN = urn((72, 25, 2.7, 0.3), 1000)
_AT_HOME = urn((82, 10, 5, 3), 100)  # a case in the person's own counties, the nearest, the second, the third
_BY_MISTAKE, _BESIDE = 0.05, 0.3  # share of Prop 64 texts among charges without a conviction: elsewhere, beside one


@dataclass(frozen=True)
class Cycles:
    """Cycles in the order of their records: by person, then date, a death last. One entry a cycle.

    person: int64, in the group; county: int64, code - 1; day: int64, days since 1970-01-01; number: from 1 for each
    person; shape: int64, into the library; offense, level (how it is filed), status (how it was convicted), style
    (how its text is written): int64 [n, SLOTS].
    """

    person: Ints
    county: Ints
    day: Ints
    number: Ints
    shape: Ints
    offense: Ints
    level: Ints
    status: Ints
    style: Ints


@dataclass(frozen=True)
class Steps:
    """Steps in order. cycle: int64; entry: int64, into the library's steps; day: int64, days since 1970-01-01."""

    cycle: Ints
    entry: Ints
    day: Ints


@dataclass(frozen=True)
class History:
    """All records of a group, as codes, with the facts they were made from.

    row_cycle, row_step, row_entry (into the library's records), row_number (from 0 for each person): int64
    [records];
    rows_each: int64 [people], records of each person, in order;
    convictions: int64 [counties of the route, people, SECTIONS, 2], Prop 64 convictions: felonies, then the others.
    """

    people: GroupPeople
    cycles: Cycles
    steps: Steps
    row_cycle: Ints
    row_step: Ints
    row_entry: Ints
    row_number: Ints
    rows_each: Ints
    convictions: Ints


def _places(rng: np.random.Generator, group: Group, cycles: int) -> Ints:
    """County codes - 1 of cases without a Prop 64 conviction."""
    near = [county.code - 1 for county in nearest(group.route[0], list(COUNTIES), 3)]
    own = np.array([county.code - 1 for county in group.route])[rng.integers(0, len(group.route), cycles)]
    where = pick(rng, _AT_HOME, cycles)
    return np.where(where == 0, own, np.array([0, *near])[where])


def _days(rng: np.random.Generator, birth: Ints, person: Ints) -> Ints:
    """Dates of cycles, more of them in younger years: days since 1970-01-01."""
    least = np.maximum(birth + _ADULT_DAYS, _FIRST_DAY)
    limit = np.where(rng.random(len(birth)) < _AFTER_PROP64, _LAST_DAY, _PROP64_DAY)
    span = np.minimum(limit, birth + _OLD_DAYS) - least
    share = rng.beta(1.2, 2.0, len(person))
    return np.asarray(least[person] + (share * span[person]).astype(np.int64))


def _charges(
    rng: np.random.Generator, known: FabricatedOffenses, convicted: Bools, prop64: Ints, county: Ints
) -> tuple[Ints, Ints, Ints]:
    """Offense, level and status of every charge: int64 [cycles, SLOTS]; the first `prop64` are of Prop 64."""
    size = convicted.shape
    ours = np.arange(SLOTS) < prop64[:, None]
    offense = np.where(prop64[:, None] > 0, pick(rng, known.beside_prop64, size), pick(rng, known.general, size))
    stray = ~convicted & (rng.random(size) < np.where(prop64 > 0, _BESIDE, _BY_MISTAKE)[:, None])
    offense = np.where(stray, pick(rng, known.prop64_felony, size), offense)
    shares = np.array([felony_share(place) for place in COUNTIES])[county]
    chance = np.where(ours, shares[:, None], known.felony_odds[offense])
    felony = rng.random(size) < chance
    chosen = np.where(felony, pick(rng, known.prop64_felony, size), pick(rng, known.prop64_other, size))
    offense = np.where(ours, chosen, offense)
    lesser = np.where(known.infraction[offense] | (rng.random(size) < 0.04), INFRACTION, MISDEMEANOR)
    status = np.where(felony, FELONY, lesser)
    level = status.copy()
    odd = rng.random(size)
    level[odd < 0.05] = FELONY
    level[odd < 0.02] = UNREPORTED
    unsaid = odd > 0.98  # no CONV_STAT_DESCR: then the level as filed decides
    level[unsaid] = status[unsaid]
    status[unsaid] = UNREPORTED
    return offense, level, status


def _cycles(rng: np.random.Generator, group: Group, people: GroupPeople) -> tuple[Cycles, Ints]:
    """All cycles of a group, and how many of each one's first charges are Prop 64 convictions."""
    library, known, n = shapes(), offenses(), len(people)
    persons, counties, counts = [], [], []
    for county in group.route:
        further = np.minimum(rng.poisson(repeats(county), n), 4)
        together = (further > 0) & (rng.random(n) < 0.4)
        separate = 1 + further - together
        persons.append(np.repeat(np.arange(n), separate))
        counties.append(np.full(len(persons[-1]), county.code - 1))
        counts.append(1 + (together.repeat(separate) & (within(separate) == 0)))
    free = np.minimum(rng.negative_binomial(_SPREAD, _SPREAD / (_SPREAD + _FREE_CYCLES), n), _MOST_CYCLES)
    (dead,) = np.nonzero(rng.random(n) < _DECEASED)
    persons += [np.repeat(np.arange(n), free), dead]
    counties.append(_places(rng, group, len(persons[-2]) + len(dead)))
    person, county_code = np.concatenate(persons), np.concatenate(counties)
    prop64 = np.concatenate([*counts, np.zeros(len(counties[-1]), dtype=np.int64)])
    day = _days(rng, people.birth, person)
    last = np.arange(len(person)) >= len(person) - len(dead)
    shape = _shapes(rng, library, prop64, rng.random(n)[person] < _REGISTRANTS)
    shape[last] = library.deceased

    order = np.lexsort((day, last, person))
    person, county_code, prop64 = person[order], county_code[order], prop64[order]
    day, shape, last = day[order], shape[order], last[order]
    (ends,) = np.nonzero(last)
    day[ends] = day[np.maximum(ends - 1, 0)] + rng.integers(30, 3000, len(ends))
    offense, level, status = _charges(rng, known, library.convicted[shape], prop64, county_code)
    registered = shape == library.registration
    sex = rng.random(int(registered.sum())) < 0.5
    offense[registered, 0] = np.where(
        sex, pick(rng, known.sex_registrations, len(sex)), pick(rng, known.registrations, len(sex))
    )
    number = 1 + within(np.bincount(person, minlength=n))
    style = pick(rng, _STYLE_URN, offense.shape)
    return Cycles(person, county_code, day, number, shape, offense, level, status, style), prop64


def _shapes(rng: np.random.Generator, library: Shapes, prop64: Ints, registrant: Bools) -> Ints:
    n = len(prop64)
    shape = np.select(
        [prop64 == 1, prop64 == 2],
        [pick(rng, library.convicting, n), pick(rng, library.convicting_two, n)],
        pick(rng, library.ordinary, n),
    )
    registers = rng.random(n) < np.where(registrant, 0.3, 0.001)
    return np.where(registers & (prop64 == 0), library.registration, shape)


def _steps(rng: np.random.Generator, library: Shapes, cycles: Cycles) -> Steps:
    counts = library.steps[cycles.shape]
    cycle = np.repeat(np.arange(len(counts)), counts)
    entry = library.first_step[cycles.shape][cycle] + within(counts)
    least = library.least_lag[entry]
    lag = least + (rng.random(len(entry)) * (library.greatest_lag[entry] - least + 1)).astype(np.int64)
    return Steps(cycle, entry, cycles.day[cycle] + lag)


def draw_history(rng: np.random.Generator, group: Group, people: GroupPeople) -> History:
    """Draw the histories of a group's people from its random stream."""
    library = shapes()
    cycles, prop64 = _cycles(rng, group, people)
    steps = _steps(rng, library, cycles)
    counts = library.records[cycles.shape]
    row_cycle = np.repeat(np.arange(len(counts)), counts)
    row_entry = library.first_record[cycles.shape][row_cycle] + within(counts)
    first_step = np.cumsum(library.steps[cycles.shape]) - library.steps[cycles.shape]
    rows_each = np.bincount(cycles.person, weights=counts, minlength=len(people)).astype(np.int64)
    return History(
        people,
        cycles,
        steps,
        row_cycle,
        first_step[row_cycle] + library.step[row_entry],
        row_entry,
        within(rows_each),
        rows_each,
        _convictions(group, cycles, prop64),
    )


def _convictions(group: Group, cycles: Cycles, prop64: Ints) -> Ints:
    """Count Prop 64 convictions as in `History`. `prop64`: how many of each cycle's first charges are such."""
    cycle, slot = np.nonzero(np.arange(SLOTS) < prop64[:, None])
    place = np.zeros(len(COUNTIES), dtype=np.int64)
    place[[county.code - 1 for county in group.route]] = np.arange(len(group.route))
    section = offenses().section[cycles.offense[cycle, slot]]
    status, level = cycles.status[cycle, slot], cycles.level[cycle, slot]
    felony = (status == FELONY) | ((status == UNREPORTED) & (level == FELONY))
    shape = (len(group.route), group.people, len(SECTIONS), 2)
    cell = np.ravel_multi_index((place[cycles.county[cycle]], cycles.person[cycle], section, 1 - felony), shape)
    return np.bincount(cell, minlength=int(np.prod(shape))).reshape(shape)
