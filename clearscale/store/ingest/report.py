"""What an ingest says of itself when it is done."""

from dataclasses import dataclass

from clearscale.drawing.tables import html_table
from clearscale.law.findings import Finding

from .replacement import Replacement


@dataclass(frozen=True, repr=False)
class IngestReport:
    """What an ingest did.

    Attributes
    ----------
    snapshot : str
        The snapshot in force.
    added : tuple of str
        File names of the extracts that came in.
    replaced : tuple of str
        File names of the extracts that they took the place of.
    unchanged : tuple of str
        File names of the extracts that the store had already.
    records : int
        Records read of the added extracts, without headers.
    stored : int
        Records of them that were stored.
    quarantined : int
        Records of them that could not be used and were set aside; `records` is the sum of both.
    counts : dict of str to int
        What the store holds: `rows`, `histories`, `people`, `convictions`, `convictions_once` (each person's once)
        and `candidates` (convictions that a policy may decide).
    findings : dict of str to tuple of Finding
        What is doubtful about each added extract, by its file name; refusals are those that were accepted, or, of a
        dry run, that would have to be. Under `""` what is doubtful about people of all extracts together.
    counties : dict of str to str
        The county of each added extract, by its file name.
    replacements : tuple of Replacement
        Whose records left for whose, county by county.
    dry_run : bool
        Whether nothing was stored: `added`, `replaced` and what is counted of records say what would be, and
        `snapshot` and `counts` are those in force, empty if there is no store.
    alone : tuple of str
        File names of long compressed extracts of which a worker decompressed each alone; of other extracts, and of
        zstd files of several frames, all workers read parts.
    left_out : tuple of str
        Names of files in the folders that were given which are no extracts by their names, and were not read.
    """

    snapshot: str
    added: tuple[str, ...]
    replaced: tuple[str, ...]
    unchanged: tuple[str, ...]
    records: int
    stored: int
    quarantined: int
    counts: dict[str, int]
    findings: dict[str, tuple[Finding, ...]]
    counties: dict[str, str]
    replacements: tuple[Replacement, ...]
    dry_run: bool = False
    alone: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()

    @property
    def refused(self) -> bool:
        """Whether a dry run found what would refuse an extract.

        Returns
        -------
        bool
            True if some finding refuses and was not accepted.
        """
        return any(finding.refuses for found in self.findings.values() for finding in found)

    def _repr_html_(self) -> str:
        """The same for a notebook."""
        lists = [(name, len(getattr(self, name))) for name in ("added", "replaced", "unchanged")]
        figures = [(f"records {name}", getattr(self, name)) for name in ("stored", "quarantined")]
        return html_table(f"Ingest, snapshot {self.snapshot}", [*lists, ("records", self.records), *figures])

    def __repr__(self) -> str:
        lists = ("added", "replaced", "unchanged")
        figures = [
            *(f"{name}={len(getattr(self, name))}" for name in lists),
            *(f"{name}={getattr(self, name)}" for name in ("records", "stored", "quarantined")),
        ]
        return f"IngestReport(snapshot={self.snapshot!r}, {', '.join(figures)})"
