"""Histories folded into convictions and people: what the law can ask, free of any policy and any as-of date."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from clearscale.law import state
from clearscale_kernels import flag
from clearscale_kernels.arrays import Int8s, Int16s, Int32s, Int64s
from clearscale_kernels.people.cases import CaseNumbers, CaseRows, CaseScratch, ConvictionPlaces, list_case_numbers
from clearscale_kernels.people.fold import Codes, FoldedConvictions, FoldedHistories, HistoryRows, fold, table_size

from .dictionaries import Dictionaries
from .merging import CONTRADICTORY, TOLD, MergedHistories
from .same_person import contradictory, people_side_by_side

_SECTIONS = state().charges.sections


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


def fold_histories(histories: MergedHistories, dictionaries: Dictionaries) -> Folded:
    """Fold each history's rows; `docs/concepts/store.md` lists the columns of both tables."""
    charge_flags, sections = dictionaries.charges()
    cycles, cases = dictionaries.cycles(), dictionaries.cases()
    rows, bounds = histories.rows, histories.bounds
    count = bounds.size - 1
    convicted = int(np.count_nonzero(rows["flags"] & flag.CONVICTED))
    longest = int(np.diff(bounds).max(initial=0))
    of_convictions = FoldedConvictions(
        rows=np.empty(convicted, np.int32),
        flags=np.empty(convicted, np.int16),
        sentence_ends=np.empty(convicted, np.int32),
    )
    of_histories = FoldedHistories(
        bounds=np.zeros(count + 1, np.int64),
        flags=np.empty(count, np.int16),
        sections=np.zeros((count, len(_SECTIONS)), np.int32),
        latest_dates=np.empty(count, np.int32),
    )
    found = fold(
        bounds,
        HistoryRows(
            event_dates=rows["event_date"],
            flags=rows["flags"],
            offenses=rows["offense"],
            count_orders=rows["count_order"],
            sentences=rows["sentence"],
        ),
        Codes(sections, cycles),
        np.zeros((5, table_size(longest)), np.int32),
        of_convictions,
        of_histories,
    )
    chosen = of_convictions.rows[:found]
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
            "flags": of_convictions.flags[:found],
            "sentence_end": of_convictions.sentence_ends[:found],
            "case_number": _case_numbers(histories, cases, ConvictionPlaces(chosen, of_histories.bounds)),
        }
    )
    section_columns = {
        f"convictions_{section}": np.ascontiguousarray(of_histories.sections[:, place])
        for place, section in enumerate(_SECTIONS)
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
            **{name: people[name] for name in TOLD.values()},
            "flags": of_histories.flags | _bits_of_people(people),
            "convictions": np.diff(of_histories.bounds).astype(np.int32),
            **section_columns,
            "latest_conviction": of_histories.latest_dates,
            "superstrikes": _listed(flag.SUPERSTRIKE, charge_flags, offenses, of_histories.bounds, dictionaries),
            "pc290": _listed(flag.REGISTRABLE, charge_flags, offenses, of_histories.bounds, dictionaries),
        }
    )
    orders = rows["count_order"][chosen]
    return Folded(convictions, table, cycles[orders], cases[orders], (charge_flags, sections))


def _bits_of_people(people: dict[str, np.ndarray]) -> Int16s:
    """What is known of histories beside their rows, as bits. Shape (h,)."""
    person = people_side_by_side(people["cii_number"])
    contradicts = contradictory(person, [people[TOLD[kind]] for kind in ("name", "birth")])[person]
    bits = np.zeros(person.size, np.int16)
    for bit, found in (
        (flag.NO_BIRTH_DATE, people["no_birth_date"]),
        (flag.UNREADABLE_BIRTH_DATE, people["unreadable_birth"]),
        (flag.SUBJECT_CONTRADICTS, people[CONTRADICTORY]),
        (flag.PERSON_CONTRADICTS, contradicts),
    ):
        bits |= found * np.int16(bit)
    return bits


def canonical(people: dict[str, np.ndarray], bounds: np.ndarray) -> np.ndarray:
    """Choose the history that stands for its person: the one with the most rows, then that of the later extract.

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


def _case_numbers(histories: MergedHistories, cases_of_order: Int64s, convictions: ConvictionPlaces) -> pa.Array:
    """Join, for each conviction, the distinct OFNs of its case's court actions, in order."""
    rows = histories.rows
    distinct, dense = np.unique(cases_of_order, return_inverse=True)
    dense = np.where(distinct[dense] < 0, -1, dense).astype(np.int32) if distinct.size else np.empty(0, np.int32)
    cases = dense[rows["count_order"]] if dense.size else np.empty(0, np.int32)
    # The same text can have several codes, one from each block; it is one number.
    coded = histories.ofn.dictionary_encode()
    of_text = coded.indices.to_numpy(zero_copy_only=False)
    numbers = of_text[rows["ofn"]] if of_text.size else rows["ofn"]
    numbers = np.where(rows["ofn"] >= 0, numbers, -1).astype(np.int32, copy=False)
    longest = int(np.diff(histories.bounds).max(initial=0))
    links = np.empty((2, max(longest, 1)), np.int32)
    listed = CaseNumbers(np.zeros(convictions.rows.size + 1, np.int32), np.empty(0, np.int32))
    for _ in range(2):  # first to learn how many there are, then to list them
        scratch = CaseScratch(np.zeros((3, table_size(longest)), np.int32), links)
        size = list_case_numbers(histories.bounds, CaseRows(numbers, cases), convictions, scratch, listed)
        if not listed.numbers.size:
            listed = CaseNumbers(listed.offsets, np.empty(size, np.int32))
    texts = coded.dictionary.take(listed.numbers)
    return pc.binary_join(pa.ListArray.from_arrays(listed.offsets, texts), CASE_SEPARATOR)


def _listed(
    bit: int, charge_flags: np.ndarray, offenses: np.ndarray, bounds: np.ndarray, dictionaries: Dictionaries
) -> pa.Array:
    """Join, in order, the code sections of each history's convictions whose charge bears the bit."""
    chosen = np.flatnonzero(charge_flags[offenses] & bit) if offenses.size else np.empty(0, np.int64)
    offsets = np.searchsorted(chosen, bounds).astype(np.int32)
    texts = dictionaries.array("offense").take(pa.array(offenses[chosen], pa.int32()))
    return pc.binary_join(pa.ListArray.from_arrays(offsets, texts), SECTION_SEPARATOR)
