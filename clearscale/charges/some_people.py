"""The charges of some of a bucket's people, as tables of their own."""

from dataclasses import fields

import numpy as np

from clearscale_kernels.arrays import Int64s

from .tables import Cases, Charges, People, Tables


def of_people(tables: Tables, people: Int64s) -> Tables:
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
        Theirs, in the same order.
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
    return Tables(
        Charges(**columns),
        Cases(case_bounds, new_person[kept]),
        People(bounds=bounds, **taken),
        tables.words,
    )


def _ranges(bounds: Int64s, parts: Int64s) -> tuple[Int64s, Int64s]:
    """Rows of some parts, and where each begins among them."""
    sizes = (bounds[1:] - bounds[:-1])[parts]
    begins = np.concatenate(([0], np.cumsum(sizes)))
    rows = np.arange(begins[-1]) + np.repeat(bounds[:-1][parts] - begins[:-1], sizes)
    return rows, begins
