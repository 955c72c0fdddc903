"""Removal of what interrupted or refused ingests left in a store of charges, but for what another is at work on."""

from collections.abc import Iterable, Mapping
from typing import Any

from clearscale.errors import StoreError
from clearscale.io.claims import Claims
from clearscale.io.documents import json_bytes
from clearscale.io.files import Folder
from clearscale.io.seals import Seal, seal_of, with_digest
from clearscale.store.charge_manifest import ChargeManifest, read_charge_snapshot
from clearscale.store.charge_tables import DATASETS
from clearscale.store.ingest.tidying import LOCK, unclaimed_of
from clearscale.store.layout import (
    DICTIONARIES,
    FOLDED,
    MANIFEST,
    PLAN,
    QUARANTINE,
    RECORDS,
    SNAPSHOTS,
    STAGING,
    snapshot_folder,
)

from .groups import MARKER, group_path


def marker_seals(root: Folder, markers: Mapping[str, Mapping[int, Mapping[str, Any]]]) -> dict[str, Seal]:
    """The seals of the markers of files' groups, which a snapshot needs, too."""
    return {
        group_path(file, number, MARKER): seal_of(json_bytes(with_digest(_own(marker))))
        for file, of_file in markers.items()
        for number, marker in of_file.items()
    }


def _own(marker: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in marker.items() if name != "digest"}


def _used(root: Folder) -> set[str] | None:
    """Ids of the files that snapshots hold; None if a damaged manifest does not say so."""
    snapshots = root.folder(SNAPSHOTS)
    finished = [name for name in snapshots.names() if snapshots.exists(f"{name}/{MANIFEST}")]
    try:
        return {file.id for name in finished for file in read_charge_snapshot(root, name).read}
    except StoreError:
        return None


def discard(root: Folder, files: Iterable[str], claims: Claims) -> None:
    """Remove what was kept of files that no snapshot holds. files: ids."""
    used = _used(root)
    if used is None:
        return
    unused = unclaimed_of(claims, sorted(set(files) - used))
    for folder in (RECORDS, QUARANTINE):
        root.folder(folder).remove_all(unused)


def tidy_if_interrupted(root: Folder, manifest: ChargeManifest, claims: Claims) -> None:
    """Do what is left of `tidy` after the commit of the snapshot in force."""
    if snapshot_folder(root, manifest.snapshot).exists(PLAN):
        tidy(root, manifest, claims)


def tidy(root: Folder, manifest: ChargeManifest, claims: Claims) -> None:
    """After a commit: remove what interrupted ingests left. The plan goes last: it says that this is not done."""
    snapshot = snapshot_folder(root, manifest.snapshot)
    for file in manifest.read:
        if file.added == manifest.sequence:
            for folder in (RECORDS, QUARANTINE):
                root.folder(f"{folder}/{file.id}").tidy()
    for dataset in ("", DICTIONARIES, *DATASETS):
        snapshot.folder(dataset).tidy()
    snapshots = root.folder(SNAPSHOTS)
    unfinished = [name for name in snapshots.names() if not snapshots.exists(f"{name}/{MANIFEST}")]
    snapshots.remove_all(unclaimed_of(claims, unfinished))
    discard(root, root.folder(RECORDS).names(), claims)
    staged = root.folder(STAGING).names()
    unclaimed_of(claims, [name.removesuffix(LOCK) for name in staged if name.endswith(LOCK)])  # of killed ingests
    snapshot.remove_all([FOLDED])
    snapshot.remove_file(PLAN)
