"""What undecided charges lack: asked after deciding, of the people who have one, since most have none."""

from dataclasses import fields

import numpy as np

from clearscale.charges.tables import Cases, Charges, People, Tables
from clearscale_kernels.arrays import Int32s, Int64s
from clearscale_kernels.relief.groups import UNSURE

from .evidence import PERSON, Evidence
from .language import Rule
from .missing import Missing
from .questions import Count, all_lack
from .waits import passed

_FEW = 4
"""Where people with an undecided charge have less than this part of all charges, only theirs are asked again."""


def lacks_of(undecided: dict[int, Int64s], rules: tuple[Rule, ...], evidence: Evidence) -> dict[int, Int32s]:
    """Say what undecided charges lack.

    Parameters
    ----------
    undecided
        Rows of charges by the place of the rule that could not be asked.
    rules
        The policy's.
    evidence
        Of the charges of which these are rows.

    Returns
    -------
    dict
        Bits of `Missing` of the same rows.
    """
    if not undecided:
        return {}
    whole = evidence.whole
    in_whole = {place: evidence.in_whole(rows) for place, rows in undecided.items()}
    people = np.unique(whole.tables.charges.person[np.concatenate(list(in_whole.values()))])
    bounds = whole.tables.people.bounds
    if _FEW * int((bounds[1:] - bounds[:-1])[people].sum()) > whole.rows:
        return {place: _lacks(rules[place], evidence, at) for place, at in undecided.items()}
    tables, rows = of_people(whole.tables, people)
    theirs = whole.of(tables)
    return {
        place: _lacks(rules[place], theirs, np.searchsorted(rows, at).astype(np.int64))
        for place, at in in_whole.items()
    }


def _lacks(rule: Rule, evidence: Evidence, rows: Int64s) -> Int32s:
    """What charges lack for a rule, of some rows. Shape (rows,)."""
    found = all_lack(rule.conditions, evidence, rows)
    ends = [wait.ends(evidence, rows) for wait in rule.waits]
    may_wait = passed(ends, rows.size, evidence.as_of).over == UNSURE
    for wait, end in zip(rule.waits, ends, strict=True):
        unsure = np.flatnonzero(may_wait & (end.low != end.high))
        found[unsure] |= wait.lacks(evidence, rows[unsure])
    if rule.cap is None:
        return found
    if rule.cap.already is None:
        return found | np.where(evidence.blind[rows], np.int32(Missing.PERSON), np.int32(0))
    count = Count(PERSON, rule.cap.already)
    already = evidence.once(count, lambda: count.find(evidence))
    untold = already.low[rows] != already.high[rows]
    return found | np.where(untold, count.lacks(evidence, rows), np.int32(0))


def of_people(tables: Tables, people: Int64s) -> tuple[Tables, Int64s]:
    """Take the charges of some people.

    Parameters
    ----------
    tables
        Of all.
    people
        Rows of people, rising.

    Returns
    -------
    Tables
        Theirs.
    ndarray
        Rows of these charges among all, rising.
    """
    charges = tables.charges
    rows, bounds = _ranges(tables.people.bounds, people)
    case_numbers = charges.case[rows]
    kept = np.flatnonzero(np.diff(case_numbers, prepend=-1)) if rows.size else rows
    case_bounds = np.append(kept, rows.size)
    new_case = np.repeat(np.arange(kept.size, dtype=np.int32), np.diff(case_bounds))
    new_person = np.repeat(np.arange(people.size, dtype=np.int32), np.diff(bounds))
    columns = {field.name: getattr(charges, field.name)[rows] for field in fields(Charges)}
    columns |= {"person": new_person, "case": new_case}
    persons = {field.name: getattr(tables.people, field.name) for field in fields(People)}
    taken = {name: column[people] for name, column in persons.items() if name != "bounds"}
    return (
        Tables(
            Charges(**columns),
            Cases(case_bounds, new_person[kept]),
            People(bounds=bounds, **taken),
            tables.words,
        ),
        rows,
    )


def _ranges(bounds: Int64s, parts: Int64s) -> tuple[Int64s, Int64s]:
    """Rows of some parts, and where each begins among them."""
    sizes = (bounds[1:] - bounds[:-1])[parts]
    begins = np.concatenate(([0], np.cumsum(sizes)))
    rows = np.arange(begins[-1]) + np.repeat(bounds[:-1][parts] - begins[:-1], sizes)
    return rows, begins
