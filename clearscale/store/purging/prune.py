"""Prune: what a store need not keep any longer is removed, with all that only that needed."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from clearscale.io.files import Folder
from clearscale.store.any_manifest import manifest_in_force
from clearscale.store.charge_manifest import ChargeManifest
from clearscale.store.charge_store import ChargeStore
from clearscale.store.layout import quarantine_folder
from clearscale.store.opened import Store

from .carrying import Prepared, carry_out
from .charge_purge import without_aside
from .charge_snapshots import charge_snapshots_of
from .keeping import Keeping, read_keeping
from .purge import without_quarantine
from .report import PurgeReport
from .snapshots import snapshots_of
from .work import Work


def prune(url: str, keeping: Keeping | None, *, save: bool = False, dry_run: bool = False) -> PurgeReport:
    """Remove what need not be kept; see `clearscale.prune`. keeping: None for the store's setting."""
    store = Folder.rooted(url)
    found = keeping if keeping is not None else read_keeping(store)
    found.check()
    report = carry_out(url, lambda work: _prepared(work, found), dry_run)
    if save and not dry_run:
        found.write(store)
    return report


def _prepared(work: Work, keeping: Keeping) -> Prepared:
    stores: Sequence[Store] | Sequence[ChargeStore]
    if isinstance(manifest_in_force(work.store), ChargeManifest):
        charges = charge_snapshots_of(work.store)
        stores, kept_charges = charges, charges[-(keeping.snapshots or 0) :]
        prepared = without_aside(work, kept_charges, _old(kept_charges, keeping.quarantine_days))
    else:
        extracts = snapshots_of(work.store)
        stores, kept = extracts, extracts[-(keeping.snapshots or 0) :]
        prepared = without_quarantine(work, kept, _old(kept, keeping.quarantine_days))
    going = stores[: -keeping.snapshots] if keeping.snapshots else []
    return replace(
        prepared, command="prune", what="prune", without=tuple(store.manifest for store in going), sources={}
    )


def _old(stores: Sequence[Store | ChargeStore], days: int | None) -> frozenset[str]:
    """Parts, or files of charges, whose quarantine was written so many days ago, or before. days: None: never."""
    if days is None:
        return frozenset()
    latest = datetime.now(UTC) - timedelta(days=days)
    found = set()
    for store in stores:
        for part in store.manifest.parts():
            folder = quarantine_folder(part.id)
            files = store.files.folder(folder).names()
            if files and min(store.folder.modified(f"{folder}/{name}") for name in files) <= latest:
                found.add(part.id)
    return frozenset(found)
