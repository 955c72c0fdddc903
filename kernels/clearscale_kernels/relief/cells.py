"""Decided charges counted by all that tables tell of them: one number a charge, and equal numbers counted.

A number has a field of bits for each thing that is told: numbers in order are rows in the order of their columns.
"""

from typing import NamedTuple

from clearscale_kernels.arrays import Bools, Int8s, Int16s, Int32s, Int64s
from clearscale_kernels.jit.compiler import inlined, kernel
from clearscale_kernels.people.calendar import FIRST, civil

NOBODY = -1
"""Stands in `Met.people` where nothing was met yet."""


class Charges(NamedTuple):
    """Charges of a bucket and what becomes of them, those of a person side by side.

    Attributes
    ----------
    person, court, offense, day : int32, shape (n,)
        day: of the disposition.
    county, rule : int16, shape (n,)
    level, severity, disposition, outcome : int8, shape (n,)
    """

    person: Int32s
    court: Int32s
    offense: Int32s
    day: Int32s
    county: Int16s
    rule: Int16s
    level: Int8s
    severity: Int8s
    disposition: Int8s
    outcome: Int8s


class Fields(NamedTuple):
    """What each code puts into the number of a charge. The first of each is that of code -1.

    Attributes
    ----------
    person, court, offense, county, rule, level, severity, disposition, outcome : int64, shape (codes + 1,)
    year : int16, shape (days,)
        What each day from `calendar.FIRST` on puts into it, which takes a third of the time of a calendar.
    """

    person: Int64s
    court: Int64s
    offense: Int64s
    county: Int64s
    rule: Int64s
    level: Int64s
    severity: Int64s
    disposition: Int64s
    outcome: Int64s
    year: Int16s


@inlined
def _year(day: int, years: Int16s) -> int:
    """The field of a day that is not missing."""
    if FIRST <= day < FIRST + years.size:
        return int(years[day - FIRST])
    return civil(day)[0] + 1


@kernel
def pack(charges: Charges, rows: Int64s, fields: Fields, missing: int, out: Int64s) -> None:
    """Make one number of all that is told of a charge; the lowest field is the year of its disposition, and one.

    Parameters
    ----------
    charges
    rows : shape (m,)
        Which of them.
    fields
    missing
        The day that stands for one that is missing, whose field is 0.
    out : shape (m,)
        Filled.
    """
    for k in range(rows.size):
        i = rows[k]
        day = int(charges.day[i])
        found = 0 if day == missing else _year(day, fields.year)
        found += fields.person[charges.person[i] + 1] + fields.court[charges.court[i] + 1]
        found += fields.offense[charges.offense[i] + 1] + fields.county[charges.county[i] + 1]
        found += fields.rule[charges.rule[i] + 1] + fields.level[charges.level[i] + 1]
        found += fields.severity[charges.severity[i] + 1] + fields.disposition[charges.disposition[i] + 1]
        out[k] = found + fields.outcome[charges.outcome[i] + 1]


class Met(NamedTuple):
    """Room to look up what was met: a power of two, more than a person has charges. Written over.

    Attributes
    ----------
    keys : int64, shape (room,)
    people : int32, shape (room,)
        With whom; at first NOBODY.
    """

    keys: Int64s
    people: Int32s


@inlined
def _home(key: int, room: int) -> int:
    """Where a number is looked for first."""
    return (key ^ key >> 9 ^ key >> 21 ^ key >> 37) & (room - 1)


@kernel
def mark_repeats(numbers: Int64s, people: Int32s, met: Met) -> None:
    """Put a bit below numbers: whether an earlier charge of the same person has the same number.

    Parameters
    ----------
    numbers : shape (n,)
        None negative; doubled, and one more where it is met again.
    people : shape (n,)
        Whose charge each is; those of a person side by side.
    met
    """
    room = met.keys.size
    for i in range(numbers.size):
        key, person = numbers[i], people[i]
        at = _home(key, room)
        # What another person left there is as good as nothing.
        while met.people[at] == person and met.keys[at] != key:
            at = (at + 1) & (room - 1)
        numbers[i] = key << 1 | int(met.people[at] == person)
        met.people[at], met.keys[at] = person, key


class Cells(NamedTuple):
    """Counts by number. Filled.

    Attributes
    ----------
    keys : int64, shape (n,)
        Rising.
    charges, people : int64, shape (n,)
        Charges that have the number, and people with such a charge.
    """

    keys: Int64s
    charges: Int64s
    people: Int64s


@kernel
def tally(marked: Int64s, out: Cells) -> int:
    """Count equal numbers.

    Parameters
    ----------
    marked : shape (n,)
        As of `mark_repeats`, in order.
    out
        Filled from the first on.

    Returns
    -------
    int
        How many different numbers there are.
    """
    count = 0
    for i in range(marked.size):
        key = marked[i] >> 1
        if count == 0 or out.keys[count - 1] != key:
            out.keys[count], out.charges[count], out.people[count] = key, 0, 0
            count += 1
        out.charges[count - 1] += 1
        out.people[count - 1] += 1 - (marked[i] & 1)
    return count


@kernel
def merge(one: Cells, other: Cells, out: Cells) -> int:
    """Add up two counts, of which nobody is in both.

    Parameters
    ----------
    one, other
    out
        Filled from the first on.

    Returns
    -------
    int
        How many different numbers there are.
    """
    i, k, count = 0, 0, 0
    while i < one.keys.size and k < other.keys.size:
        # Factors instead of branches: which of the two comes next cannot be foretold.
        takes_one, takes_other = int(one.keys[i] <= other.keys[k]), int(other.keys[k] <= one.keys[i])
        out.keys[count] = min(one.keys[i], other.keys[k])
        out.charges[count] = one.charges[i] * takes_one + other.charges[k] * takes_other
        out.people[count] = one.people[i] * takes_one + other.people[k] * takes_other
        i += takes_one
        k += takes_other
        count += 1
    while i < one.keys.size:
        out.keys[count], out.charges[count], out.people[count] = one.keys[i], one.charges[i], one.people[i]
        i += 1
        count += 1
    while k < other.keys.size:
        out.keys[count], out.charges[count], out.people[count] = other.keys[k], other.charges[k], other.people[k]
        k += 1
        count += 1
    return count


@kernel
def codes(keys: Int64s, shift: int, mask: int, out: Int32s) -> None:
    """Take the codes of a field out of numbers.

    Parameters
    ----------
    keys : shape (n,)
    shift, mask
        Where the field is, and all of its bits.
    out : shape (n,)
        Filled: codes from -1 on.
    """
    for i in range(keys.size):
        out[i] = (keys[i] >> shift & mask) - 1


@kernel
def meet(found: Int32s, out: Bools) -> None:
    """Note which codes there are.

    Parameters
    ----------
    found : shape (n,)
        Codes from -1 on.
    out : shape (codes + 1,)
        Set where a code is found; the first is that of -1.
    """
    for i in range(found.size):
        out[found[i] + 1] = True


@kernel
def look_up(found: Int32s, table: Int32s, out: Int32s) -> None:
    """Write what codes stand for.

    Parameters
    ----------
    found : shape (n,)
        Codes from -1 on.
    table : shape (codes + 1,)
        What each stands for; the first is that of -1.
    out : shape (n,)
        Filled.
    """
    for i in range(found.size):
        out[i] = table[found[i] + 1]


class Located(NamedTuple):
    """Where charges of a bucket are, and what becomes of them.

    Attributes
    ----------
    county : int16, shape (n,)
    court : int32, shape (n,)
    outcome : int8, shape (n,)
        -1 of a charge that is not decided.
    """

    county: Int16s
    court: Int32s
    outcome: Int8s


class Seen(NamedTuple):
    """Room to look up where a person was met, as of `Met`.

    Attributes
    ----------
    keys : int64, shape (room,)
    people, visits : int32, shape (room,)
    """

    keys: Int64s
    people: Int32s
    visits: Int32s


class Visits(NamedTuple):
    """People in places, each once. Filled.

    Attributes
    ----------
    first : int64, shape (n,)
        The first charge of the person there.
    outcomes : int64, shape (n,)
        A bit for each outcome that a charge of the person has there, the lowest for those that are not decided.
    """

    first: Int64s
    outcomes: Int64s


COUNTY, COURT = range(1, 3)
"""What a place is."""


@kernel
def visits(charges: Located, bounds: Int64s, scope: int, seen: Seen, out: Visits) -> int:
    """Find in which places people have charges.

    Parameters
    ----------
    charges
    bounds : shape (people + 1,)
        Charges of person p are bounds[p] to bounds[p + 1].
    scope
        COUNTY or COURT.
    seen
    out
        Filled from the first on.

    Returns
    -------
    int
        How many people in places there are.
    """
    count, room = 0, seen.keys.size
    for p in range(bounds.size - 1):
        for i in range(bounds[p], bounds[p + 1]):
            county = int(charges.county[i]) + 1
            court = int(charges.court[i]) + 1 if scope == COURT else 0
            key = county << 32 | court
            at = (county * 31 + court) & (room - 1)
            while seen.people[at] == p and seen.keys[at] != key:
                at = (at + 1) & (room - 1)
            if seen.people[at] != p:
                seen.people[at], seen.keys[at], seen.visits[at] = p, key, count
                out.first[count], out.outcomes[count] = i, 0
                count += 1
            out.outcomes[seen.visits[at]] |= 1 << (int(charges.outcome[i]) + 1)
    return count


@kernel
def count_visits(groups: Int64s, outcomes: Int64s, bits: Int64s, counts: Int64s) -> None:
    """Count people in places by what they have there.

    Parameters
    ----------
    groups : shape (n,)
        The row of `counts` in which each is counted.
    outcomes : shape (n,)
        As of `Visits`.
    bits : shape (columns,)
        Who is counted in a column: those of whom one of these bits is set.
    counts : shape (groups, columns)
        Added to.
    """
    for k in range(groups.size):
        for column in range(bits.size):
            counts[groups[k], column] += int(outcomes[k] & bits[column] != 0)
