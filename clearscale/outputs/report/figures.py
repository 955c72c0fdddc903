"""A run's figures as a page asks for them: sums of its tables, and people only through the publication."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from clearscale.errors import RunError, nearest
from clearscale.outputs.disclosure import DIMENSIONS, Block, PageCounts, Publication
from clearscale.policy import AnyPolicy
from clearscale.policy.model import DISMISSAL, REDUCTION
from clearscale.runs import Run
from clearscale.runs.opened import decisions_of
from clearscale.runs.recorded import policy_of

from .counting import RELATED, conviction_counts, people_counts, year_text

COUNTY, STATE = "county", "state"

_CONVICTIONS = {COUNTY: "convictions", STATE: "convictions_once"}
"""The counts of convictions by scope: as each county would count, and each person's once."""

_FIGURE_FLAG = {COUNTY: "county_figure", STATE: "state_figure"}


@dataclass(frozen=True)
class ReportedRun:
    """A run read for reports.

    below: counts from 1 up to this are hidden, and what they could be computed from; None hides none.
    """

    run: Run
    summary: dict[str, Any]
    counties: dict[str, dict[str, Any]]
    convictions: pa.Table
    people: pa.Table
    below: int | None

    @cached_property
    def policy(self) -> AnyPolicy:
        """The run's policy or policy map."""
        return policy_of(self.run)

    @classmethod
    def of(cls, run: Run, below: int | None) -> "ReportedRun":
        """Read a run's tables. below: hide counts of people under it; None hides nothing."""
        tables = {name: run.table(name) for name in ("convictions", "people")}
        missing = {*_CONVICTIONS.values()} - set(tables["convictions"].column_names)
        if missing:
            raise RunError(
                f"{run.folder.url}: its tables are of an older version and lack {', '.join(sorted(missing))}; "
                "make the run again in a new folder"
            )
        return cls(
            run,
            run.summary,
            run.counties,
            _plain(tables["convictions"]),
            _plain(tables["people"]),
            below,
        )

    @cached_property
    def publication(self) -> Publication:
        """What may be shown, on all pages together."""
        views = [self.of_state(), *map(self.of_county, self.counties)]
        people = people_counts(
            self.people, self.below, {view.county: view.summary for view in views}, self.policy.related
        )
        return Publication.of(people, {view.county: view.counts for view in views}, self.below)

    @cached_property
    def years(self) -> tuple[str, ...]:
        """Every year that has convictions, on any page."""
        return tuple(sorted({*map(year_text, self.convictions.column("year").unique().to_pylist())}))

    @cached_property
    def decisions(self) -> pa.Table:
        """Flags of decisions, with their county and figures."""
        return decisions_of(self.run).select(["county", "flags", *_FIGURE_FLAG.values()])

    def findings(self, county: str) -> list[dict[str, Any]]:
        """What was found in the extracts of a county, or in all of them, as the run has it."""
        found = self.run.info.get("findings", [])
        return [finding for finding in found if not county or finding["county"] == county]

    def of_state(self) -> "PageFigures":
        """Return the figures of the state."""
        return PageFigures(self, STATE, "", self.summary)

    def of_county(self, county: str) -> "PageFigures":
        """Return the figures of a county. Raises RunError if the run has none of that name."""
        if county not in self.counties:
            raise RunError(f"the run has no county '{county}'; {nearest(county, self.counties)}")
        return PageFigures(self, COUNTY, county, self.counties[county])


@dataclass(frozen=True)
class PageFigures:
    """The figures of one page. scope: COUNTY or STATE. county: empty for the state. summary: the run's, of it."""

    source: ReportedRun
    scope: str
    county: str
    summary: dict[str, Any]

    @cached_property
    def _rows(self) -> pa.Table:
        table = self.source.convictions
        column = _CONVICTIONS[self.scope]
        if self.scope == COUNTY:
            table = table.filter(pc.equal(table.column("county"), self.county))
        return table.filter(pc.greater(table.column(column), 0))

    def convictions(self, *keys: str, related: bool = False) -> Counter[Any]:
        """Count Prop 64 convictions by one key or several: county, section, severity, determination, reason, year.

        related: related charges too, where the policy decides them.
        """
        rows = self._rows
        if not related:
            rows = rows.filter(pc.not_equal(rows.column("section"), RELATED))
        return counted(rows, keys, _CONVICTIONS[self.scope])

    @cached_property
    def total(self) -> int:
        """Prop 64 convictions."""
        return sum(self.convictions("section").values())

    @property
    def listable(self) -> bool:
        """Whether the page may divide its convictions; see `Publication.may_list_convictions`."""
        return self.source.publication.may_list_convictions(self.scope, self.county)

    def listed(self, *key: str) -> int | None:
        """Return a count of convictions that the page may show, or None if it is hidden.

        key: see `disclosure.convictions.Key`.
        """
        return self.source.publication.count(self.county, *key)

    @property
    def relief(self) -> tuple[int | None, int | None]:
        """Prop 64 convictions (dismissed, reduced), each None where it is hidden."""
        return self.listed("worth", DISMISSAL), self.listed("worth", REDUCTION)

    @cached_property
    def counts(self) -> PageCounts:
        """Every count of convictions that a page may list; nothing that this returns may be shown."""
        by = ("county", "section", "severity", "determination", "reason", "year")
        source = self.source
        found = self.convictions(*by, related=True)
        return conviction_counts(
            source.policy, self.county, source.run.info["as_of"], source.years, found, self.flags
        )

    @property
    def years(self) -> tuple[Block, ...]:
        """The years as the page counts them: single ones, and some together; the last without a date."""
        return self.source.publication.years(self.county)

    def people(self, measure: str, **by: Block) -> int | None:
        """Return people, or None where the figure is hidden. by: at most one of race, sex, age."""
        return self.source.publication.figure(self.scope, self.county, measure, **by)

    def exact_people(self, measure: str, **by: Block) -> int:
        """Return people as the table has them, for checks; nothing that this returns may be shown."""
        table = self.source.people
        wanted = pc.and_(
            pc.equal(table.column("scope"), self.scope),
            pc.equal(table.column("county"), self.county),
        )
        for key, block in by.items():
            wanted = pc.and_(wanted, pc.is_in(table.column(key), pa.array(block, pa.string())))
        return int(pc.sum(table.filter(wanted).column(measure)).as_py() or 0)

    def groups(self, dimension: str) -> tuple[Block, ...]:
        """Return the groups of race, sex or age as the page counts them: single ones, and some together."""
        assert dimension in DIMENSIONS
        return self.source.publication.blocks(self.scope, self.county, dimension)

    def beside(self, policy: str, measure: str) -> int | None:
        """Return people by a measure of PEOPLE_LEFT under a policy counted beside the run's, or None if hidden.

        policy: its key in the summary.
        """
        return self.source.publication.figure(self.scope, self.county, (measure, policy))

    @cached_property
    def flags(self) -> Counter[str]:
        """Decisions by flag, and under the empty one all of them."""
        decisions = self.source.decisions
        kept = decisions.filter(decisions.column(_FIGURE_FLAG[self.scope]))
        if self.scope == COUNTY:
            kept = kept.filter(pc.equal(kept.column("county").cast(pa.string()), self.county))
        found: Counter[str] = Counter()
        for entry in pc.value_counts(kept.column("flags").cast(pa.string())).to_pylist():
            found[""] += entry["counts"]
            for flag in filter(None, entry["values"].split(";")):
                found[flag] += entry["counts"]
        return found


def counted(table: pa.Table, keys: Sequence[str], column: str) -> Counter[Any]:
    """Sum a column by keys: by the value of one, or by the values of several."""
    grouped = table.select([*keys, column]).group_by(list(keys)).aggregate([(column, "sum")])
    values = [grouped.column(key).to_pylist() for key in keys]
    names = values[0] if len(keys) == 1 else zip(*values, strict=True)
    return Counter(dict(zip(names, grouped.column(f"{column}_sum").to_pylist(), strict=True)))


def _plain(table: pa.Table) -> pa.Table:
    """Replace dictionaries by texts: filters and groups of several parts stumble over dictionaries."""
    for place, field in enumerate(table.schema):
        if pa.types.is_dictionary(field.type):
            table = table.set_column(place, field.name, table.column(place).cast(pa.string()))
    return table
