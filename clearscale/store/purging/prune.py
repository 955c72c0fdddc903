"""Prune: what a store need not keep any longer is removed, with all that only that needed."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from clearscale.io.files import Folder
from clearscale.store.layout import quarantine_folder
from clearscale.store.opened import Store

from .keeping import Keeping, read_keeping
from .purge import Prepared, carry_out, without_quarantine
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
    stores = snapshots_of(work.store)
    staying = stores[-keeping.snapshots :] if keeping.snapshots is not None else stores
    going = [store for store in stores if store not in staying]
    old = frozenset() if keeping.quarantine_days is None else _old(staying, keeping.quarantine_days)
    prepared = without_quarantine(work, staying, old)
    return replace(
        prepared, command="prune", what="prune", without=tuple(store.manifest for store in going), sources={}
    )


def _old(stores: Sequence[Store], days: int) -> frozenset[str]:
    """Parts whose quarantine was written so many days ago, or before."""
    latest = datetime.now(UTC) - timedelta(days=days)
    found = set()
    for store in stores:
        for part in store.manifest.parts():
            folder = quarantine_folder(part.id)
            files = store.files.folder(folder).names()
            if files and min(store.folder.modified(f"{folder}/{name}") for name in files) <= latest:
                found.add(part.id)
    return frozenset(found)
