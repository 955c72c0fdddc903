"""The end of an ingest: its snapshot is put in force, all of it or nothing, and by one ingest at a time."""

from collections.abc import Callable
from dataclasses import replace

from clearscale.errors import StoreError
from clearscale.io.claims import claimed_for_a_moment
from clearscale.io.documents import json_bytes
from clearscale.io.far import behind
from clearscale.io.files import Folder
from clearscale.io.object_store import version_of
from clearscale.io.seals import Seals, seals_document, with_digest
from clearscale.store.charge_manifest import ChargeManifest
from clearscale.store.layout import FILES, MANIFEST, STAGING, snapshot_folder, snapshot_path
from clearscale.store.manifest import Manifest, snapshot_in_force

_COMMIT = f"{STAGING}/commit.lock"


def commit(
    store: Folder,
    manifest: Manifest | ChargeManifest,
    written: Seals,
    kept: Seals,
    in_force: Callable[[Folder], str | None] = snapshot_in_force,
) -> None:
    """Put a snapshot in force.

    written: seals of its files, and of the records and quarantine of the extracts that came in. kept: of those that
    stay. All of it is on disk before a manifest names it. in_force: tells the snapshot that is.

    Raises StoreError if another ingest has changed the store since this one began, or if rows were lost.
    """
    for part in manifest.parts():
        if not part.is_conserved:
            raise StoreError(
                f"{part.name}: {part.records} records were read, but {part.stored} stored, "
                f"{part.quarantined} quarantined and {part.purged} purged; nothing was committed. "
                "Please report this."
            )
    snapshot = snapshot_folder(store, manifest.snapshot)
    with behind(snapshot) as (beside, arrived):
        manifest = replace(manifest, files=beside.write_json(FILES, seals_document({**kept, **written})))
        document = with_digest(manifest.document())
        store.flush([*written, f"{snapshot_path(manifest.snapshot)}/{FILES}"])
        content = json_bytes(document)

        def before() -> None:
            arrived()
            snapshot.write(MANIFEST, content, lasting=True)

        replace_manifest(
            store,
            content,
            lambda: _require_parent(store, manifest.parent, in_force),
            before,
            first=manifest.parent is None,
        )


def replace_manifest(
    store: Folder,
    content: bytes,
    require: Callable[[], None],
    before: Callable[[], object] = lambda: None,
    *,
    first: bool = False,
) -> None:
    """Replace the manifest in force in one step, by one command at a time.

    require: raises an error if another one is in force than should be. before: what is done right before.
    first: whether there is to be none yet.

    Raises StoreError if another command has replaced it meanwhile.
    """
    if store.is_local:
        with claimed_for_a_moment(store, _COMMIT):
            require()
            before()
            store.write(MANIFEST, content, lasting=True)
        return
    version = None if first else version_of(store.folder(MANIFEST).url)
    require()
    before()
    # Where an answer was lost, it may have been written all the same.
    if not store.write_if(MANIFEST, content, version) and store.read(MANIFEST) != content:
        raise _overtaken(store)


def _require_parent(store: Folder, parent: str | None, in_force: Callable[[Folder], str | None]) -> None:
    if in_force(store) != parent:
        raise _overtaken(store)


def _overtaken(store: Folder) -> StoreError:
    return StoreError(
        f"{store.url}: another ingest finished meanwhile; run the same command again to add to its result"
    )
