"""What is decided together: candidates of whole histories, and what the rest of their records comes to."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import cast

import numpy as np
import pyarrow as pa

from clearscale.histories.candidates import OTHERS, CandidateTables
from clearscale.law.implausible import later
from clearscale.law.offense_texts import Offenses
from clearscale_kernels import flag
from clearscale_kernels.arrays import Bools, Int8s, Int16s, Int32s, Int64s

Columns = Mapping[str, np.ndarray]


class Joined(Columns):
    """Columns of several tables, one after the other, each joined when it is first asked for.

    Joined even where there is one table: kernels are compiled for arrays that may be written to; Arrow's may not.
    """

    def __init__(self, tables: Sequence[pa.Table]) -> None:
        self._tables = tables
        self._columns: dict[str, np.ndarray] = {}

    @property
    def nbytes(self) -> int:
        """Bytes of the columns that were asked for, and of the tables behind them."""
        return self._bytes_of_tables + sum(column.nbytes for column in list(self._columns.values()))

    @cached_property
    def _bytes_of_tables(self) -> int:
        return sum(int(table.nbytes) for table in self._tables)

    def shift(self, name: str, sizes: Sequence[int]) -> None:
        """Let a column of places in other tables of these sizes count through all of them."""
        before = itertools.accumulate(sizes, initial=0)
        pieces = [
            table.column(name).to_numpy() + np.int32(size)
            for table, size in zip(self._tables, before, strict=False)
        ]
        self._columns[name] = np.concatenate(pieces)

    def __getitem__(self, name: str) -> np.ndarray:
        if name not in self._columns:
            self._columns[name] = np.concatenate([table.column(name).to_numpy() for table in self._tables])
        return self._columns[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._tables[0].column_names)

    def __len__(self) -> int:
        return len(self._tables[0].column_names)


@dataclass(frozen=True)
class Caseload:
    """Candidates to decide and count.

    candidates, subjects: columns of the store, shapes (n,) and (h,); a candidate's `history` is its subject.
    charge_flags, sections: by offense code. extracts: how many the snapshot has.
    offenses: their code sections' texts, for policies that ask for them. counties: names by county code, for
    policies that differ by county.
    """

    candidates: Joined
    subjects: Joined
    charge_flags: Int16s
    sections: Int8s
    extracts: int
    offenses: Offenses | None = None
    counties: Sequence[bytes] = ()

    @property
    def nbytes(self) -> int:
        """Bytes of memory, as far as columns have been asked for."""
        own = sum(array.nbytes for array in list(vars(self).values()) if isinstance(array, np.ndarray))
        return own + self.candidates.nbytes + self.subjects.nbytes

    @cached_property
    def bounds(self) -> Int64s:
        """The first candidate of each history, and the past-last of the last. Shape (h + 1,)."""
        size = self.subjects["extract"].size
        counts = np.bincount(self.candidates["history"], minlength=size)
        return np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)])

    @cached_property
    def section(self) -> Int8s:
        """Place of each candidate's leftmost section in the law's sections, -1 for a related charge. Shape (n,)."""
        return _by_code(self.sections, self.candidates["offense"])

    @cached_property
    def charge(self) -> Int16s:
        """Charge bits of each candidate. Shape (n,)."""
        return _by_code(self.charge_flags, self.candidates["offense"])

    @cached_property
    def extract(self) -> Int32s:
        """Place of each candidate's extract in the snapshot. Shape (n,)."""
        return self.of_subject("extract")

    @cached_property
    def others(self) -> Int32s:
        """What convictions that are no candidates come to, in the order of OTHERS. Shape (3, h)."""
        return np.stack([self.subjects[name] for name in OTHERS])

    @property
    def own(self) -> Bools:
        """Which candidates are of the county whose extract they stand in. Shape (n,)."""
        return cast(Bools, self.candidates["flags"] & flag.OWN_COUNTY != 0)

    @property
    def canonical(self) -> Bools:
        """Which candidates stand in the history that stands for its person. Shape (n,)."""
        return cast(Bools, self.candidates["flags"] & flag.CANONICAL != 0)

    def later_than(self, as_of: int) -> Bools:
        """Which candidates have a date, or a birth date, after a day, so that it cannot be right. Shape (n,)."""
        events, births = self.candidates["event_date"], self.subjects["birth_date"]
        # Gathering by candidate is dear, and hardly ever is anybody born so late.
        born = self.of_subject("birth_date") if births.max(initial=as_of) > as_of else np.full(1, as_of, np.int32)
        return later(events, born, as_of)

    def of_subject(self, column: str) -> np.ndarray:
        """Bring a column of `subjects` to the candidates. Shape (n,)."""
        return cast(np.ndarray, self.subjects[column][self.candidates["history"]])


def _by_code(values: np.ndarray, codes: Int32s) -> np.ndarray:
    return values[codes] if values.size else np.zeros(codes.size, values.dtype)


def caseload_of(
    tables: Sequence[CandidateTables],
    charge_flags: Int16s,
    sections: Int8s,
    extracts: int,
    offenses: Offenses | None = None,
    counties: Sequence[bytes] = (),
) -> Caseload:
    """Join the candidates of one or more buckets. The rest: see `Caseload`."""
    candidates = Joined([bucket.candidates for bucket in tables])
    subjects = Joined([bucket.subjects for bucket in tables])
    candidates.shift("history", [bucket.subjects.num_rows for bucket in tables])
    return Caseload(candidates, subjects, charge_flags, sections, extracts, offenses, counties)
