"""A bucket of the store for a check: every conviction of every history, and who counts which."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from clearscale_kernels.arrays import Bools, Int8s, Int16s, Int32s, Int64s

Columns = Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Bucket:
    """Whole histories.

    convictions, people: columns of the store, shapes (n,) and (h,). charge_flags, sections: by offense code.
    counties: shape (extracts,), county code of each extract.
    """

    convictions: Columns
    people: Columns
    charge_flags: Int16s
    sections: Int8s
    counties: Int32s

    @property
    def own_county(self) -> Bools:
        """Which convictions are of the county whose extract they stand in. Shape (n,)."""
        result: Bools = self.convictions["county"] == self.counties[self.convictions["extract"]]
        return result

    @property
    def canonical(self) -> Bools:
        """Which convictions stand in the history that stands for its person. Shape (n,)."""
        result: Bools = self.people["canonical"][self.convictions["history"]]
        return result


@dataclass(frozen=True)
class ScopedRows:
    """Which convictions and histories a figure counts, and under which scope. Shapes (n,) and (h,)."""

    convictions: Bools
    people: Bools
    conviction_scope: Int64s
    people_scope: Int64s


def scoped_rows(bucket: Bucket) -> tuple[ScopedRows, ScopedRows]:
    """Return (the counties' view, the state's view) of a bucket."""
    extracts = bucket.counties.size
    counties = ScopedRows(
        bucket.own_county,
        np.ones(bucket.people["extract"].size, np.bool_),
        bucket.convictions["extract"].astype(np.int64),
        bucket.people["extract"].astype(np.int64),
    )
    state = ScopedRows(
        bucket.canonical,
        bucket.people["canonical"],
        np.full(counties.convictions.size, extracts, np.int64),
        np.full(counties.people.size, extracts, np.int64),
    )
    return counties, state


def columns_of(table: pa.Table, names: tuple[str, ...]) -> dict[str, np.ndarray]:
    """Return columns of an Arrow table as NumPy arrays, by name."""
    return {name: table.column(name).to_numpy() for name in names}
