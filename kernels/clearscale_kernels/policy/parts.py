"""Decisions on their way from the order of people to that of extracts and rows, without a comparison of two."""

from typing import NamedTuple

from clearscale_kernels import flag
from clearscale_kernels.arrays import Bools, Int16s, Int32s, Int64s, UInt32s
from clearscale_kernels.jit.compiler import inlined, kernel

RESTS_ON_MISSING, NO_EVENT_DATE, FROM_COMMENT, SET_ASIDE, REDUCED, SYNTHETIC, OTHER_COUNTY, SUPERSEDED = (
    1 << bit for bit in range(8)
)
CLEARED, OTHER_OFFENSE, IMPLAUSIBLE_DATE, UNCLEAR_RECORD = (1 << bit for bit in range(8, 12))
UNREADABLE_DATE, CONTRADICTORY_SUBJECT, CONTRADICTORY_PERSON = (1 << bit for bit in range(12, 15))
"""What a person should know before acting on a decision, as bits of its mark."""

MARKS = 1 << 15
"""How many marks there are."""

WORD = 32
"""Rows that are remembered together."""

_OWN_COUNTY = flag.OWN_COUNTY
_CANONICAL = flag.CANONICAL
_OF_ROW = (flag.NO_EVENT_DATE, flag.FROM_COMMENT, flag.SET_ASIDE, flag.REDUCED)
_OF_COUNT = (flag.CLEARED, flag.OTHER_OFFENSE)
_DOUBTS = (
    flag.IMPLAUSIBLE_DATE
    | flag.UNCLEAR_RECORD
    | flag.UNREADABLE_DATE
    | flag.CONTRADICTORY_SUBJECT
    | flag.CONTRADICTORY_PERSON
)
"""These bits follow one another as those of marks do, from IMPLAUSIBLE_DATE on."""
_DOWN = (flag.IMPLAUSIBLE_DATE // IMPLAUSIBLE_DATE).bit_length() - 1
_OF_CHARGE = flag.SYNTHETIC


class Decided(NamedTuple):
    """Candidates and what a policy decides of them, in the order of people.

    Attributes
    ----------
    in_scope : bool, shape (n,)
    flags : int32, shape (n,)
        Bits of `flag`.
    histories : int32, shape (n,)
    rows : int32, shape (n,)
    counties, offenses : int32, shape (n,)
        Codes.
    rules : int16, shape (n,)
    rests_on_missing : bool, shape (n,)
        Whether the decision rests on a missing date.
    """

    in_scope: Bools
    flags: Int32s
    histories: Int32s
    rows: Int32s
    counties: Int32s
    offenses: Int32s
    rules: Int16s
    rests_on_missing: Bools


class DecisionColumns(NamedTuple):
    """Decisions extract by extract. Filled.

    Attributes
    ----------
    rows : int32, shape (m,)
    counties, offenses : int32, shape (m,)
        Codes.
    rules : int16, shape (m,)
    marks : int16, shape (m,)
        RESTS_ON_MISSING and the other bits.
    """

    rows: Int32s
    counties: Int32s
    offenses: Int32s
    rules: Int16s
    marks: Int16s


@kernel
def count_by_extract(decided: Decided, extracts: Int32s, out: Int64s) -> None:
    """Count the decisions on each extract, those left out that neither its county nor the state counts.

    Parameters
    ----------
    decided
    extracts : shape (h,)
        The extract of each history.
    out : shape (e,)
        Added to.
    """
    in_scope, flags, histories = decided.in_scope, decided.flags, decided.histories
    for i in range(flags.size):
        if in_scope[i] and flags[i] & (_OWN_COUNTY | _CANONICAL):
            out[extracts[histories[i]]] += 1


@kernel
def deal_out(decided: Decided, extracts: Int32s, charges: Int16s, places: Int64s, out: DecisionColumns) -> None:
    """Bring decisions extract by extract, those of one in the order in which they come.

    Parameters
    ----------
    decided
    extracts : shape (h,)
        The extract of each history.
    charges : shape (codes,)
        Bits of `flag` by offense code.
    places : shape (e,)
        Where the first decision of each extract goes. Moved on.
    out
        Filled; as many rows as `count_by_extract` counts.
    """
    in_scope, flags, histories = decided.in_scope, decided.flags, decided.histories
    rows, counties, offenses = decided.rows, decided.counties, decided.offenses
    rules, rests_on_missing = decided.rules, decided.rests_on_missing
    out_rows, out_counties, out_offenses, out_rules, out_marks = (
        out.rows,
        out.counties,
        out.offenses,
        out.rules,
        out.marks,
    )
    for i in range(flags.size):
        flag = flags[i]
        if not in_scope[i] or flag & (_OWN_COUNTY | _CANONICAL) == 0:
            continue
        mark = RESTS_ON_MISSING if rests_on_missing[i] else 0
        for bit in range(len(_OF_ROW)):
            if flag & _OF_ROW[bit]:
                mark |= NO_EVENT_DATE << bit
        for bit in range(len(_OF_COUNT)):
            if flag & _OF_COUNT[bit]:
                mark |= CLEARED << bit
        mark |= (flag & _DOUBTS) >> _DOWN
        if charges[offenses[i]] & _OF_CHARGE:
            mark |= SYNTHETIC
        if flag & _OWN_COUNTY == 0:
            mark |= OTHER_COUNTY
        if flag & _CANONICAL == 0:
            mark |= SUPERSEDED
        extract = extracts[histories[i]]
        place = places[extract]
        places[extract] += 1
        out_rows[place] = rows[i]
        out_counties[place] = counties[i]
        out_offenses[place] = offenses[i]
        out_rules[place] = rules[i]
        out_marks[place] = mark


@inlined
def _ones(word: int) -> int:
    """How many bits of 32 are set: in pairs, in fours, in eights, then all added up by a multiplication."""
    word -= (word >> 1) & 0x55555555
    word = (word & 0x33333333) + ((word >> 2) & 0x33333333)
    return ((((word + (word >> 4)) & 0x0F0F0F0F) * 0x01010101) >> 24) & 0xFF


@kernel
def order_rows(rows: Int64s, seen: UInt32s, before: Int32s, out: Int32s) -> int:
    """The order of rows, found by ticking each off: where a row belongs is how many lower ones there are.

    Parameters
    ----------
    rows : shape (n,)
        Numbers of at least 0, each once.
    seen : shape (words,)
        Scratch: zeros, a bit a number in words of WORD.
    before : shape (words,)
        Scratch.
    out : shape (n,)
        Filled: the place in `rows` of the lowest, of the next, and so on. Not filled if a row is there twice.

    Returns
    -------
    int
        The number of different rows.
    """
    for i in range(rows.size):
        seen[rows[i] // WORD] |= 1 << (rows[i] % WORD)
    found = 0
    for word in range(seen.size):
        before[word] = found
        found += _ones(int(seen[word]))
    if found < rows.size:
        return found
    for i in range(rows.size):
        word = rows[i] // WORD
        out[before[word] + _ones(int(seen[word]) & ((1 << (rows[i] % WORD)) - 1))] = i
    return found
