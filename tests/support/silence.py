"""Is a damage told? An undamaged extract, what it comes to, and what becomes of it when it is damaged."""

import shutil
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import clearscale
from clearscale.errors import ExtractError
from clearscale.runs import Run
from clearscale.runs.summary_keys import LINES
from clearscale.store.ingest.ingest import ingest
from clearscale.store.ingest.settings import Settings
from clearscale.synth import fabricate
from clearscale_cluster.places.embedded import EmbeddedCluster

from .damaged import Row, as_csv, rows_of
from .plain_flags import DOUBTS, doubts
from .samples import AS_OF, POLICY, decisions, run_policy

EQUAL, REFUSED, TOLD = "equal", "refused", "told"
"""What may become of a damaged extract: the same figures, nothing, or a finding that names the damage."""

SILENT, MISNAMED = "silent", "misnamed"
"""What must not: other figures without a word, or with another word."""


@dataclass
class Undamaged:
    """An extract without damage, and what a run says of it.

    Parameters
    ----------
    rows
        Its records.
    folder
        For stores, one at a time.
    """

    rows: list[Row]
    folder: Path
    verdicts: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        outcome = self._taken(as_csv(self.rows))
        assert isinstance(outcome, Counter), outcome
        self.findings = outcome
        self._figures = self._decided()

    def verdict(
        self, content: bytes, told_by: Collection[str], name: str = "x.csv", quarantine: bool = False
    ) -> str:
        """What became of the extract as these bytes in a file of that name.

        told_by: findings that name the damage. quarantine: whether bad records are set aside.
        """
        outcome = self._taken(content, name, quarantine)
        if isinstance(outcome, str):
            verdict = REFUSED
        elif new := {name for name, count in outcome.items() if count > self.findings[name]}:
            verdict = TOLD if new & set(told_by) else MISNAMED
            if verdict == MISNAMED and self._decided() == self._figures:
                verdict = EQUAL
        else:
            verdict = EQUAL if self._decided() == self._figures else SILENT
        self.verdicts[verdict] += 1
        return verdict

    def misflagged(self, content: bytes) -> dict[int, tuple[frozenset[str], frozenset[str]]]:
        """Decisions on the extract that was stored last whose doubts are not those of its records, by row.

        content: of the extract. The flags, and those that plain Python finds.
        """
        wanted = doubts(content, self.rows[0]["STP_ORI_CNTY_NAME"], (2020, 7, 1))
        flags = {row["row"]: frozenset(row["flags"].split(";")) & DOUBTS for row in decisions(self._run())}
        # Decisions that neither a county's nor the state's figures count are left out.
        return {row: (found, wanted[row]) for row, found in flags.items() if found != wanted[row]}

    def _run(self) -> Run:
        return run_policy(str(self.folder / "store"), POLICY, AS_OF, str(self.folder / "run"), EmbeddedCluster(1))

    def _taken(self, content: bytes, name: str = "x.csv", quarantine: bool = False) -> Counter[str] | str:
        """The findings, or with what words the extract was refused."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        (self.folder / name).write_bytes(content)
        settings = Settings(county=self.rows[0]["STP_ORI_CNTY_NAME"], quarantine=quarantine, buckets=1)
        try:
            report = ingest([str(self.folder / name)], str(self.folder / "store"), EmbeddedCluster(1), settings)
        except ExtractError as error:
            return str(error)
        return Counter({found.name: found.count for findings in report.findings.values() for found in findings})

    def _decided(self) -> dict[str, Any]:
        """What a run says of the store."""
        run = self._run()
        return {
            "counts": clearscale.open_store(self.folder / "store").manifest.counts,
            "summary": {**run.summary, LINES: 0},
            "counties": {county: {**summary, LINES: 0} for county, summary in run.counties.items()},
            "decisions": decisions(run, without=["extract", "line"]),
        }


def small_extract(folder: Path, seed: int, most: int = 60) -> list[Row]:
    """Records of a fabricated extract: people with few records each, without any damage."""
    fabricate(str(folder), counties=1, people=300, seed=seed)
    (path,) = folder.glob("*.csv")
    of_subject: dict[str, list[Row]] = {}
    for row in rows_of(path):
        of_subject.setdefault(row["SUBJECT_ID"], []).append(row)
    rows: list[Row] = []
    for own in of_subject.values():
        if 2 <= len(own) <= 14 and len(rows) + len(own) <= most:
            key = len({row["SUBJECT_ID"] for row in rows}) + 1
            rows += [{**row, "SUBJECT_ID": f"s{key}", "CII_NUMBER": f"A{key:08}"} for row in own]
    return rows
