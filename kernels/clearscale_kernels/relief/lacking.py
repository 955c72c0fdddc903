"""What is missing in the charges of a case or a person: asked of few charges, since most lack nothing."""

from typing import NamedTuple

from clearscale_kernels.arrays import Int8s, Int32s, Int64s
from clearscale_kernels.jit.compiler import inlined, kernel

from .groups import NO, Parts


class Lacks(NamedTuple):
    """What each charge of the bucket lacks, as bits.

    Attributes
    ----------
    bits : int32, shape (n,)
    truths : int8, shape (n,)
        Whether the charge is in a group: NO, UNSURE or YES.
    days : int32, shape (n,)
        The day of each; a charge that may be in the group and has none lacks it, too.
    numbers : int32, shape (2,)
        The day that stands for one that is missing, and the bit of what is then missing; 0 if days do not matter.
    """

    bits: Int32s
    truths: Int8s
    days: Int32s
    numbers: Int32s


@inlined
def _of(lacks: Lacks, i: int) -> int:
    """What one charge lacks."""
    undated = lacks.days[i] == lacks.numbers[0] and lacks.truths[i] != NO
    return int(lacks.bits[i]) | (int(lacks.numbers[1]) if undated else 0)


@kernel
def of_parts(lacks: Lacks, parts: Parts, part: Int32s, rows: Int64s, bits: Int32s, out: Int32s) -> None:
    """Say what any charge of the case or person of some charges lacks.

    Parameters
    ----------
    lacks
    parts
    part : shape (n,)
        The case or person of each charge of the bucket.
    rows : shape (m,)
        Charges that are asked about; those of a part side by side.
    bits : shape (2,)
        The bit that says that there may be charges that nobody knows of, and the one that says that another charge
        lacks what this one does not.
    out : shape (m,)
        Filled.
    """
    before, found = -1, 0
    for k in range(rows.size):
        p = int(part[rows[k]])
        if p != before:
            before, found = p, 0
            for i in range(parts.bounds[p], parts.bounds[p + 1]):
                found |= _of(lacks, i)
        others = bits[1] if found & ~_of(lacks, rows[k]) & ~bits[0] else 0
        out[k] = found | others | (bits[0] if parts.blind[p] else 0)
