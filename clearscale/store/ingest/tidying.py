"""Removal of what interrupted or refused ingests left in a store."""

from collections.abc import Sequence

from clearscale.io.files import Folder
from clearscale.store.layout import (
    BUCKETED,
    DICTIONARIES,
    MANIFEST,
    QUARANTINE,
    RECORDS,
    SNAPSHOTS,
    STAGING,
    snapshot_folder,
)
from clearscale.store.manifest import Manifest

from .plan import PLAN


def discard_unused(root: Folder, extracts: Sequence[str]) -> None:
    """Remove what was stored for extracts that no snapshot holds."""
    snapshots = root.folder(SNAPSHOTS)
    finished = [name for name in snapshots.names() if snapshots.exists(f"{name}/{MANIFEST}")]
    used = {entry["id"] for name in finished for entry in snapshots.read_json(f"{name}/{MANIFEST}")["extracts"]}
    for extract in set(extracts) - used:
        # Staged blocks first: what they say is stored must be there as long as they are.
        for folder in (STAGING, RECORDS, QUARANTINE):
            root.remove(f"{folder}/{extract}")


def tidy(root: Folder, manifest: Manifest) -> None:
    """After a commit: remove staged block groups and what interrupted ingests left behind.

    The plan goes last: while it is there, tidying was interrupted and is done again.
    """
    snapshot = snapshot_folder(root, manifest.snapshot)
    if not snapshot.exists(PLAN):
        return
    for extract in (entry.id for entry in manifest.extracts if entry.added == manifest.sequence):
        for folder in (RECORDS, QUARANTINE):
            root.folder(f"{folder}/{extract}").tidy()
    for dataset in ("", DICTIONARIES, *BUCKETED):
        snapshot.folder(dataset).tidy()
    discard_unused(root, root.folder(STAGING).names())
    root.remove(STAGING)
    snapshots = root.folder(SNAPSHOTS)
    for name in snapshots.names():
        if not snapshots.exists(f"{name}/{MANIFEST}"):
            snapshots.remove(name)
    snapshot.remove(PLAN)
