"""Candidates: the convictions that a policy may decide, with all that deciding and counting them needs.

They and what the other convictions of their histories come to are all that a run reads, about a fiftieth of the
store. Nothing here depends on a policy or on an as-of date.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from clearscale.encoding import to_bytes, to_text
from clearscale.law import state
from clearscale.law.catalog import PAIRED
from clearscale.law.implausible import implausible
from clearscale_kernels import flag
from clearscale_kernels.arrays import Bools, Int8s, Int16s, Int32s, Int64s
from clearscale_kernels.people import calendar
from clearscale_kernels.people.neighbors import Convictions, mark_strikes, sum_others

if TYPE_CHECKING:
    from .dictionaries import Dictionaries
    from .folding import Folded

OTHERS = ("other_convictions", "other_felonies", "other_latest")
"""Columns of `subjects` that add up a history's convictions that are no candidates."""

_PREFIX = 5
"""Characters of a code section that make two Prop 64 convictions of one section, as the pilots counted priors."""

_BROKEN = re.compile("[\udc80-\udcff]")
"""A byte that is not UTF-8, as it is decoded."""

_GANG, _ENHANCEABLE = (state().charges.marked(mark).matcher() for mark in PAIRED)
"""A gang enhancement and the offenses it makes superstrikes, two convictions of a case."""

_OF_PEOPLE = (
    "extract",
    "canonical",
    "birth_date",
    "race",
    "sex",
    "convictions",
    *(f"convictions_{section}" for section in state().charges.sections),
    "latest_conviction",
)
_OF_CONVICTIONS = ("history", "row", "event_date", "offense", "county", "sentence_end")


@dataclass(frozen=True)
class CandidateTables:
    """What a run reads of a bucket.

    Attributes
    ----------
    candidates : pyarrow.Table
        One row a conviction that a policy may decide, those of a history side by side.
    subjects : pyarrow.Table
        One row a history.
    """

    candidates: pa.Table
    subjects: pa.Table


def county_codes(counties: Sequence[str], dictionaries: "Dictionaries") -> Int32s:
    """The code of each county, -1 for one that no record names. Shape (len(counties),)."""
    codes = [dictionaries.code("county", to_bytes(county)) for county in counties]
    return np.array(codes, np.int32)


def candidates_of(folded: "Folded", dictionaries: "Dictionaries", counties: Int32s) -> CandidateTables:
    """The candidates among a bucket's convictions; `docs/concepts/store.md` lists the columns of both tables.

    counties: code of each extract's county, shape (extracts,).
    """
    convictions, people = folded.convictions, folded.people
    cycles, cases = folded.cycles, folded.cases
    charge_flags, sections = folded.charges
    conviction = {name: convictions.column(name).to_numpy() for name in (*_OF_CONVICTIONS, "flags")}
    person = {name: people.column(name).to_numpy(zero_copy_only=False) for name in (*_OF_PEOPLE, "flags")}
    history, offense = conviction["history"], conviction["offense"]
    chosen = decidable(folded)
    charges = charge_flags[offense] if offense.size else np.empty(0, np.int16)
    bounds = np.searchsorted(history, np.arange(people.num_rows + 1)).astype(np.int64)
    own = conviction["county"] == counties[person["extract"][history]]
    bits = conviction["flags"].astype(np.int32)
    bits |= np.where(own, flag.OWN_COUNTY, 0).astype(np.int32)
    bits |= np.where(person["canonical"][history], flag.CANONICAL, 0).astype(np.int32)
    bits |= np.where(_implausible(conviction, person), flag.IMPLAUSIBLE_DATE, 0).astype(np.int32)
    bits |= _doubts(person["flags"])[history]
    unreadable = bits & flag.UNREADABLE_EVENT_DATE != 0
    bits |= np.where(unreadable, flag.UNREADABLE_DATE, 0).astype(np.int32)
    record = Convictions(
        chosen=chosen,
        event_dates=conviction["event_date"],
        flags=conviction["flags"],
        charges=charges,
        cases=cases,
        sentence_ends=conviction["sentence_end"],
    )
    strikes = np.zeros((2, people.num_rows), np.int32)
    mark_strikes(bounds, record, bits, strikes)
    others = np.zeros((len(OTHERS), people.num_rows), np.int32)
    ends = np.empty(people.num_rows, np.int32)
    sum_others(bounds, record, others, ends)
    places = np.flatnonzero(chosen)
    kept = {name: conviction[name][places] for name in _OF_CONVICTIONS}
    of_section = sections[kept["offense"]] if places.size else np.empty(0, np.int8)
    candidates = pa.table(
        {
            **kept,
            "flags": bits[places],
            "year": _years(kept["event_date"], bits[places]),
            "age_at_conviction": _ages(person["birth_date"][kept["history"]], kept["event_date"]),
            "priors": _priors(kept, of_section, dictionaries),
            "same_cycles": _same_cycles(kept["history"], kept["offense"], cycles[places]),
        }
    )
    subjects = pa.table(
        {
            **{name: person[name] for name in _OF_PEOPLE},
            "flags": person["flags"],
            "superstrikes": strikes[0],
            "pc290": strikes[1],
            "latest_sentence_end": ends,
            "gang_pair": _gang_pairs(people.num_rows, history, offense, cases, dictionaries),
            **dict(zip(OTHERS, others, strict=True)),
        }
    )
    return CandidateTables(candidates, subjects)


def decidable(folded: "Folded") -> Bools:
    """Which convictions a policy may decide: Prop 64 charges and related ones. Shape (n,)."""
    charge_flags, sections = folded.charges
    wanted = (sections >= 0) | (charge_flags & flag.RELATED != 0)
    offenses = folded.convictions.column("offense").to_numpy()
    result: Bools = wanted[offenses] if offenses.size else np.empty(0, np.bool_)
    return result


def _ages(births: Int32s, at: Int32s) -> Int16s:
    out = np.empty(births.size, np.int16)
    calendar.ages(births, at, out)
    return out


def _doubts(flags: Int16s) -> Int32s:
    """What is doubtful about histories, as bits of their candidates. Shape (h,)."""
    bits = np.zeros(flags.size, np.int32)
    for of_history, bit in (
        (flag.NO_DISPOSITION | flag.NEAR_PROP64, flag.UNCLEAR_RECORD),
        (flag.UNREADABLE_BIRTH_DATE, flag.UNREADABLE_DATE),
        (flag.SUBJECT_CONTRADICTS, flag.CONTRADICTORY_SUBJECT),
        (flag.PERSON_CONTRADICTS, flag.CONTRADICTORY_PERSON),
    ):
        bits |= np.where(flags & of_history, bit, 0).astype(np.int32)
    return bits


def _implausible(conviction: dict[str, np.ndarray], person: dict[str, np.ndarray]) -> Bools:
    """Which convictions have a date, or a birth date, that cannot be right on any day. Shape (n,)."""
    history, dates = conviction["history"], conviction["event_date"]
    dated = conviction["flags"] & flag.NO_EVENT_DATE == 0
    born = (person["flags"] & flag.NO_BIRTH_DATE == 0)[history]
    return implausible(dates, dated, person["birth_date"][history], born)


def _years(dates: Int32s, flags: Int32s) -> Int16s:
    """Calendar year of each date, -1 where it is missing."""
    out = np.empty(dates.size, np.int16)
    calendar.years_of(dates, out)
    out[flags & flag.NO_EVENT_DATE != 0] = -1
    return out


def _run_starts(*keys: np.ndarray) -> Int64s:
    """Find, in sorted keys, where each entry's run of equal keys begins. Shape (n,)."""
    changes = np.zeros(keys[0].size, np.bool_)
    for key in keys:
        changes[1:] |= key[1:] != key[:-1]
    result: Int64s = np.maximum.accumulate(np.where(changes, np.arange(changes.size), 0))
    return result


def _priors(kept: dict[str, np.ndarray], sections: Int8s, dictionaries: "Dictionaries") -> Int16s:
    """Count, for each Prop 64 conviction, earlier ones of the history with the same prefix; 0 for others."""
    # Characters, not bytes. The pilots' program put another character in place of a byte that is no UTF-8 and then
    # found no text beginning so: a code section with such a byte among the first five has no priors.
    texts = [to_text(text)[:_PREFIX] for text in dictionaries.texts["offense"]]
    codes = {text: code for code, text in enumerate(dict.fromkeys(texts))}
    prefixes = np.array([codes[text] for text in texts], np.int32)
    decodes = np.array([not _BROKEN.search(text) for text in texts], np.bool_)
    result = np.zeros(sections.size, np.int16)
    places = np.flatnonzero(sections >= 0)
    places = places[decodes[kept["offense"][places]]] if places.size else places
    if not places.size:
        return result
    history, date = kept["history"][places], kept["event_date"][places]
    prefix = prefixes[kept["offense"][places]]
    order = np.lexsort((date, prefix, history))
    history, date, prefix = history[order], date[order], prefix[order]
    earlier = _run_starts(history, prefix, date) - _run_starts(history, prefix)
    result[places[order]] = np.minimum(earlier, np.iinfo(np.int16).max)
    return result


def _same_cycles(histories: Int32s, offenses: Int32s, cycles: Int32s) -> Int16s:
    """Count the cycles of its history in which each candidate's code section is a conviction, its own included."""
    order = np.lexsort((cycles, offenses, histories))
    group = _run_starts(histories[order], offenses[order])
    first = _run_starts(histories[order], offenses[order], cycles[order]) == np.arange(order.size)
    distinct = np.bincount(group, weights=first, minlength=order.size)
    result = np.empty(order.size, np.int16)
    result[order] = np.minimum(distinct[group], np.iinfo(np.int16).max)
    return result


def _gang_pairs(
    histories: int, history: Int32s, offenses: Int32s, cases: Int64s, dictionaries: "Dictionaries"
) -> Bools:
    """Find histories with a gang enhancement and an offense it enhances in one case. Shape (h,), bool."""
    texts = dictionaries.texts["offense"]
    result = np.zeros(histories, np.bool_)
    enhancing = np.flatnonzero(np.array([_GANG.search(text) is not None for text in texts], np.bool_))
    gang = np.flatnonzero(np.isin(offenses, enhancing) & (cases >= 0))
    if not gang.size:
        return result
    found = {(int(history[place]), int(cases[place])) for place in gang}
    for place in np.flatnonzero(np.isin(history, history[gang]) & (cases >= 0)):
        owner = int(history[place])
        if (owner, int(cases[place])) in found and _ENHANCEABLE.search(texts[offenses[place]]):
            result[owner] = True
    return result
