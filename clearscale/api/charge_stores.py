"""Files of charges into a store."""

import contextlib
from collections.abc import Iterable
from dataclasses import replace

from clearscale.formats import load_map
from clearscale.io.files import Folder
from clearscale.io.folders import Named, named_files
from clearscale.io.paths import StrPath, path_text, path_texts
from clearscale.io.spool import readable
from clearscale.linking.people import open_people
from clearscale.store.charge_ingest.ingest import ingest_charges as ingest_files
from clearscale.store.charge_ingest.report import ChargeReport
from clearscale.store.charge_manifest import read_charge_snapshot
from clearscale.store.ingest.settings import BUCKETS, Settings
from clearscale.store.logged import logged
from clearscale_cluster import ProgressCallback

from .arguments import list_of_names, whole_number
from .clusters import Place
from .clusters import opened as opened_cluster


def ingest_charges(
    files: StrPath | Iterable[StrPath],
    store: StrPath,
    format_name: StrPath,
    *,
    on_bad_record: str = "refuse",
    accept: Iterable[str] = (),
    dry_run: bool = False,
    add: bool = False,
    buckets: int | None = None,
    people: StrPath | None = None,
    with_doubtful: bool = False,
    cluster: Place | None = None,
    progress: ProgressCallback | None = None,
) -> ChargeReport:
    """Take files of one row a charge into a store of charges and put a new snapshot in force.

    All files of a store are read by one column map. A file that the store has already, by checksum, changes
    nothing; another one of the same name takes its place, and files of other names come beside. The store serves
    its last snapshot until the new one is whole, and the same call after an interruption takes up where it stopped.

    Parameters
    ----------
    files : str, os.PathLike, or iterable of these
        One or several paths, URLs, patterns with `*` or folders, plain or compressed, text or Parquet; chunks of
        one file of which only the first has a header in their order. With the format of a state's own extracts, a
        store of extracts in place of files.
    store : str or os.PathLike
        Path or URL of the store; made if it is not there.
    format_name : str or os.PathLike
        Name of a format, or path or URL of a column map (a file that ends in `.toml`).
    on_bad_record : {"refuse", "quarantine"}, default "refuse"
        What becomes of a file with records that cannot be used: it is refused, or they are set aside and the others
        are stored. Rows that the map says are no charges are set aside in either case.
    accept : iterable of str, optional
        Names of findings that would refuse a file and that a person has looked at; the manifest keeps them.
    dry_run : bool, default False
        Read everything and say what would be done, with all that is doubtful in each file, and write nothing.
    add : bool, default False
        Have files beside those of the same names that the store has, instead of replacing them.
    buckets : int, optional
        Buckets of a new store, 1 to 4096; otherwise a power of two from 4 up, with about a million charges a
        bucket. A store keeps its number.
    people : str or os.PathLike, optional
        Folder, path or URL, with the people of these files, as `clearscale formats link` wrote it, for a map
        without `charge.person`. Workers read it, too. A store has the people of one table.
    with_doubtful : bool, default False
        Whether doubtful pairs are one person each, too.
    cluster : Cluster, str, os.PathLike, distributed.Client or a Dask cluster, optional
        Where to work, as for `ingest`.
    progress : callable, optional
        Called with (done, total, label) in the caller's thread.

    Returns
    -------
    ChargeReport
        What was done.

    Raises
    ------
    ExtractError
        If there is no such format, a file cannot be read by it, holds records that cannot be used, or is doubtful
        beyond its limits.
    ClearscaleError
        If a finding to accept is not known.
    StoreError
        If the store holds extracts, or charges that were read by another map, or another ingest finished meanwhile.
    StorageError
        If an object storage refuses, or cannot be reached.
    ClusterError
        If the cluster cannot be had, or was lost.
    ValueError
        If `on_bad_record` is another word.

    Examples
    --------
    >>> import clearscale
    >>> report = clearscale.ingest_charges("charges/il-cook-clerk.csv", "charge-store", "il-cook-clerk")
    >>> report.records == report.stored + report.quarantined
    True
    >>> store = clearscale.open_charges("charge-store")
    >>> sum(store.tables(bucket).rows for bucket in range(store.buckets)) == report.counts["charges"]
    True
    """
    if on_bad_record not in ("refuse", "quarantine"):
        raise ValueError(f"on_bad_record is 'refuse' or 'quarantine', not {on_bad_record!r}")
    stated, url = load_map(path_text(format_name, "format_name")), path_text(store, "store")
    settings = Settings(
        quarantine=on_bad_record == "quarantine",
        accept=list_of_names(accept, "accept"),
        dry_run=dry_run,
        add=add,
        buckets=None if buckets is None else whole_number(buckets, "buckets", BUCKETS),
    )
    known = open_people(path_text(people, "people"), with_doubtful) if people is not None else None
    given = path_texts(files, "files")
    named = Named(tuple(given)) if stated.document.get("extract") else named_files(given)
    with (
        contextlib.nullcontext(given) if stated.document.get("extract") else readable(named.files) as there,
        opened_cluster(cluster) as opened,
        opened.recorded("ingest") as work,
    ):
        report = ingest_files(there, url, stated, opened, settings, progress, known)
    if not dry_run:
        _logged(Folder.rooted(url), report, work.document())
    return replace(report, left_out=named.left_out) if named.left_out else report


def _logged(store: Folder, report: ChargeReport, work: object) -> None:
    """Tell the store's log what came in, what was accepted by name, and how the work went."""
    manifest = read_charge_snapshot(store, report.snapshot)
    accepted = {finding.name for found in report.findings.values() for finding in found if finding.accepted}
    logged(
        store,
        "ingest",
        snapshot=report.snapshot,
        how=report.format,
        digests={file.name: file.digest for file in manifest.read if file.added == manifest.sequence}
        if report.added
        else {},
        unchanged=len(report.unchanged),
        replaced=len(report.replaced),
        records=report.stored,
        quarantined=report.quarantined,
        accepted=sorted(accepted),
        work=work,
    )
