"""Who is in an extract, and in which counties each subject has a conviction that tells whose extract it is."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from clearscale.extract.contradictions import Told
from clearscale.extract.subject_facts import Facts, number_digest
from clearscale.histories.merging import TOLD
from clearscale.io.far import each
from clearscale.store.buckets import slices_in
from clearscale.store.entry import ExtractEntry
from clearscale.store.held import HeldBucket
from clearscale.store.layout import PEOPLE
from clearscale.store.opened import Store
from clearscale.store.slices import COUNT, slices_of
from clearscale_kernels.arrays import Bools, Int32s, Int64s

_WITHOUT_NUMBER = b"\0"
"""Before a SUBJECT_ID that stands for a person without a number."""


@dataclass(frozen=True)
class Subjects:
    """The subjects of an extract.

    ids: of each. persons: the number of each, empty for none. convicted: by county as records write it, the places
    of the subjects with a conviction there of a charge that extracts are made for.
    """

    ids: pa.Array
    persons: pa.Array
    convicted: Mapping[bytes, Int64s]

    def __len__(self) -> int:
        return len(self.ids)

    def people(self) -> pa.Array:
        """What tells people apart: a person's number, else the subject. Each once."""
        return people_of(self.ids, self.persons)

    def with_all_of(self, county: bytes) -> bool:
        """Whether every subject has such a conviction in the county."""
        return len(self) > 0 and self.convicted.get(county, _NOBODY).size == len(self)

    def without(self, county: bytes) -> pa.Array:
        """The subjects that have none in the county."""
        return self.ids.filter(pa.array(~self._with(county)))

    def known_in(self, county: bytes) -> set[tuple[bytes, bytes]]:
        """The subjects with such a conviction in the county, each with the person's number, which must be there."""
        return {pair for pair in self._pairs(self._with(county)) if pair[1]}

    def unknown_in(self, county: bytes) -> set[tuple[bytes, bytes]]:
        """The subjects without such a conviction in the county, each with the person's number, empty for none."""
        return set(self._pairs(~self._with(county)))

    def _with(self, county: bytes) -> Bools:
        found: Bools = np.zeros(len(self), np.bool_)
        found[self.convicted.get(county, _NOBODY)] = True
        return found

    def _pairs(self, chosen: Bools) -> Iterator[tuple[bytes, bytes]]:
        mask = pa.array(chosen)
        return zip(self.ids.filter(mask).to_pylist(), self.persons.filter(mask).to_pylist(), strict=True)


_NOBODY = np.empty(0, np.int64)


def people_of(ids: pa.Array, persons: pa.Array) -> pa.Array:
    """What tells people apart, each once. ids, persons: of subjects; an empty number is none."""
    alone = pc.binary_join_element_wise(pa.scalar(_WITHOUT_NUMBER), ids, pa.scalar(b"", pa.binary()))
    return pc.unique(pc.if_else(pc.equal(pc.binary_length(persons), 0), alone, persons))


def joined_subjects(texts: Iterable[pa.RecordBatch]) -> Subjects:
    """The subjects of block groups; see `block_groups.texts_in`. A subject's first number stays."""
    ids, persons, owners, counties = [], [], [], []
    names: dict[bytes, int] = {}
    before = 0
    for batch in texts:
        ids.append(batch.column("subject_id").flatten())
        persons.append(batch.column("cii_number").flatten())
        owners.append(batch.column("convicted_subject").flatten().to_numpy().astype(np.int64) + before)
        codes = [names.setdefault(name, len(names)) for name in batch.column("county")[0].as_py()]
        of_group = batch.column("convicted_county").flatten().to_numpy()
        counties.append(np.array(codes, np.int64)[of_group] if of_group.size else _NOBODY)
        before += len(ids[-1])
    if not ids:
        return Subjects(pa.array([], pa.binary()), pa.array([], pa.binary()), {})
    coded = pa.concat_arrays(ids).dictionary_encode()
    places, distinct = coded.indices.to_numpy().astype(np.int64), coded.dictionary
    numbers = pa.concat_arrays(persons)
    numbered = np.flatnonzero(pc.binary_length(numbers).to_numpy() > 0)[::-1]
    first = np.full(len(distinct), -1, np.int64)
    first[places[numbered]] = numbered  # backwards: the first stays
    chosen = numbers.take(pa.array(first, mask=first < 0)).fill_null(b"")
    pairs = np.unique(np.concatenate(counties) * len(distinct) + places[np.concatenate(owners)])
    convicted = {}
    for name, code in names.items():
        low, high = np.searchsorted(pairs, [code * len(distinct), (code + 1) * len(distinct)])
        if high > low:
            convicted[name] = pairs[low:high] - code * len(distinct)
    return Subjects(distinct, chosen, convicted)


def people_in_force(store: Store, extracts: Iterable[ExtractEntry]) -> pa.Array:
    """What tells apart the people of some extracts of a store, each once."""
    found = [
        people_of(people.column("subject_id").combine_chunks(), people.column("cii_number").combine_chunks())
        for extract in extracts
        for people, _ in _people(store, extract)
    ]
    return pc.unique(pa.chunked_array(found, pa.binary()))


def subjects_in_force(
    store: Store, extract: ExtractEntry, among: pa.Array | None = None
) -> Iterator[tuple[bytes, bool, int]]:
    """Yield the subjects of an extract of a store: SUBJECT_ID, whether it has a number, and its slice.

    among: only these are wanted.
    """
    for people, slices in _people(store, extract):
        if among is not None:
            chosen = pc.is_in(people.column("subject_id"), value_set=among)
            people, slices = people.filter(chosen), slices[chosen.to_numpy()]
        ids, persons = (people.column(name).to_pylist() for name in ("subject_id", "cii_number"))
        for subject, person, place in zip(ids, persons, slices.tolist(), strict=True):
            yield subject, bool(person), place


def keys_in_force(store: Store, extract: ExtractEntry) -> tuple[pa.Array, pa.Array]:
    """SUBJECT_ID and number, empty for none, of each subject of an extract of a store."""
    people = _all_people(store, extract)
    return people.column("subject_id").combine_chunks(), people.column("cii_number").combine_chunks()


def told_in_force(store: Store, extract: ExtractEntry) -> Told:
    """What an extract of a store told first of each subject. Which of them contradict, it told itself."""
    people = _all_people(store, extract, TOLD.values())
    ids = people.column("subject_id").combine_chunks()
    numbers = [number_digest(number) for number in people.column("cii_number").to_pylist()]
    told = {kind: people.column(column).to_numpy() for kind, column in TOLD.items()}
    told["number"] = np.array(numbers, np.int64)
    nowhere = np.zeros(len(ids), np.int64)
    facts = {kind: Facts(values, nowhere, nowhere) for kind, values in told.items()}
    return Told(ids, np.arange(len(ids)), facts)


def _all_people(store: Store, extract: ExtractEntry, columns: Iterable[str] = ()) -> pa.Table:
    found = [people for people, _ in _people(store, extract, columns)]
    wanted = ["extract", "subject_id", "cii_number", *columns]
    return pa.concat_tables(found) if found else store.bucket(PEOPLE, 0, wanted).slice(0, 0)


_Slices = Int32s | Int64s


def _people(store: Store, extract: ExtractEntry, columns: Iterable[str] = ()) -> list[tuple[pa.Table, _Slices]]:
    """An extract's people by buckets that have some: their keys and other columns, and the slice of each."""
    wanted = ["extract", "subject_id", "cii_number", *columns]
    found = each(store.folder, lambda held: _people_in(store, extract, held, wanted), store.manifest.held)
    return [of_bucket for of_bucket in found if of_bucket is not None]


def _people_in(
    store: Store, extract: ExtractEntry, held: HeldBucket, columns: list[str]
) -> tuple[pa.Table, _Slices] | None:
    files, dealt = store.files, store.manifest.dealt
    slices: _Slices
    if held.sliced:
        whole = slices_in(files, held)
        live = whole.without(held.without)
        among = live.with_extract(extract.number)
        if not among.size:
            return None
        people = files.read_parquet(held.path(PEOPLE), columns, whole.spans(PEOPLE, among))
        slices = np.repeat(among, live.column("histories")[np.isin(live.numbers, among)])
    else:
        people = files.read_parquet(held.path(PEOPLE), columns)
        if COUNT % dealt:
            slices = slices_of(people.column("cii_number").to_pylist(), people.column("subject_id").to_pylist())
        else:  # where it lies says in which bucket its rows are, and no more is asked
            slices = np.full(people.num_rows, held.number, np.int32)
    chosen = pc.equal(people.column("extract"), extract.number)
    return people.filter(chosen), slices[chosen.to_numpy()]
