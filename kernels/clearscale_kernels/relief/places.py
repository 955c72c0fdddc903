"""Decided charges counted by place, outcome and rule, people once each, and what undecided ones lack."""

from typing import NamedTuple

from clearscale_kernels.arrays import Int8s, Int16s, Int32s, Int64s
from clearscale_kernels.jit.compiler import kernel

STATE, FIRST = 0, 2
"""Places: the state, 1 where nobody knows the county, then the counties by their codes."""


class Decided(NamedTuple):
    """Charges of a bucket, those of a person side by side.

    Attributes
    ----------
    person, missing : int32, shape (n,)
        missing: what each lacks, as bits.
    county, rule : int16, shape (n,)
        Codes from -1 on.
    outcome : int8, shape (n,)
    """

    person: Int32s
    missing: Int32s
    county: Int16s
    rule: Int16s
    outcome: Int8s


class Counts(NamedTuple):
    """Counts, at first 0. Added to.

    Attributes
    ----------
    charges, people : int64, shape (places, outcomes, rules + 1)
        The first rule is that of none.
    lacking : int64, shape (places, bits)
        Charges that lack something, once for each thing.
    outcomes : int64, shape (outcomes,)
        People by outcome.
    """

    charges: Int64s
    people: Int64s
    lacking: Int64s
    outcomes: Int64s


class Last(NamedTuple):
    """Who was counted last: written over. At first, nobody: -1.

    Attributes
    ----------
    people : int32, shape (places, outcomes, rules + 1)
    outcomes : int32, shape (outcomes,)
    """

    people: Int32s
    outcomes: Int32s


@kernel
def count_in_places(charges: Decided, rows: Int64s, last: Last, out: Counts) -> None:
    """Count charges in the state and in counties.

    Parameters
    ----------
    charges
    rows : shape (m,)
        Those that are decided, rising.
    last
    out
    """
    for k in range(rows.size):
        i = rows[k]
        person, outcome, rule = charges.person[i], int(charges.outcome[i]), int(charges.rule[i]) + 1
        missing = int(charges.missing[i])
        if last.outcomes[outcome] != person:
            last.outcomes[outcome] = person
            out.outcomes[outcome] += 1
        for view in range(2):
            place = STATE if view == 0 else int(charges.county[i]) + FIRST
            out.charges[place, outcome, rule] += 1
            if last.people[place, outcome, rule] != person:
                last.people[place, outcome, rule] = person
                out.people[place, outcome, rule] += 1
            if missing != 0:
                for bit in range(out.lacking.shape[1]):
                    out.lacking[place, bit] += missing >> bit & 1
