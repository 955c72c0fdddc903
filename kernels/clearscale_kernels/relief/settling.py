"""A rule and the charges that none before it has closed: what it says of each, and what becomes of them."""

from typing import NamedTuple

from clearscale_kernels.arrays import Int8s, Int16s, Int32s, Int64s
from clearscale_kernels.jit.compiler import kernel

from .groups import NEVER, NO, YES

OPEN, WAITING, CLOSED = range(3)
"""How far a charge has come: a rule may decide it, or do so unless it is due by another before, or has done so."""

NOTHING, LATER, NOW, UNTOLD = range(4)
"""What a rule says of a charge: nothing, that it is due on a later day, or now, or that this cannot be told."""


class Left(NamedTuple):
    """Charges that are not closed. Changed: those that have been closed meanwhile leave.

    Attributes
    ----------
    rows : int64, shape (n,)
        Rising; the first of them count.
    number : int64, shape (1,)
        How many do.
    """

    rows: Int64s
    number: Int64s


@kernel
def asked(holds: Int8s, state: Int8s, left: Left, out: Int64s) -> int:
    """Find the charges about which a rule is asked: it may hold, and none has closed them.

    Parameters
    ----------
    holds : shape (n,)
        NO, UNSURE or YES.
    state : shape (n,)
    left
        Changed.
    out : shape (n,)
        Filled from the first on.

    Returns
    -------
    int
        How many there are.
    """
    count, kept = 0, 0
    for k in range(left.number[0]):
        i = left.rows[k]
        # No branches: what comes next cannot be foretold.
        is_open = int(state[i] != CLOSED)
        left.rows[kept] = i
        kept += is_open
        out[count] = i
        count += is_open & int(holds[i] != NO)
    left.number[0] = kept
    return count


class Ends(NamedTuple):
    """The days behind the waits of a rule, at least and at most. An array of no length stands for no such wait.

    Attributes
    ----------
    low, high : int32, shape (m,)
        Of each charge that is asked about.
    person : int32, shape (n,)
        The person of each charge of the bucket.
    low_of_person, high_of_person : int32, shape (people,)
        Of all charges of each person.
    """

    low: Int32s
    high: Int32s
    person: Int32s
    low_of_person: Int32s
    high_of_person: Int32s


class Verdicts(NamedTuple):
    """What a rule says of the charges that it is asked about. Filled.

    Attributes
    ----------
    verdict : int8, shape (m,)
        NOTHING, LATER, NOW or UNTOLD.
    first : int32, shape (m,)
        The day from which it gives what it gives, NEVER where nothing has to pass.
    """

    verdict: Int8s
    first: Int32s


@kernel
def judge(
    rows: Int64s, holds: Int8s, state: Int8s, ends: Ends, as_of: int, tells_unknown: int, out: Verdicts
) -> None:
    """Say what a rule says of the charges that it is asked about.

    Parameters
    ----------
    rows : shape (m,)
        Which of the bucket's charges they are.
    holds, state : shape (n,)
        Of the bucket's charges.
    ends
    as_of
        Day number.
    tells_unknown
        Whether the rule closes a charge of which it cannot be told whether it holds.
    out
        Filled.
    """
    for k in range(rows.size):
        i = rows[k]
        low, high = NEVER, NEVER
        if ends.low.size > 0:
            low, high = int(ends.low[k]), int(ends.high[k])
        if ends.low_of_person.size > 0:
            person = ends.person[i]
            low, high = max(low, int(ends.low_of_person[person])), max(high, int(ends.high_of_person[person]))
        out.first[k] = high
        if holds[i] == YES and high <= as_of:
            out.verdict[k] = NOW
        elif holds[i] == YES and low == high:
            out.verdict[k] = LATER
        else:
            out.verdict[k] = UNTOLD if tells_unknown and state[i] == OPEN else NOTHING


class Standing(NamedTuple):
    """What has become of the bucket's charges. Changed.

    Attributes
    ----------
    state : int8, shape (n,)
    outcome : int8, shape (n,)
    rule : int16, shape (n,)
    first : int32, shape (n,)
    """

    state: Int8s
    outcome: Int8s
    rule: Int16s
    first: Int32s


class Given(NamedTuple):
    """What a rule writes, as kernels take it.

    Attributes
    ----------
    codes : int32, shape (3,)
        The outcome that it gives, that of a charge that waits, and that of one that cannot be told.
    numbers : int32, shape (3,)
        The rule's place, whether its outcome is relief, and the day that stands for none.
    """

    codes: Int32s
    numbers: Int32s


@kernel
def settle(rows: Int64s, verdicts: Verdicts, given: Given, standing: Standing, untold: Int64s) -> int:
    """Let charges become what a rule says of them.

    Relief that is due closes a charge, and so does another outcome, unless the charge waits for the relief of an
    earlier rule. Of two rules for which a charge waits, the one counts by which it is due first.

    Parameters
    ----------
    rows : shape (m,)
    verdicts
    given
    standing
        Changed.
    untold : shape (m,)
        Filled from the first on: rows of charges that this rule has closed as such that cannot be told.

    Returns
    -------
    int
        How many these are.
    """
    place, relief, no_day = given.numbers[0], given.numbers[1] != 0, given.numbers[2]
    count = 0
    for k in range(rows.size):
        i, verdict, first = rows[k], verdicts.verdict[k], verdicts.first[k]
        if verdict == NOW and (relief or standing.state[i] == OPEN):
            standing.state[i], standing.outcome[i], standing.rule[i] = CLOSED, given.codes[0], place
            standing.first[i] = first if relief and first != NEVER else no_day
        elif verdict == LATER and (standing.state[i] == OPEN or first < standing.first[i]):
            standing.state[i], standing.outcome[i], standing.rule[i] = WAITING, given.codes[1], place
            standing.first[i] = first
        elif verdict == UNTOLD:
            standing.state[i], standing.outcome[i], standing.rule[i] = CLOSED, given.codes[2], place
            untold[count] = i
            count += 1
    return count
