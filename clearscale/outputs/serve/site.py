"""The addresses of the page: itself, its style and script, the figures of a setting, and these as CSV."""

import json
from collections.abc import Mapping
from importlib.resources import files

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

from .answers import answer
from .server import Reply
from .session import GROUP, Session
from .settings import address, read, thresholds

_COUNTY = "county"
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


class Site:
    """What a browser can ask for. county: the one picked at first, None for the state.

    Raises RunError for a county that the run does not have, ClearscaleError without the extra `report`.
    """

    def __init__(self, session: Session, county: str | None = None) -> None:
        self._session = session
        self._note = note(session)
        self._fixed = {
            "": Reply(self._page(self._known(county or "")).encode(), "text/html; charset=utf-8"),
            "report.css": Reply(style().encode(), TEXTS[".css"]),
            **{
                name: Reply(template_text(name).encode(), TEXTS[name[name.index(".") :]])
                for name in ("serve.css", "options.js", "serve.js")
            },
        }

    def respond(self, path: str, parameters: Mapping[str, str]) -> Reply | None:
        """Return the reply to an address; see `server.Respond`."""
        if path in self._fixed:
            return self._fixed[path]
        if path not in ("figures", "figures.csv"):
            return None
        county = self._known(parameters.get(_COUNTY, ""))
        grid = read({name: text for name, text in parameters.items() if name != _COUNTY}, self._session.own)
        found = answer(self._session, grid, county)
        if path == "figures":
            return Reply(json.dumps(found.document()).encode(), "application/json")
        content = csv(found.table(self._note)).to_pybytes()
        kind = "figures" if self._session.published else "figures-not-for-publication"
        name = f"{file_name(county) if county else 'statewide'}-{kind}.csv"
        return Reply(content, "text/csv; charset=utf-8", file=name)

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
