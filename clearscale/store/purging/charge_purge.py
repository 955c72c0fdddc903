"""What a purge of a store of charges comes to: people, a file, a snapshot, or what was set aside."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from clearscale.encoding import to_bytes
from clearscale.errors import StoreError
from clearscale.law import state
from clearscale.store.charge_manifest import ChargeFile
from clearscale.store.charge_store import ChargeStore
from clearscale.store.layout import quarantine_folder, records_folder

from .carrying import Prepared
from .charge_groups import Left, groups_of, telling_any, telling_of
from .charge_snapshots import ChargeRewriting, charge_snapshots_of
from .wanted import Wanted
from .work import Work

_KEY, _OTHER = "key:", ("key:", "case:", "record:")


def prepared_charges(work: Work, wanted: Wanted) -> Prepared:
    """Prepare a store of charges without what is wanted."""
    stores = charge_snapshots_of(work.store)
    if wanted.snapshot is not None:
        return _without_snapshot(work, stores, wanted.snapshot)
    if wanted.quarantine:
        return without_aside(work, stores)
    if wanted.keys:
        return _without_people(work, stores, wanted)
    assert wanted.file is not None
    return _without_file(work, stores, wanted.file)


def without_aside(work: Work, stores: Sequence[ChargeStore], files: frozenset[str] | None = None) -> Prepared:
    """Prepare a store without records that were set aside. files: of these only, by id; all without it."""
    found: dict[str, Left] = {}
    for store, file in _files(stores):
        if files is None or file.id in files:
            left = Left.whole(groups_of(store, file))
            for group in left.groups:
                group.drop_aside(work, lambda table: np.ones(table.num_rows, np.bool_))
                group.write_marker(work)
            left.sum_up()
            found[file.id] = left
    rewriting = ChargeRewriting(work, stores, found)
    return Prepared("purge", "quarantine", rewriting, sources=_sources(stores, found))


def _files(stores: Sequence[ChargeStore]) -> Iterable[tuple[ChargeStore, ChargeFile]]:
    """Every file of every snapshot once, with a store to read it from."""
    return {file.id: (store, file) for store in stores for file in store.manifest.read}.values()


def _without_people(work: Work, stores: Sequence[ChargeStore], wanted: Wanted) -> Prepared:
    asked = [_identities(stores[-1], key) for key in sorted(wanted.keys)]
    files = [(file, Left.whole(groups_of(store, file))) for store, file in _files(stores)]
    gone = pa.array(sorted(_chosen(work, asked, [left for _, left in files])), pa.string())
    keys = {to_bytes(_bare(stores[-1], key)) for key in wanted.keys}
    keys |= {identity.partition(":")[2].encode() for identity in gone.to_pylist()}
    found: dict[str, Left] = {}
    for file, left in files:
        went = [table for group in left.groups if (table := group.drop_charges(work, gone)) is not None]
        words = keys | (telling_of(left.groups, went, gone) if went and file.quarantined else set())
        for group in left.groups:
            group.drop_aside(work, telling_any(words))
            group.write_marker(work)
        left.sum_up()
        found[file.id] = left
    return Prepared(
        "purge",
        wanted.what,
        ChargeRewriting(work, stores, found, gone),
        sources=_sources(stores, found),
        names=[to_bytes(key) for key in wanted.keys],
    )


def _columns(store: ChargeStore) -> list[str]:
    """The columns of keys of people that the map names, one or several, if it names any."""
    found = store.manifest.map["document"]["charge"].get("person", [])
    return [found] if isinstance(found, str) else list(found)


def _bare(store: ChargeStore, key: str) -> str:
    """A key without the column that it is of."""
    for column in _columns(store):
        key = key.removeprefix(f"{column}:")
    return key


def _identities(store: ChargeStore, key: str) -> list[str]:
    """Whose charges a key may name: what the map's columns of keys make of it."""
    if key.startswith(_OTHER):
        return [key]
    stated: Mapping[str, Any] = store.manifest.map["document"]
    if stated.get("extract"):
        full: bytes = state(stated["state"]).values.full_number(to_bytes(key))
        return [f"{_KEY}{full.decode('latin-1')}", f"{_KEY}{key}"]
    columns = _columns(store)
    for column in columns:
        if key.startswith(f"{column}:"):
            return [f"{_KEY}{_bare(store, key)}" if column == columns[0] else f"{_KEY}{key}"]
    return [f"{_KEY}{key}", *(f"{_KEY}{column}:{key}" for column in columns[1:])]


def _chosen(work: Work, asked: Sequence[Sequence[str]], files: Sequence[Left]) -> set[str]:
    """The identities of the store that are asked for.

    Raises StoreError for a key that stands in several columns, which are of other people.
    """
    wanted = pa.array(sorted({identity for several in asked for identity in several}), pa.string())
    there: set[str] = set()
    for left in files:
        for group in left.groups:
            for table in group.group.tables_with(wanted):
                known = pc.unique(table["identity"])
                there.update(known.filter(pc.is_in(known, value_set=wanted)).to_pylist())
    for several in asked:
        if len(there.intersection(several)) > 1:
            raise StoreError(
                f"{work.store.url}: a key stands in several columns of keys, and may be several people's; name the "
                "column, too: COLUMN:KEY"
            )
    return there


def _without_file(work: Work, stores: Sequence[ChargeStore], named: str) -> Prepared:
    """Prepare a store without a file, in all snapshots."""
    chosen = {file.id: file for store in stores for file in store.manifest.read if named in (file.id, file.name)}
    if len(chosen) > 1:
        raise StoreError(
            f"{work.store.url}: there are several files of that name; name one by its id: "
            f"{', '.join(sorted(chosen))}"
        )
    leaving = frozenset(chosen)
    staying = [store for store in stores if not {file.id for file in store.manifest.read} <= leaving]
    if stores[-1] not in staying:
        raise StoreError(
            f"{work.store.url}: the store has no other file; remove its folder, and all that was made from it"
        )
    without = tuple(store.manifest for store in stores if store not in staying)
    return Prepared(
        "purge",
        "file",
        ChargeRewriting(work, staying, {}, leaving=leaving),
        without=without,
        void=tuple(manifest.snapshot for manifest in without),
        removed=sorted(folder(file) for file in leaving for folder in (records_folder, quarantine_folder)),
        sources={file.digest: {"name": file.name, "records": file.records} for file in chosen.values()},
    )


def _without_snapshot(work: Work, stores: Sequence[ChargeStore], named: str) -> Prepared:
    if named == stores[-1].manifest.snapshot:
        raise StoreError(
            f"{work.store.url}: snapshot {named} is in force; take in files that replace its own first, or name "
            "the file that is to go"
        )
    going = tuple(store.manifest for store in stores if store.manifest.snapshot == named)
    staying = [store for store in stores if store.manifest not in going]
    return Prepared(
        "purge",
        "snapshot",
        ChargeRewriting(work, staying, {}),
        without=going,
        void=tuple(one.snapshot for one in going),
    )


def _sources(stores: Sequence[ChargeStore], found: Mapping[str, Left]) -> dict[str, dict[str, Any]]:
    """Files with records that go, by their checksums."""
    return {
        file.digest: {"name": file.name, "records": found[file.id].lost}
        for _, file in _files(stores)
        if file.id in found and found[file.id].lost
    }
