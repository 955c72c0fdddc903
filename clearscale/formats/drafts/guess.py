"""What a file seems to be, as far as it was looked at."""

from dataclasses import dataclass, field


@dataclass
class Guess:
    """What a file seems to be.

    names: those of the header, by column. cells: texts of each column, a row each, white space taken off. texts:
    those that are not blank. roles, amended, identity: columns by what they are. forms, placeholders: of columns of
    dates. state: whose statutes it has. no_charges: column and texts of rows that are none. doubts: what a person
    has to look at.
    """

    encoding: str = "utf-8"
    separator: str = ","
    quote: str = '"'
    escape: str = ""
    line_breaks: bool = False
    skip: int = 0
    header: str = "each"
    columns: list[str] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    cells: dict[str, list[str]] = field(default_factory=dict)
    roles: dict[str, list[str]] = field(default_factory=dict)
    amended: dict[str, str] = field(default_factory=dict)
    identity: dict[str, list[str]] = field(default_factory=dict)
    forms: dict[str, str] = field(default_factory=dict)
    placeholders: dict[str, list[str]] = field(default_factory=dict)
    state: str = ""
    no_charges: tuple[str, list[str]] | None = None
    doubts: list[str] = field(default_factory=list)

    @property
    def texts(self) -> dict[str, list[str]]:
        """Texts of each column that are not blank."""
        return {column: [text for text in cells if text] for column, cells in self.cells.items()}
