"""From texts of a file's columns to charges in the one form."""

from collections import Counter
from collections.abc import Mapping
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from clearscale.law.amounts import CONTRADICTORY, NOT_SAID
from clearscale_kernels.arrays import Bools, Int32s, Int64s

from .column_map import DATES, SPELLED, YES_NO, ColumnMap
from .columns import MISSING, Keys, Numbered, chosen, chunk_of, constant, dictionary_of, keys_of, plain_of, texts_of
from .day_columns import DAY, NO_DAY, SAVED, UNREADABLE
from .learned import EPOCH, Learned
from .noticed import Noticed
from .schema import CHARGES, NONE, UNKNOWN
from .spelling import together

KEYS = ("person", "case", "sequence")
"""Roles whose texts hardly repeat."""

_NAMED = {"court": "unusual-courts", "agency": "unusual-agencies"}
"""What has a name of its own on a state's list, and what is found where it has none."""

_NEAR = 3
"""So many of DATES are near the offense: its own day, the arrest's and the filing's."""

_EARLIEST, _LATEST = date(1900, 1, 1).toordinal() - EPOCH, date(2100, 1, 1).toordinal() - EPOCH
_OLDEST_DAYS = 110 * 366


class Charger:
    """Makes charges of blocks of one map; what it learns of texts it keeps from block to block.

    noticed: what was odd so far. people: what has the keys of people, None for the map's column.
    """

    def __init__(self, stated: ColumnMap, people: Keys | None = None) -> None:
        self.learned, self.people = Learned(stated), people
        self.noticed = Noticed()

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
        return _Block(self, table, lines, file).batch()

    def is_charge(self, table: pa.Table) -> Bools:
        """Which rows are charges."""
        return self.learned.is_charge(table)


class _Block:
    """The columns of one block, made one after the other."""

    def __init__(self, charger: Charger, table: pa.Table, lines: Int64s, file: str) -> None:
        self.learned, self.people, self.noticed = charger.learned, charger.people, charger.noticed
        self.map = charger.learned.map
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
        if self.people is not None:
            made["person"] = self.people(self.file, self.lines)
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
        told |= {"person"} if self.people else set()
        told |= {"amended"} if self._columns("statute", self.map.amended) else set()
        column = self.map.county.get("column")
        return told | ({"county"} if self.map.county and column in (None, *self.table.column_names) else set())

    def _filled(self, column: str) -> None:
        if column not in self.table.column_names:
            return
        values, missing = chunk_of(self.table.column(column)), self.learned.missing[column]
        if pa.types.is_dictionary(values.type):
            filled = keys_of(values.dictionary, missing).is_valid().to_numpy(zero_copy_only=False)
            counts = np.bincount(values.indices.drop_null().to_numpy(), minlength=filled.size)
            self.noticed.filled[column] += int(counts[filled].sum())
        else:
            self.noticed.filled[column] += self.rows - keys_of(values, missing).null_count

    def _key(self, role: str) -> pa.Array:
        found: pa.Array = None
        for place, column in enumerate(self._columns(role)):
            keys = keys_of(plain_of(self.table, column), self.learned.missing[column])
            if place:
                # Numbers of two kinds may be the same, and are other people's.
                keys = pc.binary_join_element_wise(pa.scalar(f"{column}"), keys, ":")
            found = keys if found is None else pc.coalesce(found, keys)
        return pa.nulls(self.rows, pa.string()) if found is None else found

    def _codes(self, role: str, known: Numbered, of: Mapping[str, tuple[str, ...]] | None = None) -> Int32s:  # type: ignore[type-arg]
        """Codes of a role's texts: of several columns, the first that is not missing."""
        codes = np.full(self.rows, MISSING, np.int32)
        for column in self._columns(role, of):
            own = known.codes(dictionary_of(self.table, column), self.learned.missing[column])
            codes = np.where(codes < 0, own, codes).astype(np.int32, copy=False)
        return codes

    def _date(self, role: str) -> pa.Array:
        days = np.full(self.rows, NO_DAY, np.int32)
        for column in self._columns(role):
            found = self.learned.days(column).of(dictionary_of(self.table, column))
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
        known = self.learned.words(kind)
        codes = self._codes(kind, known)
        self._unknown(f"unusual-{kind}", kind, known, codes)
        return texts_of(known.meanings, codes)

    def _named(self, role: str, finding: str) -> pa.Array:
        """The court or agency; by the name that the record has where it is on no list: somebody has to act."""
        known = self.learned.named(role)
        codes = self._codes(role, known)
        self._unknown(finding, role, known, codes)
        names = [text if name is None else name for text, name in zip(known.texts, known.meanings, strict=True)]
        return texts_of(names, codes)

    def _yes_no(self, role: str) -> pa.Array:
        known = self.learned.words(role)
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
            known, column = self.learned.counties, stated["column"]
            codes = known.codes(dictionary_of(self.table, column), self.learned.missing[column])
            self._unknown("unusual-counties", "county", known, codes)
            return texts_of(known.meanings, codes)
        named = stated.get("fixed")
        if "file" in stated:
            found = self.map.county_in(self.file)
            named = self.learned.county(found) if found else None
            if named is None:
                self.noticed.note("unusual-counties", np.ones(self.rows, np.bool_), self.lines)
        return constant(named, self.rows)

    def _disposition(self) -> pa.Array:
        known = self.learned.words("disposition")
        codes = self._codes("disposition", known)
        self._unknown("unusual-dispositions", "disposition", known, codes)
        meanings = [UNKNOWN if meaning is None else meaning for meaning in known.meanings]
        none = (codes < 0) | chosen([meaning == NONE for meaning in meanings], codes)
        self.noticed.note("no-dispositions", none, self.lines)
        self.silent &= none
        return texts_of([*meanings, NONE], np.where(codes < 0, len(meanings), codes).astype(np.int32))

    def _offense(self) -> dict[str, pa.Array]:
        """The statute and what goes with it, of the charge as it was amended wherever it was."""
        statutes, descriptions = self.learned.statutes, self.learned.descriptions
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
            known = self.learned.words(kind)
            codes = self._either(kind, known, amended)
            self._unknown("unusual-severities" if kind == "level" else "unusual-classes", kind, known, codes)
            made[kind] = texts_of([None if meaning == NONE else meaning for meaning in known.meanings], codes)
        self._odd_statutes(statute)
        return made | self._grams(statute, description)

    def _spelled(self, of: Mapping[str, tuple[str, ...]] | None = None) -> Int32s:
        """Codes of statutes; their texts are put together where they stand in several columns."""
        known, parts = self.learned.statutes, self.learned.parts
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
        known = self.learned.statutes
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
        amounts, known = self.map.statutes.amounts, self.learned.statutes
        tells = chosen([amounts.dated(meaning.code, meaning.section) for meaning in known.meanings], statute)
        tells |= chosen(self.learned.descriptions.meanings, description)
        place = np.zeros(self.rows, np.int32)
        (at,) = np.nonzero(tells)
        if at.size:
            place[at] = self._amounts(statute[at], description[at], self._nearest(at))
        told = self.learned.amounts
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
        for role in DATES[_NEAR:] if self.learned.changes.size else ():
            days = self.days[role][at]
            nearest = np.where((nearest == NO_DAY) & (days < self.learned.changes[0]), days, nearest)
        return nearest

    def _amounts(self, statute: Int32s, description: Int32s, days: Int32s) -> Int32s:
        period = np.where(days == NO_DAY, -1, np.searchsorted(self.learned.changes, days, side="right"))
        width, length = len(self.learned.descriptions.texts) + 1, self.learned.changes.size + 2
        keys = (statute.astype(np.int64) + 1) * width + description + 1
        keys = keys * length + period + 1
        _, first, inverse = np.unique(keys, return_index=True, return_inverse=True)
        told = [
            self.learned.amount(int(statute[row]), int(description[row]), int(period[row]), int(days[row]))
            for row in first.tolist()
        ]
        result: Int32s = np.array(told, np.int32)[inverse]
        return result
