"""Purge: records of people, an extract, a snapshot or quarantine are destroyed in every file that holds them."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from clearscale.errors import StoreError
from clearscale.store.any_manifest import manifest_in_force
from clearscale.store.charge_manifest import ChargeManifest
from clearscale.store.entry import ExtractEntry
from clearscale.store.manifest import Manifest
from clearscale.store.opened import Store

from .carrying import Prepared, carry_out
from .charge_purge import prepared_charges
from .records import Gone, drop_bad_records, drop_quarantine, drop_records, drop_repeats
from .report import PurgeReport
from .searching import find_people, parts_of
from .snapshots import Rewriting, folders_of, snapshots_of
from .wanted import Wanted
from .work import Work


def purge(url: str, wanted: Wanted, *, dry_run: bool = False) -> PurgeReport:
    """Destroy what is wanted; see `clearscale.purge`."""
    return carry_out(url, lambda work: _prepared(work, wanted), dry_run)


def _prepared(work: Work, wanted: Wanted) -> Prepared:
    if isinstance(manifest_in_force(work.store), ChargeManifest):
        wanted.require_kind(work.store.url, charges=True)
        return prepared_charges(work, wanted)
    wanted.require_kind(work.store.url, charges=False)
    stores = snapshots_of(work.store)
    if wanted.snapshot is not None:
        return _without_snapshot(work, stores, wanted.snapshot)
    if wanted.quarantine:
        return without_quarantine(work, stores)
    if wanted.subjects or wanted.numbers:
        return _without_people(work, stores, wanted)
    assert wanted.extract is not None
    return _without_extract(work, stores, wanted.extract)


def _without_people(work: Work, stores: Sequence[Store], wanted: Wanted) -> Prepared:
    people = find_people(stores, wanted)
    gone = Gone()
    for part, store in parts_of(stores):
        if subjects := people.of_part.get(part.id):
            drop_records(work, store, part, subjects, gone)
    everybody = set(wanted.numbers).union(*people.of_part.values()) if people.of_part else set(wanted.numbers)
    everything = set(wanted.numbers).union(*gone.telling.values()) if gone.telling else set(wanted.numbers)
    repeats = {}
    for part, store in parts_of(stores):
        telling = gone.telling.get(part.id, set()) | wanted.numbers
        drop_bad_records(work, store, part, telling, people.of_part.get(part.id, set()), gone)
    for store in stores:
        for part in store.manifest.aside:
            drop_bad_records(work, store, part, everything, everybody - wanted.numbers, gone)
        for entry in store.manifest.extracts:
            for part in entry.parts:
                if part.repeats:
                    repeats[store.manifest.snapshot, part.id] = drop_repeats(work, store, part, gone)
    rewriting = Rewriting(work, stores, gone, people.gone, repeats=repeats)
    return Prepared(
        "purge",
        wanted.what,
        rewriting,
        sources=_sources(stores, gone),
        names=[*wanted.subjects, *wanted.numbers],
        other_forms=people.other_forms,
    )


def without_quarantine(work: Work, stores: Sequence[Store], parts: frozenset[str] | None = None) -> Prepared:
    """Prepare a store without quarantine. parts: of these only, by id; all without it."""
    gone = Gone()
    for store in stores:
        for part in store.manifest.parts():
            if parts is None or part.id in parts:
                drop_quarantine(work, store, part, gone)
    return Prepared("purge", "quarantine", Rewriting(work, stores, gone), sources=_sources(stores, gone))


def _without_extract(work: Work, stores: Sequence[Store], named: str) -> Prepared:
    """Prepare a store without an extract: all entries of all snapshots that are made of its files."""
    entries = [entry for store in stores for entry in store.manifest.extracts]
    chosen = [entry for entry in entries if named in (entry.id, entry.name)]
    if len({entry.id for entry in chosen}) > 1:
        raise StoreError(
            f"{work.store.url}: there are several extracts of that name; name one by its id: "
            f"{', '.join(sorted({entry.id for entry in chosen}))}"
        )
    parts = {part.id for entry in chosen for part in entry.parts}
    leaving: list[ExtractEntry] = []
    for entry in entries:
        of_entry = {part.id for part in entry.parts}
        if of_entry <= parts:
            leaving.append(entry)
        elif of_entry & parts:
            raise StoreError(
                f"{work.store.url}: files of the extract are also parts of {entry.id}; name that one, which "
                "destroys all of its files"
            )
    ids = frozenset(entry.id for entry in leaving)
    staying = [store for store in stores if not {entry.id for entry in store.manifest.extracts} <= ids]
    if stores[-1] not in staying:
        raise StoreError(
            f"{work.store.url}: the store has no other extract; remove its folder, and all that was made from it"
        )

    def choose(manifest: Manifest, people: Any) -> Any:
        numbers = [place for place, entry in enumerate(manifest.extracts) if entry.id in ids]
        return np.isin(people.column("extract").to_numpy(), numbers)

    sources = {
        part.digest: {"name": part.name, "records": part.records} for entry in leaving for part in entry.parts
    }
    without = tuple(store.manifest for store in stores if store not in staying)
    return Prepared(
        "purge",
        "extract",
        Rewriting(work, staying, Gone(), choose, leaving=ids),
        without=without,
        void=tuple(manifest.snapshot for manifest in without),
        removed=sorted({folder for entry in leaving for folder in folders_of(entry)}),
        sources=sources,
    )


def _without_snapshot(work: Work, stores: Sequence[Store], named: str) -> Prepared:
    if named == stores[-1].manifest.snapshot:
        raise StoreError(
            f"{work.store.url}: snapshot {named} is in force; take in extracts that replace its own first, or name "
            "the extract that is to go"
        )
    going = tuple(store.manifest for store in stores if store.manifest.snapshot == named)
    staying = [store for store in stores if store.manifest not in going]
    return Prepared(
        "purge",
        "snapshot",
        Rewriting(work, staying, Gone()),
        without=going,
        void=tuple(one.snapshot for one in going),
    )


def _sources(stores: Sequence[Store], gone: Gone) -> dict[str, dict[str, Any]]:
    """Files with records that go, by their checksums."""
    found: dict[str, dict[str, Any]] = {}
    for store in stores:
        for part in store.manifest.parts():
            count = gone.of(part).size + gone.bad.get(part.id, 0)
            if count:
                found[part.digest] = {"name": part.name, "records": count}
    return found
