"""Which texts of levels, classes, races and sexes tables may name: those of a list, or such as many records have.

Where a record is out of place, a name or a number stands in any of its columns. Tables count such a text as nothing
that is known.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa

from clearscale.charges.tables import UNKNOWN, Words
from clearscale.formats import ColumnMap
from clearscale.law import state
from clearscale.small_counts import SUPPRESS_BELOW
from clearscale_kernels.arrays import Int32s, Int64s

from .crosstabs import FILLED, added

Naming = Callable[[str], str | None]


def named(crosstab: pa.Table, crowd: pa.Table, words: Words, stated: ColumnMap) -> tuple[pa.Table, pa.Table, Words]:
    """Counts and words with texts that tables may name.

    Parameters
    ----------
    crosstab, crowd
        Counts of charges and of people by codes, see `crosstabs`.
    words
        What codes stand for.
    stated
        The map by which the charges were read.

    Returns
    -------
    Table
        Charges by codes of the new words.
    Table
        People by them.
    Words
        A text is kept that the map has words for; a race or sex of the state's list by the name of its group; where
        there is no list, a text that as many charges or people have as may be published.
    """
    of_people = crowd.filter(pa.array(crowd.column("scope").to_numpy() == 0))
    for column in ("level", "class", "race", "sex"):
        texts = getattr(words, FILLED[column])
        name = _naming(column, stated)
        if name is None:
            counts, of = (of_people, "people") if column in crowd.column_names else (crosstab, "charges")
            name = _by_size(texts, counts.column(column).to_numpy(), counts.column(of).to_numpy())
        names = [name(text) for text in texts]
        known = tuple(sorted({text for text in names if text is not None}))
        if names == list(texts):
            continue
        at = {text: place for place, text in enumerate(known)}
        places = np.array([*(UNKNOWN if text is None else at[text] for text in names), UNKNOWN], np.int32)
        changed: dict[str, Any] = {FILLED[column]: known}
        words = replace(words, **changed)
        crosstab = _recoded(crosstab, column, places)
        crowd = _recoded(crowd, column, places) if column in crowd.column_names else crowd
    return added(crosstab), added(crowd), words


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


def _recoded(counts: pa.Table, column: str, places: Int32s) -> pa.Table:
    codes = pa.array(places[counts.column(column).to_numpy()])
    return counts.set_column(counts.column_names.index(column), column, codes)
