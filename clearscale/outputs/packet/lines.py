"""What a packet is about: the decisions of a run in a county or court, each sorted by what becomes of it."""

import datetime
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

import pyarrow as pa

from clearscale.law.papers import CHARGES, CONVICTIONS, Papers, PaperWords
from clearscale.outputs.lists import CASE_SEPARATOR
from clearscale.outputs.lists.flag_words import COPY_WORDS, FLAG_WORDS
from clearscale.outputs.report.policy_words import NOT_ELIGIBLE, worth
from clearscale.policy.model import DISMISSAL, REDUCTION
from clearscale.relief import OUTCOMES
from clearscale.runs import Run
from clearscale.runs.charges import ChargeRun
from clearscale.runs.recorded import policy_of
from clearscale_cluster.shown import has_shape

DISMISS, REDUCE = "dismiss", "reduce"
"""Outcomes of runs over convictions, as those over charges name them."""

NO_DOUBT = frozenset({*COPY_WORDS, "amended", "probation-revoked", "registered", "deceased", "unknown-person"})
"""Flags that say something of a record, and nothing against it. All others keep a line out of an order."""

_RELIEF = {DISMISSAL: DISMISS, REDUCTION: REDUCE}
DOUBTS = {
    **FLAG_WORDS,
    "doubtful-date": "a date of the charge cannot be read, or cannot be right",
    "no-case-number": "the record has no number of the case, by which a clerk finds it",
    "no-name": "the record has no name",
}
"""What keeps a line out of an order, unless somebody has looked at such lines: flags, and what a paper needs."""

RECORD_OF = {CONVICTIONS: ("extract", "row"), CHARGES: ("file", "line")}
"""Columns of lists that name a record, and options of `clearscale explain`."""

_SECTION = re.compile(r"[\w.]{3,}(?=[^\s]*$)")
_LONGEST = 160
"""Characters of a charge that are shown; a comment can be long."""


class Fate(Enum):
    """What becomes of a decision in a packet."""

    ORDERED = "in the order"
    FLAGGED = "relief, but with a doubt: to be looked at"
    REVIEW = "to be looked at"
    NOT_YET = "not due yet"
    ELSEWHERE = "relief that no court orders"
    NOTHING = "no relief"


_OF_CHARGES = {"undecided": Fate.REVIEW, "hand-review": Fate.REVIEW, "not-yet": Fate.NOT_YET}
"""Outcomes of charges without relief that somebody has to know of."""


@dataclass(frozen=True)
class Line:
    """A decision, as papers show it.

    person: the same for all of a person's lines. outcome: as it was decided. flags: doubts. looked_at: doubts
    that keep nothing out of an order, since somebody has looked at such cases. count: its number in the case, if
    the record has one. source, place: the extract or file, and the row or line in it, as `explain` takes them.
    """

    court: str
    case: str
    name: str
    person: tuple[Any, ...]
    charge: str
    date: str
    outcome: str
    relief: str
    why: str
    flags: tuple[str, ...]
    fate: Fate
    looked_at: tuple[str, ...] = ()
    count: str = ""
    source: str = ""
    place: int = 0

    @property
    def row(self) -> dict[str, str]:
        """What tables show of it, but for its number."""
        return {
            "case": self.case,
            "count": self.count,
            "name": self.name,
            "charge": self.charge,
            "date": self.date,
        }


@dataclass
class Sorted:
    """Lines by what becomes of them, and how many there are.

    counts: by (fate, outcome as decided). doubts: flags of relief that keep it out of an order. looked_at: flags of
    what is in one.
    """

    lines: dict[Fate, list[Line]] = field(default_factory=lambda: {fate: [] for fate in Fate})
    counts: Counter[tuple[Fate, str]] = field(default_factory=Counter)
    doubts: Counter[str] = field(default_factory=Counter)
    looked_at: Counter[str] = field(default_factory=Counter)
    counties: set[str] = field(default_factory=set)

    @property
    def total(self) -> int:
        """All decisions."""
        return sum(self.counts.values())

    def by_outcome(self) -> Counter[str]:
        """How many decisions there are of each outcome."""
        found: Counter[str] = Counter()
        for (_, outcome), count in self.counts.items():
            found[outcome] += count
        return found


def sort_out(tables: Iterable[pa.Table], run: Run | ChargeRun, papers: Papers, accepted: Collection[str]) -> Sorted:
    """Sort the rows of lists by what becomes of them.

    tables: as `clearscale.outputs.lists.listed` yields them. accepted: flags that keep nothing out of an order.
    """
    making = _Making(run, papers, frozenset(accepted))
    found = Sorted()
    for table in tables:
        for row in table.to_pylist():
            line = making.line(row)
            found.counts[line.fate, line.outcome] += 1
            found.counties.add(row["county"])
            if line.relief:
                found.doubts.update(line.flags)
            if line.fate is Fate.ORDERED:
                found.looked_at.update(line.looked_at)
            if line.fate is not Fate.NOTHING:
                found.lines[line.fate].append(line)
    return found


class Meaning:
    """What the decisions of a run mean: (relief, what becomes of it without a doubt)."""

    def __init__(self, run: Run | ChargeRun) -> None:
        self._policy = None if isinstance(run, ChargeRun) else policy_of(run)
        self._known: dict[tuple[str, str, str], tuple[str, Fate]] = {}

    def of(self, county: str, outcome: str, reason: str) -> tuple[str, Fate]:
        """What a decision with this outcome and reason means."""
        key = county, outcome, reason
        if key not in self._known:
            self._known[key] = self._found(*key)
        return self._known[key]

    def _found(self, county: str, outcome: str, reason: str) -> tuple[str, Fate]:
        if self._policy is None:
            if OUTCOMES[outcome].relief:
                return outcome, Fate.ORDERED
            return "", _OF_CHARGES.get(outcome, Fate.NOTHING)
        relief = _RELIEF.get(worth(self._policy.of_county(county), outcome, reason), "")
        if relief:
            return relief, Fate.ORDERED
        return "", Fate.NOTHING if outcome in NOT_ELIGIBLE else Fate.REVIEW


class _Making:
    """Makes lines of rows. accepted: flags that keep nothing out of an order."""

    def __init__(self, run: Run | ChargeRun, papers: Papers, accepted: frozenset[str]) -> None:
        self._meaning = Meaning(run)
        self._papers = papers
        self._words = words_of(run, papers)
        self._accepted = accepted
        self._has_names = not isinstance(run, ChargeRun)
        self._record = RECORD_OF[CHARGES if isinstance(run, ChargeRun) else CONVICTIONS]

    def line(self, row: Mapping[str, Any]) -> Line:
        """The line of a row."""
        relief, fate = self._meaning.of(row["county"], row["outcome"], row["reason"])
        cases = [number for number in row["case"].split(CASE_SEPARATOR) if self._papers.is_case(number)]
        flags = row["flags"].split(";") if row["flags"] else []
        if not cases:
            flags.append("no-case-number")
        if self._has_names and not row["person"].strip():
            flags.append("no-name")
        flags = [flag for flag in flags if flag not in NO_DOUBT]
        doubts = tuple(flag for flag in flags if flag not in self._accepted)
        why = row["reason"]
        if fate is Fate.ORDERED and not self._words.relief[relief].order:
            fate, why = Fate.ELSEWHERE, self._words.relief[relief].elsewhere
        if fate is Fate.ORDERED and doubts:
            fate, why = Fate.FLAGGED, "; ".join(f"{flag_words(flag)} ({flag})" for flag in doubts)
        if row.get("missing"):
            why = f"{why}: {row['missing']} is missing" if why else f"{row['missing']} is missing"
        if fate is Fate.NOT_YET and row.get("eligible_from"):
            why = f"due from {_day(row['eligible_from'])}"
        return Line(
            court=printable(row["court"]),
            case=printable(CASE_SEPARATOR.join(cases)) or "not in the record",
            name=printable(row["person"]) or ("not in the record" if self._has_names else ""),
            person=_person(row),
            charge=charge_words(row),
            date=_day(row["date"]),
            outcome=row["outcome"],
            relief=relief,
            why=printable(why),
            flags=doubts,
            fate=fate,
            looked_at=tuple(flag for flag in flags if flag in self._accepted),
            count=printable(row["sequence"]),
            source=row[self._record[0]],
            place=row[self._record[1]],
        )


def words_of(run: Run | ChargeRun, papers: Papers) -> PaperWords:
    """What papers say of what a run is over."""
    return papers.words[CHARGES if isinstance(run, ChargeRun) else CONVICTIONS]


def flag_words(flag: str) -> str:
    """What a flag says, in words."""
    return DOUBTS.get(flag, flag)


def _person(row: Mapping[str, Any]) -> tuple[Any, ...]:
    """What is the same for all of a person's lines. Who has no number is told by name and birth date, or case."""
    if row["number"]:
        return (row["number"],)
    if row["person"]:
        return "", row["person"], row["birth_date"] or row["case"]
    return "", "", row["case"], row["county"], row["court"]


def charge_words(row: Mapping[str, Any]) -> str:
    """The charge of a row: its section, and its words."""
    code, words = row["charge"].strip(), row["description"].strip()
    # Words may begin with the section, in the spelling of the record.
    section = _SECTION.search(code)
    repeated = section is not None and words.upper().startswith(section[0].upper())
    text = printable(words if repeated or words.startswith(code) else f"{code} {words}")
    return (f"{text[: _LONGEST - 1]}…" if len(text) > _LONGEST else text) or "not in the record"


def _day(day: datetime.date | None) -> str:
    return f"{day:%m/%d/%Y}" if day is not None else "not known"


def printable(text: str) -> str:
    r"""A text of a record as it may stand on paper: blanks single, what has no shape escaped (`\x1b`)."""
    words = " ".join(text.split())
    if has_shape(words):
        return words
    return "".join(
        character if has_shape(character) else character.encode("unicode_escape").decode("ascii")
        for character in words
    )


def volumes(lines: Sequence[Line], most: int) -> Iterator[list[Line]]:
    """Yield the lines in parts of about one size, at most so many, or a case more: its lines stay together."""
    parts = -(-len(lines) // most)
    most = -(-len(lines) // max(parts, 1))
    part: list[Line] = []
    for case in _cases(lines):
        if part and len(part) + len(case) > most:
            yield part
            part = []
        part += case
    if part:
        yield part


def _cases(lines: Sequence[Line]) -> Iterator[list[Line]]:
    """Yield lines that follow one another and are of one case and person."""
    case: list[Line] = []
    for line in lines:
        if case and (case[-1].court, case[-1].case, case[-1].person) != (line.court, line.case, line.person):
            yield case
            case = []
        case.append(line)
    if case:
        yield case


def by_person(lines: Sequence[Line]) -> list[list[Line]]:
    """Each person's lines; people by name, then by their first case."""
    found: dict[tuple[Any, ...], list[Line]] = {}
    for line in lines:
        found.setdefault(line.person, []).append(line)
    return sorted(found.values(), key=lambda own: (own[0].name, own[0].case, own[0].court))
