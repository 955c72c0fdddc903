"""The findings of a bucket of charges, which holds people with all their charges: each is checked on its own."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from clearscale.charges.tables import NO_DAY, UNKNOWN, Disposition, Mark, Offense, Tables
from clearscale.runs.charges.grouping import grouped
from clearscale_kernels.arrays import Bools

from .counts import FindingCounts, counted

STATE, FIRST = 0, 2
"""Scopes: the state, 1 where nobody knows the county, then the counties by their codes."""

_BEGINS = ("offense_date", "arrest_date", "filing_date")
_DAYS = (*_BEGINS, "disposition_date", "sentence_date")
_OPEN = (Disposition.UNKNOWN, Disposition.NONE, Disposition.PENDING)
_FREED = (Disposition.DISMISSED, Disposition.ACQUITTED)


@dataclass(frozen=True)
class Listed:
    """Which courts and agencies are on a list, by their codes; None where there is no list."""

    courts: Bools | None
    agencies: Bools | None


class ChargeFinder:
    """Counts the findings of a bucket, in the state and by county.

    Parameters
    ----------
    tables
        Of the bucket.
    numbers
        `number` and `sequence` of each charge, see `ChargeStore.numbers`.
    listed
        Which courts and agencies are on a list.
    """

    def __init__(self, tables: Tables, numbers: pa.Table, listed: Listed) -> None:
        self.tables, self.numbers, self.listed = tables, numbers, listed
        self.scope = tables.charges.county.astype(np.int64) + FIRST
        presences = grouped([tables.charges.person, self.scope])
        self.present = tables.charges.person[presences.first].astype(np.int64)
        self.present_scope = self.scope[presences.first]
        self.result: FindingCounts = Counter()

    def find(self) -> FindingCounts:
        """Count all findings."""
        self._sizes()
        self._places()
        self._offenses()
        self._ends()
        self._repeats()
        self._people()
        return self.result

    def charges(
        self, finding: str, which: Bools, codes: "np.ndarray | None" = None, texts: Sequence[str] = ("",)
    ) -> None:
        """Count charges, by county and in all. codes: places in `texts`, the details."""
        rows = np.flatnonzero(which)
        for scopes in (np.full(rows.size, STATE, np.int64), self.scope[rows]):
            self.result += counted(finding, scopes, None if codes is None else codes[rows], texts)

    def people(self, finding: str, which: Bools) -> None:
        """Count people: in all, and in each county where they have a charge."""
        everybody = np.flatnonzero(which)
        self.result += counted(finding, np.full(everybody.size, STATE, np.int64))
        self.result += counted(finding, self.present_scope[which[self.present]])

    def _sizes(self) -> None:
        charges, people = self.tables.charges, self.tables.people
        self.charges("charges", np.ones(self.tables.rows, np.bool_))
        firsts = self.tables.cases.bounds[:-1]
        of_cases = np.zeros(self.tables.rows, np.bool_)
        of_cases[firsts] = True
        self.charges("cases", of_cases)
        everybody = np.ones(people.marks.size, np.bool_)
        self.people("people", everybody)
        self.people("unknown-people", people.marks & Mark.NO_KEY != 0)
        known = grouped([charges.person, np.where(charges.county < 0, UNKNOWN, charges.county)])
        of_known = known.first[charges.county[known.first] >= 0]
        counties = np.bincount(charges.person[of_known], minlength=people.marks.size)
        self.people("several-counties", counties > 1)

    def _places(self) -> None:
        charges, words = self.tables.charges, self.tables.words
        self.charges("no-county", charges.county < 0)
        self.charges("no-court", charges.court < 0)
        for finding, codes, known, texts in (
            ("unknown-court", charges.court, self.listed.courts, words.courts),
            ("unknown-agency", charges.agency, self.listed.agencies, words.agencies),
        ):
            if known is not None and texts:
                self.charges(finding, (codes >= 0) & ~known[codes], codes, texts)

    def _offenses(self) -> None:
        offense, words = self.tables.charges.offense, self.tables.words

        def where(says: Callable[[Offense], bool]) -> Bools:
            told: Bools = np.array([says(entry) for entry in words.offenses], np.bool_)
            return told[offense] if told.size else np.zeros(0, np.bool_)

        named = where(lambda entry: bool(entry.code or entry.section))
        blank = where(lambda entry: not entry.statute)
        attempt = where(lambda entry: bool(entry.inchoate))
        self.charges("no-statute", blank)
        texts = list(dict.fromkeys(entry.statute for entry in words.offenses)) or [""]
        at = {text: place for place, text in enumerate(texts)}
        places = np.array([at[entry.statute] for entry in words.offenses], np.int64)
        self.charges("unknown-statute", ~named & ~blank & ~attempt, places[offense] if places.size else None, texts)
        self.charges("attempt-of-nothing", ~named & attempt)
        self.charges("no-level", self.tables.charges.level < 0)
        self.charges("no-class", self.tables.charges.severity < 0)

    def _ends(self) -> None:
        charges = self.tables.charges
        ended, sentenced = charges.disposition_date, charges.sentence_date
        self.charges("no-disposition", charges.disposition == Disposition.NONE)
        self.charges("unknown-disposition", charges.disposition == Disposition.UNKNOWN)
        open_ = np.isin(charges.disposition, _OPEN)
        self.charges("no-disposition-date", ~open_ & (ended == NO_DAY))
        days = np.stack([getattr(charges, name) for name in _DAYS])
        self.charges("no-date", (days == NO_DAY).all(axis=0))
        self.charges("doubtful-date", charges.marks & Mark.DOUBTFUL_DATE != 0)
        began = np.stack([getattr(charges, name) for name in _BEGINS]).max(axis=0)
        self.charges("ended-before-it-began", (ended != NO_DAY) & (began != NO_DAY) & (ended < began))
        freed = np.isin(charges.disposition, _FREED)
        self.charges("sentence-without-conviction", freed & (sentenced != NO_DAY))

    def _repeats(self) -> None:
        charges = self.tables.charges
        if not self.tables.rows:
            return
        sequences = self.numbers.column("sequence").combine_chunks().dictionary_encode().indices
        codes = sequences.fill_null(-1).to_numpy(zero_copy_only=False)
        numbered = self.numbers.column("number").is_valid().to_numpy()
        same = (charges.case[1:] == charges.case[:-1]) & (codes[1:] == codes[:-1])
        same &= (codes[1:] >= 0) & numbered[1:]
        otherwise = same & (charges.disposition[1:] != charges.disposition[:-1])
        self.charges("repeated-charge", np.append(False, same))
        self.charges("repeated-otherwise", np.append(False, otherwise))

    def _people(self) -> None:
        charges, people = self.tables.charges, self.tables.people
        born = people.birth_date
        self.people("no-birth-date", born == NO_DAY)
        days = np.stack([getattr(charges, name) for name in _DAYS])
        earliest = np.where(days == NO_DAY, np.iinfo(np.int32).max, days).min(axis=0)
        early = (born[charges.person] != NO_DAY) & (earliest < born[charges.person])
        of_people = np.bincount(charges.person[early], minlength=born.size) > 0
        self.people("charged-before-birth", of_people)
        self.people("no-sex", people.sex < 0)
        self.people("no-race", people.race < 0)
