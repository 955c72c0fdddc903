"""What is to be destroyed, as it was asked for."""

from collections.abc import Iterable
from dataclasses import dataclass

from clearscale.encoding import to_bytes
from clearscale.errors import ClearscaleError


@dataclass(frozen=True, repr=False)
class Wanted:
    """What is to be destroyed: people, or an extract, or an earlier snapshot, or all of quarantine.

    subjects, numbers: of people, as records have them, numbers trimmed. extract: id or file name; with subjects the
    one that they are of. snapshot: a name.
    """

    subjects: frozenset[bytes] = frozenset()
    numbers: frozenset[bytes] = frozenset()
    extract: str | None = None
    snapshot: str | None = None
    quarantine: bool = False

    @classmethod
    def of(
        cls,
        subjects: Iterable[str] = (),
        numbers: Iterable[str] = (),
        extract: str | None = None,
        snapshot: str | None = None,
        quarantine: bool = False,
    ) -> "Wanted":
        """What was asked for. Raises ClearscaleError if it is nothing, or several things at once."""
        found = cls(
            frozenset(to_bytes(subject) for subject in subjects if subject.strip()),
            frozenset(to_bytes(number.strip()) for number in numbers if number.strip()),
            extract,
            snapshot,
            quarantine,
        )
        people = bool(found.subjects or found.numbers)
        asked = [people, extract is not None and not found.subjects, snapshot is not None, quarantine]
        if sum(asked) != 1:
            raise ClearscaleError(
                "name what to destroy, one thing at a time: people by --subject or --cii, an extract, a snapshot, "
                "or --quarantine; --subject may have the --extract that it is of"
            )
        return found

    @property
    def what(self) -> str:
        """The kind of thing, for the ledger; never whom."""
        if self.subjects or self.numbers:
            return "people"
        if self.quarantine:
            return "quarantine"
        return "snapshot" if self.snapshot is not None else "extract"
