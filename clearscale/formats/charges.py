"""From texts of a file's columns to charges in the one form."""

from collections import Counter
from collections.abc import Mapping
from datetime import date
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from clearscale.law.amounts import CONTRADICTORY, NOT_SAID, Amount
from clearscale.law.statutes import Statute
from clearscale_kernels.arrays import Bools, Int32s, Int64s

from .column_map import DATES, SPELLED, YES_NO, ColumnMap
from .columns import MISSING, Keys, Numbered, chosen, chunk_of, constant, dictionary_of, keys_of, plain_of, texts_of
from .day_columns import DAY, NO_DAY, SAVED, UNREADABLE, DayColumn
from .noticed import Noticed
from .schema import CHARGES, NONE, UNKNOWN
from .spelling import together

KEYS = ("person", "case", "sequence")
"""Roles whose texts hardly repeat."""

_NAMED = {"court": "unusual-courts", "agency": "unusual-agencies"}
"""What has a name of its own on a state's list, and what is found where it has none."""

_NEAR = 3
"""So many of DATES are near the offense: its own day, the arrest's and the filing's."""

_EPOCH = date(1970, 1, 1).toordinal()
_EARLIEST, _LATEST = date(1900, 1, 1).toordinal() - _EPOCH, date(2100, 1, 1).toordinal() - _EPOCH
_OLDEST_DAYS = 110 * 366


class Charger:
    """Makes charges of blocks of one map; what it learns of texts it keeps from block to block.

    noticed: what was odd so far. people: what has the keys of people, None for the map's column.
    """

    def __init__(self, stated: ColumnMap, people: Keys | None = None) -> None:
        self.map, self.people = stated, people
        self.noticed = Noticed()
        self._days: dict[str, DayColumn] = {}
        self._words: dict[str, Numbered[str | None]] = {}
        self._statutes: Numbered[Statute] = Numbered(stated.statutes.normalize)
        self._parts = {part: Numbered(str) for part in SPELLED}
        self._rows = Numbered(str)
        self._descriptions: Numbered[bool] = Numbered(self._tells)
        self._amounts: dict[tuple[int, int, int], int] = {}
        self._told: list[Amount] = [Amount(None, None, NOT_SAID)]
        self._missing = {column: stated.says_nothing(column) for column in stated.columns}

    def charges(self, table: pa.Table, lines: Int64s, file: str) -> pa.RecordBatch:
        """The charges of a block.

        Parameters
        ----------
        table
            Texts of the map's columns that are used; those that a file leaves out are not in it.
        lines
            Where each row begins.
        file
            Name of the file.

        Returns
        -------
        RecordBatch
            A charge a row, in the schema `CHARGES`.
        """
        block = _Block(self, table, lines, file)
        return block.batch()

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
            self._days[column] = DayColumn(*self.map.dates(column), self._missing[column])
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
            days |= {meaning.first.toordinal() - _EPOCH} if meaning.first else set()
            days |= {meaning.last.toordinal() - _EPOCH + 1} if meaning.last else set()
        return np.array(sorted(days), np.int32)

    def amount(self, statute: int, description: int, period: int, day: int) -> int:
        """The number of an amount among those that were told. day: any of the period; none for period -1."""
        key = statute, description, period
        if key not in self._amounts:
            named = self._statutes.meanings[statute] if statute >= 0 else Statute()
            words = self._descriptions.texts[description] if description >= 0 else ""
            when = None if period < 0 else date.fromordinal(day + _EPOCH)
            told = self.map.statutes.amounts.of(named.code, named.section, named.subsection, when, words)
            self._amounts[key] = len(self._told)
            self._told.append(told)
        return self._amounts[key]


class _Block:
    """The columns of one block, made one after the other."""

    def __init__(self, charger: Charger, table: pa.Table, lines: Int64s, file: str) -> None:
        self.charger, self.map, self.noticed = charger, charger.map, charger.noticed
        self.table, self.lines, self.file = table, lines, file
        self.rows = table.num_rows
        self.days: dict[str, Int32s] = {}
        self.doubtful = np.zeros(table.num_rows, np.bool_)
        self.silent = np.ones(table.num_rows, np.bool_)

    def batch(self) -> pa.RecordBatch:
        made: dict[str, pa.Array] = {
            "file": constant(self.file, self.rows),
            "line": pa.array(self.lines, pa.int64()),
        }
        made |= {role: self._key(role) for role in KEYS}
        if self.charger.people is not None:
            made["person"] = self.charger.people(self.file, self.lines)
        made |= {role: self._date(role) for role in (*DATES, "birth_date")}
        made |= {role: self._word(role) for role in ("sex", "race")}
        made |= {role: self._named(role, finding) for role, finding in _NAMED.items()}
        made["county"] = self._county()
        made["disposition"] = self._disposition()
        made |= self._offense()
        made |= {role: self._yes_no(role) for role in YES_NO}
        self._odd_days()
        self.noticed.note("nothing-said", self._says_nothing(), self.lines)
        made["doubtful_date"] = pa.array(self.doubtful)
        self.noticed.given += self.rows
        self.noticed.tells(self._told())
        self.noticed.note("no-people", made["person"].is_null().to_numpy(zero_copy_only=False), self.lines)
        self.noticed.note("no-case-numbers", made["case"].is_null().to_numpy(zero_copy_only=False), self.lines)
        for column in self.map.required:
            self._filled(column)
        return pa.RecordBatch.from_arrays([made[name] for name in CHARGES.names], schema=CHARGES)

    def _says_nothing(self) -> Bools:
        """Rows of a total, or that go on with the one above: no statute, no disposition, no day of a charge."""
        for role in DATES if self.silent.any() else ():
            self.silent &= self.days[role] == NO_DAY
        return self.silent

    def _columns(self, role: str, of: Mapping[str, tuple[str, ...]] | None = None) -> list[str]:
        named = (self.map.charge if of is None else of).get(role, ())
        return [column for column in named if column in self.table.column_names]

    def _told(self) -> set[str]:
        """Columns of charges that the file says something of, blank as it may be."""
        told = {role for role in self.map.charge if self._columns(role)}
        told |= {"person"} if self.charger.people else set()
        told |= {"amended"} if self._columns("statute", self.map.amended) else set()
        column = self.map.county.get("column")
        return told | ({"county"} if self.map.county and column in (None, *self.table.column_names) else set())

    def _filled(self, column: str) -> None:
        if column not in self.table.column_names:
            return
        values, missing = chunk_of(self.table.column(column)), self.charger._missing[column]
        if pa.types.is_dictionary(values.type):
            filled = keys_of(values.dictionary, missing).is_valid().to_numpy(zero_copy_only=False)
            counts = np.bincount(values.indices.drop_null().to_numpy(), minlength=filled.size)
            self.noticed.filled[column] += int(counts[filled].sum())
        else:
            self.noticed.filled[column] += self.rows - keys_of(values, missing).null_count

    def _key(self, role: str) -> pa.Array:
        found: pa.Array = None
        for place, column in enumerate(self._columns(role)):
            keys = keys_of(plain_of(self.table, column), self.charger._missing[column])
            if place:
                # Numbers of two kinds may be the same, and are other people's.
                keys = pc.binary_join_element_wise(pa.scalar(f"{column}"), keys, ":")
            found = keys if found is None else pc.coalesce(found, keys)
        return pa.nulls(self.rows, pa.string()) if found is None else found

    def _codes(self, role: str, known: Numbered, of: Mapping[str, tuple[str, ...]] | None = None) -> Int32s:  # type: ignore[type-arg]
        """Codes of a role's texts: of several columns, the first that is not missing."""
        codes = np.full(self.rows, MISSING, np.int32)
        for column in self._columns(role, of):
            own = known.codes(dictionary_of(self.table, column), self.charger._missing[column])
            codes = np.where(codes < 0, own, codes).astype(np.int32, copy=False)
        return codes

    def _date(self, role: str) -> pa.Array:
        days = np.full(self.rows, NO_DAY, np.int32)
        for column in self._columns(role):
            found = self.charger.days(column).of(dictionary_of(self.table, column))
            unreadable = found.kinds >= UNREADABLE
            if unreadable.any():
                self.doubtful |= unreadable
                self.noticed.note("dates-of-a-spreadsheet", found.kinds == SAVED, self.lines)
                self.noticed.note("unreadable-dates", found.kinds == UNREADABLE, self.lines)
            self.noticed.readable[column] += int(np.count_nonzero(found.kinds == DAY))
            days = np.where(days == NO_DAY, found.days, days)
        self.days[role] = days
        missing = days == NO_DAY
        return pa.array(days, pa.int32(), mask=missing if missing.any() else None).cast(pa.date32())

    def _odd_days(self) -> None:
        """Notice days that cannot be right: before 1900, before birth, or more than 110 years behind it."""
        birth, odd = self.days["birth_date"], np.zeros(self.rows, np.bool_)
        for role, days in self.days.items():
            known = days != NO_DAY
            odd |= known & ((days < _EARLIEST) | (days > _LATEST))
            if role != "birth_date":
                both = known & (birth != NO_DAY)
                odd |= both & ((days < birth) | (days - birth > _OLDEST_DAYS))
        self.noticed.note("implausible-dates", odd, self.lines)
        self.doubtful |= odd

    def _word(self, kind: str) -> pa.Array:
        known = self.charger.words(kind)
        codes = self._codes(kind, known)
        self._unknown(f"unusual-{kind}", kind, known, codes)
        return texts_of(known.meanings, codes)

    def _named(self, role: str, finding: str) -> pa.Array:
        """The court or agency; by the name that the record has where it is on no list: somebody has to act."""
        known = self.charger.named(role)
        codes = self._codes(role, known)
        self._unknown(finding, role, known, codes)
        names = [text if name is None else name for text, name in zip(known.texts, known.meanings, strict=True)]
        return texts_of(names, codes)

    def _yes_no(self, role: str) -> pa.Array:
        known = self.charger.words(role)
        codes = self._codes(role, known)
        self._unknown("unusual-yes-or-no", role, known, codes)
        told = chosen([meaning is not None for meaning in known.meanings], codes)
        return pa.array(chosen([meaning == "yes" for meaning in known.meanings], codes), mask=~told)

    def _unknown(self, finding: str, kind: str, known: Numbered, codes: Int32s) -> None:  # type: ignore[type-arg]
        """Notice texts that mean nothing to anybody."""
        unknown = chosen([meaning is None for meaning in known.meanings], codes)
        if unknown.any():
            self.noticed.note(finding, unknown, self.lines)
            places, counts = np.unique(codes[unknown], return_counts=True)
            texts = (known.texts[place] for place in places.tolist())
            self.noticed.saw_unknown(kind, Counter(dict(zip(texts, counts.tolist(), strict=True))))

    def _county(self) -> pa.Array:
        stated = self.map.county
        if "column" in stated and stated["column"] in self.table.column_names:
            known, column = self.charger.counties, stated["column"]
            codes = known.codes(dictionary_of(self.table, column), self.charger._missing[column])
            self._unknown("unusual-counties", "county", known, codes)
            return texts_of(known.meanings, codes)
        named = stated.get("fixed")
        if "file" in stated:
            found = self.map.county_in(self.file)
            named = self.charger.county(found) if found else None
            if named is None:
                self.noticed.note("unusual-counties", np.ones(self.rows, np.bool_), self.lines)
        return constant(named, self.rows)

    def _disposition(self) -> pa.Array:
        known = self.charger.words("disposition")
        codes = self._codes("disposition", known)
        self._unknown("unusual-dispositions", "disposition", known, codes)
        meanings = [UNKNOWN if meaning is None else meaning for meaning in known.meanings]
        none = (codes < 0) | chosen([meaning == NONE for meaning in meanings], codes)
        self.noticed.note("no-dispositions", none, self.lines)
        self.silent &= none
        return texts_of([*meanings, NONE], np.where(codes < 0, len(meanings), codes).astype(np.int32))

    def _offense(self) -> dict[str, pa.Array]:
        """The statute and what goes with it, of the charge as it was amended wherever it was."""
        statutes, descriptions = self.charger._statutes, self.charger._descriptions
        later = self._spelled(self.map.amended)
        amended: Bools = later >= 0
        statute = np.where(amended, later, self._spelled()).astype(np.int32)
        description = self._either("description", descriptions, amended)
        made = {"amended": pa.array(amended), "statute": texts_of(statutes.texts, statute)}
        for name in ("code", "section", "subsection"):
            made[name] = texts_of(
                [getattr(meaning, name) if meaning.is_known else None for meaning in statutes.meanings], statute
            )
        made["inchoate"] = texts_of([meaning.inchoate for meaning in statutes.meanings], statute)
        made["description"] = texts_of(descriptions.texts, description)
        for kind in ("level", "class"):
            known = self.charger.words(kind)
            codes = self._either(kind, known, amended)
            self._unknown("unusual-severities" if kind == "level" else "unusual-classes", kind, known, codes)
            made[kind] = texts_of([None if meaning == NONE else meaning for meaning in known.meanings], codes)
        self._odd_statutes(statute)
        return made | self._grams(statute, description)

    def _spelled(self, of: Mapping[str, tuple[str, ...]] | None = None) -> Int32s:
        """Codes of statutes; their texts are put together where they stand in several columns."""
        known, parts = self.charger._statutes, self.charger._parts
        if not any(self._columns(part, of) for part in SPELLED if part != "statute"):
            return self._codes("statute", known, of)
        texts, places = together(
            [parts[part].texts for part in SPELLED], [self._codes(part, parts[part], of) for part in SPELLED]
        )
        numbers: Int32s = np.array([known.code(text) if text else MISSING for text in texts], np.int32)[places]
        return numbers

    def _either(self, role: str, known: Numbered, amended: Bools) -> Int32s:  # type: ignore[type-arg]
        first = self._codes(role, known)
        if not amended.any():
            return first
        result: Int32s = np.where(amended, self._codes(role, known, self.map.amended), first).astype(np.int32)
        return result

    def _odd_statutes(self, statute: Int32s) -> None:
        known = self.charger._statutes
        self.noticed.note("no-statutes", statute < 0, self.lines)
        self.silent &= statute < 0
        unnamed = [not meaning.is_known and not meaning.inchoate for meaning in known.meanings]
        unknown = chosen(unnamed, statute)
        if unknown.any():
            self.noticed.note("unknown-statutes", unknown, self.lines)
            places, counts = np.unique(statute[unknown], return_counts=True)
            texts = (known.texts[place] for place in places.tolist())
            self.noticed.saw_unknown("statute", Counter(dict(zip(texts, counts.tolist(), strict=True))))
        of_nothing = chosen(
            [not meaning.is_known and bool(meaning.inchoate) for meaning in known.meanings], statute
        )
        self.noticed.note("attempts-of-nothing-named", of_nothing, self.lines)

    def _grams(self, statute: Int32s, description: Int32s) -> dict[str, pa.Array]:
        amounts, known = self.map.statutes.amounts, self.charger._statutes
        tells = chosen([amounts.dated(meaning.code, meaning.section) for meaning in known.meanings], statute)
        tells |= chosen(self.charger._descriptions.meanings, description)
        place = np.zeros(self.rows, np.int32)
        (at,) = np.nonzero(tells)
        if at.size:
            place[at] = self._amounts(statute[at], description[at], self._nearest(at))
        told = self.charger._told
        self.noticed.note(
            "contradictory-amounts", chosen([amount.told_by == CONTRADICTORY for amount in told], place), self.lines
        )
        silent = chosen([amounts.dated(meaning.code, meaning.section) for meaning in known.meanings], statute)
        silent &= chosen([amount.told_by == NOT_SAID for amount in told], place)
        self.noticed.note("unknown-amounts", silent, self.lines)
        limits = {}
        for name in ("above", "to"):
            values = np.array([getattr(amount, name) for amount in told], np.float64)[place]  # NaN of None
            limits[f"grams_{name}"] = pa.array(values, pa.float64(), mask=np.isnan(values))
        return {**limits, "grams_told_by": texts_of([amount.told_by for amount in told], place)}

    def _nearest(self, at: Int64s) -> Int32s:
        """The day of some rows' offenses, or the nearest to it that is known.

        Arrest and filing follow an offense soon. Of a later day only what was never otherwise before can be told.
        """
        nearest = np.full(at.size, NO_DAY, np.int32)
        for role in DATES[:_NEAR]:
            nearest = np.where(nearest == NO_DAY, self.days[role][at], nearest)
        for role in DATES[_NEAR:] if self.charger.changes.size else ():
            days = self.days[role][at]
            nearest = np.where((nearest == NO_DAY) & (days < self.charger.changes[0]), days, nearest)
        return nearest

    def _amounts(self, statute: Int32s, description: Int32s, days: Int32s) -> Int32s:
        period = np.where(days == NO_DAY, -1, np.searchsorted(self.charger.changes, days, side="right"))
        width, length = len(self.charger._descriptions.texts) + 1, self.charger.changes.size + 2
        keys = (statute.astype(np.int64) + 1) * width + description + 1
        keys = keys * length + period + 1
        _, first, inverse = np.unique(keys, return_index=True, return_inverse=True)
        told = [
            self.charger.amount(int(statute[row]), int(description[row]), int(period[row]), int(days[row]))
            for row in first.tolist()
        ]
        result: Int32s = np.array(told, np.int32)[inverse]
        return result
