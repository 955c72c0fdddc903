"""An extract in a snapshot, as the manifest has it."""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from clearscale.law.findings import Finding

from .part import Part


@dataclass(frozen=True)
class ExtractEntry:
    """An extract in a snapshot.

    Attributes
    ----------
    id : str
        Its name in decisions: that of its only part, else from the parts' names and checksums.
    county : str
        The county whose extract it is, as records write it.
    parts : tuple of Part
        Its files in order. Rows are numbered through all of them.
    added : int
        Sequence number of the snapshot that brought it, or its last part.
    findings : tuple of Finding
        What is doubtful about it, refusals that a person accepted included.
    number : int
        What `extract` is in the store's files. An extract keeps it as long as it is in the store, and no other ever
        gets it; -1 if it is in no store yet.
    """

    id: str
    county: str
    parts: tuple[Part, ...]
    added: int
    findings: tuple[Finding, ...] = ()
    number: int = -1

    @classmethod
    def of_parts(
        cls, county: str, parts: Sequence[Part], added: int, findings: Sequence[Finding] = ()
    ) -> "ExtractEntry":
        """An extract of these files.

        Parameters
        ----------
        county : str
            The county, as records write it.
        parts : sequence of Part
            Its files in order.
        added : int
            Sequence number of the snapshot that brings it.
        findings : sequence of Finding, optional
            What is doubtful about it.

        Returns
        -------
        ExtractEntry
            With the id that follows from its parts.
        """
        return cls(
            joined_id([(part.id, part.digest) for part in parts]), county, tuple(parts), added, tuple(findings)
        )

    @property
    def name(self) -> str:
        """The names of its files, joined by `+` if there are several."""
        return " + ".join(part.name for part in self.parts)

    @property
    def digest(self) -> str:
        """The checksum of its only file's bytes, else SHA-256 of the files' checksums."""
        return joined_digest([part.digest for part in self.parts])

    @property
    def records(self) -> int:
        """Records read of all parts."""
        return sum(part.records for part in self.parts)

    @property
    def stored(self) -> int:
        """Records stored of all parts."""
        return sum(part.stored for part in self.parts)

    @property
    def quarantined(self) -> int:
        """Records quarantined of all parts."""
        return sum(part.quarantined for part in self.parts)

    @property
    def purged(self) -> int:
        """Records destroyed of all parts."""
        return sum(part.purged for part in self.parts)

    @property
    def blocks(self) -> int:
        """Blocks of records of all parts."""
        return sum(part.blocks for part in self.parts)

    def first_rows(self) -> tuple[int, ...]:
        """The number of each part's first row.

        Returns
        -------
        tuple of int
            One a part, from 0.
        """
        return tuple(sum(part.records for part in self.parts[:place]) for place in range(len(self.parts)))

    def part_of(self, row: int) -> Part:
        """The part that a row is in.

        Parameters
        ----------
        row : int
            Its number in the extract.

        Returns
        -------
        Part
            The file.
        """
        return [part for part, first in zip(self.parts, self.first_rows(), strict=True) if first <= row][-1]

    def document(self) -> dict[str, Any]:
        """The entry as the manifest holds it.

        Returns
        -------
        dict of str to object
            With what adds up over the parts.
        """
        sums = {
            name: getattr(self, name) for name in ("name", "digest", "records", "stored", "quarantined", "purged")
        }
        return {"id": self.id, **sums, **{name: value for name, value in asdict(self).items() if name != "id"}}

    @classmethod
    def read(cls, document: dict[str, Any]) -> "ExtractEntry":
        """An entry from its document."""
        return cls(
            id=document["id"],
            county=document["county"],
            parts=tuple(Part.read(part) for part in document["parts"]),
            added=document["added"],
            findings=tuple(Finding.read(found) for found in document["findings"]),
            number=document["number"],
        )


def joined_digest(digests: Sequence[str]) -> str:
    """The digest of an extract of files with these digests."""
    return digests[0] if len(digests) == 1 else hashlib.sha256("\n".join(digests).encode()).hexdigest()


def joined_id(files: Sequence[tuple[str, str]]) -> str:
    """The id of an extract of files with these ids and digests."""
    if len(files) == 1:
        return files[0][0]
    first = files[0][0].rpartition("-")[0]
    return f"{first}-and-{len(files) - 1}-more-{joined_digest([digest for _, digest in files])[:12]}"
