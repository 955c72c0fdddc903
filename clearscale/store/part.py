"""A part of an extract: a file, and what became of its records."""

from dataclasses import dataclass


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
        Files of its records.
    added : int
        Sequence number of the snapshot that brought it.
    repeats : str
        The folder of its records that an earlier part of the extract has, too, and that are quarantined for it;
        empty if there are none.
    purged : int
        Records that were stored or quarantined, and destroyed since.
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

    @property
    def is_conserved(self) -> bool:
        """Whether it is known of every record what became of it."""
        return self.records == self.stored + self.quarantined + self.purged
