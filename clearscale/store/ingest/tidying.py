"""Removal of what interrupted or refused ingests left in a store, but for what another one is at work on."""

from collections.abc import Iterable, Mapping

from clearscale.errors import StoreError
from clearscale.io.claims import Claims
from clearscale.io.far import both, each
from clearscale.io.files import Folder
from clearscale.io.leases import TakenError
from clearscale.store.layout import (
    BUCKETED,
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
from clearscale.store.manifest import Manifest, read_snapshot

LOCK = ".lock"
"""Ending of the claims in the staging folder: of extracts that are being read, of snapshots that are being made."""


def claims_of(root: Folder) -> Claims:
    """The claims of an ingest, none yet. Every ingest holds those of what it writes until it ends."""
    return Claims(root.folder(STAGING))


def take(claims: Claims, root: Folder, wanted: Mapping[str, str]) -> None:
    """Claim extracts by their ids, or snapshots by their names. Raises StoreError if another ingest has one.

    wanted: what each is called, for messages.
    """
    taken = claims.take_each(f"{name}{LOCK}" for name in wanted)
    for name, error in sorted(taken.items()):
        what = wanted[name.removesuffix(LOCK)]
        raise StoreError(
            f"{root.url}: another ingest is at work on {what} ({error}); run the same command again when it has "
            "ended"
        )


def unclaimed_of(claims: Claims, names: Iterable[str]) -> list[str]:
    """Claim those that no other ingest is at work on, and return them."""
    found = []
    for name in names:
        try:
            claims.take(f"{name}{LOCK}", patient=False)
        except TakenError:
            continue
        found.append(name)
    return found


def discard_unused(root: Folder, extracts: Iterable[str], claims: Claims) -> None:
    """Remove what was stored for extracts that no snapshot holds."""
    extracts = list(extracts)
    if not extracts:  # there may be many snapshots
        return
    snapshots = root.folder(SNAPSHOTS)
    finished = [name for name in snapshots.names() if snapshots.exists(f"{name}/{MANIFEST}")]
    try:
        used = {folder for name in finished for folder in folders_in(read_snapshot(root, name))}
    except StoreError:  # a damaged manifest does not say what it needs
        return
    unclaimed = unclaimed_of(claims, set(extracts) - used)
    # Staged blocks first: what they say is stored must be there as long as they are.
    for folder in (STAGING, RECORDS, QUARANTINE):
        root.folder(folder).remove_all(unclaimed)


def in_use(manifests: Iterable[Manifest]) -> set[str]:
    """The snapshots whose folders snapshots have buckets in, their own among them."""
    return {name for one in manifests for name in (one.snapshot, *(held.snapshot for held in one.held))}


def folders_in(manifest: Manifest, added: int | None = None) -> set[str]:
    """The folders of a snapshot's records and quarantine. added: those that the snapshot of that number brought."""
    parts = [part for part in manifest.parts() if added in (None, part.added)]
    return {name for part in parts for name in (part.id, part.repeats) if name}


def tidy_if_interrupted(root: Folder, manifest: Manifest, claims: Claims) -> None:
    """Do what is left of `tidy` after the commit of the snapshot in force."""
    if snapshot_folder(root, manifest.snapshot).exists(PLAN):
        tidy(root, manifest, claims)


def tidy(root: Folder, manifest: Manifest, claims: Claims) -> None:
    """After a commit: remove staged block groups and what interrupted ingests left behind.

    The plan goes last: while it is there, tidying was interrupted and is done again.
    """
    snapshot = snapshot_folder(root, manifest.snapshot)
    for extract in folders_in(manifest, manifest.sequence):
        for folder in (RECORDS, QUARANTINE):
            root.folder(f"{folder}/{extract}").tidy()
    for dataset in ("", DICTIONARIES, *BUCKETED):
        snapshot.folder(dataset).tidy()
    staged, lacking = both(root, root.folder(STAGING).names, lambda: _lacking(root, manifest))
    extracts = [name for name in staged if not name.endswith(LOCK)]
    held = folders_in(manifest)
    discard_unused(root, (name for name in extracts if name not in held), claims)
    unclaimed = unclaimed_of(claims, extracts)
    both(root, lambda: root.folder(STAGING).remove_all(unclaimed), lambda: snapshot.remove_all([FOLDED]))
    unclaimed_of(claims, [name.removesuffix(LOCK) for name in staged if name.endswith(LOCK)])  # of killed ingests
    _remove_unfinished(root, lacking, claims)
    snapshot.remove_file(PLAN)


def _lacking(root: Folder, manifest: Manifest) -> dict[str, bool]:
    """Snapshots, and whether each has no manifest, nor buckets of the one in force."""
    snapshots, used = root.folder(SNAPSHOTS), in_use([manifest])
    names = snapshots.names()
    there = each(root, lambda name: name in used or snapshots.exists(f"{name}/{MANIFEST}"), names)
    return {name: not is_there for name, is_there in zip(names, there, strict=True)}


def _remove_unfinished(root: Folder, lacking: Mapping[str, bool], claims: Claims) -> None:
    """Remove snapshots without a manifest, but for those with buckets of others. lacking: see `_lacking`."""
    snapshots = root.folder(SNAPSHOTS)
    unfinished = {name for name, is_lacking in lacking.items() if is_lacking}
    if not unfinished:
        return
    try:
        used = in_use(read_snapshot(root, name) for name in lacking if snapshots.exists(f"{name}/{MANIFEST}"))
    except StoreError:  # a damaged manifest does not say where its buckets are
        return
    for name in unclaimed_of(claims, sorted(unfinished - used)):
        snapshots.remove(name)
