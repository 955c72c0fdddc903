"""What an ingest of charges says of itself when it is done."""

from dataclasses import dataclass

from clearscale.law.findings import Finding


@dataclass(frozen=True, repr=False)
class ChargeReport:
    """What an ingest of charges did.

    Attributes
    ----------
    format : str
        Name of the map by which files were read.
    snapshot : str
        The snapshot in force.
    added : tuple of str
        Names of the files that came in.
    replaced : tuple of str
        Names of the files that they took the place of.
    unchanged : tuple of str
        Names of the files that the store had already.
    records : int
        Records read of the added files.
    stored : int
        Records of them that became charges.
    quarantined : int
        Records of them that were set aside; `records` is the sum of both.
    aside : dict of str to int
        How many of them for what.
    counts : dict of str to int
        What the store holds: `charges`, `cases`, `people`, and `unknown_people`, those without a key.
    findings : dict of str to tuple of Finding
        What is doubtful about each added file, by its name; refusals are those that were accepted, or, of a dry
        run, that would have to be. Under `""` what is doubtful about all files together, those of the store
        among them.
    dry_run : bool
        Whether nothing was stored: what is counted says what would be, and `snapshot` and `counts` are those in
        force, empty if there is no store.
    unusable : int
        Of a dry run, records that would refuse their file since they cannot be used and are not to be set aside.
    left_out : tuple of str
        Names of files in the folders that were given which are no files of records by their names, and were not
        read.
    unseen : bool
        Whether nothing is said of all files together: of a dry run over a store of extracts, whose steps become
        charges only when they are folded.
    """

    format: str
    snapshot: str
    added: tuple[str, ...]
    replaced: tuple[str, ...]
    unchanged: tuple[str, ...]
    records: int
    stored: int
    quarantined: int
    aside: dict[str, int]
    counts: dict[str, int]
    findings: dict[str, tuple[Finding, ...]]
    dry_run: bool = False
    unusable: int = 0
    left_out: tuple[str, ...] = ()
    unseen: bool = False

    @property
    def refused(self) -> bool:
        """Whether a dry run found what would refuse a file.

        Returns
        -------
        bool
            True if some finding refuses and was not accepted, or records cannot be used.
        """
        return self.unusable > 0 or any(finding.refuses for found in self.findings.values() for finding in found)

    def __repr__(self) -> str:
        return (
            f"ChargeReport(format={self.format!r}, snapshot={self.snapshot!r}, added={len(self.added)}, "
            f"records={self.records}, stored={self.stored}, quarantined={self.quarantined})"
        )
