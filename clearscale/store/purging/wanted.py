"""What is to be destroyed, as it was asked for."""

from collections.abc import Iterable
from dataclasses import dataclass

from clearscale.encoding import to_bytes
from clearscale.errors import ClearscaleError


@dataclass(frozen=True, repr=False)
class Wanted:
    """What is to be destroyed: people, or an extract or a file, or an earlier snapshot, or all of quarantine.

    subjects, numbers: of people, as records of extracts have them, numbers trimmed. keys: of people, as files of
    charges have them. extract: id or file name; with subjects the one that they are of. file: the same of a file of
    charges. snapshot: a name.
    """

    subjects: frozenset[bytes] = frozenset()
    numbers: frozenset[bytes] = frozenset()
    extract: str | None = None
    snapshot: str | None = None
    quarantine: bool = False
    keys: frozenset[str] = frozenset()
    file: str | None = None

    @classmethod
    def of(
        cls,
        subjects: Iterable[str] = (),
        numbers: Iterable[str] = (),
        extract: str | None = None,
        snapshot: str | None = None,
        quarantine: bool = False,
        keys: Iterable[str] = (),
        file: str | None = None,
    ) -> "Wanted":
        """What was asked for. Raises ClearscaleError if it is nothing, or several things at once."""
        found = cls(
            frozenset(to_bytes(subject) for subject in subjects if subject.strip()),
            frozenset(to_bytes(number.strip()) for number in numbers if number.strip()),
            extract,
            snapshot,
            quarantine,
            frozenset(to_bytes(key).decode("utf-8", "replace").strip() for key in keys if key.strip()),
            file,
        )
        people = bool(found.subjects or found.numbers or found.keys)
        named = (extract is not None and not found.subjects) or file is not None
        asked = [people, named, snapshot is not None, quarantine]
        if sum(asked) != 1 or (extract is not None and file is not None):
            raise ClearscaleError(
                "name what to destroy, one thing at a time: people by --subject or --cii, an extract, a snapshot, "
                "or --quarantine; --subject may have the --extract that it is of. Of a store of charges: people by "
                "--person, a file, a snapshot, or --quarantine"
            )
        return found

    def require_kind(self, url: str, *, charges: bool) -> None:
        """Raise ClearscaleError if it names what a store does not have. charges: whether it holds these."""
        of_extracts = bool(self.subjects or self.numbers) or self.extract is not None
        of_charges = bool(self.keys) or self.file is not None
        if charges and of_extracts:
            raise ClearscaleError(f"{url}: the store holds charges; name people by --person, and a file by --file")
        if not charges and of_charges:
            raise ClearscaleError(
                f"{url}: the store holds extracts; name people by --subject or --cii, and an extract by --extract"
            )

    @property
    def what(self) -> str:
        """The kind of thing, for the ledger; never whom."""
        if self.subjects or self.numbers or self.keys:
            return "people"
        if self.quarantine:
            return "quarantine"
        if self.file is not None:
            return "file"
        return "snapshot" if self.snapshot is not None else "extract"
