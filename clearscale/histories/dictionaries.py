"""Dictionaries: the texts that codes stand for. They only grow, so a code means the same in every snapshot."""

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from clearscale.io.far import each
from clearscale.io.files import Folder
from clearscale.io.seals import Seal
from clearscale.law import Catalog, state
from clearscale_kernels.arrays import Int8s, Int16s, Int32s, Int64s

NAMES = ("offense", "county", "count_order", "race", "sex")
"""The coded columns whose dictionaries a store keeps. `offense` holds code sections."""


@dataclass
class Dictionaries:
    """The texts that codes stand for.

    Attributes
    ----------
    texts : dict of str to list of bytes
        By name (`offense`, `county`, `count_order`, `race`, `sex`) and code: `texts["offense"][code]`.
    """

    texts: dict[str, list[bytes]] = field(default_factory=lambda: {name: [] for name in NAMES})
    _codes: dict[str, dict[bytes, int]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._codes = {name: {text: code for code, text in enumerate(texts)} for name, texts in self.texts.items()}

    def encode(self, name: str, texts: list[bytes]) -> Int32s:
        """The code of each text; texts not met before are added. Shape (len(texts),)."""
        codes, known = self._codes[name], self.texts[name]
        new = dict.fromkeys(text for text in texts if text not in codes)
        codes.update(zip(new, range(len(known), len(known) + len(new)), strict=True))
        known.extend(new)
        return np.fromiter(map(codes.__getitem__, texts), np.int32, len(texts))

    def code(self, name: str, text: bytes) -> int:
        """The code of a text.

        Parameters
        ----------
        name : str
            Name of a dictionary.
        text : bytes
            The text.

        Returns
        -------
        int
            Its code, -1 if it is unknown.
        """
        return self._codes[name].get(text, -1)

    def array(self, name: str) -> pa.Array:
        """The texts of a dictionary, in the order of their codes.

        Parameters
        ----------
        name : str
            Name of a dictionary.

        Returns
        -------
        pyarrow.Array
            Binary, shape (texts,).
        """
        return pa.array(self.texts[name], pa.binary())

    def write(self, folder: Folder) -> dict[str, Seal]:
        """Write each dictionary as `<name>.parquet` with one column, `text`; returns their seals by file name."""
        files = {f"{name}.parquet": pa.table({"text": self.array(name)}) for name in NAMES}
        seals = each(folder, lambda file: folder.write_parquet(file, files[file]), files)
        return dict(zip(files, seals, strict=True))

    @classmethod
    def read(cls, folder: Folder, names: tuple[str, ...] = NAMES) -> "Dictionaries":
        """Read the named dictionaries; the others are empty."""
        tables = each(folder, lambda name: folder.read_parquet(f"{name}.parquet"), names)
        found = {name: table.column("text").to_pylist() for name, table in zip(names, tables, strict=True)}
        return cls({name: found.get(name, []) for name in NAMES})

    def cycles(self) -> Int32s:
        """Cycle of each count order: its first bytes as a number, -1 if it is shorter."""
        return np.array([_prefix(text, state().format.cycle_bytes) for text in self.texts["count_order"]], np.int32)

    def cases(self) -> Int64s:
        """Case of each count order: its first bytes as a number, -1 if it is shorter."""
        return np.array([_prefix(text, state().format.case_bytes) for text in self.texts["count_order"]], np.int64)

    def charges(self, charges: Catalog | None = None) -> tuple[Int16s, Int8s]:
        """(flags, section) of each offense; see `clearscale.law.Charge`."""
        charges = charges or state().charges
        found = [charges.classify(text) for text in self.texts["offense"]]
        flags = np.array([charge.flags for charge in found], np.int16)
        return flags, np.array([charge.section for charge in found], np.int8)


def _prefix(text: bytes, length: int) -> int:
    return int.from_bytes(text[:length], "big") if len(text) >= length else -1
