"""Looks in code for names that only a state's folder should hold: counties, code sections, columns of extracts."""

import ast
import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from clearscale.law import State, state

CODES = ("PC", "HS", "BP", "VC", "MV")
"""Codes of law as records abbreviate them."""

SPELLED = {
    "illinois": (r"\bILCS\b", r"(?<!\d)720-\d+(?:/|\b)", r"(?<!\d)550/[45](?!\d)", r"(?<!\d)56[.]5-[17]\d{2,3}"),
    "michigan": (r"\bMCLA? ?\d+", r"(?<![\d.])333[.]7\d{3}", r"(?<![\d.])750[.]\d{2,3}(?!\d)"),
    "new_jersey": (r"\b2C:\d[\w.()-]*", r"\bN[.]?J[.]?S[.]?A\b"),
    "new_york": (r"\bPL ?\d{2,3}[.]\d{2}", r"\bVTL ?\d[\w.()]*", r"(?<![\d.])22[01][.]\d{2}(?!\d)"),
}
"""What code sections look like in states other than the one in use."""

ORDINARY = frozenset({"address", "arrest_date", "case_number", "dob", "sequence_number", "sex", "statute"})
"""Columns that other files of charges have, too, and code for other reasons."""


@dataclass(frozen=True)
class Found:
    """A name where it should not stand. kind: county, section or column."""

    file: str
    line: int
    kind: str
    name: str


@dataclass(frozen=True)
class Names:
    """The names of a state, each kind as one expression."""

    state: State

    @cached_property
    def county(self) -> re.Pattern[str]:
        """Its counties, as records write them, as people do, and as files are named."""
        names = [place.name for place in self.state.places.counties]
        hyphened = [name.lower().replace(" ", "-") for name in names if " " in name]
        return _any_of([*names, *(name.title() for name in names), *(name.upper() for name in names), *hyphened])

    @cached_property
    def section(self) -> re.Pattern[str]:
        """Its code sections: those that relief is for wherever their digits stand, others beside a code's name."""
        if self.state is not state():
            return self._spelled
        charges, law = self.state.charges, self.state.format.says.set_aside.law
        codes = "|".join(CODES)
        shapes = [
            *(rf"(?<!\d){section}(?!\d)" for section in charges.sections),
            rf"(?<![\w.])\d+[\w.()]* ?(?:{codes})\b",
            rf"\b(?:{codes})[ _]?\d{{2,}}",
            r"\b[A-Z]\w+ Code \d+",
            rf"(?<![\d.]){re.escape(law[-1])}(?!\d)",
            r"(?<!\d)113[5-7]\d(?!\d)",
        ]
        return re.compile("|".join(f"(?:{shape})" for shape in shapes))

    @cached_property
    def _spelled(self) -> re.Pattern[str]:
        """Sections of a state whose records write them in ways of their own."""
        return re.compile("|".join(f"(?:{shape})" for shape in SPELLED[self.state.name]))

    @cached_property
    def column(self) -> re.Pattern[str]:
        """The columns of its extract, or of the files that its column maps are for."""
        if self.state is state():
            return _any_of(self.state.format.columns)
        maps = (tomllib.loads(file.read_text("utf-8")) for file in self.state.maps.values())
        return _any_of(name for stated in maps for name in stated["columns"] if name not in ORDINARY)

    def in_text(self, text: str) -> Iterator[tuple[str, str]]:
        """(kind, name) of each name in a text."""
        for kind in ("county", "section", "column"):
            for match in getattr(self, kind).finditer(text):
                yield kind, match.group()


def _any_of(names: Iterable[str]) -> re.Pattern[str]:
    longest_first = sorted(set(names), key=len, reverse=True)
    return re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, longest_first)) or '(?!)'})(?![\w-])")


def names_in(path: str, text: str, names: Names) -> list[Found]:
    """The names in a file. Of Python its texts and identifiers, not its comments and docstrings."""
    return [
        Found(path, line, kind, name)
        for line, piece in _pieces(text, path.endswith(".py"))
        for kind, name in names.in_text(piece)
    ]


@lru_cache(None)  # each state's names are looked for in the same files
def _pieces(text: str, is_python: bool) -> list[tuple[int, str]]:
    return list(_python(text) if is_python else enumerate(text.splitlines(), start=1))


def _python(text: str) -> Iterator[tuple[int, str]]:
    """(line, text) of each text and each identifier of a module."""
    tree = ast.parse(text)
    documented = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and id(node) not in documented:
            if isinstance(node.value, str):
                yield node.lineno, node.value
            elif isinstance(node.value, bytes):
                yield node.lineno, node.value.decode("latin-1")
            elif type(node.value) is int:
                yield node.lineno, str(node.value)
        elif isinstance(node, ast.Name):
            yield node.lineno, node.id
        elif isinstance(node, ast.Attribute):
            yield node.lineno, node.attr
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.lineno, node.name
        elif isinstance(node, ast.arg | ast.keyword) and node.arg:
            yield node.lineno, node.arg


def code_files(root: Path) -> list[Path]:
    """Every file of the packages that holds code or a page."""
    endings = {".py", ".j2", ".js", ".css", ".typ", ".sh", ".toml"}
    folders = ("clearscale", "kernels", "cluster")
    files = (file for folder in folders for file in (root / folder).rglob("*") if file.suffix in endings)
    return sorted(file for file in files if "__pycache__" not in file.parts)
