"""From codes to lines: the fragments that make up a record, and their joining."""

from collections.abc import Iterator
from functools import cache

import numpy as np

from clearscale.law import state

from .arrays import LAST_DAY, Texts, date_codes, dates, missing_date, numbers, pick, spoil, texts
from .histories import History
from .offenses import BLANK, MISDEMEANOR, SEE_COMMENT, UNREPORTED, column_codes, offenses
from .record_shapes import COURT, LATER_DATE, NO_SLOT, OWN_STATUS, REDUCED, SLOTS, STEP_DATE, shapes
from .texts import (
    AGENCIES_EACH,
    CII_TYPE_URN,
    CII_TYPES,
    DISPOSITION_FIELDS,
    END_URN,
    ENDS,
    NUMBER_ENDS,
    NUMBER_STARTS,
    OFN_EMPTY,
    OFN_END_URN,
    OFN_ENDS,
    OFN_NOT_REPORTED,
    OFN_NULL,
    OFN_STARTS,
    STATUS_FIELDS,
    STEP_TYPES,
    agencies,
    agency_ranges,
    comments,
    number_urns,
    sentences,
)

HEADER = ",".join(state().format.columns).encode() + b"\n"

_SLICE = 8_192  # records joined at a time: their fragments stay in the processor's cache
_BAD_DATE = 0.011
_DIGITS = 10_000

_FOUR_DIGITS = texts([*numbers(0, _DIGITS - 1, 4).tolist(), b""])
_CYCLE_ORDERS = numbers(100, 999)
_STEP_STARTS = texts(b",,%03d," % step for step in range(12))
_COUNT_ENDS = texts(b"%03d%03d000," % (step, count) for step in range(12) for count in range(8))
_CONVICTION_ORDERS = texts([*(b"%d," % (slot + 1) for slot in range(SLOTS)), b","])
_SENTENCE_STARTS = texts([b",", *(b"%d," % part for part in range(1, 8))])
_AGES = texts([*(b"%d" % age for age in range(100)), b""])


@cache
def _comment_table() -> tuple[Texts, int]:
    """Comments, then the offense texts as comments, and where those begin."""
    said, _, _ = comments()
    return texts([*said.tolist(), *offenses().comments.tolist()]), len(said)


class Lines:
    """A group's records as lines of CSV, without SUBJECT_ID: what is the same in every extract.

    Each fragment of a line is kept at the level where it varies: by cycle, by step or by record.
    """

    def __init__(self, rng: np.random.Generator, history: History) -> None:
        """Draw the texts of the group's records from its random stream."""
        self.history = history
        self._by_cycle(rng)
        self._by_step(rng)
        self._by_record(rng)

    def _by_cycle(self, rng: np.random.Generator) -> None:
        cycles, people = self.history.cycles, self.history.people
        n = len(cycles.day)
        self._cycle_order = _CYCLE_ORDERS[cycles.number]
        self._cycle_comma = texts(order + b"," for order in _CYCLE_ORDERS.tolist())[cycles.number]
        self._cycle_date = dates()[spoil(rng, date_codes(cycles.day), _BAD_DATE)]
        age = np.clip((cycles.day - people.birth[cycles.person]) // 365.25, 0, 99).astype(np.int64)
        self._age = _AGES[np.where(people.birth_known[cycles.person], age, 100)]
        self._cii_type = CII_TYPES[pick(rng, CII_TYPE_URN, n)]

    def _by_step(self, rng: np.random.Generator) -> None:
        cycles, steps, library = self.history.cycles, self.history.steps, shapes()
        n = len(steps.day)
        kind = library.kind[steps.entry]
        self._step_start = _STEP_STARTS[library.step_number[steps.entry]]
        self._step_code = spoil(rng, date_codes(steps.day), _BAD_DATE)
        self._step_date = dates()[self._step_code]
        self._step_type = STEP_TYPES[kind]
        first, count = agency_ranges()
        agency = first[kind] + (rng.random(n) * count[kind]).astype(np.int64)
        self._agency = agencies()[cycles.county[steps.cycle] * AGENCIES_EACH + agency]

        said = rng.random(n)
        start = rng.integers(0, OFN_EMPTY, n)
        start[said < 0.08] = OFN_EMPTY
        start[said < 0.05] = OFN_NOT_REPORTED
        start[said < 0.02] = OFN_NULL
        start[(kind != COURT) & (said < 0.6)] = OFN_EMPTY
        plain = start < OFN_EMPTY
        self._ofn_start = OFN_STARTS[start]
        self._ofn_digits = _FOUR_DIGITS[np.where(plain, rng.integers(0, _DIGITS, n), _DIGITS)]
        end = pick(rng, OFN_END_URN, n)
        self._ofn_end = OFN_ENDS[np.select([plain, start == OFN_EMPTY], [end, 0], end % 2)]
        place = number_urns()[kind, rng.integers(0, 20, n)]
        self._number_start = NUMBER_STARTS[place]
        self._number_digits = _FOUR_DIGITS[np.where(place > 0, rng.integers(0, _DIGITS, n), _DIGITS)]
        self._number_end = NUMBER_ENDS[place]

    def _by_record(self, rng: np.random.Generator) -> None:
        history, library, known = self.history, shapes(), offenses()
        entry = history.row_entry
        slot = library.slot[entry]
        charged = slot != NO_SLOT
        charge = history.row_cycle * SLOTS + np.where(charged, slot, 0)
        offense, style = history.cycles.offense.ravel()[charge], history.cycles.style.ravel()[charge]
        columns = column_codes(offense, history.cycles.level.ravel()[charge], style)
        disposition, status = library.disposition[entry], library.status[entry]
        convicted = status == OWN_STATUS
        self._offense = np.where(charged, columns, known.no_columns)
        self._disposed = np.where(disposition > 0, columns, known.no_columns)
        self._conviction = np.where(convicted, columns, known.no_columns)
        self._conviction_order = np.where(convicted, slot, SLOTS)
        self._disposition = disposition
        own = history.cycles.status.ravel()[charge]
        self._status = np.select([convicted, status == REDUCED], [own, MISDEMEANOR], UNREPORTED)
        self._part = library.part[entry]
        _, first, count = sentences()
        sentence = library.sentence[entry]
        self._sentence = first[sentence] + (rng.random(len(entry)) * count[sentence]).astype(np.int64)

        when = library.when[entry]
        self._disposed_on = np.where(when == STEP_DATE, self._step_code[history.row_step], missing_date())
        (late,) = np.nonzero(when == LATER_DATE)
        days = history.steps.day[history.row_step[late]] + rng.integers(200, 3000, len(late))
        self._disposed_on[late] = np.where(days > LAST_DAY, missing_date(), spoil(rng, date_codes(days), _BAD_DATE))

        _, any_comment, plain_comment = comments()
        _, charges = _comment_table()
        comment = np.where(charged, pick(rng, any_comment, len(entry)), pick(rng, plain_comment, len(entry)))
        from_comment = charged & ((style == SEE_COMMENT) | (style == BLANK))
        self._comment = np.where(from_comment, charges + offense, comment)
        self._end = pick(rng, END_URN, len(entry))
        self._count = library.step[entry] * 8 + 8 + library.count[entry]

    def chunks(self, prefixes: Texts) -> Iterator[bytes]:
        """The lines in order, some megabytes at a time. `prefixes`: object [people], see `GroupPeople.prefixes`."""
        history = self.history
        prefix = np.repeat(prefixes, history.rows_each)
        columns = offenses().columns
        remarks, _ = _comment_table()
        terms, _, _ = sentences()
        serial = numbers(1, int(history.rows_each.max(initial=1)))
        for start in range(0, len(prefix), _SLICE):
            rows = slice(start, start + _SLICE)
            cycle, step = history.row_cycle[rows], history.row_step[rows]
            fragments = (
                serial[history.row_number[rows]],
                prefix[rows],
                self._cycle_comma[cycle],
                self._cycle_date[cycle],
                self._step_start[step],
                self._step_date[step],
                self._step_type[step],
                self._agency[step],
                self._cycle_order[cycle],
                _COUNT_ENDS[self._count[rows]],
                dates()[self._disposed_on[rows]],
                self._ofn_start[step],
                self._ofn_digits[step],
                self._ofn_end[step],
                columns[self._offense[rows]],
                columns[self._disposed[rows]],
                _CONVICTION_ORDERS[self._conviction_order[rows]],
                columns[self._conviction[rows]],
                self._number_start[step],
                self._number_digits[step],
                self._number_end[step],
                DISPOSITION_FIELDS[self._disposition[rows]],
                STATUS_FIELDS[self._status[rows]],
                _SENTENCE_STARTS[self._part[rows]],
                terms[self._sentence[rows]],
                self._age[cycle],
                self._cii_type[cycle],
                remarks[self._comment[rows]],
                ENDS[self._end[rows]],
            )
            yield join(fragments)


def join(fragments: tuple[Texts, ...]) -> bytes:
    """Joins the fragments of each line, then the lines. Each: object [lines] of byte strings."""
    parts = np.empty((len(fragments[0]), len(fragments)), dtype=object)
    for place, fragment in enumerate(fragments):
        parts[:, place] = fragment
    return b"".join(parts.ravel().tolist())
