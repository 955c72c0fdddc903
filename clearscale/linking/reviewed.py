"""What a person said of pairs: a CSV file with `same` or `different` in its column `decision`."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from clearscale.errors import ExtractError
from clearscale.io.source import Source
from clearscale_kernels.arrays import Bools

from .grouping import Elements, Groups
from .records import Records

SAME, DIFFERENT = "same", "different"
COLUMNS = ("left_file", "left_line", "right_file", "right_line", "decision")
"""Columns that are read; others may be there."""

_LONGEST = 64 * 2**20
_SHOWN = 5


@dataclass(frozen=True)
class Decision:
    """What was said of two records, by their places; line: that of the file which says it."""

    line: int
    left: int
    right: int
    same: bool


def read_reviewed(url: str, records: Records) -> list[Decision]:
    """The decisions of a file; a pair without one is passed over.

    Parameters
    ----------
    url
        Path or URL.
    records
        What it speaks of.

    Returns
    -------
    list of Decision

    Raises
    ------
    ExtractError
        With the lines of the file that cannot be used, and why.
    OSError
        If it cannot be read.
    """
    source = Source(url)
    with source.open() as file:
        content = file.read(_LONGEST + 1)
    if len(content) > _LONGEST:
        raise ExtractError(f"{source.shown}: is too long for reviewed pairs; allowed are {_LONGEST:,} bytes")
    try:
        rows = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True)
        missing = [column for column in COLUMNS if column not in (rows.fieldnames or ())]
        if missing:
            raise ExtractError(f"{source.shown}: lacks {', '.join(missing)}; take the file that was written")
        return _decisions([(rows.line_num, row) for row in rows], records, source.shown)
    except UnicodeDecodeError:
        raise ExtractError(f"{source.shown}: is not UTF-8; save it as CSV in UTF-8") from None
    except csv.Error:
        raise ExtractError(f"{source.shown}: is no CSV; save it as CSV with commas") from None


def _decisions(rows: Sequence[tuple[int, dict[str, str]]], records: Records, shown: str) -> list[Decision]:
    stand = zip(records.file.tolist(), records.line.tolist(), strict=True)
    places = {where: place for place, where in enumerate(stand)}
    numbers = {name: number for number, name in enumerate(records.files)}
    found, odd, unknown = [], [], []
    for line, row in rows:
        said = (row["decision"] or "").strip().lower()
        if not said:
            continue
        if said not in (SAME, DIFFERENT):
            odd.append(line)
            continue
        left, right = (_place(row, side, numbers, places) for side in ("left", "right"))
        if left is None or right is None or left == right:
            unknown.append(line)
        else:
            found.append(Decision(line, left, right, said == SAME))
    wrong = [
        f"{shown}: line {_lines(lines)}: {what}"
        for lines, what in (
            (odd, f"the decision is neither {SAME} nor {DIFFERENT}; allowed are these, or nothing"),
            (unknown, "there are no two such records in these files; take the file that was written of them"),
        )
        if lines
    ]
    if wrong:
        raise ExtractError(*wrong)
    return found


def _place(row: dict[str, str], side: str, files: dict[str, int], places: dict[tuple[int, int], int]) -> int | None:
    # A spreadsheet program is kept from running a name by an apostrophe before it.
    name, line = (row[f"{side}_{part}"] or "" for part in ("file", "line"))
    file = files.get(name, files.get(name.removeprefix("'")))
    return places.get((file, int(line))) if file is not None and line.isascii() and line.isdigit() else None


def _lines(lines: Sequence[int]) -> str:
    more = f" and {len(lines) - _SHOWN} more" if len(lines) > _SHOWN else ""
    return ", ".join(map(str, lines[:_SHOWN])) + more


def parted(decisions: Sequence[Decision], records: Records) -> Bools:
    """Which identities have records that a person said are of different people."""
    found = np.zeros(len(records.identities), np.bool_)
    for decision in decisions:
        if not decision.same and records.who[decision.left] == records.who[decision.right]:
            found[records.who[decision.left]] = True
    return found


def decided(decisions: Sequence[Decision], elements: Elements, shown: str) -> Groups:
    """Groups of elements as the decisions alone have them.

    Raises
    ------
    ExtractError
        If records are said to be different that others say, or their case and all their columns, are the same.
    """
    groups = Groups.single(elements.first.size)
    of_record = elements.of_record
    ends = [(decision, int(of_record[decision.left]), int(of_record[decision.right])) for decision in decisions]
    for decision, left, right in ends:
        if decision.same:
            groups.join(left, right)
    odd = [
        decision.line for decision, left, right in ends if not decision.same and not groups.separate(left, right)
    ]
    if odd:
        raise ExtractError(
            f"{shown}: line {_lines(odd)}: {DIFFERENT}, but by other lines, or because case and identity are one, "
            "the records are of the same person; change one of them"
        )
    return groups
