"""Decisions on their way from the order of people to that of extracts and rows, without a comparison of two."""

from clearscale_kernels import flag
from clearscale_kernels.arrays import Bools, Bytes, Int16s, Int32s, Int64s, UInt32s
from clearscale_kernels.jit.compiler import inlined, kernel

RESTS_ON_MISSING, NO_EVENT_DATE, FROM_COMMENT, SET_ASIDE, REDUCED, SYNTHETIC, OTHER_COUNTY, SUPERSEDED = (
    1 << bit for bit in range(8)
)
"""What a person should know before acting on a decision, as bits of its mark."""

WORD = 32
"""Rows that are remembered together."""

_OWN_COUNTY = flag.OWN_COUNTY
_CANONICAL = flag.CANONICAL
_OF_ROW = (flag.NO_EVENT_DATE, flag.FROM_COMMENT, flag.SET_ASIDE, flag.REDUCED)
_OF_CHARGE = flag.SYNTHETIC


@kernel
def count_by_extract(in_scope: Bools, flags: Int32s, histories: Int32s, extracts: Int32s, out: Int64s) -> None:
    """Count the decisions on each extract, those left out that neither its county nor the state counts.

    in_scope, flags, histories: of candidates, shape (n,). extracts: of histories, shape (h,). out: shape (e,),
    added to.
    """
    for i in range(flags.size):
        if in_scope[i] and flags[i] & (_OWN_COUNTY | _CANONICAL):
            out[extracts[histories[i]]] += 1


@kernel
def deal_out(
    in_scope: Bools,
    flags: Int32s,
    histories: Int32s,
    extracts: Int32s,
    charges: Int16s,
    rows: Int32s,
    counties: Int32s,
    offenses: Int32s,
    rules: Int16s,
    rests_on_missing: Bools,
    places: Int64s,
    out_rows: Int32s,
    out_counties: Int32s,
    out_offenses: Int32s,
    out_rules: Int16s,
    out_marks: Bytes,
) -> None:
    """Bring decisions extract by extract, those of one in the order in which they come.

    in_scope to extracts: as of `count_by_extract`. charges: bits by offense code. rows to rests_on_missing: shape
    (n,). places: shape (e,), the first of each extract, moved on. out_rows to out_marks: filled; marks are bits.
    """
    for i in range(flags.size):
        flag = flags[i]
        if not in_scope[i] or flag & (_OWN_COUNTY | _CANONICAL) == 0:
            continue
        mark = RESTS_ON_MISSING if rests_on_missing[i] else 0
        for bit in range(len(_OF_ROW)):
            if flag & _OF_ROW[bit]:
                mark |= NO_EVENT_DATE << bit
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

    rows: shape (n,), numbers of at least 0, each once. seen: zeros, a bit a number in words of WORD. before: as
    long as seen. out: shape (n,), filled: the place in `rows` of the lowest, of the next, and so on. Returns how
    many different rows there were; if fewer than n, out is not filled.
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
