"""Tables of counts while they are numbers: a row is one number made of its texts' places, with counts beside it."""

from typing import NamedTuple

from clearscale_kernels import flag
from clearscale_kernels.arrays import Bools, Int8s, Int16s, Int32s, Int64s
from clearscale_kernels.jit.compiler import kernel

_FELONY = flag.FELONY
_OWN_COUNTY = flag.OWN_COUNTY
_CANONICAL = flag.CANONICAL


class CountTable(NamedTuple):
    """Counts by key.

    Attributes
    ----------
    keys : int64, shape (n,)
    counts : int64, shape (n, c)
    """

    keys: Int64s
    counts: Int64s


@kernel
def add_equal(table: CountTable, out: CountTable) -> int:
    """Add up the counts of equal keys.

    Parameters
    ----------
    table
        Its keys sorted.
    out
        Room for as many rows. Filled up to the number returned.

    Returns
    -------
    int
        The number of distinct keys.
    """
    keys, counts, out_keys, out_counts = table.keys, table.counts, out.keys, out.counts
    found = 0
    for i in range(keys.size):
        if found == 0 or keys[i] != out_keys[found - 1]:
            out_keys[found] = keys[i]
            out_counts[found] = 0
            found += 1
        for c in range(counts.shape[1]):
            out_counts[found - 1, c] += counts[i, c]
    return found


@kernel
def merge_counts(one: CountTable, other: CountTable, out: CountTable) -> int:
    """Bring two tables of counts together, those of equal keys added up.

    Parameters
    ----------
    one, other
        Their keys sorted, each once.
    out
        Room for the rows of both. Filled up to the number returned.

    Returns
    -------
    int
        The number of distinct keys.
    """
    keys, counts, other_keys, other_counts = one.keys, one.counts, other.keys, other.counts
    out_keys, out_counts = out.keys, out.counts
    i, j, found = 0, 0, 0
    while i < keys.size or j < other_keys.size:
        first = j == other_keys.size or (i < keys.size and keys[i] <= other_keys[j])
        second = i == keys.size or (j < other_keys.size and other_keys[j] <= keys[i])
        out_keys[found] = keys[i] if first else other_keys[j]
        for c in range(counts.shape[1]):
            out_counts[found, c] = (counts[i, c] if first else 0) + (other_counts[j, c] if second else 0)
        i += first
        j += second
        found += 1
    return found


@kernel
def count_bits(packed: Int64s, bits: int, slots: Int32s, out: CountTable) -> int:
    """Count, for each key, how often each of its lowest bits is set.

    Parameters
    ----------
    packed : shape (n,)
        The key, at least 0, above its lowest `bits` bits.
    bits
        How many there are to count.
    slots : shape (2^k,)
        Scratch: zeros, at least twice n.
    out
        Room for n rows of `bits` counts. Filled up to the number returned, keys in order of first appearance.

    Returns
    -------
    int
        The number of distinct keys.
    """
    out_keys, out_counts = out.keys, out.counts
    mask = slots.size - 1
    found = 0
    for i in range(packed.size):
        key = packed[i] >> bits
        # Keys are sums of few different numbers: folded to 31 bits, they differ still.
        slot = ((((key ^ (key >> 31)) & 0x7FFFFFFF) * 0x9E3779B1) >> 22) & mask
        entry = slots[slot]
        while entry and out_keys[entry - 1] != key:
            slot = (slot + 1) & mask
            entry = slots[slot]
        if entry == 0:
            out_keys[found] = key
            for bit in range(bits):
                out_counts[found, bit] = 0
            found += 1
            slots[slot] = entry = found
        word = packed[i]
        for bit in range(bits):
            out_counts[entry - 1, bit] += (word >> bit) & 1
    return found


class ConvictionRows(NamedTuple):
    """Candidates as rows of the table of convictions.

    Attributes
    ----------
    in_scope : bool, shape (n,)
    flags : int32, shape (n,)
        Bits of `flag`.
    histories : int32, shape (n,)
    sections : int8, shape (n,)
        -1 for a related charge.
    counties : int32, shape (n,)
        Codes.
    years : int16, shape (n,)
        -1 where there is none.
    outcomes : int64, shape (n,)
    """

    in_scope: Bools
    flags: Int32s
    histories: Int32s
    sections: Int8s
    counties: Int32s
    years: Int16s
    outcomes: Int64s


class Terms(NamedTuple):
    """What a row's columns add to its number.

    Attributes
    ----------
    counties : int64, shape (codes,)
    sections : int64, shape (5,)
        Related charges last.
    severities : int64, shape (2,)
        Of felonies, of others.
    outcome : int
        Times the outcome.
    person : int
        Times the number of the history's person.
    """

    counties: Int64s
    sections: Int64s
    severities: Int64s
    outcome: int
    person: int


@kernel
def pack_convictions(rows: ConvictionRows, persons: Int64s, terms: Terms, out: Int64s) -> int:
    """The rows of the table of convictions as numbers, each above two bits: of its own county, and of people once.

    Parameters
    ----------
    rows
    persons : shape (h,)
        A number for each history's person.
    terms
        The year's place is added as it is.
    out : shape (n,)
        Filled up to the number returned.

    Returns
    -------
    int
        The number of candidates that are in scope and counted at all.
    """
    in_scope, flags, histories, sections = rows.in_scope, rows.flags, rows.histories, rows.sections
    counties, years, outcomes = rows.counties, rows.years, rows.outcomes
    of_county, of_section, of_severity = terms.counties, terms.sections, terms.severities
    an_outcome, a_person = terms.outcome, terms.person
    found = 0
    related = of_section.size - 1
    for i in range(flags.size):
        marks = int(flags[i] & _OWN_COUNTY != 0) | int(flags[i] & _CANONICAL != 0) << 1
        if not in_scope[i] or marks == 0:
            continue
        key = outcomes[i] * an_outcome + persons[histories[i]] * a_person + of_county[counties[i]]
        key += of_section[sections[i] if sections[i] >= 0 else related]
        key += of_severity[0 if flags[i] & _FELONY else 1]
        out[found] = (key + years[i] + 1) << 2 | marks
        found += 1
    return found


@kernel
def split_keys(keys: Int64s, sizes: Int64s, out: Int32s) -> None:
    """The places that keys are made of, the slowest first.

    Parameters
    ----------
    keys : shape (n,)
    sizes : shape (a,)
        Places of each axis, at least 1.
    out : shape (a, n)
        Filled.
    """
    for i in range(keys.size):
        rest = keys[i]
        for axis in range(sizes.size - 1, -1, -1):
            slower = rest // sizes[axis]
            out[axis, i] = rest - slower * sizes[axis]
            rest = slower
