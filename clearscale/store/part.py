"""A part of an extract: a file, and what became of its records."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Part:
    """A file of an extract; most extracts are one.

    Attributes
    ----------
    id : str
        The name of its folder, from file name and checksum.
    name : str
        Its file name.
    digest : str
        Checksum of its bytes, decompressed: SHA-256, of a file of more than 8 MiB made of those of its pieces.
    header_lines : int
        1 if the file began with a header, else 0.
    records : int
        Records read, without the header.
    stored, quarantined : int
        What became of them.
    blocks : int
        Blocks of its records.
    added : int
        Sequence number of the snapshot that brought it.
    repeats : str
        The folder of its records that an earlier part of the extract has, too, and that are quarantined for it;
        empty if there are none.
    purged : int
        Records that were stored or quarantined, and destroyed since.
    files : tuple of int
        How many blocks each of its files of records has. Empty for a part that was stored by a version before
        format 7: each of its blocks has a file.
    length : int
        Bytes of the file, decompressed; 0 of such a part.
    """

    id: str
    name: str
    digest: str
    header_lines: int
    records: int
    stored: int
    quarantined: int
    blocks: int
    added: int
    repeats: str = ""
    purged: int = 0
    files: tuple[int, ...] = ()
    length: int = 0

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> "Part":
        """A part from its document."""
        return cls(**{**document, "files": tuple(document.get("files", ()))})

    @property
    def is_conserved(self) -> bool:
        """Whether it is known of every record what became of it."""
        return self.records == self.stored + self.quarantined + self.purged
