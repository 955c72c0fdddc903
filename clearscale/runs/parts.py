"""What a task decided, on its way to the files of decisions.

It stays in memory, or goes to a file if another process writes the decisions.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from clearscale.io.files import Folder
from clearscale.io.sealed import SealedFolder
from clearscale.io.seals import Seal
from clearscale.policy.caseload import Caseload
from clearscale_kernels import flag
from clearscale_kernels.arrays import Int32s, Int64s
from clearscale_kernels.policy import parts

from .evaluate import Decisions
from .finished import GUARD

PARTS = ".parts"


@dataclass(frozen=True)
class DecisionPart:
    """The decisions of a caseload, extract by extract.

    bounds: the first decision of each extract, and the past-last of the last, shape (extracts + 1,). columns: by
    name, shape (n,) each, or the path of the file that has them, and its seal.
    """

    bounds: Int64s
    columns: dict[str, np.ndarray] | tuple[str, Seal]

    def read(self, out: Folder, extracts: range) -> dict[str, np.ndarray]:
        """Read the decisions on a range of extracts, and the extract of each. out: the run's folder."""
        first, last = int(self.bounds[extracts.start]), int(self.bounds[extracts.stop])
        if isinstance(self.columns, tuple):
            path, seal = self.columns
            table = SealedFolder(out.url, {path: seal}, GUARD).read_arrow(path).slice(first, last - first)
            column = {name: table.column(name).to_numpy() for name in table.column_names}
        else:
            column = {name: values[first:last] for name, values in self.columns.items()}
        counts = np.diff(self.bounds[extracts.start : extracts.stop + 1])
        column["extract"] = np.repeat(np.arange(extracts.start, extracts.stop, dtype=np.int32), counts)
        return column


def _doubted(caseload: Caseload, as_of: int) -> Int32s:
    """The candidates' bits, with that of a date which cannot be right for those after the as-of date."""
    bits: Int32s = caseload.candidates["flags"]
    later = caseload.later_than(as_of)
    return bits | np.where(later, flag.IMPLAUSIBLE_DATE, 0).astype(np.int32) if later.any() else bits


def part_of(caseload: Caseload, decisions: Decisions, as_of: int, out: Folder | None, number: int) -> DecisionPart:
    """Collect the decisions that figures count.

    as_of: day number. out: the run's folder if they go to a file, named by `number`.
    """
    candidates, extracts = caseload.candidates, caseload.subjects["extract"]
    decided = parts.Decided(
        in_scope=decisions.in_scope,
        flags=_doubted(caseload, as_of),
        histories=candidates["history"],
        rows=candidates["row"],
        counties=candidates["county"],
        offenses=candidates["offense"],
        rules=decisions.rules.astype(np.int16),
        rests_on_missing=decisions.rests_on_missing,
    )
    counts = np.zeros(caseload.extracts, np.int64)
    parts.count_by_extract(decided, extracts, counts)
    bounds = np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)])
    size = int(bounds[-1])
    dealt = parts.DecisionColumns(
        rows=np.empty(size, np.int32),
        counties=np.empty(size, np.int32),
        offenses=np.empty(size, np.int32),
        rules=np.empty(size, np.int16),
        marks=np.empty(size, np.int16),
    )
    parts.deal_out(decided, extracts, caseload.charge_flags, bounds[:-1].copy(), dealt)
    column: dict[str, Any] = {
        "row": dealt.rows,
        "county": dealt.counties,
        "offense": dealt.offenses,
        "rule": dealt.rules,
        "mark": dealt.marks,
    }
    if out is None:
        return DecisionPart(bounds, column)
    path = f"{PARTS}/from-{number:05d}.arrow"
    return DecisionPart(bounds, (path, out.write_arrow(path, pa.table(column))))
