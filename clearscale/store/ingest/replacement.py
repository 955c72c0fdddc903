"""What a replacement changes: whose records leave a store and whose come, and whether that can be right."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pyarrow as pa
import pyarrow.compute as pc

from clearscale.law import state
from clearscale.law.findings import Finding
from clearscale.store.entry import ExtractEntry
from clearscale.store.opened import Store

from .gate import passed
from .joining import NewExtract
from .settings import Settings
from .subjects import people_in_force


@dataclass(frozen=True)
class Replacement:
    """Extracts of a county that take the place of earlier ones.

    Attributes
    ----------
    county : str
        The county, as records write it.
    leaving, coming : tuple of str
        File names of the extracts.
    records_before, records_after : int
        Records stored of them.
    people_before, people_after : int
        People in them, by number, or by subject where there is none.
    gone, new : int
        People who are only in those that leave, and only in those that come.
    """

    county: str
    leaving: tuple[str, ...]
    coming: tuple[str, ...]
    records_before: int
    records_after: int
    people_before: int
    people_after: int
    gone: int
    new: int

    @property
    def words(self) -> str:
        """What is replaced, in a line.

        Returns
        -------
        str
            Such as `july.csv, 4,100 records -> october.csv, 4,230; 12 people gone, 37 new`.
        """
        before, after = " + ".join(self.leaving), " + ".join(self.coming)
        return (
            f"{before}, {self.records_before:,} records -> {after}, {self.records_after:,}; "
            f"{self.gone:,} people gone, {self.new:,} new"
        )

    def findings(self) -> tuple[Finding, ...]:
        """What is doubtful about it.

        Returns
        -------
        tuple of Finding
            Far fewer records, or few of the people.
        """
        kinds = state().findings
        fewer = max(self.records_before - self.records_after, 0)
        judged = (
            kinds["shrinking-replacement"].judge(fewer, self.records_before, detail=self.words),
            kinds["other-people"].judge(self.gone, self.people_before, detail=self.words),
        )
        return tuple(finding for finding in judged if finding is not None)


def _people_changed(before: pa.Array, after: pa.Array) -> tuple[int, int]:
    """(how many people are only in `before`, how many only in `after`). Both hold each person once."""
    common = pc.sum(pc.is_in(before, value_set=after)).as_py() or 0
    return len(before) - common, len(after) - common


def replacements_by(
    store: Store, replaced: Sequence[ExtractEntry], added: Sequence[NewExtract]
) -> tuple[Replacement, ...]:
    """Compare what leaves a store with what comes, county by county."""
    found = []
    for extract in sorted(added, key=lambda extract: extract.county):
        leaving = [entry for entry in replaced if entry.county == extract.county]
        if leaving:
            before, after = people_in_force(store, leaving), extract.subjects.people()
            found.append(
                Replacement(
                    extract.county,
                    tuple(part.name for entry in leaving for part in entry.parts),
                    tuple(file.name for file in extract.files),
                    sum(entry.stored for entry in leaving),
                    extract.stored,
                    len(before),
                    len(after),
                    *_people_changed(before, after),
                )
            )
    return tuple(found)


def replacing(extract: NewExtract, replacements: Sequence[Replacement], settings: Settings) -> NewExtract:
    """Add what is doubtful about the replacement of the extract's county. Raises ExtractError if it refuses."""
    doubts = [
        finding
        for replacement in replacements
        if replacement.county == extract.county
        for finding in replacement.findings()
    ]
    return replace(extract, findings=(*extract.findings, *passed(extract.entry(0).name, doubts, settings)))
