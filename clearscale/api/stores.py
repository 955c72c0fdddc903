"""Extracts into a store."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from clearscale.io.encryption import ENCRYPTION
from clearscale.io.expected import expecting
from clearscale.io.far import both
from clearscale.io.files import Folder
from clearscale.io.folders import named_files
from clearscale.io.paths import StrPath, path_text, path_texts
from clearscale.io.spool import readable
from clearscale.store.ingest.ingest import ingest as ingest_extracts
from clearscale.store.ingest.report import IngestReport
from clearscale.store.ingest.settings import BUCKETS, Settings
from clearscale.store.ingest.statewide import ingest_statewide
from clearscale.store.layout import MANIFEST, snapshot_path
from clearscale.store.logged import end_of_log, logged
from clearscale.store.manifest import read_snapshot
from clearscale_cluster import ProgressCallback

from .arguments import list_of_names, whole_number
from .clusters import Place
from .clusters import opened as opened_cluster


def ingest(
    extracts: StrPath | Iterable[StrPath],
    store: StrPath,
    *,
    county: str | Mapping[str, str] | None = None,
    on_bad_record: str = "refuse",
    accept: Iterable[str] = (),
    dry_run: bool = False,
    add: bool = False,
    statewide: bool = False,
    buckets: int | None = None,
    cluster: Place | None = None,
    progress: ProgressCallback | None = None,
) -> IngestReport:
    """Take extracts into a store and put a new snapshot in force.

    Files of one county are parts of one extract: a subject's records are joined over them, and a record that two of
    them have counts once. The extract replaces the county's earlier one. A file that the store has already, by
    checksum, changes nothing by itself. The store serves its last snapshot until the new one is whole, and the same
    call after an interruption takes up where it stopped.

    Parameters
    ----------
    extracts : str, os.PathLike, or iterable of these
        One or several paths, URLs, patterns with `*`, or folders, of which the files are taken that are extracts by
        their names (a URL of a folder ends with `/`). Names that end in `.gz`, `.zst` or another known ending are
        decompressed. A pipe, or `-` for standard input, is read once, into a private file that is removed again.
    store : str or os.PathLike
        Path or URL of the store; made if it is not there.
    county : str or mapping of str to str, optional
        The county of all these extracts, in any case, or counties by file name. An extract without one tells by its
        subjects: it is of the county in which each of them has a Prop 64 conviction.
    on_bad_record : {"refuse", "quarantine"}, default "refuse"
        What becomes of an extract with records that cannot be used: it is refused, or they are set aside and the
        others are stored.
    accept : iterable of str, optional
        Names of findings that would refuse an extract and that a person has looked at; the manifest keeps them.
    dry_run : bool, default False
        Read everything and say what would be done, with all that is doubtful, and write nothing.
    add : bool, default False
        Add the files to the extracts that the store has of their counties, as further parts, instead of replacing
        them.
    statewide : bool, default False
        These files, together, are a state's own extract: each county gets everyone in it who has a Prop 64
        conviction there, as if that were its own extract. Records that no county gets are quarantined.
    buckets : int, optional
        Buckets of a new store, 1 to 4096; otherwise a power of two from 4 up, with about a million rows a bucket. A
        store keeps its number.
    cluster : Cluster, str, os.PathLike, distributed.Client or a Dask cluster, optional
        Where to work: a specification such as `threads:2` or `local:4`, an open cluster, or a client or cluster of
        Dask's; None for threads of this process, unless Dask is told of a scheduler. See
        `clearscale_cluster.open_cluster`.
    progress : callable, optional
        Called with (done, total, label) in the caller's thread; `clearscale_cluster.TerminalProgress()` in a `with`
        statement is what the commands use.

    Returns
    -------
    IngestReport
        What was done.

    Raises
    ------
    ExtractError
        If an extract cannot be read, holds records that cannot be used, is doubtful
        beyond the limits of its format, or does not tell which county it is of.
    ClearscaleError
        If a county is none of the state's, or a finding to accept is not known.
    StoreError
        If the store is of another format, or another ingest finished meanwhile.
    StorageError
        If an object storage refuses, or cannot be reached.
    ClusterError
        If the cluster cannot be had, or was lost.
    ValueError
        If `on_bad_record` is another word.

    Examples
    --------
    >>> import clearscale
    >>> report = clearscale.ingest("extracts/*.csv", "store")
    >>> report.added
    ('los-angeles.csv', 'san-diego.csv')
    >>> report.records == report.stored + report.quarantined
    True
    """
    if on_bad_record not in ("refuse", "quarantine"):
        raise ValueError(f"on_bad_record is 'refuse' or 'quarantine', not {on_bad_record!r}")
    named = named_files(path_texts(extracts, "extracts"))
    with readable(named.files) as files, opened_cluster(cluster) as opened:
        settings = Settings(
            county=county,
            quarantine=on_bad_record == "quarantine",
            accept=list_of_names(accept, "accept"),
            dry_run=dry_run,
            add=add,
            buckets=None if buckets is None else whole_number(buckets, "buckets", BUCKETS),
        )
        with opened.recorded("ingest") as work:
            report = (ingest_statewide if statewide else ingest_extracts)(
                files, path_text(store, "store"), opened, settings, progress
            )
    if not dry_run:
        how = "statewide" if statewide else "add" if add else ""
        _logged(path_text(store, "store"), report, how, work.document())
    return replace(report, left_out=named.left_out) if named.left_out else report


def _logged(store: str, report: IngestReport, how: str, work: dict[str, Any]) -> None:
    """Tell the store's log what came in, what was accepted by name, and how the work went."""
    with expecting() as expect:
        expect(store, (ENCRYPTION, f"{snapshot_path(report.snapshot)}/{MANIFEST}"))
        root = Folder.rooted(store)
        manifest, end = both(
            root,
            lambda: read_snapshot(root, report.snapshot) if report.added else None,
            lambda: end_of_log(root),
        )
    parts = manifest.parts() if manifest else []
    accepted = {finding.name for found in report.findings.values() for finding in found if finding.accepted}
    logged(
        root,
        "ingest",
        end,
        snapshot=report.snapshot,
        how=how,
        digests={part.name: part.digest for part in parts if manifest and part.added == manifest.sequence},
        unchanged=len(report.unchanged),
        replaced=len(report.replaced),
        records=report.stored,
        quarantined=report.quarantined,
        accepted=sorted(accepted),
        work=work,
    )
