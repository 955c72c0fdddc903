"""What undecided charges lack: asked after deciding, of these alone, since most charges are decided."""

import numpy as np

from clearscale_kernels.arrays import Int32s, Int64s

from .evidence import PERSON, Evidence
from .language import Rule
from .missing import Missing
from .questions import Count, all_lack
from .waits import may_wait


def lacks_of(rule: Rule, evidence: Evidence, rows: Int64s) -> Int32s:
    """Say what charges that a rule could not decide lack for it.

    Parameters
    ----------
    rule
    evidence
        Of the bucket's charges.
    rows
        Which of these, rising.

    Returns
    -------
    ndarray
        Bits of `Missing`. Shape (rows,).
    """
    found = all_lack(rule.conditions, evidence, rows)
    ends = [wait.ends(evidence, rows) for wait in rule.waits]
    waits = may_wait(ends, rows.size, evidence.as_of)
    for wait, end in zip(rule.waits, ends, strict=True):
        unsure = np.flatnonzero(waits & (end.low != end.high))
        found[unsure] |= wait.lacks(evidence, rows[unsure])
    if rule.cap is None:
        return found
    if rule.cap.already is None:
        return found | np.where(evidence.blind[rows], np.int32(Missing.PERSON), np.int32(0))
    count = Count(PERSON, rule.cap.already)
    already = count.find_of(evidence, rows)
    return found | np.where(already.low != already.high, count.lacks(evidence, rows), np.int32(0))
