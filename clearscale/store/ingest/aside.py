"""What of an extract was set aside while it was read: records that cannot be used, and headers in its midst."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from clearscale.errors import ExtractError
from clearscale.extract import Block
from clearscale.extract.bad_records import HEADER
from clearscale.extract.noticed import Noticed
from clearscale.law.findings import EXAMPLES

_FOOTER, _BAD = "lines-behind-the-last-record", "bad-records"

OF_ASIDE = {_FOOTER, _BAD}
"""Findings that come from what was set aside."""

_FEW = 20
"""So many lines behind the last record are a footer; more are a damaged file."""


@dataclass
class SetAside:
    """Counts of records that were stored and set aside; of a block group, then of an extract.

    Attributes
    ----------
    stored : int
    unusable : int
        Records that cannot be used.
    headers : int
        Headers in the midst.
    behind : int
        Of the unusable ones, those behind the last record that was stored.
    first : list of list
        [line in the file, what is wrong] of the first unusable ones.
    last : list of int
        Lines of the first of those behind.
    """

    stored: int = 0
    unusable: int = 0
    headers: int = 0
    behind: int = 0
    first: list[list[Any]] = field(default_factory=list)
    last: list[int] = field(default_factory=list)

    def add(self, block: Block, header_lines: int) -> None:
        """Add the next block of the extract. header_lines: lines of the file that lines of blocks do not count."""
        unusable = block.bad.problems != HEADER
        places = np.flatnonzero(unusable)
        behind = places[block.bad.rows[places] > block.rows[-1]] if block.rows.size else places
        self._append(
            SetAside(
                block.rows.size,
                places.size,
                len(block.bad) - places.size,
                behind.size,
                [
                    [int(block.bad.lines[place]) + header_lines, block.bad.what(int(place))]
                    for place in places[:EXAMPLES]
                ],
                (block.bad.lines[behind[:EXAMPLES]] + header_lines).tolist(),
            )
        )

    def _append(self, more: "SetAside") -> None:
        """Add what comes next in the file."""
        self.behind = more.behind + (0 if more.stored else self.behind)
        self.last = more.last if more.stored else [*self.last, *more.last][:EXAMPLES]
        self.first = [*self.first, *more.first][:EXAMPLES]
        self.stored += more.stored
        self.unusable += more.unusable
        self.headers += more.headers

    @property
    def quarantined(self) -> int:
        """Records that were not stored."""
        return self.unusable + self.headers

    @property
    def records(self) -> int:
        """All that were read."""
        return self.stored + self.quarantined

    @property
    def has_footer(self) -> bool:
        """Whether the file has a few lines behind its last record."""
        return 0 < self.behind <= _FEW and self.stored > 0

    def document(self) -> dict[str, Any]:
        """What a marker keeps of it."""
        return {
            "stored": self.stored,
            "unusable": self.unusable,
            "headers": self.headers,
            "behind": self.behind,
            "first": self.first,
            "last": self.last,
        }

    @classmethod
    def of(cls, markers: Iterable[Mapping[str, Any]]) -> "SetAside":
        """That of an extract, from the markers of its block groups in file order."""
        whole = cls()
        for marker in markers:
            whole._append(cls(**{name: marker[name] for name in cls.__dataclass_fields__}))
        return whole

    def notice(self) -> Noticed:
        """What it comes to as findings."""
        noticed = Noticed()
        noticed.of["lines"] = self.records
        behind = self.behind if self.has_footer else 0
        noticed.note(_FOOTER, behind, self.last)
        lines = [line for line, _ in self.first if not behind or line < self.last[0]]
        noticed.note(_BAD, self.unusable - behind, lines)
        return noticed

    def refusal(self, name: str) -> ExtractError:
        """The error for an extract with unusable records that are not to be set aside."""
        (line, what), others = self.first[0], self.unusable - 1
        more = f" ({others} more records cannot be used)" if others else ""
        if self.has_footer and self.behind == self.unusable:
            return ExtractError(
                f"{name}, line {line}: {what}{more}. It stands behind the last record: a line that is none, or a "
                "record that was cut short. Nothing of this extract was stored. Take it out, or ask for the file "
                "again; --on-bad-record quarantine sets it aside and keeps the records."
            )
        return ExtractError(
            f"{name}, line {line}: {what}{more}. Nothing of this extract was stored. "
            "Mend the file, or keep its good records with --on-bad-record quarantine."
        )
