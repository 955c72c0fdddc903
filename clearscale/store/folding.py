"""Histories folded into convictions and people: what the law can ask, free of any policy and any as-of date."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from clearscale_kernels import facts
from clearscale_kernels.fold import fold, table_size

from .dictionaries import Dictionaries
from .merging import Histories

CASE_SEPARATOR = b"; "
SECTION_SEPARATOR = b";"


@dataclass
class Folded:
    """convictions: one row a conviction, those of a history side by side. people: one row a history."""

    convictions: pa.Table
    people: pa.Table


def fold_histories(histories: Histories, dictionaries: Dictionaries) -> Folded:
    """Fold each history's rows; `docs/concepts/store.md` lists the columns of both tables."""
    charge_flags, sections = dictionaries.charges()
    rows, bounds = histories.rows, histories.bounds
    count = bounds.size - 1
    convicted = int(np.count_nonzero(rows["flags"] & facts.CONVICTED))
    longest = int(np.diff(bounds).max(initial=0))
    conviction_rows = np.empty(convicted, np.int32)
    conviction_flags = np.empty(convicted, np.int16)
    sentence_ends = np.empty(convicted, np.int32)
    history_bounds = np.zeros(count + 1, np.int64)
    history_flags = np.empty(count, np.int16)
    history_sections = np.zeros((count, len(facts.SECTIONS)), np.int32)
    latest_dates = np.empty(count, np.int32)
    found = fold(
        bounds,
        rows["event_date"],
        rows["flags"],
        rows["offense"],
        rows["count_order"],
        rows["sentence"],
        sections,
        dictionaries.cycles(),
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
            "case_number": _case_numbers(histories, dictionaries, chosen),
        }
    )
    history_flags |= np.where(people["no_birth_date"], facts.NO_BIRTH_DATE, 0).astype(np.int16)
    section_columns = {
        f"convictions_{section}": np.ascontiguousarray(history_sections[:, place])
        for place, section in enumerate(facts.SECTIONS)
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
            "superstrikes": _listed(facts.SUPERSTRIKE, charge_flags, offenses, history_bounds, dictionaries),
            "pc290": _listed(facts.PC290, charge_flags, offenses, history_bounds, dictionaries),
        }
    )
    return Folded(convictions, table)


def canonical(people: dict[str, np.ndarray], bounds: np.ndarray) -> np.ndarray:
    """Which history stands for its person: the one with the most rows, then that of the later extract.

    Histories of a person lie side by side; a history without CII_NUMBER stands for itself. Shape (h,), bool.
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


def _case_numbers(histories: Histories, dictionaries: Dictionaries, chosen: np.ndarray) -> pa.Array:
    """Case number of each conviction: the distinct OFNs of its case's court actions, in order, joined."""
    rows = histories.rows
    distinct, cases = np.unique(dictionaries.cases(), return_inverse=True)
    width = max(distinct.size, 1)
    court = np.flatnonzero(rows["ofn"] >= 0)
    keys = rows["history"][court].astype(np.int64) * width + cases[rows["count_order"][court]]
    coded = histories.ofn.dictionary_encode()
    of_text = coded.indices.to_numpy(zero_copy_only=False)
    numbers = of_text[rows["ofn"][court]] if court.size else np.empty(0, np.int64)
    order = np.lexsort((np.arange(court.size), numbers, keys))
    keys, numbers, places = keys[order], numbers[order], court[order]
    fresh = np.ones(order.size, np.bool_)
    fresh[1:] = (keys[1:] != keys[:-1]) | (numbers[1:] != numbers[:-1])
    keys, numbers, places = keys[fresh], numbers[fresh], places[fresh]
    by_place = np.lexsort((places, keys))
    keys, numbers = keys[by_place], numbers[by_place]
    groups, starts = np.unique(keys, return_index=True)
    offsets = np.append(starts, keys.size).astype(np.int32)
    texts = coded.dictionary.take(pa.array(numbers, pa.int32()))
    joined = pc.binary_join(pa.ListArray.from_arrays(offsets, texts), CASE_SEPARATOR)
    wanted = rows["history"][chosen].astype(np.int64) * width + cases[rows["count_order"][chosen]]
    found = np.searchsorted(groups, wanted)
    hit = found < groups.size
    hit[hit] = groups[found[hit]] == wanted[hit]
    return pc.fill_null(joined.take(pa.array(np.where(hit, found, 0), pa.int64(), mask=~hit)), b"")


def _listed(
    bit: int, charge_flags: np.ndarray, offenses: np.ndarray, bounds: np.ndarray, dictionaries: Dictionaries
) -> pa.Array:
    """Code sections of each history's convictions whose charge bears the bit, in order, joined."""
    chosen = np.flatnonzero(charge_flags[offenses] & bit) if offenses.size else np.empty(0, np.int64)
    offsets = np.searchsorted(chosen, bounds).astype(np.int32)
    texts = dictionaries.array("offense").take(pa.array(offenses[chosen], pa.int32()))
    return pc.binary_join(pa.ListArray.from_arrays(offsets, texts), SECTION_SEPARATOR)
