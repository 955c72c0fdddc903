"""What differs between two runs over charges, as a reader sees it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from clearscale.drawing.tables import html_table
from clearscale.errors import RunError
from clearscale.runs.charges.crosstabs import COUNTY, STATE

from .changes import CHANGES, COURT, DECISION, RECORDS, SAME, SIDES, Cell, DiffCounts

_KEYS = tuple(f"{part}_{side}" for side in SIDES for part in DECISION)
CHANGES_TABLE = pa.schema(
    [
        *(pa.field(name, pa.string()) for name in ("scope", "county", "court", "change")),
        *(pa.field(name, pa.int32() if name.startswith("rule") else pa.string()) for name in _KEYS),
        pa.field("charges", pa.int64()),
        pa.field("people", pa.int64()),
    ]
)
"""Charges and people by what became of them; scope: of the state, of a county, or of a court in it."""


@dataclass(frozen=True, repr=False)
class ChargeDiff:
    """What differs between two runs over charges.

    Attributes
    ----------
    info : dict of str to object
        Both runs' inputs, which of them differ, the files that only one has, and the state's charges and people by
        what became of them: the content of `diff.json`.
    changes : pyarrow.Table
        Charges and people (int64) by `scope` (`state`, `county`, `court`), `county`, `court`, `change` and both
        decisions; people once a row.
    """

    info: dict[str, Any]
    changes: pa.Table
    _parts: Callable[[], Iterator[pa.Table]] = field(compare=False)

    def __repr__(self) -> str:
        before, after = (self.info[side]["run"] for side in SIDES)
        return f"ChargeDiff({before!r}, {after!r}, differ={self.info['differ']}, records={self.info['records']})"

    def _repr_html_(self) -> str:
        """How many charges of the state changed how, and of how many people, for a notebook."""
        before, after = (self.info[side]["policy"] for side in SIDES)
        rows = [(change, count, self.info["people"][change]) for change, count in self.info["charges"].items()]
        return html_table(f"Statewide, {before} -> {after}", rows, ("", "charges", "people"))

    def parts(self) -> Iterator[pa.Table]:
        """The charges that are not decided the same, some buckets of the store at a time.

        Yields
        ------
        pyarrow.Table
            A row a charge: `file`, `line`, what it is, `change`, and both decisions.

        Raises
        ------
        RunError
            If a file of a run is damaged or missing.
        StoreError
            If a run's store is not where it was.
        """
        return self._parts()

    @cached_property
    def records(self) -> pa.Table:
        """The charges that are not decided the same, all of them, as `parts` gives them."""
        return pa.concat_tables([RECORDS.empty_table(), *self._parts()]).unify_dictionaries()

    def pairs(self) -> list[dict[str, Any]]:
        """The state's charges by change and both decisions, without those that are the same.

        Returns
        -------
        list of dict
            `change`, `outcome_before`, `rule_before`, `reason_before`, the same after, `charges` and `people`; the
            most charges first.
        """
        state = self.changes.filter(
            pc.and_(
                pc.equal(self.changes.column("scope"), STATE), pc.not_equal(self.changes.column("change"), SAME)
            )
        )
        rows = state.select(["change", *_KEYS, "charges", "people"]).to_pylist()
        return sorted(rows, key=lambda row: (-row["charges"], *(str(row[name]) for name in ("change", *_KEYS))))

    def by(self, name: str) -> dict[str, dict[str, int]]:
        """Charges by what became of them, for each county or court.

        Parameters
        ----------
        name : {"county", "court"}
            What to divide by.

        Returns
        -------
        dict of str to dict of str to int
            Counts by change, for each county, or court and county; those with the most that are not the same come
            first.

        Raises
        ------
        RunError
            For another name.
        """
        if name not in (COUNTY, COURT):
            raise RunError(f"charges are counted by county and by court, not by '{name}'")
        found: dict[str, dict[str, int]] = {}
        for row in self.changes.filter(pc.equal(self.changes.column("scope"), name)).to_pylist():
            county = row["county"] or "(not known)"
            text = county if name == COUNTY else f"{row['court']}, {county}"
            found.setdefault(text, dict.fromkeys(CHANGES, 0))[row["change"]] += row["charges"]
        return dict(sorted(found.items(), key=lambda item: (item[1][SAME] - sum(item[1].values()), item[0])))


def changes_table(counts: DiffCounts) -> pa.Table:
    """Return the counts as `CHANGES_TABLE` says: the state first, then counties, then courts, by their texts."""
    scopes = (STATE, COUNTY, COURT)

    def order(cell: Cell) -> tuple[object, ...]:
        scope, county, court, change, *decisions = cell
        texts = [str(part if part is not None else "") for decision in decisions for part in decision]
        return scopes.index(scope), county or "", court or "", CHANGES.index(change), *texts

    rows = [
        {
            **dict(zip(("scope", "county", "court", "change"), cell[:4], strict=True)),
            **dict(zip(_KEYS, (*cell[4], *cell[5]), strict=True)),
            "charges": counts.charges[cell],
            "people": counts.people[cell],
        }
        for cell in sorted(counts.charges, key=order)
    ]
    return pa.Table.from_pylist(rows, schema=CHANGES_TABLE)
