"""What texts of a map's columns mean: each is looked up once, and kept from block to block."""

from datetime import date
from functools import cached_property

import numpy as np
import pyarrow as pa

from clearscale.law.amounts import NOT_SAID, Amount
from clearscale.law.statutes import Statute
from clearscale_kernels.arrays import Bools, Int32s

from .column_map import SPELLED, ColumnMap
from .columns import Numbered, chosen, dictionary_of
from .day_columns import DayColumn

EPOCH = date(1970, 1, 1).toordinal()


class Learned:
    """What was learned of the texts of files of one map.

    statutes, parts, descriptions: texts of statutes, of what they are put together from, and of charges, which may
    tell an amount. amounts: what `amount` numbers. missing: of each column the words that say nothing.
    """

    def __init__(self, stated: ColumnMap) -> None:
        self.map = stated
        self.statutes: Numbered[Statute] = Numbered(stated.statutes.normalize)
        self.parts = {part: Numbered(str) for part in SPELLED}
        self.descriptions: Numbered[bool] = Numbered(self._tells)
        self.amounts: list[Amount] = [Amount(None, None, NOT_SAID)]
        self.missing = {column: stated.says_nothing(column) for column in stated.columns}
        self._days: dict[str, DayColumn] = {}
        self._words: dict[str, Numbered[str | None]] = {}
        self._rows = Numbered(str)
        self._numbers: dict[tuple[int, int, int], int] = {}

    def is_charge(self, table: pa.Table) -> Bools:
        """Which rows are charges."""
        rows = self.map.rows
        if rows is None:
            return np.ones(table.num_rows, np.bool_)
        codes = self._rows.codes(dictionary_of(table, rows.column), frozenset())
        return np.where(codes < 0, rows.has(""), chosen(list(map(rows.has, self._rows.texts)), codes))

    def _tells(self, description: str) -> bool:
        told = self.map.statutes.amounts.of("", "", "", None, description)
        return told.told_by != NOT_SAID

    def days(self, column: str) -> DayColumn:
        """What reads a column's dates."""
        if column not in self._days:
            self._days[column] = DayColumn(*self.map.dates(column), self.missing[column])
        return self._days[column]

    def words(self, kind: str) -> Numbered[str | None]:
        """Meanings of texts; what they say where the map has no words of that kind."""
        if kind not in self._words:
            words = self.map.words.get(kind)
            self._words[kind] = Numbered(words.meaning if words else lambda text: text)
        return self._words[kind]

    @cached_property
    def counties(self) -> Numbered[str | None]:
        """Names of counties."""
        return Numbered(self.county)

    def named(self, role: str) -> Numbered[str | None]:
        """Names of courts or agencies: by the map's words, or by the state's list; any, where there is neither."""
        if role not in self._words:
            words, listed = self.map.words.get(role), self.map.listed(role)

            def name(text: str) -> str | None:
                told = words.meaning(text) if words else None
                return told if told is not None or listed is None else listed(text)

            self._words[role] = Numbered(name if words or listed else lambda text: text)
        return self._words[role]

    def county(self, text: str) -> str | None:
        """The county that a text names; any, where the map is of no listed state."""
        if self.map.places is None:
            return text
        place = self.map.places.county(text)
        return place.name if place else None

    @cached_property
    def changes(self) -> Int32s:
        """Days on which a subsection's meaning begins or ends, sorted."""
        days = set()
        for meaning in self.map.statutes.amounts.meanings:
            days |= {meaning.first.toordinal() - EPOCH} if meaning.first else set()
            days |= {meaning.last.toordinal() - EPOCH + 1} if meaning.last else set()
        return np.array(sorted(days), np.int32)

    def amount(self, statute: int, description: int, period: int, day: int) -> int:
        """The number of an amount in `amounts`. day: any of the period; none for period -1."""
        key = statute, description, period
        if key not in self._numbers:
            named = self.statutes.meanings[statute] if statute >= 0 else Statute()
            words = self.descriptions.texts[description] if description >= 0 else ""
            when = None if period < 0 else date.fromordinal(day + EPOCH)
            told = self.map.statutes.amounts.of(named.code, named.section, named.subsection, when, words)
            self._numbers[key] = len(self.amounts)
            self.amounts.append(told)
        return self._numbers[key]
