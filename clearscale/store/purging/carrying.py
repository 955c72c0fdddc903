"""What is prepared is done, or only told: the same for stores of extracts and of charges."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Protocol

from clearscale.io.files import Folder
from clearscale.store.any_manifest import AnyManifest
from clearscale.store.charge_manifest import ChargeManifest
from clearscale.store.charge_store import ChargeStore
from clearscale.store.ingest.tidying import claims_of
from clearscale.store.layout import MANIFEST, snapshot_path
from clearscale.store.ledger import read_ledger
from clearscale.store.opened import Store
from clearscale.version import VERSION

from .journal import Journal, begin, claim_store, discard, finish, is_under_way, others, remove_others
from .report import PurgeReport
from .work import Work


class Rewrites(Protocol):
    """Snapshots that are written anew."""

    @property
    def work(self) -> Work:
        """Where they are prepared."""
        ...

    @property
    def stores(self) -> Sequence[Store | ChargeStore]:
        """Each of them as it is."""
        ...

    @property
    def names(self) -> dict[str, str]:
        """New names of those that lose histories, by their old ones."""
        ...

    @property
    def records(self) -> int:
        """How many stored records go, each once."""
        ...

    @property
    def quarantined(self) -> int:
        """How many go of quarantine."""
        ...

    @property
    def histories(self) -> int:
        """How many histories go of the last snapshot; of a store of charges, people."""
        ...

    @property
    def texts(self) -> int:
        """How many texts of dictionaries go."""
        ...

    def rewrite(self) -> Sequence[AnyManifest]:
        """Prepare all snapshots; returns their manifests as they will be.

        Raises StoreError, before anything has changed, if rows would be lost or left.
        """
        ...


@dataclass
class Prepared:
    """What is to be done. rewriting: of the snapshots that stay. without: snapshots that go.

    void: snapshots that go and make void what was made from them. removed: folders below the store that go.
    sources: by checksum, files with records that go, and how many. names: whom it was asked for.
    """

    command: str
    what: str
    rewriting: Rewrites
    without: tuple[AnyManifest, ...] = ()
    void: tuple[str, ...] = ()
    removed: list[str] = field(default_factory=list)
    sources: dict[str, dict[str, Any]] = field(default_factory=dict)
    names: list[bytes] = field(default_factory=list)
    other_forms: int = 0


def carry_out(url: str, prepare: Callable[[Work], "Prepared"], dry_run: bool) -> PurgeReport:
    """Finish what was interrupted, prepare, and do it; or only say what would be done."""
    store = Folder.rooted(url)
    with ExitStack() as stack:
        finished = ""
        if not dry_run:
            claims = stack.enter_context(claims_of(store))
            claim_store(store, claims)
            if is_under_way(store):
                finished = finish(store, claims).command
            discard(store)
        work = Work(store, keep=not dry_run)
        prepared = prepare(work)
        rewriting = prepared.rewriting
        manifests = rewriting.rewrite()
        before = [one.manifest for one in rewriting.stores]
        report = _report(prepared, store, finished, dry_run)
        if dry_run:
            return report
        if manifests == before and not prepared.without:
            discard(store)
            remove_others(store, [manifest.snapshot for manifest in manifests])
            return report
        kept = [manifest.snapshot for manifest in manifests]
        # Their buckets may be other snapshots', too; what is nobody's goes with all that no snapshot names.
        gone = [f"{snapshot_path(manifest.snapshot)}/{MANIFEST}" for manifest in prepared.without]
        journal = Journal(
            prepared.command,
            rewriting.names,
            [*work.removed, *prepared.removed, *gone],
            work.placed,
            kept,
            _entry(prepared, store, report),
        )
        begin(store, journal, before[-1])
        finish(store, claims)
        return replace(report, receipt=work.receipt.hex())


def _report(prepared: Prepared, store: Folder, finished: str, dry_run: bool) -> PurgeReport:
    rewriting = prepared.rewriting
    snapshots: dict[str, str | None] = {**rewriting.names, **{one.snapshot: None for one in prepared.without}}
    records = rewriting.records
    if prepared.what in ("extract", "file"):
        records = sum(source["records"] for source in prepared.sources.values())
    return PurgeReport(
        records,
        rewriting.quarantined,
        rewriting.histories,
        rewriting.texts,
        snapshots,
        (*rewriting.names, *prepared.void),
        tuple(rewriting.work.changes),
        tuple(others(store, {one.manifest.snapshot: one.files.seals for one in rewriting.stores})),
        tuple(sorted({source["name"] for source in prepared.sources.values()})),
        prepared.other_forms,
        charges=isinstance(rewriting.stores[-1].manifest, ChargeManifest),
        finished=finished,
        dry_run=dry_run,
    )


def _entry(prepared: Prepared, store: Folder, report: PurgeReport) -> Mapping[str, Any]:
    """What the ledger keeps: counts, and digests that tell nothing without the receipt."""
    work = prepared.rewriting.work
    return {
        "id": len(read_ledger(store).entries) + 1,
        "when": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": prepared.command,
        "what": prepared.what,
        "version": VERSION,
        "records": report.records,
        "quarantined": report.quarantined,
        "histories": report.histories,
        "texts": report.texts,
        "snapshots": report.snapshots,
        "void": list(report.void),
        "sources": prepared.sources,
        "files": {
            change.path: {"rows": [change.rows_before, change.rows_after], "before": work.digests.get(change.path)}
            for change in work.changes
        },
        "asked": work.commitment(prepared.names) if prepared.names else None,
    }
