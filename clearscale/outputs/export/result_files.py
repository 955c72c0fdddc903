"""The three result files of an extract, written block by block as the counties' program wrote them."""

import contextlib
import glob
import os
import secrets
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import pyarrow as pa

from clearscale.errors import RunError
from clearscale.extract import Block, values_of
from clearscale.io.claims import LOCK, claimed
from clearscale.io.files import Folder
from clearscale.io.flush_ahead import FlushAhead
from clearscale.io.local import name_lasting
from clearscale.io.private import new_file
from clearscale.law import state
from clearscale.outputs.county_files import RESULTS, WORKBOOK
from clearscale_kernels.arrays import Bools, Bytes, Int32s
from clearscale_kernels.jit.vectors import WIDTH
from clearscale_kernels.text.copying import Copies, copy_records, record_scratch, room_for
from clearscale_kernels.text.lines import most_bytes, write_lines
from clearscale_kernels.text.records import Records, Suffixes

from .columns import ADDED_COLUMNS, DecidedRows, undecided
from .other_offenses import find_other_offenses

_FORMAT = state().format

ALL_COLUMNS = np.arange(len(_FORMAT.columns))
CONDENSED_COLUMNS = np.array([_FORMAT.places[name] for name in _FORMAT.condensed])


@dataclass(frozen=True)
class RecordBlock:
    """Records in memory. rows: the row of each in its extract, shape (n,)."""

    records: Records
    rows: Int32s


@dataclass(frozen=True)
class Added:
    """The added columns of n records. suffixes: with 64 bytes behind their content. decided: shape (n,)."""

    suffixes: Suffixes
    decided: Bools


Lines = tuple[memoryview, ...]
"""Lines for each of the three files."""


@dataclass(frozen=True)
class Copied:
    """Lines for each of the three files: so many bytes of each buffer."""

    buffers: tuple[Bytes, ...]
    sizes: tuple[int, ...]


PARTIAL = ".partial"
"""Ending of the names that files have while they are written, each time others."""


@contextlib.contextmanager
def writing_results(folder: Path, suffix: str = "") -> Iterator[None]:
    """Have the files of this suffix to oneself. Raises RunError if another command writes them."""
    with claimed(Folder(str(folder)), f"{LOCK}-{suffix}" if suffix else LOCK, RunError):
        yield


class ResultFiles:
    """`All_Results`, `All_Results_Condensed` and `Prop64_Results` of one extract, in a local folder.

    Used as a context manager: files appear under their names when all is written, and not at all on an error.
    name_later: whether `name_lasting` names them instead, together with those of other extracts. stays: whether
    they are to be on disk, and not only on their way to another storage.
    """

    NAMES = RESULTS

    def __init__(
        self, folder: Path, ending: str, decided: DecidedRows, *, name_later: bool = False, stays: bool = True
    ) -> None:
        self._decided = decided
        self._name_later = name_later
        self._stays = stays
        self._targets = [folder / f"{name}{ending}.csv" for name in self.NAMES]
        self._partial: list[Path] = []
        self._files: list[Any] = []
        self._spare: deque[Bytes] = deque()

    @property
    def paths(self) -> list[Path]:
        """Where the three files are."""
        return self._targets

    @property
    def written(self) -> list[tuple[Path, Path]]:
        """Where each file is until it is named, and where it belongs."""
        return list(zip(self._partial, self._targets, strict=True))

    def __enter__(self) -> "ResultFiles":
        folder = self._targets[0].parent
        for target in self._targets:
            _remove_partial(target)  # of a process that was killed
            handle, path = new_file(folder, f".{target.name}.", PARTIAL)
            self._partial.append(path)
            self._files.append(os.fdopen(handle, "wb", buffering=0))
        self._ahead = FlushAhead(self._partial if self._stays else [])
        added = ",".join(ADDED_COLUMNS)
        for file, columns in zip(self._files, (_FORMAT.columns, _FORMAT.condensed, _FORMAT.columns), strict=True):
            file.write(f"{','.join(columns)},{added}\n".encode())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for file in self._files:
            file.close()
        with contextlib.ExitStack() as unnamed:
            for partial in self._partial:
                unnamed.callback(partial.unlink, missing_ok=True)
            if kind is not None:
                with contextlib.suppress(OSError):  # what failed before is raised
                    self._ahead.end()
                return
            self._ahead.end()
            if not self._name_later:
                name_lasting(self.written)
            unnamed.pop_all()

    def lines(self, block: RecordBlock) -> Lines:
        """Return the lines of the three files for these records. Several threads may call this at the same time."""
        added = self.added(block.rows, *_find_other_offenses(block))
        everything = np.arange(block.rows.size)
        result = []
        for columns, rows in (
            (ALL_COLUMNS, everything),
            (CONDENSED_COLUMNS, everything),
            (ALL_COLUMNS, np.flatnonzero(added.decided)),
        ):
            out = np.empty(most_bytes(block.records, columns, rows, added.suffixes), np.uint8)
            size = write_lines(block.records, columns, rows, added.suffixes, out)
            result.append(out[:size].data)
        return tuple(result)

    def copied(self, block: Block, other_codes: Int32s, texts: list[bytes]) -> Copied:
        """Return the lines of the three files for a block that was parsed for the condensed columns, unresolved.

        other_codes, texts: see `added`. Can be called by several threads at the same time.
        """
        added = self.added(block.rows, other_codes, texts)
        room = room_for(block.span.length, added.suffixes) + WIDTH
        copies = Copies(*(self._buffer(room) for _ in self.NAMES))
        records = Records(
            data=block.data,
            starts=block.starts,
            ends=block.ends,
            extents=block.extents,
            canonical=block.canonical,
        )
        scratch = record_scratch(ALL_COLUMNS.size)
        sizes = copy_records(records, CONDENSED_COLUMNS, added.suffixes, added.decided, scratch, copies)
        return Copied(copies, sizes)

    def write_copied(self, copied: Copied) -> None:
        """Append the lines of a block; blocks must come in file order."""
        self.write(tuple(buffer[:size].data for buffer, size in zip(copied.buffers, copied.sizes, strict=True)))
        self._spare.extend(copied.buffers)

    def _buffer(self, room: int) -> Bytes:
        """Return a buffer of at least that many bytes, one that was just used if there is any."""
        with contextlib.suppress(IndexError):
            while (buffer := self._spare.popleft()).size < room:
                pass
            return buffer
        return np.empty(room * 9 // 8, np.uint8)

    def write(self, lines: Lines) -> None:
        """Append the lines of records, which must come in file order."""
        for file, content in zip(self._files, lines, strict=True):
            size = len(content)
            while content:  # a system may take less than all of a large piece at once
                content = content[file.write(content) :]
            self._ahead.wrote(size)

    def added(self, rows: Int32s, other_codes: Int32s, texts: list[bytes]) -> Added:
        """Return the added columns of records.

        rows: shape (n,), consecutive or with gaps. other_codes: shape (n,), code of each record's "Possible Other
        P64 Charges", 0 where there is none. texts: of the codes.
        """
        distinct = [undecided(text) for text in texts]
        of_record = other_codes.copy()
        ours = self._decided.rows
        first, last = np.searchsorted(ours, (rows[0], rows[-1] + 1)) if rows.size else (0, 0)
        places = np.searchsorted(rows, ours[first:last])
        for number, place in enumerate(places):
            of_record[place] = len(distinct)
            distinct.append(self._decided.suffix(int(first) + number, texts[other_codes[place]]))
        bounds = np.zeros(len(distinct) + 1, np.int64)
        np.cumsum([len(suffix) for suffix in distinct], out=bounds[1:])
        decided = np.zeros(rows.size, np.bool_)
        decided[places] = True
        content = np.frombuffer(b"".join(distinct) + bytes(WIDTH), np.uint8)
        return Added(Suffixes(content, bounds, of_record), decided)


def partial_name(name: str) -> str:
    """A name for a file while it is written, which `remove_partial` knows."""
    return f".{name}.{secrets.token_hex(8)}{PARTIAL}"


def remove_partial(folder: Path, ending: str) -> None:
    """Remove what was written of an extract's files and not named."""
    for name in ResultFiles.NAMES:
        _remove_partial(folder / f"{name}{ending}.csv")
    _remove_partial(folder / WORKBOOK)


def _remove_partial(target: Path) -> None:
    for left in target.parent.glob(f".{glob.escape(target.name)}.*{PARTIAL}"):
        left.unlink(missing_ok=True)


def _find_other_offenses(block: RecordBlock) -> tuple[Int32s, list[bytes]]:
    """Return (code of each record, texts) of the column "Possible Other P64 Charges"."""
    coded: list[Any] = []
    for name in (_FORMAT.roles.offense, _FORMAT.roles.comment):
        column, size, records = _FORMAT.places[name], block.rows.size, block.records
        values: pa.DictionaryArray = values_of(
            records.data, records.starts[column][:size], records.ends[column][:size]
        ).dictionary_encode()
        coded += [values.indices.to_numpy(zero_copy_only=False), values.dictionary.to_pylist()]
    return find_other_offenses(*coded)


def write_all(files: ResultFiles, blocks: Iterable[RecordBlock]) -> None:
    """Write every block of an extract."""
    with files:
        for block in blocks:
            files.write(files.lines(block))
