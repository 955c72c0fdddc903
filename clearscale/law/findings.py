"""What is doubtful about an extract: kinds of findings, with words and limits from a state's `findings.toml`."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from clearscale.errors import ClearscaleError, closest

REFUSE, WARN = "refuse", "warn"

EXAMPLES = 5
"""Lines that a finding names at most."""


@dataclass(frozen=True)
class Finding:
    """What was found in an extract.

    Parameters
    ----------
    name
        Of its kind.
    grade
        `refuse` or `warn`.
    count, of
        How many, among how many.
    among
        What is counted, such as `records`.
    lines
        Some lines of the file that show it, by number; never what they hold.
    detail
        What else a person has to know, such as a shape of dates; no value of any record.
    accepted
        Whether a person has passed the refusal by name.
    file
        Name of the file that it is about, if its extract has several.
    """

    name: str
    grade: str
    count: int
    of: int
    among: str
    lines: tuple[int, ...] = ()
    detail: str = ""
    accepted: bool = False
    file: str = ""

    @property
    def refuses(self) -> bool:
        """Whether nothing of the extract may be stored."""
        return self.grade == REFUSE and not self.accepted

    def document(self) -> dict[str, Any]:
        """The finding as a manifest holds it."""
        # Not by `asdict`, which copies every value: a state has hundreds of findings, and each run writes them.
        return {**vars(self), "lines": list(self.lines)}

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> "Finding":
        """The finding of a document."""
        return cls(**{**document, "lines": tuple(document["lines"])})


@dataclass(frozen=True)
class Kind:
    """A kind of finding.

    Parameters
    ----------
    name
        Words with hyphens, which `--accept` takes.
    among
        What is counted: `records` that are stored, `lines` (records as they were read), `deciding records`
        (convictions, and charges that relief is for), `court actions`, `values of a column`, `subjects`, `people`,
        `convictions`, `files`.
    says
        What is found, to stand behind `12 of 300 records`.
    do
        What a person does about it.
    warn_above, refuse_above
        Shares of what it is counted among above which it warns, and refuses; without the latter it only warns.
    refuse_from
        It refuses only where it is counted among so many or more: of few people all may lack a date.
    """

    name: str
    among: str
    says: str
    do: str
    warn_above: float
    refuse_above: float | None
    refuse_from: int = 0

    def judge(self, count: int, of: int, lines: Collection[int] = (), detail: str = "") -> Finding | None:
        """The finding that a count comes to, None where it is within the limits."""
        if count <= self.warn_above * of or count == 0:
            return None
        refused = self.refuse_above is not None and count > self.refuse_above * of and of >= self.refuse_from
        first = tuple(sorted(set(lines))[:EXAMPLES])
        return Finding(self.name, REFUSE if refused else WARN, count, of, self.among, first, detail)

    def words(self, finding: Finding) -> str:
        """The finding in a sentence or two."""
        counted = f"{finding.count:,} of {finding.of:,} {self.among}" if finding.of else f"{finding.count:,}"
        detail = f": {finding.detail}" if finding.detail else ""
        shown = ", ".join(map(str, finding.lines)) + (", ..." if finding.count > len(finding.lines) else "")
        named = f" of {finding.file}" if finding.file else ""
        where = f" (line{'s' if finding.count > 1 else ''} {shown}{named})" if finding.lines else named
        return f"{counted} {self.says}{detail}{where}. {self.do}"


@dataclass(frozen=True)
class Kinds:
    """Every kind of finding that a state's extracts are looked at for, in the order of its file."""

    listed: Mapping[str, Kind]

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> "Kinds":
        """The kinds that a `findings.toml` states.

        Parameters
        ----------
        document
            Its tables.

        Returns
        -------
        Kinds
            In its order.

        Raises
        ------
        TypeError
            If a kind lacks an entry, or has one that is not known.
        ValueError
            If limits are no shares.
        """
        listed = {}
        for name, stated in document.items():
            kind = Kind(name=name, **{"warn_above": 0.0, "refuse_above": None, **stated})
            for share in (kind.warn_above, kind.refuse_above):
                if share is not None and not 0 <= share <= 1:
                    raise ValueError(f"findings.toml: a limit of {name} is {share}, not between 0 and 1")
            listed[name] = kind
        return cls(listed)

    def __getitem__(self, name: str) -> Kind:
        """The kind of that name."""
        return self.listed[name]

    def words(self, finding: Finding) -> str:
        """A finding in a sentence or two."""
        return self.listed[finding.name].words(finding)

    def check_names(self, names: Collection[str]) -> None:
        """Raise ClearscaleError, with the nearest right word, where a name is none of a kind."""
        for name in names:
            if name not in self.listed:
                near = closest(name, self.listed)
                hint = f"; did you mean '{near}'?" if near else f"; they are: {', '.join(self.listed)}"
                raise ClearscaleError(f"there is no finding '{name}'{hint}")
