"""The addresses of a page with controls: itself, its style and scripts, figures of a setting, and these as CSV."""

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Generic, TypeVar
from urllib.parse import parse_qsl

import pyarrow as pa

from clearscale.io.spreadsheet import csv
from clearscale.law.states import State
from clearscale.outputs.report.html import environment, style
from clearscale.outputs.report.lead import spoken_date
from clearscale.outputs.report.words import county_words
from clearscale.outputs.report.writing import NOT_FOR_PUBLICATION
from clearscale.runs.finished import FinishedRun
from clearscale.version import VERSION

from .answers import Answer, Listing
from .comparing import COMPARED
from .curves import Curves
from .server import Reply

COUNTY = "county"
"""Name of a county in addresses."""

_KEPT = "kept"
TEXTS = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8"}
_KINDS = {".json": "application/json", ".toml": "application/toml"}

Chosen = TypeVar("Chosen")
"""A setting of the controls."""

Where = TypeVar("Where")
"""A place of which there are figures."""

_Asked = tuple[dict[str, Any], Callable[[], pa.Table]]
"""What a page shows of a setting, and the same for a spreadsheet."""


@dataclass(frozen=True)
class Moved:
    """A number's control, a slider: it moves from `first` to `last`, and where `off` is a setting one place more.

    name: in addresses. label: what it is, in words. unit: what is said behind its number. place: where it stands.
    """

    id: str
    name: str
    label: str
    unit: str
    first: int
    last: int
    place: int
    off: int | None = 0

    @property
    def end(self) -> int:
        """The last place."""
        return self.last + (self.off is not None)


@dataclass(frozen=True)
class Tiles:
    """A map of tiles, one a county. counties: (name as figures have it, letters, column, row). none: of others."""

    counties: tuple[tuple[str, str, int, int], ...]
    none: str


def tiles_of(state: State, none: str) -> Tiles:
    """Return the map of a state that lists its counties. none: what is said of those without figures."""
    return Tiles(
        tuple((county_words(county.name), county.letters, *county.tile) for county in state.counties.listed), none
    )


@dataclass(frozen=True)
class Heading:
    """What a page is about. everywhere: all places together. tiles: the map of its counties, if there is one."""

    title: str
    everywhere: str
    tiles: Tiles | None = None


class Controls(ABC, Generic[Chosen, Where]):
    """What a browser can ask of a run. at_first: the place that is picked at first, as addresses have it.

    Raises RunError for a place that the run does not have, ClearscaleError without the extra `report`.
    """

    template: str
    """The file with the controls."""
    scripts: tuple[str, ...]
    place_keys: tuple[str, ...]
    """What addresses call the parts of a place."""
    published = False
    """Whether small counts cannot be told."""
    others = ""
    """Address of another page of controls for the same run."""

    def __init__(self, run: FinishedRun, heading: Heading, at_first: Mapping[str, str]) -> None:
        self._run, self._heading = run, heading
        self._answered = {"figures": self._figures, "curves": self._curves, "compared": self._compared}
        scripts = ("shared.js", *self.scripts, "map.js", "curves.js", "serve.js")
        self.placed(at_first)
        page = self._page(at_first, scripts)
        self._fixed = {
            "": Reply(page.encode(), "text/html; charset=utf-8"),
            "report.css": Reply(style().encode(), TEXTS[".css"]),
            **{
                name: Reply(template_text(name).encode(), TEXTS[name[name.index(".") :]])
                for name in ("serve.css", *scripts)
            },
        }

    @abstractmethod
    def read(self, given: Mapping[str, str]) -> Chosen:
        """Return the setting that an address states. Raises PolicyError if it states none."""

    @abstractmethod
    def placed(self, given: Mapping[str, str]) -> Where:
        """Return the place that an address states. Raises RunError if the run has none of it."""

    @abstractmethod
    def place_words(self, place: Where) -> str:
        """Name a place."""

    @abstractmethod
    def file_of(self, place: Where) -> str:
        """Return how names of files about a place begin."""

    @abstractmethod
    def places_shown(self) -> dict[str, Any]:
        """Return the places that can be picked, as the page shows them."""

    @abstractmethod
    def answer(self, chosen: Chosen, place: Where) -> Answer:
        """Count what a setting does in a place."""

    @abstractmethod
    def curves(self, chosen: Chosen, place: Where) -> Curves:
        """Count it over each number."""

    @abstractmethod
    def compared(self, kept: Chosen, chosen: Chosen, place: Where) -> Listing:
        """Put two settings side by side."""

    @abstractmethod
    def shown(self) -> dict[str, Any]:
        """Return what the file with the controls shows, and `moved`: the numbers with a curve."""

    @property
    @abstractmethod
    def own(self) -> Chosen:
        """The run's setting."""

    def listings(self) -> tuple[Listing, ...]:
        """Return every listing that an answer may have, in the order of the page; their rows do not matter."""
        return self.answer(self.own, self.placed({})).listings

    @property
    def note(self) -> str:
        """The note on all figures."""
        return f"{NOT_FOR_PUBLICATION}: small counts are not hidden"

    @property
    def group(self) -> int:
        """How many people are counted together; 0 where each counts on their own."""
        return 0

    def respond(self, path: str, parameters: Mapping[str, str]) -> Reply | None:
        """Return the reply to an address; see `server.Respond`."""
        if path in self._fixed:
            return self._fixed[path]
        given = dict(parameters)
        if path == "policy.file":
            return self._saved(given)
        asked, _, csv_wanted = path.partition(".")
        if asked not in self._answered or csv_wanted not in ("", "csv") or path.endswith("."):
            return None
        place, kept = self._taken(given), given.pop(_KEPT, "")
        document, table = self._answered[asked](self.read(given), place, kept)
        if not csv_wanted:
            return Reply(json.dumps(document).encode(), "application/json")
        kind = asked if self.published else f"{asked}-not-for-publication"
        name = f"{self.file_of(place)}-{kind}.csv"
        return Reply(csv(table()).to_pybytes(), "text/csv; charset=utf-8", file=name)

    def _taken(self, given: dict[str, str]) -> Where:
        """Take the place out of an address."""
        return self.placed({name: given.pop(name) for name in self.place_keys if name in given})

    def _figures(self, chosen: Chosen, place: Where, kept: str) -> _Asked:
        del kept
        found = self.answer(chosen, place)
        return found.document(), lambda: found.table(self.note)

    def _curves(self, chosen: Chosen, place: Where, kept: str) -> _Asked:
        del kept
        found = self.curves(chosen, place)
        return found.document(), lambda: found.table(self.place_words(place), self.note)

    def _compared(self, chosen: Chosen, place: Where, kept: str) -> _Asked:
        before = dict(parse_qsl(kept, keep_blank_values=True))
        found = self.compared(self.read(before), chosen, place)
        note = (f"{self.place_words(place)}. {self.note}", "", "", "")
        return {"rows": found.rows}, lambda: found.as_table(note)

    def _saved(self, given: dict[str, str]) -> Reply | None:
        for name in (*self.place_keys, _KEPT):
            given.pop(name, "")
        saved = self.answer(self.read(given), self.placed({})).saved
        if not saved.name:
            return None
        return Reply(saved.text.encode(), _KINDS[saved.name[saved.name.index(".") :]], file=saved.name)

    def _page(self, at_first: Mapping[str, str], scripts: tuple[str, ...]) -> str:
        info = self._run.info
        text = (
            environment(template_text)
            .get_template("serve.html.j2")
            .render(
                title=self._heading.title,
                everywhere=self._heading.everywhere,
                subtitle=f"{info['policy']['title']}, as of {spoken_date(info['as_of'])}",
                warning="" if self.published else NOT_FOR_PUBLICATION,
                note=self.note,
                at_first=at_first,
                controls=self.template,
                scripts=scripts,
                others=self.others,
                compared=COMPARED,
                listings=self.listings(),
                tiles=self._heading.tiles,
                footer=f"clearscale {VERSION}, snapshot {info['snapshot']}, as of {info['as_of']}",
                size=self.group,
                **self.places_shown(),
                **self.shown(),
            )
        )
        return str(text)


def template_text(name: str) -> str:
    """Return the text of a file in `templates`."""
    return files(__package__).joinpath("templates", name).read_text("utf-8")
