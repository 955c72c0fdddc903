"""What an explanation says."""

from dataclasses import asdict, dataclass
from typing import Any

DECIDES, PASSED, NOT_REACHED = "decides", "does not hold", "not reached"
"""What became of a rule: the first whose conditions all hold decides, and those after it are not reached."""

HOLDS, FAILS, UNKNOWN = "holds", "fails", "unknown"
"""A condition if the missing dates were known: unknown if that depends on what they would be."""


@dataclass(frozen=True)
class Asked:
    """A condition of a rule, asked of the conviction.

    text: as policy files write it. value: the fact's value, None where there is none or it is not told. shown: the
    value for people. missing: names of the missing dates that the fact rests on; if_known: HOLDS, FAILS or UNKNOWN
    if they were known, None where none is missing.
    """

    fact: str
    text: str
    value: Any
    shown: str
    holds: bool
    missing: tuple[str, ...]
    if_known: str | None


@dataclass(frozen=True)
class RuleAnswer:
    """A rule of the policy, asked of the conviction.

    number: from 1. holds: whether all conditions do. state: DECIDES, PASSED or NOT_REACHED. missing: names of the
    missing dates that its conditions rest on.
    """

    number: int
    determination: str
    reason: str
    law: str
    holds: bool
    state: str
    missing: tuple[str, ...]
    conditions: tuple[Asked, ...]


@dataclass(frozen=True)
class Possible:
    """An outcome that a missing date leaves open. rule: None if no rule would hold."""

    rule: int | None
    determination: str
    reason: str


@dataclass(frozen=True)
class MissingDate:
    """A date that the record lacks.

    date: `birth`, `conviction` or `record` (dates of other convictions on it). meaning: the same for people. rules:
    numbers of the rules that ask for it. outcomes: those possible if it alone were known. changes: whether one of
    them is another than the decision.
    """

    date: str
    meaning: str
    rules: tuple[int, ...]
    outcomes: tuple[Possible, ...]
    changes: bool


@dataclass(frozen=True, repr=False)
class Explanation:
    """Why a conviction was decided as it was.

    run: its folder. file: the extract's. policy: `id`, `title`, `parameters`, and `map`, the id of the policy map
    that chose it for the county, or None. rule: number of the rule that decided, None if none held. possible:
    outcomes if all missing dates were known; only the decision where none is missing.
    """

    run: str
    extract: str
    file: str
    row: int
    county: str
    offense: str
    section: str
    as_of: str
    policy: dict[str, Any]
    rules: tuple[RuleAnswer, ...]
    rule: int | None
    determination: str
    reason: str
    flags: tuple[str, ...]
    county_figure: bool
    state_figure: bool
    missing: tuple[MissingDate, ...]
    possible: tuple[Possible, ...]

    def __repr__(self) -> str:
        """Which conviction, and nothing about the person."""
        return f"Explanation(run={self.run!r}, extract={self.extract!r}, row={self.row})"

    def document(self) -> dict[str, Any]:
        """The explanation for JSON."""
        return asdict(self)
