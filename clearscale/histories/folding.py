"""Histories folded into convictions and people: what the law can ask, free of any policy and any as-of date."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from clearscale_kernels import flag
from clearscale_kernels.arrays import Int8s, Int16s, Int32s, Int64s
from clearscale_kernels.people.cases import list_case_numbers
from clearscale_kernels.people.fold import fold, table_size

from .dictionaries import Dictionaries
from .merging import Histories

CASE_SEPARATOR = b"; "
SECTION_SEPARATOR = b";"


@dataclass
class Folded:
    """convictions: one row a conviction, those of a history side by side. people: one row a history.

    cycles, cases: of each conviction, shape (n,), negative where its count order is too short to name one.
    charges: (flags, section) of each offense, by code.
    """

    convictions: pa.Table
    people: pa.Table
    cycles: Int32s
    cases: Int64s
    charges: tuple[Int16s, Int8s]


def fold_histories(histories: Histories, dictionaries: Dictionaries) -> Folded:
    """Fold each history's rows; `docs/concepts/store.md` lists the columns of both tables."""
    charge_flags, sections = dictionaries.charges()
    cycles, cases = dictionaries.cycles(), dictionaries.cases()
    rows, bounds = histories.rows, histories.bounds
    count = bounds.size - 1
    convicted = int(np.count_nonzero(rows["flags"] & flag.CONVICTED))
    longest = int(np.diff(bounds).max(initial=0))
    conviction_rows = np.empty(convicted, np.int32)
    conviction_flags = np.empty(convicted, np.int16)
    sentence_ends = np.empty(convicted, np.int32)
    history_bounds = np.zeros(count + 1, np.int64)
    history_flags = np.empty(count, np.int16)
    history_sections = np.zeros((count, len(flag.SECTIONS)), np.int32)
    latest_dates = np.empty(count, np.int32)
    found = fold(
        bounds,
        rows["event_date"],
        rows["flags"],
        rows["offense"],
        rows["count_order"],
        rows["sentence"],
        sections,
        cycles,
        np.zeros((5, table_size(longest)), np.int32),
        conviction_rows,
        conviction_flags,
        sentence_ends,
        history_bounds,
        history_flags,
        history_sections,
        latest_dates,
    )
    chosen = conviction_rows[:found]
    people = histories.people
    owner = rows["history"][chosen]
    offenses = rows["offense"][chosen]
    convictions = pa.table(
        {
            "history": owner,
            "extract": people["extract"][owner],
            "row": rows["row"][chosen],
            "event_date": rows["event_date"][chosen],
            "offense": offenses,
            "county": rows["county"][chosen],
            "count_order": rows["count_order"][chosen],
            "flags": conviction_flags[:found],
            "sentence_end": sentence_ends[:found],
            "case_number": _case_numbers(histories, cases, chosen, history_bounds),
        }
    )
    history_flags |= np.where(people["no_birth_date"], flag.NO_BIRTH_DATE, 0).astype(np.int16)
    section_columns = {
        f"convictions_{section}": np.ascontiguousarray(history_sections[:, place])
        for place, section in enumerate(flag.SECTIONS)
    }
    table = pa.table(
        {
            "extract": people["extract"],
            "subject_id": pa.array(people["subject_id"], pa.binary()),
            "cii_number": pa.array(people["cii_number"], pa.binary()),
            "canonical": canonical(people, bounds),
            "rows": np.diff(bounds).astype(np.int32),
            "first_row": people["first_row"],
            "birth_date": people["birth_date"],
            "race": people["race"],
            "sex": people["sex"],
            "flags": history_flags,
            "convictions": np.diff(history_bounds).astype(np.int32),
            **section_columns,
            "latest_conviction": latest_dates,
            "superstrikes": _listed(flag.SUPERSTRIKE, charge_flags, offenses, history_bounds, dictionaries),
            "pc290": _listed(flag.PC290, charge_flags, offenses, history_bounds, dictionaries),
        }
    )
    orders = rows["count_order"][chosen]
    return Folded(convictions, table, cycles[orders], cases[orders], (charge_flags, sections))


def canonical(people: dict[str, np.ndarray], bounds: np.ndarray) -> np.ndarray:
    """Which history stands for its person: the one with the most rows, then that of the later extract.

    Histories of a person lie side by side; a history without a person's number stands for itself. Shape (h,), bool.
    """
    result = np.ones(bounds.size - 1, np.bool_)
    sizes = np.diff(bounds)
    best = -1
    for place, number in enumerate(people["cii_number"]):
        if best < 0 or not number or number != people["cii_number"][best]:
            best = place
        elif (sizes[place], people["extract"][place]) > (sizes[best], people["extract"][best]):
            result[best] = False
            best = place
        else:
            result[place] = False
    return result


def _case_numbers(
    histories: Histories, cases_of_order: Int64s, chosen: np.ndarray, history_bounds: np.ndarray
) -> pa.Array:
    """Case number of each conviction: the distinct OFNs of its case's court actions, in order, joined."""
    rows = histories.rows
    distinct, dense = np.unique(cases_of_order, return_inverse=True)
    dense = np.where(distinct[dense] < 0, -1, dense).astype(np.int32) if distinct.size else np.empty(0, np.int32)
    cases = dense[rows["count_order"]] if dense.size else np.empty(0, np.int32)
    # The same text can have a code from each block, and is one number all the same.
    coded = histories.ofn.dictionary_encode()
    of_text = coded.indices.to_numpy(zero_copy_only=False)
    numbers = of_text[rows["ofn"]] if of_text.size else rows["ofn"]
    numbers = np.where(rows["ofn"] >= 0, numbers, -1).astype(np.int32, copy=False)
    longest = int(np.diff(histories.bounds).max(initial=0))
    offsets = np.zeros(chosen.size + 1, np.int32)
    links = np.empty((2, max(longest, 1)), np.int32)
    listed = np.empty(0, np.int32)
    for _ in range(2):  # first to learn how many there are, then to list them
        tables = np.zeros((3, table_size(longest)), np.int32)
        size = list_case_numbers(
            histories.bounds, numbers, cases, chosen, history_bounds, tables, links, offsets, listed
        )
        listed = listed if listed.size else np.empty(size, np.int32)
    return pc.binary_join(pa.ListArray.from_arrays(offsets, coded.dictionary.take(listed)), CASE_SEPARATOR)


def _listed(
    bit: int, charge_flags: np.ndarray, offenses: np.ndarray, bounds: np.ndarray, dictionaries: Dictionaries
) -> pa.Array:
    """Code sections of each history's convictions whose charge bears the bit, in order, joined."""
    chosen = np.flatnonzero(charge_flags[offenses] & bit) if offenses.size else np.empty(0, np.int64)
    offsets = np.searchsorted(chosen, bounds).astype(np.int32)
    texts = dictionaries.array("offense").take(pa.array(offenses[chosen], pa.int32()))
    return pc.binary_join(pa.ListArray.from_arrays(offsets, texts), SECTION_SEPARATOR)
