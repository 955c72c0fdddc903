"""Files read for linking: where each record stands, of which case it is, and what it says of who it is about."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pyarrow as pa

from clearscale.errors import ExtractError
from clearscale.extract.digest import Digesting
from clearscale.formats import ColumnMap
from clearscale.formats.column_map import IDENTITY
from clearscale.formats.damage import explained
from clearscale.formats.days import parse_day
from clearscale.formats.reading import BLOCK_BYTES, Beside, Reading
from clearscale.io.source import Source
from clearscale_kernels.arrays import Int64s

from .identities import Identity, exchanged, identity, parts


@dataclass(frozen=True)
class Records:
    """Records of files, in the order of the files' names and of their lines.

    Parameters
    ----------
    files
        Names, sorted.
    digests
        Of their bytes, decompressed.
    file, line
        Place of each record's file, and the line on which it begins.
    case
        The same number for records of the same case; a record without a case is one of its own.
    who
        Places in `identities`.
    identities
        Each once, sorted.
    """

    files: tuple[str, ...]
    digests: tuple[str, ...]
    file: Int64s
    line: Int64s
    case: Int64s
    who: Int64s
    identities: tuple[Identity, ...]


def read_records(files: Sequence[str], stated: ColumnMap, block_bytes: int = BLOCK_BYTES) -> Records:
    """Read what people are told by.

    Parameters
    ----------
    files
        Paths or URLs, in the order of the chunks that they may be.
    stated
        Their map, which has columns of `identity`.
    block_bytes
        So many bytes are looked at together.

    Returns
    -------
    Records

    Raises
    ------
    ExtractError
        If the map has a key of people, or nothing that they are told by; if a file cannot be read by it; or if two
        files have one name.
    """
    if "person" in stated.charge:
        raise ExtractError(f"{stated.name} has a key of people (charge.person); nobody needs to be linked")
    if not stated.identity:
        raise ExtractError(f"{stated.name} has no [identity]; name the columns of names there to link people")
    names = [Source(file).name for file in files]
    twice = sorted(name for name, count in Counter(names).items() if count > 1)
    if twice:
        raise ExtractError(f"two files are called {', '.join(twice)}; records are told by it, so rename one")
    taker = _Taker(stated)
    columns = [column for role in IDENTITY for column in stated.identity.get(role, ())]
    reading = Reading(files, stated, block_bytes, beside=Beside(columns, taker.takes))
    for _ in reading:
        pass
    return taker.records({Source(file).name: _digest(Source(file)) for file in files})


def _digest(source: Source) -> str:
    digesting = Digesting()
    with explained(source), source.open() as file:
        while content := file.read(BLOCK_BYTES):
            digesting.update(np.frombuffer(content, np.uint8))
    return digesting.digest()


_EPOCH = date(1970, 1, 1)


class _Taker:
    """Gathers records block by block; each distinct text of a name is brought into one spelling once."""

    def __init__(self, stated: ColumnMap) -> None:
        self.map = stated
        self.missing = {column: stated.says_nothing(column) for column in stated.columns}
        self.known: dict[tuple[str, ...], int] = {}
        self.identities: dict[Identity, int] = {}
        self.cases: dict[tuple[str | None, str], int] = {}
        self.rows: list[tuple[str, Int64s, list[int], list[int]]] = []

    def takes(self, table: pa.Table, charges: pa.RecordBatch) -> None:
        """Take a block's records."""
        if not charges.num_rows:
            return
        file = charges.column("file")[0].as_py()
        columns = [self._texts(table, role, file) for role in ("first_name", "middle_name", "last_name", "name")]
        numbers = [self._of(table, [column], file) for column in self.map.identity.get("numbers", ())]
        born = self._born(table, charges)
        sex = [value or "" for value in charges.column("sex").cast(pa.string()).to_pylist()]
        who = []
        for row in zip(*columns, born, sex, *numbers, strict=True):
            found = self.known.get(row)
            if found is None:
                made = _identity(row)
                found = self.known[row] = self.identities.setdefault(made, len(self.identities))
            who.append(found)
        self.rows.append((file, charges.column("line").to_numpy(), self._cases(charges), who))

    def _cases(self, charges: pa.RecordBatch) -> list[int]:
        counties = charges.column("county").cast(pa.string()).to_pylist()
        pairs = zip(counties, charges.column("case").to_pylist(), strict=True)
        return [-1 if pair[1] is None else self.cases.setdefault(pair, len(self.cases)) for pair in pairs]

    def _texts(self, table: pa.Table, role: str, file: str) -> list[str]:
        return self._of(table, self.map.identity.get(role, ()), file)

    def _of(self, table: pa.Table, columns: Sequence[str], file: str) -> list[str]:
        """A text of each row: of several columns the first that says something."""
        found = [""] * table.num_rows
        for column in columns:
            if column not in table.column_names:
                if column not in self.map.absent:
                    raise ExtractError(f"{file}: lacks {column}, by which the map tells people apart")
                continue
            missing = self.missing[column]
            texts = [(value or "").strip() for value in table.column(column).cast(pa.string()).to_pylist()]
            own = ["" if text.upper() in missing else text for text in texts]
            found = [before or text for before, text in zip(found, own, strict=True)]
        return found

    def _born(self, table: pa.Table, charges: pa.RecordBatch) -> list[str]:
        """Birth dates, YYYYMMDD; of one that cannot be read, with day and month exchanged if it can be then."""
        days = charges.column("birth_date").to_pylist()
        born = ["" if day is None else day.strftime("%Y%m%d") for day in days]
        left = [place for place, day in enumerate(days) if day is None]
        columns = [column for column in self.map.charge["birth_date"] if column in table.column_names]
        for column in columns if left else ():
            forms, pivot = self.map.dates(column)
            texts = table.column(column).cast(pa.string()).to_pylist()
            for place in left:
                text = (texts[place] or "").strip()
                day = parse_day(text, [exchanged(form) for form in (*forms, "YYYY-MM-DD")], pivot) if text else None
                if day is not None and not born[place]:
                    born[place] = (_EPOCH + timedelta(day)).strftime("%Y%m%d")
        return born

    def records(self, digests: dict[str, str]) -> Records:
        """All that was gathered, whatever the order in which it came."""
        files = tuple(sorted(digests))
        rows = sorted(self.rows, key=lambda row: (row[0], row[1][0]))
        file = [np.full(line.size, files.index(name), np.int64) for name, line, _, _ in rows]
        found = {
            "file": _joined(file),
            "line": _joined([line for _, line, _, _ in rows]),
            "case": _joined([np.array(case, np.int64) for _, _, case, _ in rows]),
        }
        identities = tuple(sorted(self.identities))
        ranks = np.empty(len(identities), np.int64)
        ranks[[self.identities[person] for person in identities]] = np.arange(len(identities))
        who = ranks[_joined([np.array(who, np.int64) for _, _, _, who in rows])]
        alone = np.flatnonzero(found["case"] < 0)
        found["case"][alone] = len(self.cases) + np.arange(alone.size)
        return Records(files, tuple(digests[name] for name in files), who=who, identities=identities, **found)


def _identity(row: tuple[str, ...]) -> Identity:
    first, middle, last, name, born, sex, *numbers = row
    if name:
        first, middle, last = parts(name)
    return identity(first, middle, last, born, sex, numbers)


def _joined(arrays: Sequence[Int64s]) -> Int64s:
    return np.concatenate(arrays) if arrays else np.empty(0, np.int64)
