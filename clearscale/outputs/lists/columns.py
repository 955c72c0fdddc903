"""The columns of lists, and what each of them holds."""

import pyarrow as pa

from clearscale.law import state
from clearscale.runs import Run
from clearscale.runs.charges import ChargeRun

CASE_SEPARATOR = "; "
"""Between the numbers of a case that has several."""

_ROLES = state().format.roles
Meanings = dict[str, tuple[pa.DataType, str]]

_COMMON: Meanings = {
    "county": (pa.string(), "county of the conviction or charge; empty where it is not known"),
    "court": (pa.string(), "the court, as the record names it"),
    "case": (pa.string(), "number of the case; several are separated by semicolons"),
    "person": (pa.string(), "name, as the record has it; empty in stores of charges, which keep no names"),
    "number": (pa.string(), "the person's number or key; empty where nobody knows whose it is"),
    "birth_date": (pa.date32(), "empty where it is missing or cannot be read"),
    "charge": (pa.string(), "code section"),
    "description": (pa.string(), "the charge in words, as the record has it"),
    "level": (pa.string(), "felony, misdemeanor and so on, as the record says"),
    "date": (pa.date32(), "of the conviction, or of the charge's disposition"),
    "agency": (pa.string(), "who made the arrest or brought the charge, as the record names it"),
    "outcome": (pa.string(), "what the run decided; empty if no rule decides"),
    "reason": (pa.string(), "of the rule that decided"),
    "flags": (pa.string(), "what to know before acting on it, separated by semicolons"),
}

CONVICTIONS: Meanings = {
    **_COMMON,
    "sequence": (
        pa.string(),
        f"number of the count in its case, as {_ROLES.count_order} has it; empty where it has none",
    ),
    "extract": (pa.string(), "the extract's id, for `clearscale explain --extract`"),
    "row": (pa.int64(), "the record in the extract, from 0, for `clearscale explain --row`"),
    "record": (pa.string(), f"{_ROLES.record} of the record, by which a line of the result files is found"),
}
"""Columns of a run over convictions: type and meaning, by name."""

CHARGES: Meanings = {
    **_COMMON,
    "eligible_from": (pa.date32(), "the day from which relief is due, where it is known"),
    "missing": (pa.string(), "what an undecided charge lacks"),
    "sequence": (pa.string(), "number of the charge in its case"),
    "file": (pa.string(), "the file's id, for `clearscale explain --file`"),
    "line": (pa.int64(), "line on which the record begins, from 1, for `clearscale explain --line`"),
}
"""Columns of a run over charges."""


def columns_of(run: Run | ChargeRun) -> Meanings:
    """The columns of a run's list: type and meaning, by name."""
    return CHARGES if isinstance(run, ChargeRun) else CONVICTIONS


def schema_of(columns: Meanings) -> pa.Schema:
    """Columns as Arrow has them."""
    return pa.schema([pa.field(name, kind) for name, (kind, _) in columns.items()])
