"""The figures of a run's statewide and county pages, and which of them may be shown."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from clearscale.errors import RunError
from clearscale.outputs.small_counts import SUPPRESS_BELOW
from clearscale.runs.crosstabs import SCOPES
from clearscale.runs.demography import AGE_BANDS, RACES
from clearscale_kernels.arrays import Bools, Int64s

from .hiding import hide
from .relations import Difference, Sum

MEASURES_PUBLISHED = (
    "with_prop64",
    "some_relief",
    "no_felony",
    "no_conviction",
    "no_recent_conviction",
    "people",
    "convictions",
)
"""What a page counts. Where one of two has to be hidden to protect the difference, it is the later."""

_COUNTED_TOGETHER = (
    ("with_prop64", "some_relief"),
    *((first, second) for second in MEASURES_PUBLISHED[2:5] for first in MEASURES_PUBLISHED[:2]),
    *((first, "people") for first in MEASURES_PUBLISHED[:5]),
    ("with_prop64", "convictions"),
)
"""Measures of which one counts whom the other counts too; where one of two figures has to be hidden to keep their
difference, it is the second's."""

_STATE = ("state", "")


@dataclass(frozen=True)
class Publication:
    """What a report may show of a run: every page's figures, the statewide one and all counties' taken together.

    below: counts from 1 up to this, exclusively, are hidden, with what would give them away; None hides nothing.
    """

    below: int | None
    pages: Mapping[tuple[str, str], int]
    columns: Mapping[tuple[str, str], int]
    values: Mapping[str, Int64s]
    hidden: Mapping[str, Bools]

    @classmethod
    def of(cls, tables: Mapping[str, pa.Table], below: int | None = SUPPRESS_BELOW) -> "Publication":
        """Decide what may be shown.

        tables: `people` and `convictions` of a run. below: at least 2, or None for internal use: nothing is hidden.
        """
        if below is not None and below < 2:
            raise RunError(f"counts below {below} cannot be hidden: choose at least 2, such as {SUPPRESS_BELOW}")
        people, convictions = tables["people"], tables["convictions"]
        names = sorted(
            {
                county
                for scope, county in zip(_texts(people, "scope"), _texts(people, "county"), strict=True)
                if scope == SCOPES[0]
            }
        )
        pages = {page: place for place, page in enumerate([_STATE, *((SCOPES[0], name) for name in names)])}
        sexes = sorted({*_texts(people, "sex"), *_texts(convictions, "sex")})
        columns = {("", ""): 0}
        for by, groups in (("race", RACES), ("sex", sexes), ("age", AGE_BANDS)):
            columns |= {(by, group): len(columns) + place for place, group in enumerate(groups)}
        values = _counted(people, convictions, pages, columns)
        hidden = np.zeros(values.shape, np.bool_) if below is None else _hidden(values, columns, below)
        by_measure = (dict(zip(MEASURES_PUBLISHED, figures, strict=True)) for figures in (values, hidden))
        return cls(below, pages, columns, *by_measure)

    def figure(self, scope: str, county: str, measure: str, **by: str) -> int | None:
        """Return a count that may be shown, or None if it is hidden.

        scope: `state` (county is then empty) or `county`. measure: one of MEASURES_PUBLISHED; `convictions` are
        Prop 64 convictions, a county's own, and statewide those of people once. by: at most one of race, sex, age,
        with its group; the total without. Groups and counties that do not occur count 0.
        """
        place = self._place(scope, county, by)
        if measure not in self.values:
            raise RunError(f"'{measure}' is not published; there are {', '.join(MEASURES_PUBLISHED)}")
        if place is None:
            return 0
        return None if self.hidden[measure][place] else int(self.values[measure][place])

    def share(self, scope: str, county: str, measure: str, **by: str) -> float | None:
        """Return a group's share in its page's total, from 0 to 1.

        None if one of the two is hidden, or the total is 0. Both numbers are shown, so the share discloses nothing
        new, however it is rounded.
        """
        part, total = self.figure(scope, county, measure, **by), self.figure(scope, county, measure)
        return None if part is None or not total else part / total

    def may_list_convictions(self, scope: str, county: str) -> bool:
        """Return whether a page may list convictions by section, severity, determination, reason and year.

        Not where a total of convictions, of people with Prop 64 convictions or of people with some relief is
        hidden: the lists add up to the first, and bound the others.
        """
        totals = ("convictions", "with_prop64", "some_relief")
        return all(self.figure(scope, county, measure) is not None for measure in totals)

    @property
    def hidden_count(self) -> int:
        """How many figures of all pages are hidden."""
        return sum(int(hidden.sum()) for hidden in self.hidden.values())

    def _place(self, scope: str, county: str, by: Mapping[str, str]) -> tuple[int, int] | None:
        if scope not in SCOPES or len(by) > 1 or not set(by) <= {"race", "sex", "age"}:
            raise RunError("a figure is of scope 'state' or 'county', and by race, sex or age, or none of them")
        page = self.pages.get((scope, county))
        column = self.columns.get(next(iter(by.items())) if by else ("", ""))
        return None if page is None or column is None else (page, column)


def _texts(table: pa.Table, column: str) -> list[str]:
    return cast(list[str], table.column(column).cast(pa.string()).to_pylist())


def _counted(
    people: pa.Table,
    convictions: pa.Table,
    pages: Mapping[tuple[str, str], int],
    columns: Mapping[tuple[str, str], int],
) -> Int64s:
    """Return every measure's figures, shape (measures, pages, columns)."""
    of_people = [pages[page] for page in zip(_texts(people, "scope"), _texts(people, "county"), strict=True)]
    convictions = convictions.filter(pc.not_equal(convictions.column("section").cast(pa.string()), "related"))
    # Convictions of counties whose extract is not in the store are on no county's page; -1 leaves them out.
    of_counties = [pages.get((SCOPES[0], county), -1) for county in _texts(convictions, "county")]
    of_people_at, of_counties_at = np.array(of_people, np.int64), np.array(of_counties, np.int64)
    once = np.zeros(convictions.num_rows, np.int64)
    return np.stack(
        [
            *(_added(people, name, of_people_at, len(pages), columns) for name in MEASURES_PUBLISHED[:-1]),
            _added(convictions, "convictions", of_counties_at, len(pages), columns)
            + _added(convictions, "convictions_once", once, len(pages), columns),
        ]
    )


def _added(table: pa.Table, name: str, pages: Int64s, size: int, columns: Mapping[tuple[str, str], int]) -> Int64s:
    counts = table.column(name).to_numpy()
    found = np.zeros((size, len(columns)), np.int64)
    kept = pages >= 0
    np.add.at(found[:, 0], pages[kept], counts[kept])
    for by in ("race", "sex", "age"):
        groups = np.array([columns[by, text] for text in _texts(table, by)], np.int64)
        np.add.at(found, (pages[kept], groups[kept]), counts[kept])
    return found


def _hidden(values: Int64s, columns: Mapping[tuple[str, str], int], below: int) -> Bools:
    """Choose the figures to hide. Shapes (measures, pages, columns)."""
    # A page that counts few people in all does not even show which groups are empty.
    few = (values[:, :, :1] > 0) & (values[:, :, :1] < below)
    hidden: Bools = np.broadcast_to(few, values.shape).copy()
    # People first: what is hidden of them stays hidden beside convictions.
    for measures in (len(MEASURES_PUBLISHED) - 1, len(MEASURES_PUBLISHED)):
        hidden[:measures] = _hidden_together(values[:measures], hidden[:measures], columns, below)
    return hidden


def _hidden_together(values: Int64s, hidden: Bools, columns: Mapping[tuple[str, str], int], below: int) -> Bools:
    """Choose the figures of the first measures to hide beside those that are hidden."""
    place = np.arange(values.size).reshape(values.shape)
    pairs = [tuple(MEASURES_PUBLISHED.index(name) for name in pair) for pair in _COUNTED_TOGETHER]
    pairs = [(first, second) for first, second in pairs if second < len(values)]
    for first, second in pairs:
        # Where two count equally many, they count the same people: the figures are one, and hidden together.
        same = (values[first] == values[second]) & (values[second] > 0)
        place[second][same] = place[first][same]
    sums = [_sums(of_measure, columns) for of_measure in place]
    differences = [
        Difference(one, other)
        for first, second in pairs
        if MEASURES_PUBLISHED[second] != "convictions"
        for one, other in zip(sums[first], sums[second], strict=True)
        if one != other
    ]
    already = np.zeros(values.size, np.bool_)
    already[place[hidden]] = True
    once = list(dict.fromkeys(relation for of_measure in sums for relation in of_measure))
    return hide(values.ravel(), once, differences, below, already)[place]


def _sums(place: Int64s, columns: Mapping[tuple[str, str], int]) -> list[Sum]:
    """Return the sums among one measure's figures. place: shape (pages, columns).

    On each page the races, the sexes and the ages add up to the total. The counties are treated as if they added up
    to the state, though people with records in several counties are in each: how many these are may be known.
    """
    sums = []
    for by in ("race", "sex", "age"):
        parts = [column for (name, _), column in columns.items() if name == by]
        sums += [Sum(int(page[0]), tuple(page[parts].tolist())) for page in place]
    return [*sums, *(Sum(int(column[0]), tuple(column[1:].tolist())) for column in place.T)]
