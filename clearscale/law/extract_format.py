"""The format of a state's extract: its columns, what each is to the program, and what their texts say.

Read from a state's `format.toml`. Code asks for a column by its role and for a meaning by its name, so that it
names no column and no text of any state.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

from .text import trimmed

DATES = "YYYYMMDD"
"""The one form of dates that is read."""

_MOST_KNOWN = 2**13
"""Texts of which it is remembered whether they say a thing: the same occur in block after block."""


class Roles(NamedTuple):
    """The column of each role, by its name in the extract.

    subject: one a history in an extract. person: the same person in every extract, may be blank. count_order:
    cycle, step and count of a row. charge_level: how the charge was filed. conviction_status: what it was a
    conviction of. record: what the extract calls the row. agency: who reports it, such as the court.
    """

    subject: str
    person: str
    name: str
    birth_date: str
    sex: str
    race: str
    event_date: str
    event_type: str
    county: str
    count_order: str
    case_number: str
    offense: str
    disposed_offense: str
    convicted_offense: str
    charge_level: str
    disposition: str
    conviction_status: str
    sentence_length: str
    sentence_unit: str
    sentence_place: str
    comment: str
    record: str
    agency: str


@dataclass(frozen=True)
class Saying:
    """What texts of a column say a thing: any of `texts`, or such as begin with one of them, or contain one.

    column: its name in the extract. trimmed: white space around a text that does not count, that of `ascii` or of
    `unicode`. law: the code and the section of which it tells.
    """

    column: str
    texts: tuple[bytes, ...]
    how: str
    trimmed: str = ""
    law: tuple[str, ...] = ()

    @classmethod
    def read(cls, stated: Mapping[str, Any], roles: Roles) -> "Saying":
        """One entry of the table `says`. Raises ValueError, AttributeError or KeyError where it is none."""
        (asked,) = {"is", "begins", "contains"} & set(stated)
        texts = (stated[asked],) if isinstance(stated[asked], str) else tuple(stated[asked])
        how = stated.get("trimmed", "")
        if how not in ("", "ascii", "unicode"):
            raise ValueError(f"format.toml: trimmed is ascii or unicode, not '{how}'")
        return cls(
            getattr(roles, stated["column"]),
            tuple(text.encode() for text in texts),
            asked,
            how,
            tuple(stated.get("law", ())),
        )

    def __call__(self, text: bytes) -> bool:
        """Whether the text says so."""
        return self._remembered(text)

    @cached_property
    def _remembered(self) -> Callable[[bytes], bool]:
        return lru_cache(_MOST_KNOWN)(self._asked)

    def _asked(self, text: bytes) -> bool:
        if self.trimmed:
            text = text.strip() if self.trimmed == "ascii" else trimmed(text)
        if self.how == "contains":
            return any(part in text for part in self.texts)
        return text.startswith(self.texts) if self.how == "begins" else text in self.texts


class Sayings(NamedTuple):
    """What records say, each a question to the text of one column.

    no_disposition: nothing. cleared: vacated, dismissed, or cleared by an earlier proceeding. perhaps_in_comment:
    that the comment may name the charge. registrable: an offense that a registration tells of. charged_as_felony:
    decides where there is `no_status`.
    """

    convicted: Saying
    set_aside: Saying
    no_disposition: Saying
    cleared: Saying
    perhaps_in_comment: Saying
    reduced: Saying
    court_action: Saying
    arrest: Saying
    supervision: Saying
    deceased: Saying
    registration: Saying
    registrable: Saying
    felony: Saying
    no_status: Saying
    charged_as_felony: Saying
    charge_in_comment: Saying


@dataclass(frozen=True, eq=False, repr=False)
class Format:
    """The format of an extract.

    Parameters
    ----------
    columns
        Names of all columns, in order.
    condensed
        Those of a county's condensed result file.
    dates
        Those of dates.
    roles
        The column of each role.
    says
        What texts say.
    order_bytes, cycle_bytes, case_bytes, count_bytes
        A count order has so many digits; so many first ones name the cycle, the case, and the count in it.
    half_days
        Half days in each unit of a sentence.
    section_ends
        What ends the code section in an offense's text.
    section_looks
        What looks like a code section.
    """

    columns: tuple[str, ...]
    condensed: tuple[str, ...]
    dates: tuple[str, ...]
    roles: Roles
    says: Sayings
    order_bytes: int
    cycle_bytes: int
    case_bytes: int
    count_bytes: int
    half_days: Mapping[bytes, int]
    section_ends: bytes
    section_looks: re.Pattern[bytes]

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> "Format":
        """The format that a `format.toml` states.

        Parameters
        ----------
        document
            Its tables.

        Returns
        -------
        Format
            All of it.

        Raises
        ------
        ValueError
            If dates have another form than the one that is read, or a column is named that there is not.
        TypeError
            If a role or a saying is missing or unheard of.
        """
        if document["date"] != DATES:
            raise ValueError(f"format.toml: dates are read as {DATES} only, not as {document['date']}")
        columns, roles = tuple(document["columns"]), Roles(**document["roles"])
        says = Sayings(**{name: Saying.read(stated, roles) for name, stated in document["says"].items()})
        lacking = {*roles, *document["condensed"], *document["dates"]} - set(columns)
        if lacking:
            raise ValueError(f"format.toml: there is no column {', '.join(sorted(lacking))}")
        return cls(
            columns,
            tuple(document["condensed"]),
            tuple(document["dates"]),
            roles,
            says,
            document["count_order"]["digits"],
            document["count_order"]["cycle"],
            document["count_order"]["case"],
            document["count_order"]["count"],
            {unit.encode(): count for unit, count in document["sentence"].items()},
            document["offense"]["section_ends"].encode(),
            re.compile(document["offense"]["section_looks"].encode()),
        )

    @cached_property
    def places(self) -> Mapping[str, int]:
        """Place of each column in a record, from 0, by its name."""
        return {name: place for place, name in enumerate(self.columns)}

    def count_number(self, order: str) -> str:
        """The number of the count in its case, without zeros before it; empty where a count order names none."""
        whole = len(order) == self.order_bytes and order.isascii() and order.isdigit()
        return order[self.case_bytes : self.count_bytes].lstrip("0") if whole else ""

    def code_section(self, text: bytes) -> bytes:
        """The code section in an offense's text: up to what ends it, not trimmed, in the case it has."""
        return text.partition(self.section_ends)[0]

    def looks_like_section(self, text: bytes) -> bool:
        """Whether a text looks like a code section and nothing else, so that figures may have it."""
        return self.section_looks.fullmatch(text) is not None
