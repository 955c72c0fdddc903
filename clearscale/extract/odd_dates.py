"""Dates that cannot be read, and dates that cannot be right."""

import datetime
from collections import Counter
from functools import lru_cache

import numpy as np

from clearscale.law import state
from clearscale.law.implausible import implausible
from clearscale.law.values import shape
from clearscale_kernels.arrays import Bools, Int32s
from clearscale_kernels.people.calendar import NO_DATE, parse_dates

from .looking import Look, chosen
from .missing import is_unreadable

_ROLES, _VALUES = state().format.roles, state().values
_FORMAT = state().format

_READ, _NONE, _UNREADABLE, _SPREADSHEET = range(4)


@lru_cache(2**16)
def _judged(text: bytes) -> int:
    """What a text is that is no date as dates are read."""
    if not is_unreadable(text):
        return _NONE
    return _SPREADSHEET if _VALUES.spreadsheet_date.fullmatch(text.strip().upper()) else _UNREADABLE


class Dates:
    """The dates of a column: day numbers, and what is wrong with those that were not read.

    Each distinct text is looked at once; where they hardly repeat, each record's.
    """

    def __init__(self, look: Look, name: str) -> None:
        self.name = name
        place, block = _FORMAT.places[name], look.coding.block
        codes = look.coding.codes(place)
        starts, ends = block.column(place)
        if codes is None:
            self._codes = np.arange(look.size, dtype=np.int32)
        else:
            rows = look.coding.first_rows(place)
            self._codes, starts, ends = codes, starts[rows], ends[rows]
        self._days, self._missing = np.empty(starts.size, np.int32), np.empty(starts.size, np.bool_)
        parse_dates(block.data, starts, ends, self._days, self._missing)
        self._kinds = np.zeros(starts.size, np.int8)
        self._kinds[self._missing] = _NONE
        self._texts: dict[int, bytes] = {}
        # What is empty was not entered, and needs no look.
        for code in np.flatnonzero(self._missing & (ends > starts)).tolist():
            text = bytes(block.data[starts[code] : ends[code]])
            self._kinds[code] = _judged(text)
            if self._kinds[code] != _NONE:
                self._texts[code] = text

    def days(self) -> tuple[Int32s, Bools]:
        """(day numbers, whether a date was read), by record."""
        return self._days.take(self._codes), ~self._missing.take(self._codes)

    def has(self, kind: int) -> bool:
        """Whether some record has a date of that kind."""
        return bool((self._kinds == kind).any())

    def of_kind(self, kind: int) -> Bools:
        """Which records have a date of that kind."""
        return chosen(self._kinds == kind, self._codes)

    def shapes(self, kind: int) -> dict[str, int]:
        """How such dates look, behind the column's name, and on how many records."""
        codes = [code for code in self._texts if self._kinds[code] == kind]
        found: Counter[str] = Counter()
        for code, count in zip(codes, np.bincount(self._codes, minlength=self._kinds.size)[codes], strict=True):
            drawn = shape(self._texts[code])
            found[f"{self.name} like {repr(drawn) if drawn != drawn.strip() else drawn}"] += int(count)
        return found


def dates_of(look: Look, name: str) -> Dates:
    """The dates of a column of a block, which several looks ask for."""
    if name not in look.dates:
        look.dates[name] = Dates(look, name)
    dates: Dates = look.dates[name]
    return dates


def notice_dates(look: Look) -> None:
    """Notice dates of events and births that a spreadsheet wrote, that cannot be read, or cannot be right."""
    columns = [dates_of(look, name) for name in (_ROLES.event_date, _ROLES.birth_date)]
    for kind, finding in ((_SPREADSHEET, "dates-of-a-spreadsheet"), (_UNREADABLE, "unreadable-dates")):
        among = [column for column in columns if column.has(kind)]
        if among:
            found = np.logical_or.reduce([column.of_kind(kind) for column in among])
            look.note(finding, found)
            for column in among:
                look.noticed.looks(finding, column.shapes(kind))
    events, births = (column.days() for column in columns)
    look.note("implausible-dates", implausible(*events, *births, _today()))
    for column, finding in zip(columns, ("no-event-dates", "no-birth-dates"), strict=True):
        look.note(finding, column.of_kind(_NONE))


def _today() -> int:
    """The day number of today: an event of tomorrow is none. Only findings know it, no decision does."""
    return datetime.date.today().toordinal() - datetime.date(1, 1, 1).toordinal() + NO_DATE
