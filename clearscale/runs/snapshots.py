"""A snapshot as tasks need it: what all its buckets share, read once a process.

What a snapshot answers never changes. Where its files lie does, if a prune writes them without what others left.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import pyarrow as pa

from clearscale.encoding import readable
from clearscale.histories.dictionaries import Dictionaries
from clearscale.io.far import both, each
from clearscale.io.files import Folder
from clearscale.law.offense_texts import Offenses
from clearscale.policy.caseload import Caseload, caseload_of
from clearscale.store import Store, read_charges
from clearscale.store.charges import CHARGES
from clearscale.store.layout import CANDIDATES, DICTIONARIES, FILES, SUBJECTS, snapshot_path
from clearscale.store.manifest import Manifest
from clearscale.store.opened import opened_in
from clearscale_kernels.arrays import Int8s, Int16s

from .crosstabs import Labels
from .resident import OpenedSnapshots, key_of

_DICTIONARIES = ("county", "race", "sex", "offense")


@dataclass(frozen=True)
class SharedSnapshot:
    """charge_flags, sections, offenses: by offense code. values: of the dictionaries, by name and code."""

    store: Store
    charge_flags: Int16s
    sections: Int8s
    offenses: Offenses
    values: dict[str, list[bytes]]

    @property
    def counties(self) -> list[bytes]:
        """Counties as records write them, by code."""
        return self.values["county"]

    @cached_property
    def texts(self) -> dict[str, list[str]]:
        """The dictionaries' values for people, by name and code."""
        return {name: [readable(value) for value in self.values[name]] for name in _DICTIONARIES}

    @cached_property
    def labels(self) -> Labels:
        """What the tables' texts are."""
        of_extract = [readable(entry.county) for entry in self.store.manifest.extracts]
        return Labels.of(self.texts["county"], self.texts["race"], self.texts["sex"], of_extract, self.offenses)

    def caseload(self, candidates: Sequence[pa.Table]) -> Caseload:
        """Make one caseload of several buckets' candidates."""
        extracts = len(self.store.manifest.extracts)
        return caseload_of(candidates, self.charge_flags, self.sections, extracts, self.offenses, self.counties)

    def caseload_of_buckets(self, buckets: Sequence[int]) -> Caseload:
        """Read and join the candidates of several buckets."""
        return self.caseload(each(self.store.folder, self.store.candidates, buckets))


_OPENED = OpenedSnapshots[SharedSnapshot]()
"""Those of this process."""


def shared_snapshot(store: Folder, snapshot: str) -> SharedSnapshot:
    """Open a store's snapshot, once a process, and again where its manifest was written anew."""
    found = _OPENED.get(key_of(store, snapshot))
    return found if found is not None else share(opened_in(store, snapshot))


def is_shared(store: Folder, snapshot: str) -> bool:
    """Whether `shared_snapshot` has it already."""
    return _OPENED.get(key_of(store, snapshot)) is not None


def files_of(manifest: Manifest) -> list[str]:
    """Files below a store that `share` and all buckets' candidates are read from."""
    path = snapshot_path(manifest.snapshot)
    dictionaries = [f"{path}/{DICTIONARIES}/{name}.parquet" for name in _DICTIONARIES]
    buckets = [held.path(dataset) for held in manifest.held for dataset in (CANDIDATES, SUBJECTS)]
    return [f"{path}/{FILES}", f"{path}/{CHARGES}", *dictionaries, *buckets]


def share(store: Store) -> SharedSnapshot:
    """Read what `shared_snapshot` returns from now on for a snapshot that is open."""
    key, files, folder = key_of(store.folder, store.manifest.snapshot), store.snapshot, store.folder
    found, charges = both(
        folder,
        lambda: Dictionaries.read(files.folder(DICTIONARIES), _DICTIONARIES),
        lambda: read_charges(files),
    )
    shared = SharedSnapshot(store, *charges, Offenses(found.texts["offense"]), found.texts)
    return _OPENED.put(key, shared)
