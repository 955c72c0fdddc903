"""What a page holds, before it is HTML or PDF: plain texts in sections, and charts as SVG."""

from dataclasses import asdict, dataclass
from typing import Any, ClassVar


@dataclass(frozen=True)
class Table:
    """A table. columns: titles, the first that of the rows' names. rows: texts; a row's first names it.

    numbers: places of columns that hold figures. total: the last row adds up the others.
    """

    kind: ClassVar[str] = "table"
    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()
    numbers: tuple[int, ...] = ()
    total: bool = False


@dataclass(frozen=True)
class Picture:
    """An SVG with its words. name: of its file. alt: what it shows, for those who do not see it."""

    name: str
    alt: str
    svg: str


@dataclass(frozen=True)
class Chart:
    """A chart with its words and its table. alt: what it shows, for those who do not see it.

    long: the table is so long that the page has it folded away. beside: pictures of the same figures.
    """

    kind: ClassVar[str] = "chart"
    name: str
    title: str
    alt: str
    svg: str
    table: Table
    long: bool = False
    beside: tuple[Picture, ...] = ()

    @property
    def pictures(self) -> tuple[Picture, ...]:
        """All that is drawn."""
        return (Picture(self.name, self.alt, self.svg), *self.beside)


@dataclass(frozen=True)
class KeyFigures:
    """Key figures: (value, what it counts, which part of what that is; or nothing)."""

    kind: ClassVar[str] = "figures"
    items: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class Texts:
    """Paragraphs."""

    kind: ClassVar[str] = "texts"
    items: tuple[str, ...]


@dataclass(frozen=True)
class Points:
    """A list; numbered if the order matters."""

    kind: ClassVar[str] = "points"
    items: tuple[str, ...]
    numbered: bool = False


@dataclass(frozen=True)
class Commands:
    """Lines for a shell."""

    kind: ClassVar[str] = "commands"
    items: tuple[str, ...]


@dataclass(frozen=True)
class Heading:
    """A heading below that of its section."""

    kind: ClassVar[str] = "heading"
    text: str


@dataclass(frozen=True)
class Terms:
    """Words and what they mean."""

    kind: ClassVar[str] = "terms"
    items: tuple[tuple[str, str], ...]


Block = Table | Chart | KeyFigures | Texts | Points | Commands | Heading | Terms


@dataclass(frozen=True)
class Section:
    """A section of a page. id: its name in links."""

    id: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Page:
    """A page. file: name of its files, without an ending. lead: the page in some sentences.

    warning: stands on every page that must not be published. note: a remark of whoever made the report.
    """

    file: str
    title: str
    subtitle: str
    lead: tuple[str, ...]
    sections: tuple[Section, ...]
    footer: str
    warning: str = ""
    note: str = ""

    @property
    def charts(self) -> list[Chart]:
        """Every chart of the page."""
        return [block for section in self.sections for block in section.blocks if isinstance(block, Chart)]

    def document(self) -> dict[str, Any]:
        """Return the page as JSON; a block has its kind, and a chart the names of its pictures, which are files."""
        document = asdict(self)
        for section, shown in zip(self.sections, document["sections"], strict=True):
            for block, written in zip(section.blocks, shown["blocks"], strict=True):
                written["kind"] = block.kind
                if isinstance(block, Chart):
                    del written["svg"], written["beside"]
                    written["pictures"] = [{"name": picture.name, "alt": picture.alt} for picture in block.pictures]
        return document
