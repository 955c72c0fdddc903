"""The parts of an explanation."""

from dataclasses import asdict, dataclass
from typing import Any

DECIDES, PASSED, NOT_REACHED = "decides", "does not hold", "not reached"
"""What became of a rule: the first whose conditions all hold decides, and those after it are not reached."""

HOLDS, FAILS, UNKNOWN = "holds", "fails", "unknown"
"""A condition if the missing dates were known: unknown if that depends on what they would be."""


@dataclass(frozen=True)
class ConditionAnswer:
    """A condition of a rule, asked of the conviction.

    Attributes
    ----------
    fact : str
        Name of the fact.
    text : str
        The condition as policy files write it.
    value : object
        The fact's value, None where there is none or it is not disclosed.
    shown : str
        The value for people.
    holds : bool
        Whether the condition does.
    missing : tuple of str
        Names of the missing dates that the fact rests on.
    if_known : str or None
        `holds`, `fails` or `unknown` if the missing dates were known; None where none is missing.
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

    Attributes
    ----------
    number : int
        Its number, from 1.
    determination, reason, law : str
        What it decides, and why.
    holds : bool
        Whether all its conditions do.
    state : str
        `decides`, `does not hold` or `not reached`.
    missing : tuple of str
        Names of the missing dates that its conditions rest on.
    conditions : tuple of ConditionAnswer
        Its conditions.
    """

    number: int
    determination: str
    reason: str
    law: str
    holds: bool
    state: str
    missing: tuple[str, ...]
    conditions: tuple[ConditionAnswer, ...]


@dataclass(frozen=True)
class PossibleOutcome:
    """An outcome that a missing date leaves open.

    Attributes
    ----------
    rule : int or None
        Number of the rule that would decide, None if none would hold.
    determination, reason : str
        What would be decided, and why.
    """

    rule: int | None
    determination: str
    reason: str


@dataclass(frozen=True)
class MissingDate:
    """A date that the record lacks.

    Attributes
    ----------
    date : str
        `birth`, `conviction` or `record` (dates of other convictions on it).
    meaning : str
        The same for people.
    rules : tuple of int
        Numbers of the rules that ask for it.
    outcomes : tuple of PossibleOutcome
        What could be decided if it alone were known.
    changes : bool
        Whether one of them is another than the decision.
    """

    date: str
    meaning: str
    rules: tuple[int, ...]
    outcomes: tuple[PossibleOutcome, ...]
    changes: bool


@dataclass(frozen=True, repr=False)
class Explanation:
    """Why a conviction was decided as it was. It holds a person's data.

    Attributes
    ----------
    run : str
        Folder of the run.
    extract, file : str
        Id and file name of the extract.
    row : int
        The conviction's record there, from 0.
    county, offense, section : str
        Of the conviction, as in the run's decisions.
    as_of : str
        Date of the run.
    policy : dict of str to object
        The policy that decided: `id`, `title`, `parameters` (values by name), and `map`, the id of the policy map
        that chose it for the county, or None.
    rules : tuple of RuleAnswer
        The rules in order.
    rule : int or None
        Number of the rule that decided, None if none held.
    determination, reason : str
        The decision.
    flags : tuple of str
        Flags of the decision.
    county_figure, state_figure : bool
        Whether the county's and the state's figures count it.
    missing : tuple of MissingDate
        The dates that the record lacks.
    possible : tuple of PossibleOutcome
        What could be decided if all missing dates were known; only the decision where none is missing.
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
    possible: tuple[PossibleOutcome, ...]

    def __repr__(self) -> str:
        """Name the conviction, and nothing about the person."""
        return f"Explanation(run={self.run!r}, extract={self.extract!r}, row={self.row})"

    def document(self) -> dict[str, Any]:
        """The explanation for JSON.

        Returns
        -------
        dict of str to object
            What `clearscale explain --json` prints.
        """
        return asdict(self)
