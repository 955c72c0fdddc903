"""The addresses of the page: itself, its style and script, the figures of a setting, and these as CSV."""

import json
from collections.abc import Callable, Mapping
from importlib.resources import files
from typing import Any
from urllib.parse import parse_qsl

import pyarrow as pa

from clearscale.errors import RunError, nearest
from clearscale.io.spreadsheet import csv
from clearscale.law import state
from clearscale.outputs.county_files import file_name
from clearscale.outputs.report.html import environment, style
from clearscale.outputs.report.lead import spoken_date
from clearscale.outputs.report.words import SECTION_WORDS, county_words
from clearscale.outputs.report.writing import NOT_FOR_PUBLICATION
from clearscale.version import VERSION
from clearscale.whatif.sweep.option_family import Grid

from .answers import answer, place_words
from .comparing import COMPARED, compared
from .curves import curves
from .curves import document as curves_document
from .curves import table as curves_table
from .server import Reply
from .session import GROUP, Session
from .settings import address, read, thresholds

_COUNTY, _KEPT = "county", "kept"
THRESHOLD_WORDS = {
    "age": ("Age", "years or older"),
    "years_since": ("Years since the conviction", "years or more"),
    "years_crime_free": ("Years without any conviction", "years or more"),
}
SWITCH_WORDS = {
    "under_21": "Under 21 at conviction",
    "only_prop64": "Only Prop 64 convictions",
    "deceased": "Deceased",
}
TEXTS = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8"}


_Asked = tuple[dict[str, Any], Callable[[], pa.Table]]
"""What a page shows of a setting, and the same for a spreadsheet."""


class Site:
    """What a browser can ask for. county: the one picked at first, None for the state.

    Raises RunError for a county that the run does not have, ClearscaleError without the extra `report`.
    """

    def __init__(self, session: Session, county: str | None = None) -> None:
        self._session = session
        self._note = note(session)
        self._asked = {"figures": self._figures, "curves": self._curves, "compared": self._compared}
        self._fixed = {
            "": Reply(self._page(self._known(county or "")).encode(), "text/html; charset=utf-8"),
            "report.css": Reply(style().encode(), TEXTS[".css"]),
            **{
                name: Reply(template_text(name).encode(), TEXTS[name[name.index(".") :]])
                for name in ("serve.css", "options.js", "serve.js", "curves.js")
            },
        }

    def respond(self, path: str, parameters: Mapping[str, str]) -> Reply | None:
        """Return the reply to an address; see `server.Respond`."""
        if path in self._fixed:
            return self._fixed[path]
        asked, _, csv_wanted = path.partition(".")
        if asked not in self._asked or csv_wanted not in ("", "csv") or path.endswith("."):
            return None
        given = dict(parameters)
        county, kept = self._known(given.pop(_COUNTY, "")), given.pop(_KEPT, "")
        document, table = self._asked[asked](read(given, self._session.own), county, kept)
        if not csv_wanted:
            return Reply(json.dumps(document).encode(), "application/json")
        kind = asked if self._session.published else f"{asked}-not-for-publication"
        name = f"{file_name(county) if county else 'statewide'}-{kind}.csv"
        return Reply(csv(table()).to_pybytes(), "text/csv; charset=utf-8", file=name)

    def _figures(self, grid: Grid, county: str | None, kept: str) -> _Asked:
        del kept
        found = answer(self._session, grid, county)
        return found.document(), lambda: found.table(self._note)

    def _curves(self, grid: Grid, county: str | None, kept: str) -> _Asked:
        del kept
        found = curves(self._session, grid, county)
        return curves_document(found), lambda: curves_table(found, place_words(county), self._note)

    def _compared(self, grid: Grid, county: str | None, kept: str) -> _Asked:
        before = dict(parse_qsl(kept, keep_blank_values=True))
        found = compared(self._session, read(before, self._session.own), grid, county)
        note = (f"{place_words(county)}. {self._note}", "", "", "")
        return {"rows": found.rows}, lambda: found.as_table(note)

    def _known(self, county: str) -> str | None:
        if not county:
            return None
        if county not in self._session.counties:
            raise RunError(f"the run has no county '{county}'; {nearest(county, self._session.counties)}")
        return county

    def _page(self, county: str | None) -> str:
        session = self._session
        info = session.run.info
        setting = address(session.own)
        chosen = {section: relief_of(session.own, section) for section in SECTION_WORDS if section != "related"}
        text = (
            environment(template_text)
            .get_template("serve.html.j2")
            .render(
                title=f"What if: clearing old marijuana convictions in {state().title}",
                state=state().title,
                subtitle=f"{info['policy']['title']}, as of {spoken_date(info['as_of'])}",
                warning="" if session.published else NOT_FOR_PUBLICATION,
                note=self._note,
                counties=[(name, county_words(name)) for name in session.counties],
                county=county or "",
                sections=[(section, SECTION_WORDS[section], kind) for section, kind in chosen.items()],
                thresholds=[(control, *THRESHOLD_WORDS[name]) for name, control in thresholds(session.own).items()],
                switches=[(name, words, setting[name] == "true") for name, words in SWITCH_WORDS.items()],
                compared=COMPARED,
                listings=answer(session, session.own, None).listings,
                footer=f"clearscale {VERSION}, snapshot {info['snapshot']}, as of {info['as_of']}",
                size=GROUP if session.published else 0,
            )
        )
        return str(text)


def note(session: Session) -> str:
    """Return the note on all figures."""
    if not session.published:
        return f"{NOT_FOR_PUBLICATION}: small counts are not hidden"
    return (
        f"People and convictions are counted in groups of {GROUP} that are most alike, so every figure is "
        f"a multiple of {GROUP} and near the true one, not equal to it; 0 means few or none"
    )


def relief_of(grid: Grid, section: str) -> str:
    """Return what all convictions of a section get in a grid of one policy, as controls show it."""
    setting = address(grid)
    return next((kind for kind in ("dismiss", "reduce") if section in setting[kind].split(",")), "neither")


def template_text(name: str) -> str:
    """Return the text of a file in `templates`."""
    return files(__package__).joinpath("templates", name).read_text("utf-8")
