"""The crosstab of charges as a run's folder has it: a number for each charge, and what its codes stand for.

Few charges have the same number: to put them in order, count and name them takes longer than to decide them, so it
is done for who asks for the table. All that it takes is in the folder.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from clearscale.charges.tables import Words
from clearscale.io.files import Folder
from clearscale.io.sealed import SealedFolder
from clearscale.io.seals import Seal
from clearscale.relief import ChargePolicy
from clearscale.runs.finished import CROSSTAB
from clearscale_kernels.arrays import Int32s, Int64s

from .crosstabs import added, charge_crosstab, texts_of
from .naming import recoded
from .packing import Fields, Packing, Part, counted, summed

LEGEND = f"{CROSSTAB}/legend.json"
"""What their codes stand for."""

_NUMBER = "number"


def part_file(bucket: int) -> str:
    """The file of a bucket's part."""
    return f"{CROSSTAB}/bucket-{bucket:05d}.arrow"


def write_part(out: Folder, bucket: int, part: Part) -> dict[str, Seal]:
    """Write what a bucket adds into a run's folder; return the seal of the file."""
    if not isinstance(part, pa.Table):
        part = pa.table({_NUMBER: part})
    return {part_file(bucket): out.write_arrow(part_file(bucket), part)}


def legend(packing: Packing, words: Words, places: Mapping[str, Int32s], policy: ChargePolicy) -> dict[str, Any]:
    """What the codes of all buckets stand for.

    Parameters
    ----------
    packing
        By which charges became numbers.
    words
        With texts that tables may name.
    places
        Of columns of which some texts have no name there: the new code of each, the last that of none.
    policy
        What was decided by.

    Returns
    -------
    dict
        A JSON document.
    """
    return {
        "fields": packing.sizes,
        "codes": {column: codes.tolist() for column, codes in places.items()},
        "texts": texts_of(policy, words),
    }


@dataclass(frozen=True)
class _Legend:
    fields: dict[str, int]
    codes: dict[str, list[int]]
    texts: dict[str, list[str]]


def read_crosstab(files: SealedFolder) -> pa.Table:
    """The crosstab of charges of a run.

    Parameters
    ----------
    files
        Of the run.

    Returns
    -------
    Table
        As `docs/concepts/charges.md` lists its columns; the same charges give the same rows in the same order.

    Raises
    ------
    RunError
        If a file is damaged or missing.
    """
    known = _Legend(**files.read_json(LEGEND))
    names = [f"{CROSSTAB}/{name}" for name in files.folder(CROSSTAB).names()]
    parts = [files.read_arrow(name) for name in names if name != LEGEND]
    if _NUMBER in parts[0].column_names:
        counts = Fields(known.fields).counts(summed([counted(_numbers(part.column(_NUMBER))) for part in parts]))
    else:
        counts = added(pa.concat_tables(parts))
    if known.codes:
        counts = added(recoded(counts, {name: np.array(codes, np.int32) for name, codes in known.codes.items()}))
    return charge_crosstab(counts, known.texts)


def _numbers(column: pa.ChunkedArray) -> Int64s:
    found: Int64s = column.to_numpy().copy()  # a mapped file cannot be sorted
    return found
