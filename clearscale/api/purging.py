"""Records that are destroyed, and what need not be kept."""

from collections.abc import Iterable
from dataclasses import replace

from clearscale.io.files import Folder
from clearscale.io.paths import StrPath, path_text, path_texts
from clearscale.runs.resident import forget
from clearscale.store.logged import logged
from clearscale.store.purging.keeping import Keeping
from clearscale.store.purging.prune import prune as prune_store
from clearscale.store.purging.purge import purge as purge_store
from clearscale.store.purging.report import PurgeReport
from clearscale.store.purging.wanted import Wanted

from .made import destroyed, made_at, still_there


def purge(
    store: StrPath,
    *,
    subject: str | Iterable[str] = (),
    cii: str | Iterable[str] = (),
    extract: str | None = None,
    snapshot: str | None = None,
    quarantine: bool = False,
    person: str | Iterable[str] = (),
    file: str | None = None,
    made: StrPath | Iterable[StrPath] = (),
    dry_run: bool = False,
) -> PurgeReport:
    """Destroy records in every file of a store that holds them: all snapshots, quarantine, what was left behind.

    What remains is what an ingest of the extracts without these records gives. It is done all at once: until the
    last file is prepared, nothing changes; after that nobody reads the store until all is done, and the same call
    finishes what was interrupted. The ledger of the store, `purged.json`, keeps counts and nobody's values. What
    was made from a snapshot that lost records is void, and opening it says so.

    Parameters
    ----------
    store : str or os.PathLike
        Path or URL of the store.
    subject : str or iterable of str, optional
        SUBJECT_IDs, as records have them: all of a subject's records, of one extract.
    cii : str or iterable of str, optional
        CII_NUMBERs: all records of every subject with a record that has one, in all extracts.
    extract : str, optional
        Id or file name of an extract: all of it, in all snapshots; with `subject`, the extract that it is of.
    snapshot : str, optional
        Name of a snapshot that is not in force.
    quarantine : bool, default False
        All records in quarantine.
    person : str or iterable of str, optional
        Of a store of charges, keys of people as its files have them: all charges of each. A key of another column
        than the map's first is named with it, `COLUMN:KEY`, where the first has the same one.
    file : str, optional
        Of a store of charges, id or name of a file: all of it, in all snapshots.
    made : str, os.PathLike, or iterable of these, optional
        Folders of runs, sweeps, comparisons and county files that were made from what is destroyed, and are
        destroyed, too.
    dry_run : bool, default False
        Say what would be destroyed, and destroy nothing.

    Returns
    -------
    PurgeReport
        What was destroyed, in counts.

    Raises
    ------
    StoreError
        If there is no store, it is damaged, an ingest is at work on it, a subject may be several people, or what
        was named is all that is in force.
    RunError
        If a folder of `made` holds something else, or was made from what lost nothing.
    ClearscaleError
        If nothing is named, several things at once, or what only the other kind of store has.
    StorageError
        If an object storage refuses, or cannot be reached.

    Examples
    --------
    >>> import clearscale
    >>> report = clearscale.purge("store", quarantine=True, dry_run=True)
    >>> report.quarantined
    0
    """
    wanted = Wanted.of(
        _several(subject), _several(cii), extract, snapshot, quarantine, keys=_several(person), file=file
    )
    results = made_at(path_texts(made, "made"))
    report = purge_store(path_text(store, "store"), wanted, dry_run=dry_run)
    if dry_run:
        return report
    forget()  # what this process has read of records that are gone
    _logged(path_text(store, "store"), "purge", report, wanted.what)
    gone = destroyed(results)
    return replace(report, made=gone, still_there=still_there(Folder.rooted(path_text(store, "store"))))


def _logged(store: str, command: str, report: PurgeReport, what: str = "") -> None:
    """Tell the store's log that records were destroyed: how many, and never whose."""
    logged(
        store,
        command,
        what=what,
        records=report.records,
        quarantined=report.quarantined,
        snapshots=report.snapshots,
        nothing_left=report.nothing or None,
    )


def _several(names: str | Iterable[str]) -> Iterable[str]:
    return [names] if isinstance(names, str) else names


def prune(
    store: StrPath,
    *,
    keep: int | None = None,
    quarantine_days: int | None = None,
    save: bool = False,
    dry_run: bool = False,
) -> PurgeReport:
    """Remove what a store need not keep any longer: earlier snapshots and what only they have, and old quarantine.

    Texts that only records of those snapshots had leave the dictionaries of the others. Runs from a snapshot that
    stays are not touched.

    Parameters
    ----------
    store : str or os.PathLike
        Path or URL of the store.
    keep : int, optional
        How many of the newest snapshots stay.
    quarantine_days : int, optional
        For how many days quarantine stays, from when its files were written.
    save : bool, default False
        Make this the store's setting.
    dry_run : bool, default False
        Say what would be removed, and remove nothing.

    Returns
    -------
    PurgeReport
        What was removed, in counts.

    Raises
    ------
    StoreError
        If there is no store, it is damaged, or an ingest is at work on it.
    ClearscaleError
        If neither the call nor the store says how long anything is kept.
    StorageError
        If an object storage refuses, or cannot be reached.

    Examples
    --------
    >>> import clearscale
    >>> clearscale.prune("store", keep=3, dry_run=True).snapshots
    {}
    """
    given = keep is not None or quarantine_days is not None
    keeping = Keeping(keep, quarantine_days) if given else None
    report = prune_store(path_text(store, "store"), keeping, save=save, dry_run=dry_run)
    if not dry_run:
        forget()
        _logged(path_text(store, "store"), "prune", report)
    return report
