"""The addresses of a page with controls: itself, its style and scripts, figures of a setting, and these as CSV."""

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Generic, TypeVar
from urllib.parse import parse_qsl

import pyarrow as pa

from clearscale.errors import RunError, nearest
from clearscale.io.spreadsheet import csv
from clearscale.law import state
from clearscale.outputs.county_files import file_name
from clearscale.outputs.report.html import environment, style
from clearscale.outputs.report.lead import spoken_date
from clearscale.outputs.report.words import county_words
from clearscale.outputs.report.writing import NOT_FOR_PUBLICATION
from clearscale.runs import Run
from clearscale.version import VERSION

from .answers import Answer, Listing, place_words
from .comparing import COMPARED
from .curves import Curve
from .curves import document as curves_document
from .curves import table as curves_table
from .server import Reply

_COUNTY, _KEPT = "county", "kept"
TEXTS = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8"}
_KINDS = {".json": "application/json", ".toml": "application/toml"}

Chosen = TypeVar("Chosen")
"""A setting of the controls."""

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


class Controls(ABC, Generic[Chosen]):
    """What a browser can ask of a run. county: the one picked at first, None for the state.

    Raises RunError for a county that the run does not have, ClearscaleError without the extra `report`.
    """

    template: str
    """The file with the controls."""
    scripts: tuple[str, ...]
    published = False
    """Whether small counts cannot be told."""
    others = ""
    """Address of another page of controls for the same run."""

    def __init__(self, run: Run, counties: tuple[str, ...], county: str | None = None) -> None:
        self._run, self._counties = run, counties
        self._answered = {"figures": self._figures, "curves": self._curves, "compared": self._compared}
        scripts = ("shared.js", *self.scripts, "map.js", "curves.js", "serve.js")
        page = self._page(self._known(county or ""), scripts)
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
    def answer(self, chosen: Chosen, county: str | None) -> Answer:
        """Count what a setting does in a county, or in the state."""

    @abstractmethod
    def curves(self, chosen: Chosen, county: str | None) -> tuple[Curve, ...]:
        """Count it over each number."""

    @abstractmethod
    def compared(self, kept: Chosen, chosen: Chosen, county: str | None) -> Listing:
        """Put two settings side by side."""

    @abstractmethod
    def shown(self) -> dict[str, Any]:
        """Return what the file with the controls shows, and `moved`: the numbers with a curve."""

    @property
    @abstractmethod
    def own(self) -> Chosen:
        """The run's setting."""

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
        county, kept = self._known(given.pop(_COUNTY, "")), given.pop(_KEPT, "")
        document, table = self._answered[asked](self.read(given), county, kept)
        if not csv_wanted:
            return Reply(json.dumps(document).encode(), "application/json")
        kind = asked if self.published else f"{asked}-not-for-publication"
        name = f"{file_name(county) if county else 'statewide'}-{kind}.csv"
        return Reply(csv(table()).to_pybytes(), "text/csv; charset=utf-8", file=name)

    def _figures(self, chosen: Chosen, county: str | None, kept: str) -> _Asked:
        del kept
        found = self.answer(chosen, county)
        return found.document(), lambda: found.table(self.note)

    def _curves(self, chosen: Chosen, county: str | None, kept: str) -> _Asked:
        del kept
        found = self.curves(chosen, county)
        return curves_document(found), lambda: curves_table(found, place_words(county), self.note)

    def _compared(self, chosen: Chosen, county: str | None, kept: str) -> _Asked:
        before = dict(parse_qsl(kept, keep_blank_values=True))
        found = self.compared(self.read(before), chosen, county)
        note = (f"{place_words(county)}. {self.note}", "", "", "")
        return {"rows": found.rows}, lambda: found.as_table(note)

    def _saved(self, given: dict[str, str]) -> Reply | None:
        for name in (_COUNTY, _KEPT):
            given.pop(name, "")
        saved = self.answer(self.read(given), None).saved
        if not saved.name:
            return None
        return Reply(saved.text.encode(), _KINDS[saved.name[saved.name.index(".") :]], file=saved.name)

    def _known(self, county: str) -> str | None:
        if not county:
            return None
        if county not in self._counties:
            raise RunError(f"the run has no county '{county}'; {nearest(county, self._counties)}")
        return county

    def _page(self, county: str | None, scripts: tuple[str, ...]) -> str:
        info = self._run.info
        text = (
            environment(template_text)
            .get_template("serve.html.j2")
            .render(
                title=f"What if: clearing old marijuana convictions in {state().title}",
                state=state().title,
                subtitle=f"{info['policy']['title']}, as of {spoken_date(info['as_of'])}",
                warning="" if self.published else NOT_FOR_PUBLICATION,
                note=self.note,
                counties=[(name, county_words(name)) for name in self._counties],
                county=county or "",
                controls=self.template,
                scripts=scripts,
                others=self.others,
                compared=COMPARED,
                listings=self.answer(self.own, None).listings,
                tiles=[(county_words(each.name), each.letters, *each.tile) for each in state().counties.listed],
                footer=f"clearscale {VERSION}, snapshot {info['snapshot']}, as of {info['as_of']}",
                size=self.group,
                **self.shown(),
            )
        )
        return str(text)


def template_text(name: str) -> str:
    """Return the text of a file in `templates`."""
    return files(__package__).joinpath("templates", name).read_text("utf-8")
