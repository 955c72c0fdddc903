"""Convictions and people in columns, so that any eligibility options can be evaluated for all of them at once.

A row is of one history in one county's extract. The county's view of it relieves the county's own convictions, the
state's those of all counties, on the one history that stands for its person, as `clearscale.runs.tally` has them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from clearscale.dates import add_years
from clearscale.outputs.disclosure import interleaved, microaggregate
from clearscale.policy.caseload import Caseload
from clearscale.policy.county_options import relief_options
from clearscale.runs.crosstabs import Coded
from clearscale.runs.demography import age_bands
from clearscale.runs.tally import MEASURES, RECENT_YEARS
from clearscale.whatif.sweep.histogram import SECTION_BITS, ChargeKinds, OptionBuckets
from clearscale.whatif.sweep.option_family import Grid, reduced
from clearscale_kernels import flag
from clearscale_kernels.arrays import Bools, Int8s, Int32s
from clearscale_kernels.policy.profiles import (
    SETS,
    UNFOLDED,
    CandidatesInView,
    HistoriesInView,
    ProfileTable,
    profile_people,
    profile_words,
    scopes_of,
    unfold,
)

COUNTY_VIEW, STATE_VIEW = 0, 1

_OPTION_WORDS = {
    "under_21": "under 21 at conviction",
    "age": "age",
    "years_since": "years since the conviction",
    "years_crime_free": "years without a conviction",
    "only_prop64": "only Prop 64 convictions",
    "deceased": "deceased",
}

REASONS = (
    "misdemeanor or infraction",
    "all convictions of the section dismissed",
    *(_OPTION_WORDS[option.name] for option in relief_options()),
    "all convictions of the section reduced",
    "no option holds",
)
"""Why a conviction is decided: the first that holds, in the order of the options' rules."""

_MISDEMEANOR, _SECTION_DISMISSED, _FIRST_OPTION = 0, 1, 2
REDUCED, UNDECIDED = len(REASONS) - 2, len(REASONS) - 1
"""Places in REASONS; those before REDUCED dismiss."""

_SWITCHES = tuple(option.name for option in relief_options() if option.is_switch)
_THRESHOLDS = tuple(option.name for option in relief_options() if not option.is_switch)
_CONVICTION = ("own", "canonical", "charge", "felony", *_SWITCHES, *_THRESHOLDS)
_CONVICTION_KINDS = len(_CONVICTION) - len(_THRESHOLDS)
"""How many of these columns are codes and bits; the others are buckets."""

_PERSON, _PERSON_NUMBERS = ("race", "only_prop64", "deceased"), ("age", "years_crime_free")
_VIEW_KINDS = 2 * len(MEASURES) + 5
_VIEW_NUMBERS = len(MEASURES) + UNFOLDED - _VIEW_KINDS
_PERSON_KINDS = len(_PERSON) + 2 * _VIEW_KINDS

_WHO = 2
"""Rows of `PeopleColumns.who`."""

_FEWEST_OF_ANY = 1 + SETS
"""Place in `PeopleColumns.years` of the fewest years since any felony."""

_NEAR_BITS = 5
"""Buckets are below 32."""


@dataclass(frozen=True)
class Setting:
    """One policy of the options: what of each axis survives it. See `clearscale_kernels.policy.prefix_sums`.

    dismiss, reduce: sets of sections as bits. places: of each option's setting on its axis, by the option's name.
    """

    dismiss: int
    reduce: int
    places: Mapping[str, int]

    def __getitem__(self, option: str) -> int:
        return self.places[option]

    @classmethod
    def of(cls, grid: Grid) -> "Setting":
        """Return the setting of a grid of one policy."""
        dismiss, reduce = grid.dismiss[0], reduced(grid.dismiss[0], grid.reduce[0])
        places = {option.name: option.place(grid.axes[option.name][0]) for option in relief_options()}
        return cls(dismiss, reduce, places)


@dataclass(frozen=True)
class ConvictionColumns:
    """Prop 64 convictions. columns: shape (_CONVICTION, n), buckets and bits. county: shape (n,), sorted."""

    columns: Int8s
    county: Int32s

    def __getitem__(self, name: str) -> Int8s:
        column: Int8s = self.columns[_CONVICTION.index(name)]
        return column

    def at(self, rows: slice) -> "ConvictionColumns":
        """Return some of the rows."""
        return ConvictionColumns(self.columns[:, rows], self.county[rows])

    def in_view(self, view: int) -> Bools:
        """Return which rows a view counts."""
        result: Bools = self["own" if view == COUNTY_VIEW else "canonical"] != 0
        return result

    @property
    def section(self) -> Int8s:
        """Place of the leftmost section."""
        return self["charge"] & 3

    def reasons(self, setting: Setting) -> Int8s:
        """Return the place in REASONS of each row's reason."""
        named = self["charge"] >> 2
        result = np.where(named & setting.reduce, np.int8(REDUCED), np.int8(UNDECIDED))
        # From the last rule to the first: what is written last holds.
        for place, option in reversed(list(enumerate(relief_options(), start=_FIRST_OPTION))):
            result[self[option.name] > setting[option.name]] = place
        result[(named & setting.dismiss) != 0] = _SECTION_DISMISSED
        result[self["felony"] == 0] = _MISDEMEANOR
        return result


@dataclass(frozen=True)
class PeopleColumns:
    """People. columns: shape (c, n), codes and bits of the person and of both views, then buckets likewise.

    county: shape (n,), sorted. who: places of sex and age band, shape (2, n), which no policy asks; None where they
    may not be shown.
    """

    columns: Int8s
    county: Int32s
    who: Int8s | None = None

    def __getitem__(self, name: str) -> Int8s:
        place = _PERSON.index(name) if name in _PERSON else _PERSON_KINDS + _PERSON_NUMBERS.index(name)
        column: Int8s = self.columns[place]
        return column

    def at(self, rows: slice) -> "PeopleColumns":
        """Return some of the rows."""
        who = None if self.who is None else self.who[:, rows]
        return PeopleColumns(self.columns[:, rows], self.county[rows], who)

    def kinds(self, view: int) -> Int8s:
        """Return who can be in each of MEASURES, four rows, then codes and bits of `profiles.unfold`."""
        found: Int8s = self.columns[len(_PERSON) + view * _VIEW_KINDS :][:_VIEW_KINDS]
        return found

    def years(self, view: int) -> Int8s:
        """Return buckets of `profiles.unfold`: most years since a felony, then the fewest by switch and set."""
        found: Int8s = self.columns[_PERSON_KINDS + len(_PERSON_NUMBERS) + view * _VIEW_NUMBERS :][:_VIEW_NUMBERS]
        return found

    def in_view(self, view: int) -> Bools:
        """Return which rows a view counts: people with Prop 64 convictions, in whom the first measure may be."""
        result: Bools = self.kinds(view)[0] != 0
        return result

    def measures(self, setting: Setting, view: int) -> Bools:
        """Return who is in each of MEASURES. Shape (4, n)."""
        kinds, years = self.kinds(view), self.years(view)
        eligible, can, named, young = kinds[:4] != 0, kinds[4:8] != 0, kinds[8:12], kinds[12]
        longest, fewest, since = years[0], years[1:], setting["years_since"]
        stays = np.ones(self.county.size, np.bool_)
        for name in (*_PERSON_NUMBERS, *_PERSON[1:]):
            stays &= self[name] <= setting[name]
        decided = setting.dismiss | setting.reduce
        touched = np.zeros(stays.size, np.bool_)
        for bit in range(4):
            if decided >> bit & 1:
                touched |= named[bit] != 0
        felony = fewest[setting["under_21"] * SETS + decided]
        any_felony = fewest[setting["under_21"] * SETS + setting.dismiss]
        left = np.stack(
            [
                ~touched & (young <= setting["under_21"]) & (longest <= since),
                felony <= since,
                any_felony <= since,
                (any_felony <= since) & (any_felony < RECENT_YEARS),
            ]
        )
        result: Bools = eligible & ~(can & left & stays)
        return result


@dataclass(frozen=True)
class Population:
    """A store's Prop 64 convictions and people. weight: how many each row stands for.

    counties: in order. sexes: as records write them, in the order of `PeopleColumns.who`.
    """

    convictions: ConvictionColumns
    people: PeopleColumns
    counties: tuple[str, ...]
    weight: int = 1
    sexes: tuple[str, ...] = ()

    def rows(self, county: str | None) -> tuple[ConvictionColumns, PeopleColumns]:
        """Return a county's rows, or all."""
        if county is None:
            return self.convictions, self.people
        places = self.counties.index(county) + np.arange(2)
        of_convictions = slice(*np.searchsorted(self.convictions.county, places).tolist())
        of_people = slice(*np.searchsorted(self.people.county, places).tolist())
        return self.convictions.at(of_convictions), self.people.at(of_people)

    def microaggregated(self, size: int, setting: Setting) -> "Population":
        """Replace each `size` rows of a county that are most alike, first under a setting, by one row.

        People of different counties are never grouped, and the state counts the same groups as the counties do.
        So all that any setting shows, of any county or of the state, follows from one table of groups.
        """
        convictions, people = [], []
        for place in range(len(self.counties)):
            here, them = self.rows(self.counties[place])
            if len(them.county) < size:
                here = here.at(slice(0))  # many convictions of a few people
            near = [here[name] for name in _CONVICTION[_CONVICTION_KINDS:]]
            keys = [here["own"], here["canonical"], here.section, here.reasons(setting)]
            convictions.append(_groups(here.columns, _CONVICTION_KINDS, keys, near, size))
            views = (COUNTY_VIEW, STATE_VIEW)
            near = [
                *(them[name] for name in _PERSON_NUMBERS),
                *(them.years(view)[_FEWEST_OF_ANY] for view in views),
            ]
            standings = [_packed(them.measures(setting, view)) for view in views]
            keys = [*(them.kinds(view)[0] for view in views), them["race"], *standings]
            people.append(_groups(them.columns, _PERSON_KINDS, keys, near, size))
        return Population(
            ConvictionColumns(*_joined(convictions)),
            PeopleColumns(*_joined(people)),
            self.counties,
            self.weight * size,
        )


def _groups(
    columns: Int8s, kinds: int, alike: Sequence[np.ndarray], near: Sequence[np.ndarray], size: int
) -> Int8s:
    """Group a county's rows: by the keys, then by kind, then by near numbers. Shape (groups, columns)."""
    rows = columns.T
    keys = [*alike, *columns[:kinds], interleaved(near, _NEAR_BITS)]
    return microaggregate(rows[:, :kinds], rows[:, kinds:], keys, size)


def _packed(bits: np.ndarray) -> Int8s:
    """Pack four rows of bits into one number a column."""
    result: Int8s = sum(bits[place].astype(np.int8) << place for place in range(4))
    return result


def _joined(parts: Sequence[Int8s]) -> tuple[Int8s, Int32s]:
    """Return the counties' rows as columns, one county after the other, and the county of each row."""
    county = np.repeat(np.arange(len(parts), dtype=np.int32), [len(part) for part in parts])
    return np.ascontiguousarray(np.concatenate(parts).T), county


def columns_of(
    caseload: Caseload, kinds: ChargeKinds, county_of: Int32s, race: Coded, sex: Coded, as_of: int
) -> tuple[ConvictionColumns, PeopleColumns]:
    """Return the rows of a caseload, by county.

    county_of: shape (extracts,). race, sex: groups. as_of: day number.
    """
    seen = OptionBuckets.of(caseload, as_of)
    own, canonical = caseload.own, caseload.canonical
    county = county_of[caseload.subjects["extract"]]
    named = (caseload.charge & SECTION_BITS).astype(np.int16)
    places = np.flatnonzero((caseload.section >= 0) & (own | canonical))
    columns = np.stack(
        [
            own[places],
            canonical[places],
            named[places] * 4 + caseload.section[places],
            caseload.candidates["flags"][places] & flag.FELONY != 0,
            *(seen[name][places] for name in (*_SWITCHES, *_THRESHOLDS)),
        ]
    ).astype(np.int8)
    convictions = ConvictionColumns(*_by_county(columns, county[caseload.candidates["history"][places]]))
    everyone = np.ones(county.size, np.bool_)
    views = [
        _view(caseload, kinds, seen, counted, chosen, as_of)
        for counted, chosen in ((own, everyone), (canonical, caseload.subjects["canonical"]))
    ]
    of_race = race.at(caseload.subjects["race"]).astype(np.int8)
    only, deceased, age, clear = seen.persons
    kinds_of, years_of = ([view[part] for view in views] for part in (slice(_VIEW_KINDS), slice(_VIEW_KINDS, None)))
    who = np.stack([sex.at(caseload.subjects["sex"]).astype(np.int8), age_bands(caseload, as_of)])
    every = np.concatenate([np.stack([of_race, only, deceased]), *kinds_of, np.stack([age, clear]), *years_of, who])
    kept = np.flatnonzero((views[0][0] | views[1][0]) != 0)
    return convictions, _people(*_by_county(every[:, kept], county[kept]))


def join_columns(
    parts: Sequence[tuple[ConvictionColumns, PeopleColumns]], counties: tuple[str, ...], sexes: tuple[str, ...]
) -> Population:
    """Join the rows of several caseloads."""
    convictions = _by_county(
        np.concatenate([part.columns for part, _ in parts], axis=1),
        np.concatenate([part.county for part, _ in parts]),
    )
    people = _by_county(
        np.concatenate(
            [np.concatenate([part.columns, part.who]) for _, part in parts if part.who is not None], axis=1
        ),
        np.concatenate([part.county for _, part in parts]),
    )
    return Population(ConvictionColumns(*convictions), _people(*people), counties, sexes=sexes)


def _people(columns: Int8s, county: Int32s) -> PeopleColumns:
    """Return people of columns of which the last two say who they are."""
    return PeopleColumns(columns[:-_WHO], county, columns[-_WHO:])


def _by_county(columns: Int8s, county: Int32s) -> tuple[Int8s, Int32s]:
    order = np.argsort(county, kind="stable")
    return np.ascontiguousarray(columns[:, order]), county[order]


def _view(
    caseload: Caseload, kinds: ChargeKinds, seen: OptionBuckets, counted: Bools, chosen: Bools, as_of: int
) -> Int8s:
    """Return the columns of `PeopleColumns.kinds` and `PeopleColumns.years`. Shape (rows, h)."""
    histories = caseload.subjects["extract"].size
    in_scope = caseload.section >= 0
    named = (caseload.charge & SECTION_BITS).astype(np.int16)
    profiles = np.empty((histories, profile_words(kinds.sets.size)), np.int64)
    eligible = np.zeros((histories, len(MEASURES)), np.int64)
    after = add_years(as_of, -RECENT_YEARS)
    people = HistoriesInView(
        bounds=caseload.bounds,
        chosen=chosen,
        scopes=np.arange(histories, dtype=np.int32),  # each history is a scope of its own
        others=caseload.others,
        persons=seen.persons,
    )
    candidates = CandidatesInView(
        counted=counted,
        places=np.where(in_scope, np.searchsorted(kinds.sets, named), -1).astype(np.int8),
        flags=caseload.candidates["flags"],
        under=seen.under_21,
        since=seen["years_since"],
        recent=caseload.candidates["event_date"] > after,
    )
    many = profile_people(people, candidates, after, ProfileTable(profiles, eligible))
    found = profiles[:many]
    open_ = np.empty((UNFOLDED, many), np.int8)
    unfold(found, kinds.sets, open_)
    result = np.zeros((len(MEASURES) + UNFOLDED, histories), np.int8)
    result[: len(MEASURES)] = eligible.T
    result[len(MEASURES) :, scopes_of(found)] = open_
    return result
