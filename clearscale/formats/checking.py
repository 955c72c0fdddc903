"""What a file is like by its map: what could be read, what was set aside, and what is doubtful."""

import tomllib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from clearscale.law.findings import EXAMPLES, Finding, Kinds

from .column_map import DATES, ColumnMap
from .noticed import Noticed
from .reading import BLOCK_BYTES, Reading

_KEYS = ("county", "case", "sequence", "person")
MOST_SHOWN = 20
"""Texts of a column that nobody knew, shown at most."""


@cache
def kinds() -> Kinds:
    """Kinds of findings of files of charges."""
    return Kinds.read(tomllib.loads(resources.files(__package__).joinpath("findings.toml").read_text("utf-8")))


@dataclass(frozen=True)
class Checked:
    """What was found in files of a format.

    Parameters
    ----------
    name
        Of the format.
    records, charges
        Records that were read, and those that became charges.
    aside
        How many were set aside for what.
    lines
        Some lines of those that could not be used.
    known
        Records whose statute names something that is known, and whose disposition's word is known.
    findings
        What is doubtful.
    unknown
        Texts that nobody knew, by column, with how often each was met. They are values of records.
    """

    name: str
    records: int
    charges: int
    aside: dict[str, int]
    lines: tuple[int, ...]
    known: dict[str, int]
    findings: tuple[Finding, ...]
    unknown: dict[str, list[tuple[str, int]]]

    @property
    def refuses(self) -> bool:
        """Whether something is so doubtful that nothing should be decided on the files."""
        return any(finding.refuses for finding in self.findings)

    def document(self, show_values: bool) -> dict[str, Any]:
        """The result as JSON; with texts that nobody knew only if they are asked for."""
        stated = {
            "format": self.name,
            "records": self.records,
            "charges": self.charges,
            "aside": self.aside,
            "lines": list(self.lines),
            "known": self.known,
            "findings": [finding.document() for finding in self.findings],
        }
        return (
            {**stated, "unknown": {name: dict(texts) for name, texts in self.unknown.items()}}
            if show_values
            else stated
        )


def check_files(files: Sequence[str], stated: ColumnMap, block_bytes: int = BLOCK_BYTES) -> Checked:
    """Read files by a map and say what they are like.

    Parameters
    ----------
    files
        Paths or URLs; several are parts of one.
    stated
        Their map.
    block_bytes
        So many bytes are looked at together; the result does not depend on it.

    Returns
    -------
    Checked

    Raises
    ------
    ExtractError
        If a file cannot be read by the map at all.
    """
    reading = Reading(files, stated, block_bytes)
    keys: list[pa.Table] = []
    people: list[pa.Table] = []
    for piece in reading:
        charges = pa.Table.from_batches([piece.charges])
        keys.append(charges.select([*_KEYS, "line"]).set_column(0, "county", charges["county"].cast(pa.string())))
        people.append(charges.select(["person", "birth_date"]).group_by(["person", "birth_date"]).aggregate([]))
    noticed = reading.noticed
    if keys:
        if "sequence" in stated.charge:
            _note_repeated(noticed, pa.concat_tables(keys))
        of_people = _note_births(noticed, pa.concat_tables(people))
    else:
        of_people = 0
    return Checked(
        stated.name,
        noticed.read,
        noticed.given,
        dict(sorted(noticed.reasons.items())),
        tuple(noticed.lines.get("bad-records", ())),
        {
            "statute": noticed.given
            - _sum(noticed.counts, "no-statutes", "unknown-statutes", "attempts-of-nothing-named"),
            "disposition": noticed.given - _sum(noticed.counts, "no-dispositions", "unusual-dispositions"),
        },
        tuple(findings_of(noticed, stated, of_people)),
        {name: texts.most_common(MOST_SHOWN) for name, texts in sorted(noticed.unknown.items())},
    )


def _sum(counts: Counter[str], *names: str) -> int:
    return sum(counts[name] for name in names)


def _note_repeated(noticed: Noticed, keys: pa.Table) -> None:
    """Notice charges whose county, case, number and person another one before has, too."""
    known = keys.filter(pc.and_(keys["case"].is_valid(), keys["sequence"].is_valid()))
    grouped = known.group_by(list(_KEYS)).aggregate([("line", "count"), ("line", "max")])
    repeated = grouped.filter(pc.greater(grouped["line_count"], 1))
    if repeated.num_rows:
        count = pc.sum(repeated["line_count"]).as_py() - repeated.num_rows
        noticed.add("repeated-keys", count, sorted(repeated["line_max"].to_pylist())[:EXAMPLES])


def _note_births(noticed: Noticed, people: pa.Table) -> int:
    """Notice people with several birth dates; how many people there are."""
    known = people.filter(people["person"].is_valid())
    births = known.group_by("person").aggregate([("birth_date", "count_distinct")])
    several = pc.sum(pc.greater(births["birth_date_count_distinct"], 1)).as_py() or 0
    if several:
        noticed.add("contradictory-births", several, ())
    return int(births.num_rows)


def findings_of(noticed: Noticed, stated: ColumnMap, people: int = 0) -> list[Finding]:
    """What counts come to, in the order of the kinds. people: with keys, if they were counted."""
    counted = dict(noticed.counts)
    details: dict[str, str] = {}
    if not noticed.given:
        counted["nothing-usable"] = 1
    else:
        blank = [column for column in stated.required if not noticed.filled[column]]
        dated = {column for role in (*DATES, "birth_date") for column in stated.charge.get(role, ())}
        unreadable = [
            column
            for column in stated.required
            if column in dated and noticed.filled[column] and not noticed.readable[column]
        ]
        for name, columns in (("blank-columns", blank), ("unreadable-columns", unreadable)):
            counted[name], details[name] = len(columns), ", ".join(columns)
    found = []
    for name, kind in kinds().listed.items():
        of = {"lines": noticed.read, "files": 1, "required columns": len(stated.required), "people": people}
        finding = kind.judge(
            counted.get(name, 0),
            of.get(kind.among, noticed.given),
            noticed.lines.get(name, ()),
            details.get(name, ""),
        )
        found += [finding] if finding else []
    return found
