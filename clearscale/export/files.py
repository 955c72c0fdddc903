"""The three result files of an extract, written block by block as the counties' program wrote them."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import pyarrow as pa

from clearscale_kernels.arrays import Bools, Bytes, Int32s
from clearscale_kernels.lines import most_bytes, write_lines
from clearscale_kernels.vectors import WIDTH

from ..charges import catalog
from ..extract import COLUMN, COLUMNS, CONDENSED, values_of
from ..files import PRIVATE
from .columns import ADDED_COLUMNS, DecidedRows, undecided

ALL_COLUMNS = np.arange(len(COLUMNS))
CONDENSED_COLUMNS = np.array([COLUMN[name] for name in CONDENSED])


@dataclass(frozen=True)
class Records:
    """Records in memory, as `clearscale_kernels.lines.write_lines` takes them. rows: shape (n,)."""

    data: Bytes
    starts: Int32s
    ends: Int32s
    extents: Int32s
    canonical: Bools
    rows: Int32s


Lines = tuple[memoryview, ...]
"""Lines for each of the three files."""


class ResultFiles:
    """`All_Results`, `All_Results_Condensed` and `Prop64_Results` of one extract, in a local folder.

    Used as a context manager: files appear under their names when all is written, and not at all on an error.
    """

    NAMES = ("All_Results", "All_Results_Condensed", "Prop64_Results")

    def __init__(self, folder: Path, ending: str, decided: DecidedRows) -> None:
        self._decided = decided
        self._targets = [folder / f"{name}{ending}.csv" for name in self.NAMES]
        self._partial = [target.with_name(f".{target.name}.partial") for target in self._targets]
        self._files: list[Any] = []

    @property
    def paths(self) -> list[Path]:
        """Where the three files are."""
        return self._targets

    def __enter__(self) -> "ResultFiles":
        self._targets[0].parent.mkdir(parents=True, exist_ok=True)
        self._files = [path.open("wb", buffering=0) for path in self._partial]
        for path in self._partial:
            path.chmod(PRIVATE)
        added = ",".join(ADDED_COLUMNS)
        for file, columns in zip(self._files, (COLUMNS, CONDENSED, COLUMNS), strict=True):
            file.write(f"{','.join(columns)},{added}\n".encode())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for file in self._files:
            file.close()
        for partial, target in zip(self._partial, self._targets, strict=True):
            if kind is None:
                partial.replace(target)
            else:
                partial.unlink(missing_ok=True)

    def lines(self, records: Records) -> Lines:
        """The lines of the three files for these records. Can be called by several threads at the same time."""
        suffixes, suffix_of, decided = self._suffixes(records)
        bounds = np.zeros(len(suffixes) + 1, np.int64)
        np.cumsum([len(suffix) for suffix in suffixes], out=bounds[1:])
        joined = np.frombuffer(b"".join(suffixes) + bytes(WIDTH), np.uint8)
        everything = np.arange(records.rows.size)
        result = []
        for columns, rows in (
            (ALL_COLUMNS, everything),
            (CONDENSED_COLUMNS, everything),
            (ALL_COLUMNS, decided),
        ):
            room = most_bytes(
                records.starts, records.ends, records.extents, records.canonical, columns, rows, bounds, suffix_of
            )
            out = np.empty(room, np.uint8)
            size = write_lines(
                records.data,
                records.starts,
                records.ends,
                records.extents,
                records.canonical,
                columns,
                rows,
                joined,
                bounds,
                suffix_of,
                out,
            )
            result.append(out[:size].data)
        return tuple(result)

    def write(self, lines: Lines) -> None:
        """Append the lines of records, which must come in file order."""
        for file, content in zip(self._files, lines, strict=True):
            while content:  # a system may take less than all of a large piece at once
                content = content[file.write(content) :]

    def _suffixes(self, records: Records) -> tuple[list[bytes], Int32s, np.ndarray]:
        """(distinct suffixes, which of them each record bears, places of the decided records)."""
        possible, texts = _possible_others(records)
        suffixes = [undecided(text) for text in texts]
        suffix_of = possible.copy()
        rows = self._decided.rows
        first, last = (
            np.searchsorted(rows, (records.rows[0], records.rows[-1] + 1)) if records.rows.size else (0, 0)
        )
        places = np.searchsorted(records.rows, rows[first:last])
        for number, place in enumerate(places):
            suffix_of[place] = len(suffixes)
            suffixes.append(self._decided.suffix(int(first) + number, texts[possible[place]]))
        return suffixes, suffix_of, places


def _possible_others(records: Records) -> tuple[Int32s, list[bytes]]:
    """(code of each record, texts) of the column "Possible Other P64 Charges"; found once a distinct pair."""
    charges, size = catalog(), records.rows.size
    coded = []
    for name in ("OFFENSE_DESCR", "COMMENT_TEXT"):
        column = COLUMN[name]
        values: pa.DictionaryArray = values_of(
            records.data, records.starts[column][:size], records.ends[column][:size]
        ).dictionary_encode()
        coded.append((values.indices.to_numpy(zero_copy_only=False), values.dictionary.to_pylist()))
    (described, descriptions), (commented, comments) = coded
    texts: list[bytes] = [b""]
    result = np.zeros(records.rows.size, np.int32)
    # Most comments name no charge at all; only the others are compared with their descriptions.
    naming = np.array([charges.section(comment) >= 0 for comment in comments], np.bool_)
    candidates = np.flatnonzero(naming[commented]) if comments else np.empty(0, np.int64)
    pairs: dict[tuple[int, int], int] = {}
    for place in candidates:
        pair = (int(described[place]), int(commented[place]))
        if pair not in pairs:
            text = charges.possible_other(descriptions[pair[0]], comments[pair[1]])
            pairs[pair] = len(texts) if text else 0
            if text:
                texts.append(text)
        result[place] = pairs[pair]
    return result, texts


def write_all(files: ResultFiles, blocks: Iterable[Records]) -> None:
    """Write every block of an extract."""
    with files:
        for records in blocks:
            files.write(files.lines(records))
