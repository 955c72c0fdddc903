"""From a block's text to numbers: what the fold needs of each row and of each subject.

Texts repeat, so each distinct text of a block is looked at once, in plain Python; rows carry codes.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pyarrow as pa

from clearscale.law import Catalog, Charge, Saying, state
from clearscale_kernels import flag
from clearscale_kernels.arrays import Bools, Int8s, Int16s, Int32s, Int64s
from clearscale_kernels.people.calendar import parse_dates

from .bad_records import BLANK_SUBJECT, SHORT_ORDER
from .coding import NEEDED, Coding, code_block
from .missing import is_unreadable, names_nobody
from .parsing import Block

_FORMAT = state().format
_ROLES, _SAYS = _FORMAT.roles, _FORMAT.says

ENCODED: tuple[int, ...] = (*NEEDED, _FORMAT.places[_ROLES.birth_date])
"""Places of the columns that `encode` looks at."""

_OF_DISPOSITION = (
    (_SAYS.convicted, flag.CONVICTED),
    (_SAYS.set_aside, flag.SET_ASIDE),
    (_SAYS.reduced, flag.REDUCED),
)
_OF_EVENT = ((_SAYS.deceased, flag.DECEASED), (_SAYS.court_action, flag.COURT_ACTION))

_WHOLE_NUMBER = re.compile(rb"[+-]?[0-9]+")
_LONGEST_SENTENCE = 2 * (flag.LAST_DAY + 719162)


@dataclass
class Encoded:
    """A block as numbers.

    rows: one entry a row, in file order, by column name; see `docs/concepts/store.md`. Codes are local to the
    block: `subject` into `subjects`, `offense`, `county` and `count_order` into `texts`, `ofn` into `case_numbers`.
    subjects: one entry a subject in order of its first row: `subject_id`, `cii_number` (its first that is not
    blank and names somebody, trimmed), `birth_date`, `no_birth_date`, `unreadable_birth`, `race`, `sex`.
    texts: the distinct texts of each coded column, in order of first appearance; those of `ofn`, which hardly
    repeat, are `case_numbers`, a binary array.
    """

    rows: dict[str, np.ndarray]
    subjects: dict[str, np.ndarray]
    texts: dict[str, list[bytes]]
    case_numbers: pa.Array


class _Columns:
    """The columns of a block: codes and distinct values, or dates."""

    def __init__(self, block: Block, coding: Coding) -> None:
        self._block = block
        self._coding = coding

    def coded(self, name: str) -> tuple[Int32s, list[bytes]]:
        """(code of each row, distinct values in order of first appearance)."""
        return self._coding.coded(name)

    def saying(self, saying: Saying) -> Bools:
        """Whether each row says it."""
        codes, texts = self.coded(saying.column)
        found: Bools = np.array([saying(text) for text in texts], np.bool_).take(codes)
        return found

    def bits(self, said: Sequence[tuple[Saying, int]]) -> Int16s:
        """Set, for each row, the bits of what it says. said: questions to one column, and the bit of each."""
        codes, texts = self.coded(said[0][0].column)
        table = [sum(bit for saying, bit in said if saying(text)) for text in texts]
        found: Int16s = np.array(table, np.int16).take(codes)
        return found

    def lengths(self, name: str) -> tuple[Int32s, Int32s]:
        """(code of each row, length of each distinct value)."""
        codes = self._coding.codes(_FORMAT.places[name])
        assert codes is not None
        return codes, self._coding.lengths(_FORMAT.places[name])

    def distinct(self, name: str) -> pa.Array:
        """The distinct values in order of first appearance, as a binary array."""
        return self._coding.distinct(_FORMAT.places[name])

    def dates(self, name: str, places: Int32s | Int64s) -> tuple[Int32s, Bools, Bools]:
        """(day numbers, whether each is missing, whether it is because it cannot be read) of the rows at `places`.

        name: of a date column.
        """
        data, (starts, ends) = self._block.data, self._block.column(_FORMAT.places[name])
        starts, ends = starts[places], ends[places]
        days, missing = np.empty(places.size, np.int32), np.empty(places.size, np.bool_)
        parse_dates(data, starts, ends, days, missing)
        unreadable = missing & (ends > starts)
        for place in np.flatnonzero(unreadable).tolist():
            unreadable[place] = is_unreadable(bytes(data[starts[place] : ends[place]]))
        return days, missing, unreadable

    def event_dates(self) -> tuple[Int32s, Int16s]:
        """(day numbers, bits of what is wrong with each) of all rows."""
        place = _FORMAT.places[_ROLES.event_date]
        codes = self._coding.codes(place)
        assert codes is not None
        days, missing, unreadable = self.dates(_ROLES.event_date, self._coding.first_rows(place))
        bits = missing * np.int16(flag.NO_EVENT_DATE) | unreadable * np.int16(flag.UNREADABLE_EVENT_DATE)
        return days.take(codes), bits.take(codes)


def first_rows(codes: Int32s, count: int) -> Int64s:
    """The first place of each code below `count`, -1 where there is none."""
    first = np.full(count, -1, np.int64)
    # The last write wins, so writing backwards leaves the first place.
    first[codes[::-1]] = np.arange(codes.size - 1, -1, -1)
    return first


def first_appearances(codes: Int32s, count: int) -> tuple[Int32s, Int64s]:
    """Renumber codes below `count` by first appearance: (new code of each entry, old code of each new one)."""
    first = first_rows(codes, count)
    old = np.flatnonzero(first >= 0)
    old = old[np.argsort(first[old])]
    rank = np.empty(count, np.int32)
    rank[old] = np.arange(old.size, dtype=np.int32)
    return rank[codes], old


# The same texts occur in block after block.
_MOST_KNOWN = 2**15


@dataclass(frozen=True)
class _Described:
    """What an offense's description or a comment says. section: its code section."""

    section: bytes
    is_in_comment: bool
    registrable: bool


@lru_cache(_MOST_KNOWN)
def _described(text: bytes) -> _Described:
    return _Described(_FORMAT.code_section(text), _SAYS.charge_in_comment(text), _SAYS.registrable(text))


@lru_cache(_MOST_KNOWN)
def _classified(charges: Catalog, section: bytes) -> Charge:
    return charges.classify(section)


@lru_cache(_MOST_KNOWN)
def _length(text: bytes) -> int:
    """A sentence's length: an integer with an optional sign, anything else is 0; cut where any unit is too long."""
    length = int(text) if len(text) < 400 and _WHOLE_NUMBER.fullmatch(text) else 0
    return max(-_LONGEST_SENTENCE, min(_LONGEST_SENTENCE, length))


def _sentence_parts(columns: _Columns) -> Int32s:
    """Half days that each row adds to its conviction's sentence, cut to the span of the calendar."""
    length_codes, lengths = columns.coded(_ROLES.sentence_length)
    unit_codes, units = columns.coded(_ROLES.sentence_unit)
    numbers = np.array([_length(text) for text in lengths], np.int64)
    half_days = np.array([_FORMAT.half_days.get(unit, 0) for unit in units], np.int64)
    table = np.outer(half_days, numbers).clip(-_LONGEST_SENTENCE, _LONGEST_SENTENCE).astype(np.int32)
    parts: Int32s = table[unit_codes, length_codes]
    return parts


def _offenses(columns: _Columns, charges: Catalog) -> tuple[Int32s, list[bytes], Int16s, Int8s, Int16s]:
    """(offense code of each row, code sections, their charge flags, their sections, row flags)."""
    described, descriptions = columns.coded(_ROLES.offense)
    commented, comments = columns.coded(_ROLES.comment)
    known = [_described(text) for text in descriptions]
    from_comment = np.array([offense.is_in_comment for offense in known], np.bool_).take(described)
    combined = np.where(from_comment, commented + np.int32(len(descriptions)), described)
    codes, old = first_appearances(combined, len(descriptions) + len(comments))
    known += [_described(text) for text in comments]
    # Different texts can have the same code section: "11357 HS-A" and "11357 HS-B".
    named = [known[o].section for o in old.tolist()]
    sections = list(dict.fromkeys(named))
    place = {section: number for number, section in enumerate(sections)}
    same = np.fromiter(map(place.__getitem__, named), np.int32, len(named))
    found = [_classified(charges, section) for section in sections]
    row_bits = np.where(from_comment, flag.FROM_COMMENT, 0).astype(np.int16)
    if codes.size:
        codes = same.take(codes)
        registrable = np.array([offense.registrable for offense in known], np.bool_).take(described)
        registered = columns.saying(_SAYS.registration) & registrable
        row_bits |= np.where(registered, flag.REGISTERED, 0).astype(np.int16)
        row_bits |= columns.bits(_OF_EVENT)
    return (
        codes,
        sections,
        np.array([charge.flags for charge in found], np.int16),
        np.array([charge.section for charge in found], np.int8),
        row_bits,
    )


def _subjects(columns: _Columns, subjects: Int32s, ids: list[bytes]) -> dict[str, np.ndarray]:
    """What is known of each subject from its first row in the block, and its first number that names somebody."""
    first = first_rows(subjects, len(ids))
    births, missing, unreadable = columns.dates(_ROLES.birth_date, first)
    person_codes, persons = columns.coded(_ROLES.person)
    persons = [person.strip() for person in persons]
    filled = np.array([bool(person) and not names_nobody(person) for person in persons], np.bool_)
    first_filled = np.full(len(ids), -1, np.int64)
    if subjects.size:
        with_person = np.flatnonzero(filled[person_codes])[::-1]
        first_filled[subjects[with_person]] = with_person
    persons.append(b"")  # of those who have none
    chosen = np.where(first_filled >= 0, person_codes.take(first_filled, mode="clip"), len(persons) - 1)
    of_person = [persons[code] for code in chosen.tolist()]
    result: dict[str, np.ndarray] = {
        "subject_id": np.array(ids, object),
        "cii_number": np.array(of_person, object),
        "birth_date": births,
        "no_birth_date": missing,
        "unreadable_birth": unreadable,
    }
    for name, column in (("race", _ROLES.race), ("sex", _ROLES.sex)):
        codes, texts = columns.coded(column)
        texts = [text.strip() for text in texts]
        result[name] = np.array([texts[code] for code in codes[first].tolist()], object)
    return result


def _unusable(flags: Int16s, charge_flags: Int16s, sections: Int8s, order_lengths: Int32s, has_ofn: Bools) -> Bools:
    """Whether each row needs more of its count order than there is.

    A row that is convicted or a Prop 64 charge names a cycle; a court action with a case number, or a conviction
    that can be decided, names a case.
    """
    convicted = (flags & flag.CONVICTED) != 0
    prop64 = sections >= 0
    in_case = has_ofn | (convicted & (prop64 | ((charge_flags & flag.RELATED) != 0)))
    no_cycle = (convicted | prop64) & (order_lengths < _FORMAT.cycle_bytes)
    result: Bools = no_cycle | (in_case & (order_lengths < _FORMAT.case_bytes))
    return result


def encode(block: Block, coding: Coding | None = None, charges: Catalog | None = None) -> Encoded:
    """Encode a block's rows. coding: of the block with its NEEDED columns, if it is at hand.

    Rows whose subject is blank, or whose count order is too short for what the row says, are taken out of the
    block and added to `block.bad`.
    """
    charges = charges or state().charges
    columns = _Columns(block, coding or code_block(block))
    subjects, ids = columns.coded(_ROLES.subject)
    offenses, sections, charge_flags, charge_sections, flags = _offenses(columns, charges)
    orders, order_texts = columns.coded(_ROLES.count_order)
    ofns, ofn_lengths = columns.lengths(_ROLES.case_number)
    has_ofn = (flags & flag.COURT_ACTION != 0) & (ofn_lengths > 0).take(ofns)
    if flags.size:
        flags |= columns.bits(_OF_DISPOSITION)
        flags[~has_ofn] &= ~np.int16(flag.COURT_ACTION)
        blank = np.array([not text.strip() for text in ids]).take(subjects)
        lengths = columns.lengths(_ROLES.count_order)[1].take(orders)
        short = _unusable(flags, charge_flags.take(offenses), charge_sections.take(offenses), lengths, has_ofn)
        if blank.any() or short.any():
            _set_aside(block, blank, short)
            return encode(block, charges=charges)
        felony = columns.saying(_SAYS.felony)
        felony |= columns.saying(_SAYS.no_status) & columns.saying(_SAYS.charged_as_felony)
        flags |= np.where(felony, flag.FELONY, 0).astype(np.int16)
    dates, of_dates = columns.event_dates()
    flags |= of_dates
    counties, county_texts = columns.coded(_ROLES.county)
    rows: dict[str, np.ndarray] = {
        "row": block.rows,
        # The next block overwrites the codes of this one.
        "subject": subjects.copy(),
        "event_date": dates,
        "offense": offenses,
        "county": counties.copy(),
        "count_order": orders.copy(),
        "sentence": _sentence_parts(columns),
        "flags": flags,
        "ofn": np.where(has_ofn, ofns, np.int32(-1)),
    }
    coded = {"offense": sections, "county": county_texts, "count_order": order_texts}
    return Encoded(rows, _subjects(columns, subjects, ids), coded, columns.distinct(_ROLES.case_number))


def _set_aside(block: Block, blank: Bools, short: Bools) -> None:
    """Move rows that cannot be used from a block to its bad records."""
    places = np.flatnonzero(blank | short)
    block.set_aside(places, np.where(blank[places], BLANK_SUBJECT, SHORT_ORDER).astype(np.int8))
