"""What values of an extract look like, read from a state's `values.toml`: which say nothing, which are known."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

_PARTS = re.compile(rb"([A-Z]?)[ -]?0*([0-9]+)")
_MOST_SHOWN = 24
"""Characters of a shape that are shown."""


@dataclass(frozen=True, eq=False, repr=False)
class Values:
    """What values look like.

    Parameters
    ----------
    no_key
        Texts that stand where a key was not known.
    no_sex
        Texts that stand where a sex was not known.
    no_date
        Texts of a date column in which no date was entered.
    spreadsheet_date
        Texts that only a spreadsheet writes there.
    earliest_date
        Day number of the first date that can be right, from 1970-01-01.
    oldest
        The highest age in years.
    letter, digits
        Of a person's number in full.
    known
        Texts that are known, as records write them, by the role of their column.
    """

    no_key: re.Pattern[bytes]
    no_sex: re.Pattern[bytes]
    no_date: re.Pattern[bytes]
    spreadsheet_date: re.Pattern[bytes]
    earliest_date: int
    oldest: int
    letter: bytes
    digits: int
    known: Mapping[str, re.Pattern[bytes]]

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> "Values":
        """What a `values.toml` states.

        Parameters
        ----------
        document
            Its tables.

        Returns
        -------
        Values
            All of it.
        """
        return cls(
            _any_of(document["missing"]["keys"]),
            _any_of(document["missing"]["sexes"]),
            _any_of(document["dates"]["missing"]),
            _any_of(document["dates"]["spreadsheet"]),
            document["dates"]["earliest"].toordinal() - date(1970, 1, 1).toordinal(),
            document["dates"]["oldest"],
            document["numbers"]["letter"].encode(),
            document["numbers"]["digits"],
            {role: _any_of(texts) for role, texts in document["known"].items()},
        )

    def names_nobody(self, key: bytes) -> bool:
        """Whether a key says that nobody knew it. A blank one is none, and is no such word."""
        return self.no_key.fullmatch(key.strip().upper()) is not None

    def has_no_date(self, text: bytes) -> bool:
        """Whether no date was entered."""
        return self.no_date.fullmatch(text.strip()) is not None

    def is_known(self, role: str, text: bytes) -> bool:
        """Whether a text is known in the column of that role, as it is written."""
        return self.known[role].fullmatch(text) is not None

    def full_number(self, number: bytes) -> bytes:
        """A person's number in its full form, which is the same for all forms of one number.

        Capitals, the letter where there is none, all digits where zeros in front are missing. Any other text is
        its own full form, in capitals.
        """
        number = number.strip().upper()
        parts = _PARTS.fullmatch(number)
        if parts is None or len(parts[2]) > self.digits:
            return number
        return (parts[1] or self.letter) + parts[2].rjust(self.digits, b"0")


def shape(text: bytes) -> str:
    """What a text looks like, and nothing that it says: digits as 9, letters as A.

    Parameters
    ----------
    text
        A value of a record.

    Returns
    -------
    str
        Its shape, cut where it is long.
    """
    drawn = re.sub("[0-9]", "9", text.decode("latin-1"))
    drawn = re.sub("[^ -~]", "?", re.sub("[A-Za-z]", "A", drawn))
    return drawn if len(drawn) <= _MOST_SHOWN else f"{drawn[:_MOST_SHOWN]}..."


def _any_of(texts: Sequence[str]) -> re.Pattern[bytes]:
    return re.compile("|".join(f"(?:{text})" for text in texts).encode())
