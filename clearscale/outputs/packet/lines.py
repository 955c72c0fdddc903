"""What a packet is about: the decisions of a run in a county or court, each sorted by what becomes of it."""

import datetime
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

import pyarrow as pa

from clearscale.law.papers import PaperWords
from clearscale.outputs.report.words import FLAG_WORDS
from clearscale.policy.model import DISMISSAL, REDUCTION
from clearscale.relief import OUTCOMES
from clearscale.runs import Run
from clearscale.runs.charges import ChargeRun
from clearscale.runs.recorded import policy_of
from clearscale_cluster.shown import has_shape

DISMISS, REDUCE = "dismiss", "reduce"
"""Outcomes of runs over convictions, as those over charges name them."""

NO_DOUBT = frozenset({"superseded-copy", "other-county", "amended", "probation-revoked", "registered", "deceased"})
"""Flags that say something of a record, and nothing against it. All others keep a line out of an order."""

_NOT_ELIGIBLE = frozenset({"Not eligible", ""})
"""Determinations of runs over convictions about which nobody has to do anything."""

_CHARGE_FLAGS = {
    "doubtful-date": "a date of the charge cannot be read, or cannot be right",
    "unknown-person": "nobody knows whose charge it is",
}
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


@dataclass(frozen=True)
class Line:
    """A decision, as papers show it. person: who it is about, the same for all of a person's; outcome: as decided."""

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

    @property
    def row(self) -> dict[str, str]:
        """What tables show of it, but for its number."""
        return {"case": self.case, "name": self.name, "charge": self.charge, "date": self.date}


@dataclass
class Sorted:
    """Lines by what becomes of them, and how many there are. counts: by (fate, outcome as decided)."""

    lines: dict[Fate, list[Line]] = field(default_factory=lambda: {fate: [] for fate in Fate})
    counts: Counter[tuple[Fate, str]] = field(default_factory=Counter)
    doubts: Counter[str] = field(default_factory=Counter)
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


def sort_out(tables: Iterable[pa.Table], run: Run | ChargeRun, words: PaperWords, accepted: Sequence[str]) -> Sorted:
    """Sort the rows of lists by what becomes of them.

    tables: as `clearscale.outputs.lists.listed` yields them. accepted: flags that keep nothing out of an order.
    """
    meaning = outcomes_of(run)
    held = frozenset(accepted) | NO_DOUBT
    found = Sorted()
    for table in tables:
        for row in table.to_pylist():
            line = _line(row, meaning, words, held)
            found.counts[line.fate, line.outcome] += 1
            found.counties.add(row["county"])
            if line.relief:
                found.doubts.update(line.flags)
            if line.fate is not Fate.NOTHING:
                found.lines[line.fate].append(line)
    return found


def outcomes_of(run: Run | ChargeRun) -> dict[str, tuple[str, Fate]]:
    """(relief, what becomes of it without a doubt) of each outcome that a run's decisions may have."""
    if isinstance(run, ChargeRun):
        fates = {"undecided": Fate.REVIEW, "hand-review": Fate.REVIEW, "not-yet": Fate.NOT_YET}
        return {
            name: (name, Fate.ORDERED) if outcome.relief else ("", fates.get(name, Fate.NOTHING))
            for name, outcome in OUTCOMES.items()
        }
    worth: dict[str, set[str]] = {}
    for rule in policy_of(run).rules:
        worth.setdefault(rule.determination, set()).add(rule.is_worth)
    found = {"": ("", Fate.NOTHING)}
    for text, worths in worth.items():
        # Where a determination is worth one thing by one rule and another by the next, a person has to look.
        relief = {DISMISSAL: DISMISS, REDUCTION: REDUCE}.get(next(iter(worths)), "") if len(worths) == 1 else ""
        fate = Fate.ORDERED if relief else Fate.NOTHING if text in _NOT_ELIGIBLE else Fate.REVIEW
        found[text] = relief, fate
    return found


def _line(
    row: Mapping[str, Any], meaning: Mapping[str, tuple[str, Fate]], words: PaperWords, held: frozenset[str]
) -> Line:
    relief, fate = meaning[row["outcome"]]
    flags = tuple(flag for flag in row["flags"].split(";") if flag and flag not in held)
    why = row["reason"]
    if fate is Fate.ORDERED and not words.relief[relief].order:
        fate, why = Fate.ELSEWHERE, words.relief[relief].elsewhere
    if fate is Fate.ORDERED and flags:
        fate, why = Fate.FLAGGED, "; ".join(flag_words(flag) for flag in flags)
    if row["missing"]:
        why = f"{why}: {row['missing']} is missing" if why else f"{row['missing']} is missing"
    if fate is Fate.NOT_YET and row["eligible_from"]:
        why = f"due from {_day(row['eligible_from'])}"
    return Line(
        court=printable(row["court"]),
        case=printable(row["case"]) or "not in the record",
        name=printable(row["person"]),
        person=_person(row),
        charge=_charge(row),
        date=_day(row["date"]),
        outcome=row["outcome"],
        relief=relief,
        why=printable(why),
        flags=flags,
        fate=fate,
    )


def flag_words(flag: str) -> str:
    """What a flag says, in words."""
    return FLAG_WORDS.get(flag) or _CHARGE_FLAGS.get(flag, flag)


def _person(row: Mapping[str, Any]) -> tuple[Any, ...]:
    """What is the same for all of a person's lines. Who has no number is told by name and birth date, or case."""
    if row["number"]:
        return (row["number"],)
    if row["person"]:
        return "", row["person"], row["birth_date"] or row["case"]
    return "", "", row["case"], row["county"], row["court"]


def _charge(row: Mapping[str, Any]) -> str:
    code, words = row["charge"].strip(), row["description"].strip()
    text = words if words.startswith(code) else f"{code} {words}".strip()
    text = printable(text)
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
    """Yield the lines in parts of at most so many, more where one case has more: its lines stay together."""
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
