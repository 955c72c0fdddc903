"""Which texts of levels, classes, races and sexes tables may name: those of a list, or such as many records have.

Where a record is out of place, a name or a number stands in any of its columns. Tables count such a text as nothing
that is known.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa

from clearscale.charges.tables import UNKNOWN, Charges, Words
from clearscale.formats import ColumnMap
from clearscale.law import state
from clearscale.small_counts import SUPPRESS_BELOW
from clearscale_kernels.arrays import Int32s, Int64s

from .crosstabs import FILLED, added, statutes_of

Naming = Callable[[str], str | None]

_COLUMNS = ("level", "class", "race", "sex")


@dataclass(frozen=True, eq=False)
class Names:
    """What tables call what codes of a store stand for, as far as it is listed: known before anything is counted.

    Attributes
    ----------
    words
        With texts of lists, of columns that have one.
    places
        Of such a column, the new code of each, where some differ; the last is that of none.
    statutes : shape (offenses + 1,)
        The place of each offense in `crosstabs.statutes_of`, -1 for none, which the last is.
    unlisted
        Columns without a list.
    """

    words: Words
    places: dict[str, Int32s]
    statutes: Int32s
    unlisted: tuple[str, ...]


def names_of(words: Words, stated: ColumnMap) -> Names:
    """The names that are listed.

    Parameters
    ----------
    words
        What codes stand for.
    stated
        The map by which the charges were read.

    Returns
    -------
    Names
        A text is kept that the map has words for; a race or sex of the state's list by the name of its group.
    """
    places: dict[str, Int32s] = {}
    unlisted = []
    for column in _COLUMNS:
        name = _naming(column, stated)
        if name is None:
            unlisted.append(column)
        else:
            words, found = _renamed(words, column, name)
            places |= {} if found is None else {column: found}
    at = {statute: place for place, statute in enumerate(statutes_of(words))}
    statutes = [at.get((offense.code, offense.section), UNKNOWN) for offense in words.offenses]
    return Names(words, places, np.array([*statutes, UNKNOWN], np.int32), tuple(unlisted))


def unlisted_of(charges: Charges, rows: Int64s, names: Names) -> Counter[tuple[str, int]]:
    """Count some charges by column and code, of columns without a list that charges have."""
    found: Counter[tuple[str, int]] = Counter()
    for column, codes in (("level", charges.level), ("class", charges.severity)):
        if column in names.unlisted and getattr(names.words, FILLED[column]):
            counts = np.bincount(codes[rows].astype(np.int64) + 1)[1:].tolist()
            found.update({(column, code): count for code, count in enumerate(counts) if count})
    return found


def named(
    unlisted: Counter[tuple[str, int]], crowd: pa.Table, names: Names
) -> tuple[dict[str, Int32s], pa.Table, Words]:
    """Counts and words with texts that tables may name.

    Parameters
    ----------
    unlisted
        Of all charges that are decided, see `unlisted_of`.
    crowd
        Counts of people by codes of the store, in any order.
    names

    Returns
    -------
    dict
        Of each column of which some texts may not be named: the new code of each; the last is that of none.
    Table
        People by codes of the new words.
    Words
        Where there is no list, a text is kept that as many charges or people have as may be published.
    """
    crowd, words = recoded(crowd, names.places), names.words
    of_people = crowd.filter(pa.array(crowd.column("scope").to_numpy() == 0))
    places: dict[str, Int32s] = {}
    for column in names.unlisted:
        if column in crowd.column_names:
            codes, counts = (of_people.column(name).to_numpy() for name in (column, "people"))
        else:
            of_column = {code: count for (of, code), count in unlisted.items() if of == column}
            codes, counts = (np.array([*numbers], np.int64) for numbers in (of_column.keys(), of_column.values()))
        name = _by_size(getattr(words, FILLED[column]), codes, counts)
        words, found = _renamed(words, column, name)
        places |= {} if found is None else {column: found}
    return places, added(recoded(crowd, places)), words


def recoded(counts: pa.Table, places: Mapping[str, Int32s]) -> pa.Table:
    """Counts by new codes, of columns that they have, see `Names.places`. Rows may be equal then."""
    for column in places.keys() & set(counts.column_names):
        codes = pa.array(places[column][counts.column(column).to_numpy()])
        counts = counts.set_column(counts.column_names.index(column), column, codes)
    return counts


def _renamed(words: Words, column: str, name: Naming) -> tuple[Words, Int32s | None]:
    """Words with new texts of a column, and the new code of each; None where nothing changes."""
    texts = getattr(words, FILLED[column])
    names = [name(text) for text in texts]
    if names == list(texts):
        return words, None
    known = tuple(sorted({text for text in names if text is not None}))
    at = {text: place for place, text in enumerate(known)}
    places = [*(UNKNOWN if text is None else at[text] for text in names), UNKNOWN]
    changed: dict[str, Any] = {FILLED[column]: known}
    return replace(words, **changed), np.array(places, np.int32)


def _naming(column: str, stated: ColumnMap) -> Naming | None:
    """What says the name of a text, None where nothing is listed."""
    if column in stated.words:
        listed = {*stated.document["values"][column]}
        return lambda text: text if text in listed else None
    if column in ("level", "class") or not _has_people(stated):
        return None
    people = state(stated.document["state"]).people
    group = people.race_group if column == "race" else people.sex_group
    return lambda text: None if group(text) == people.unknown else group(text)


def _has_people(stated: ColumnMap) -> bool:
    return "state" in stated.document and state(stated.document["state"]).folder.joinpath("people.toml").is_file()


def _by_size(texts: tuple[str, ...], codes: Int64s, counts: Int64s) -> Naming:
    """Names of texts that are met often enough to be published."""
    there = codes >= 0
    sizes = np.bincount(codes[there], weights=counts[there], minlength=len(texts))
    many = {text for text, size in zip(texts, sizes.tolist(), strict=True) if size >= SUPPRESS_BELOW}
    return lambda text: text if text in many else None
