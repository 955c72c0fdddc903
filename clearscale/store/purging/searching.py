"""Whose records are to go: the subjects of each file of the store, however its snapshots join files to extracts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from clearscale.errors import StoreError
from clearscale.law import state
from clearscale.store.entry import ExtractEntry
from clearscale.store.layout import PEOPLE
from clearscale.store.manifest import Manifest
from clearscale.store.opened import Store
from clearscale.store.part import Part
from clearscale.store.record_files import block_readers
from clearscale_kernels.arrays import Bools

from .wanted import Wanted

_ROLES = state().format.roles


@dataclass
class People:
    """The subjects that go, by the part (a file of an extract) that holds records of them.

    other_forms: how many other numbers of the store may be the same, written in another form.
    """

    of_part: dict[str, set[bytes]] = field(default_factory=dict)
    other_forms: int = 0

    def of(self, extract: ExtractEntry) -> set[bytes]:
        """The subjects of an extract."""
        return set().union(*(self.of_part.get(part.id, set()) for part in extract.parts))

    def add(self, extract: ExtractEntry, subjects: set[bytes]) -> bool:
        """Add subjects of an extract; returns whether some are new."""
        before = sum(map(len, self.of_part.values()))
        if subjects:
            for part in extract.parts:
                self.of_part.setdefault(part.id, set()).update(subjects)
        return sum(map(len, self.of_part.values())) > before

    def gone(self, manifest: Manifest, people: pa.Table) -> Bools:
        """Which histories of a bucket are of them. people: with `extract` and `subject_id`. Shape (h,)."""
        result: Bools = np.zeros(people.num_rows, np.bool_)
        places = people.column("extract").to_numpy()
        for place, extract in enumerate(manifest.extracts):
            if subjects := self.of(extract):
                known = pc.is_in(people.column("subject_id"), value_set=pa.array(sorted(subjects), pa.binary()))
                result |= (places == place) & known.to_numpy()
        return result


def find_people(stores: Sequence[Store], wanted: Wanted) -> People:
    """The subjects that were named, and those of the people whose numbers were.

    Raises StoreError for a subject that stands in several extracts and may be several people.
    """
    found = People()
    for store in reversed(stores):  # what is told of a subject is told of the snapshot in force
        for extract, subjects in _named(store, wanted):
            found.add(extract, subjects)
    if wanted.numbers:
        for part, owner in _parts(stores).values():
            for entry in _extracts_with(stores, part):
                found.add(entry, _numbered(owner, part, wanted.numbers))
        found.other_forms = _other_forms(stores[-1], wanted.numbers)
    # A subject of one file of an extract is the same in the others, which another snapshot may join with more.
    extracts = [extract for store in stores for extract in store.manifest.extracts]
    growing = True
    while growing:
        growing = False
        for extract in extracts:
            growing |= found.add(extract, found.of(extract))
    return found


def parts_of(stores: Sequence[Store]) -> list[tuple[Part, Store]]:
    """Every part of every snapshot once, with a store to read it from."""
    return list(_parts(stores).values())


def _parts(stores: Sequence[Store]) -> dict[str, tuple[Part, Store]]:
    return {part.id: (part, store) for store in stores for entry in store.manifest.extracts for part in entry.parts}


def _extracts_with(stores: Sequence[Store], part: Part) -> Iterator[ExtractEntry]:
    for store in stores:
        for entry in store.manifest.extracts:
            if any(found.id == part.id for found in entry.parts):
                yield entry


def _named(store: Store, wanted: Wanted) -> list[tuple[ExtractEntry, set[bytes]]]:
    """Subjects of a snapshot by its histories: those named, and those whose number is."""
    extracts = store.manifest.extracts
    found: list[set[bytes]] = [set() for _ in extracts]
    told: dict[bytes, set[tuple[int, bytes]]] = {}
    chosen = [wanted.extract is None or wanted.extract in (extract.id, extract.name) for extract in extracts]
    subjects, numbers = (pa.array(sorted(names), pa.binary()) for names in (wanted.subjects, wanted.numbers))
    for bucket in range(store.manifest.buckets):
        people = store.bucket(PEOPLE, bucket, ["extract", "subject_id", "cii_number"])
        by_subject = pc.is_in(people.column("subject_id"), value_set=subjects)
        by_number = pc.is_in(people.column("cii_number"), value_set=numbers)
        for row in people.filter(by_subject).to_pylist():
            if chosen[row["extract"]]:
                found[row["extract"]].add(row["subject_id"])
                told.setdefault(row["subject_id"], set()).add((row["extract"], row["cii_number"]))
        for row in people.filter(by_number).to_pylist():
            found[row["extract"]].add(row["subject_id"])
    for places in told.values():
        # Without a number, nothing says that subjects of two extracts are one person.
        people_of = {number or place for place, number in places}
        if len(people_of) > 1:
            raise StoreError(
                f"{store.folder.url}: the subject stands in {len(places)} extracts and may be {len(people_of)} "
                "people; name the extract with --extract, or the person's number with --cii"
            )
    return list(zip(extracts, found, strict=True))


def _numbered(store: Store, part: Part, numbers: frozenset[bytes]) -> set[bytes]:
    """The subjects of a part with a record that has one of the numbers, whatever their other records have."""
    values = pa.array(sorted(numbers), pa.binary())
    found: set[bytes] = set()
    for read in block_readers(store.files, part):
        table = read([_ROLES.subject, _ROLES.person])
        coded = table.column(_ROLES.person).combine_chunks().dictionary_encode()
        texts = pa.array([text.strip() for text in coded.dictionary.to_pylist()], pa.binary())
        hit = pc.is_in(texts, value_set=values)
        if pc.any(hit).as_py():
            found.update(table.column(_ROLES.subject).filter(hit.take(coded.indices)).to_pylist())
    return found


def _other_forms(store: Store, numbers: frozenset[bytes]) -> int:
    """How many other numbers of a snapshot may be the same as these, written in another form."""
    full = {state().values.full_number(number) for number in numbers}
    found: set[bytes] = set()
    for bucket in range(store.manifest.buckets):
        people = store.bucket(PEOPLE, bucket, ["cii_number"])
        for number in pc.unique(people.column("cii_number")).to_pylist():
            if number and number not in numbers and state().values.full_number(number) in full:
                found.add(number)
    return len(found)
