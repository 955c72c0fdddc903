"""The table of a linking: which person each record is of, for who reads the same files as charges."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from clearscale.errors import ExtractError
from clearscale.io.files import Folder
from clearscale.io.urls import absolute
from clearscale_kernels.arrays import Int64s

PEOPLE, PAIRS, ABOUT = "people.parquet", "pairs.csv", "linking.json"
"""Files of a linking: records and their people, pairs to review, and, written last, what was done."""

SURE, WITH_DOUBTFUL = "person", "person_with_doubtful"
"""Columns of `PEOPLE`: people by what is sure, and by what is doubtful besides."""

TABLE = pa.schema(
    [
        pa.field("file", pa.dictionary(pa.int32(), pa.string())),
        pa.field("line", pa.int64()),
        pa.field(SURE, pa.string()),
        pa.field(WITH_DOUBTFUL, pa.string()),
    ]
)
"""A record a row, in the order of files' names and lines."""


@dataclass(frozen=True)
class People:
    """Keys of people by file and line.

    Parameters
    ----------
    url
        The linking's folder.
    about
        What `linking.json` says.
    column
        `SURE` or `WITH_DOUBTFUL`.
    records
        (lines, sorted; keys) of each file.
    """

    url: str
    about: Mapping[str, Any]
    column: str
    records: Mapping[str, tuple[Int64s, pa.Array]]

    def __reduce__(self) -> Any:
        """Pickle where it lies: whoever is given a task reads it once."""
        return _as_it_was, (absolute(self.url), self.column, self.digest)

    @property
    def digest(self) -> str:
        """What changes with any key."""
        return f"{self.about['digest']}-{self.column}"

    def keys(self, file: str, lines: Int64s) -> pa.Array:
        """The people of some records, as `clearscale.formats.reading.Reading` takes them.

        Parameters
        ----------
        file
            Name of their file.
        lines
            On which they begin.

        Returns
        -------
        pyarrow.Array
            Their keys, texts.

        Raises
        ------
        ExtractError
            If such a record was not linked.
        """
        known, keys = self.records.get(file, _NONE)
        places = np.searchsorted(known, lines)
        found = places < known.size
        found[found] = known[places[found]] == lines[found]
        if not found.all():
            raise ExtractError(
                f"{file}: {int((~found).sum()):,} of its records are not in {self.url}; "
                "link the files that are read"
            )
        return keys.take(pa.array(places))

    def require(self, file: str, digest: str) -> None:
        """Raise ExtractError unless a file is as it was linked. digest: see `clearscale.extract.digest`."""
        stated = self.about["files"].get(file, {}).get("digest")
        if stated != digest:
            why = "was not linked" if stated is None else "is not as it was linked"
            raise ExtractError(f"{file}: {why} ({self.url}); link the files that are read")


_NONE: tuple[Int64s, pa.Array] = (np.empty(0, np.int64), pa.array([], pa.string()))


@lru_cache(1)
def _as_it_was(url: str, column: str, digest: str) -> People:
    found = open_people(url, column == WITH_DOUBTFUL)
    if found.digest != digest:
        raise ExtractError(f"{found.url}: the people changed meanwhile; give the command again")
    return found


def open_people(url: str, with_doubtful: bool = False) -> People:
    """Read the table of a linking.

    Parameters
    ----------
    url
        Folder, a path or URL, as `clearscale formats link --out` was given it.
    with_doubtful
        Whether people are those of doubtful pairs, too.

    Returns
    -------
    People

    Raises
    ------
    ExtractError
        If there is no linking, or one that did not end.
    """
    folder = Folder.rooted(url)
    try:
        about = folder.read_json(ABOUT)
    except (FileNotFoundError, NotADirectoryError):
        raise ExtractError(f"{folder.url}: holds no people; make them with `clearscale formats link`") from None
    column = WITH_DOUBTFUL if with_doubtful else SURE
    table = folder.read_parquet(PEOPLE, ["file", "line", column])
    names = table.column("file").cast(pa.string())
    records = {}
    for name in about["files"]:
        own = table.filter(pc.equal(names, name))
        records[name] = (own.column("line").to_numpy(), own.column(column).combine_chunks())
    return People(folder.url, about, column, records)
