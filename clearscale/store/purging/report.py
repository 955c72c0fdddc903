"""What a purge or a prune says of itself when it is done."""

from dataclasses import dataclass, field

from .work import Change


@dataclass(frozen=True, repr=False)
class PurgeReport:
    """What was destroyed, in counts.

    Attributes
    ----------
    records : int
        Stored records that were destroyed, each once, however many snapshots had it.
    quarantined : int
        The same of records in quarantine.
    histories : int
        Histories that left the snapshot in force; of a store of charges, people.
    texts : int
        Texts of dictionaries that nobody has any more.
    snapshots : dict of str to str or None
        New names of the snapshots that lost records, and None for those that are gone.
    void : tuple of str
        Snapshots from which nothing that was made may be used any more.
    files : tuple of Change
        Files that were written anew or removed because of what was in them, with their rows before and after.
    leftovers : tuple of str
        Files that no snapshot that stays names: of snapshots that go, and of ingests that were interrupted.
    sources : tuple of str
        File names of the extracts that would bring the records back.
    other_forms : int
        Numbers that may be the ones that were named, written in another form.
    receipt : str
        What opens the digests of the ledger, in hexadecimal; it is kept nowhere. Empty if nothing was destroyed.
    made : tuple of str
        Folders of runs, sweeps and county files that were destroyed, too.
    still_there : tuple of str
        Folders that, by the store's log, were made from what is void, and are still there.
    finished : str
        The command that was interrupted before, and was finished first: `purge`, `prune` or empty.
    charges : bool
        Whether the store holds charges.
    dry_run : bool
        Whether nothing was destroyed, and all this is what would be.
    """

    records: int = 0
    quarantined: int = 0
    histories: int = 0
    texts: int = 0
    snapshots: dict[str, str | None] = field(default_factory=dict)
    void: tuple[str, ...] = ()
    files: tuple[Change, ...] = ()
    leftovers: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    other_forms: int = 0
    receipt: str = ""
    made: tuple[str, ...] = ()
    still_there: tuple[str, ...] = ()
    finished: str = ""
    charges: bool = False
    dry_run: bool = False

    @property
    def nothing(self) -> bool:
        """Whether the store held nothing of what was named.

        Returns
        -------
        bool
            True if no snapshot had any of it.
        """
        return not (self.files or self.snapshots)

    def __repr__(self) -> str:
        figures = ("records", "quarantined", "histories", "texts", "dry_run")
        return f"PurgeReport({', '.join(f'{name}={getattr(self, name)}' for name in figures)})"
