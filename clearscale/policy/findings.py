"""What can be found in a policy. Every finding has a name, by which a person who has looked at it lets it pass."""

from collections.abc import Iterable
from dataclasses import dataclass

from clearscale.errors import PolicyError
from clearscale_cluster.shown import shown, shown_url

LONGEST_SHOWN = 60
"""Characters of a policy's own text in a message."""


@dataclass(frozen=True)
class Kind:
    """What a name of findings stands for. then: what is done if it is allowed; empty if it cannot be."""

    meaning: str
    then: str = ""


KINDS = {
    "unknown-option": Kind("eligibility options have a name that stands for nothing", "it is passed over"),
    "null": Kind("`null` stands for eligibility options, a list or a setting", "it is as if it were not there"),
    "nothing-chosen": Kind(
        "eligibility options choose no section and no relief", "no felony is dismissed or reduced"
    ),
    "repeated-section": Kind("a section stands twice in one list", "it counts once"),
    "dismissed-and-reduced": Kind("a section is both dismissed and reduced", "it is dismissed"),
    "contradiction": Kind(
        "a switch of the counties' screens is off beside its threshold, or on without one",
        "the threshold alone counts",
    ),
    "never-decides": Kind("a rule can never decide", "it stays without effect"),
    "unused-parameter": Kind("no rule uses a parameter", "it stays without effect"),
    "unused-determination": Kind("no rule gives a determination", "it stays without effect"),
    "unused-name": Kind(
        "no rule of a policy over charges uses a list, a group or a cap", "it stays without effect"
    ),
    "no-policy": Kind("there is no such file or pack, or it cannot be read"),
    "length": Kind("the file is too long for a policy"),
    "encoding": Kind("the file is not UTF-8 without a byte-order mark"),
    "syntax": Kind("the file is no TOML or no JSON: comments in JSON, commas or text too many, nothing at all"),
    "control-character": Kind("a text has a character that nobody sees, such as an escape of a terminal"),
    "nesting": Kind("tables, objects or lists lie in one another without end"),
    "duplicate-key": Kind("a name stands twice in one object"),
    "wrong-type": Kind("a text, number, switch, list or table stands where another belongs"),
    "out-of-range": Kind("a number or date is out of its range"),
    "unknown-section": Kind("a code section is none that options or summaries know"),
    "unknown-key": Kind("a policy file has a key that stands for nothing"),
    "unknown-word": Kind("a word is none of those that are possible there"),
    "unknown-parameter": Kind("a parameter that the policy does not have is named"),
    "unknown-county": Kind("a county is none of the state's"),
    "missing": Kind("something that must be there is not"),
    "condition": Kind("a condition cannot be understood"),
    "too-many-rules": Kind("there are more rules than can be decided by"),
    "unusable": Kind("a policy or map cannot be used where it is named"),
}
"""All names, those that can be allowed first."""

ALLOWABLE = tuple(name for name, kind in KINDS.items() if kind.then)
"""Names that may be allowed."""


@dataclass(frozen=True)
class Finding:
    """Something wrong with a policy. name: one of KINDS. where: the file; may be empty."""

    name: str
    text: str
    where: str = ""

    @property
    def line(self) -> str:
        """The finding as people read it."""
        return shown(f"{shown_url(self.where)}: {self.text}" if self.where else self.text)

    def document(self) -> dict[str, str]:
        """Return it as runs record it."""
        return {"finding": self.name, "message": self.line}


class FoundError(PolicyError):
    """A policy cannot be used, or is refused; `findings` says for what, a line each."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__(*(finding.line for finding in self.findings))

    def __reduce__(self) -> tuple[type["FoundError"], tuple[tuple[Finding, ...]]]:
        return FoundError, (self.findings,)


def found_in(error: PolicyError, name: str) -> tuple[Finding, ...]:
    """Return the findings of an error; of one without, its lines under a name."""
    if isinstance(error, FoundError):
        return error.findings
    return tuple(Finding(name, line) for line in error.args)


def shortened(text: object) -> str:
    """Write a policy's own text in quotes, without control characters, cut where it is long."""
    written = str(text)
    return repr(written if len(written) <= LONGEST_SHOWN else f"{written[:LONGEST_SHOWN]}...")
