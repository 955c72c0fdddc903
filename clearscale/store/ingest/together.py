"""People of all extracts together before any is folded: what a dry run can say of them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from clearscale.extract.noticed import Noticed
from clearscale.extract.subject_facts import first_told
from clearscale.histories.merging import TOLD
from clearscale.store.entry import ExtractEntry
from clearscale.store.layout import PEOPLE
from clearscale.store.opened import Store

from .block_groups import told_in
from .joining import NewExtract
from .same_person import COLUMNS, notice_people

_DIGESTS = COLUMNS[1:]
_KINDS = {column: kind for kind, column in TOLD.items()}


def notice_together(store: Store | None, staying: Sequence[ExtractEntry], added: Sequence[NewExtract]) -> Noticed:
    """Notice people as the fold of a new snapshot would.

    Parameters
    ----------
    store
        What is in force, if anything is.
    staying
        Extracts of it that stay as they are.
    added
        Extracts that come, or get more files.

    Returns
    -------
    Noticed
        What `notice_people` finds in the people of all.
    """
    held = _held(store, [*staying, *(extract.kept for extract in added if extract.kept)]) if store else {}
    tables = [held[entry.id].select(list(COLUMNS)) for entry in staying]
    for extract in added:
        before = [held[extract.kept.id]] if extract.kept else []
        of_files = (_people_in(texts) for file in extract.files for texts in file.texts)
        tables += _by_subject([*before, *of_files])
    return notice_people(pa.concat_tables(tables)) if tables else Noticed()


def _held(store: Store, extracts: Iterable[ExtractEntry]) -> Mapping[str, pa.Table]:
    """The people of extracts of a store, by id."""
    columns = ["extract", "subject_id", *COLUMNS]
    people = pa.concat_tables(store.bucket(PEOPLE, bucket, columns) for bucket in range(store.manifest.buckets))
    places = store.manifest.numbered()
    return {
        entry.id: people.filter(pc.equal(people.column("extract"), places[entry.id])).drop_columns("extract")
        for entry in extracts
    }


def _people_in(texts: pa.RecordBatch) -> pa.Table:
    """The subjects of a block group."""
    told = told_in(texts)
    digests = {
        column: first_told(told.facts[_KINDS[column]].values, told.owners, len(told.ids)) for column in _DIGESTS
    }
    return pa.table({"subject_id": told.ids, "cii_number": texts.column("cii_number").flatten(), **digests})


def _by_subject(pieces: Sequence[pa.Table]) -> Iterator[pa.Table]:
    """Bring pieces of an extract together, of each subject what is told first. Yields a table if there are any."""
    if not pieces:
        return
    people = pa.concat_tables(pieces).combine_chunks()
    coded = people.column("subject_id").combine_chunks().dictionary_encode()
    subjects, count = coded.indices.to_numpy(), len(coded.dictionary)
    numbers = people.column("cii_number").combine_chunks()
    places = np.where(pc.binary_length(numbers).to_numpy() > 0, np.arange(1, len(numbers) + 1), 0)
    first = first_told(places.astype(np.int64), subjects, count)
    chosen = numbers.take(pa.array(first - 1, mask=first == 0)).fill_null(b"")
    digests = {column: first_told(people.column(column).to_numpy(), subjects, count) for column in _DIGESTS}
    yield pa.table({"cii_number": chosen, **digests})
