"""The page with controls for the counties' eligibility options."""

from collections.abc import Mapping
from typing import Any

from clearscale.outputs.report.words import SECTION_WORDS
from clearscale.whatif.sweep.option_family import Grid

from .answers import Answer, Listing, answer
from .comparing import compared
from .controls import Moved
from .curves import Curves, curves
from .of_counties import CountyControls
from .session import GROUP, Session
from .settings import address, read, thresholds

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


class Site(CountyControls[Grid]):
    """What a browser can ask of a run of eligibility options; see `Controls`.

    others: address of the page with all policies.
    """

    template = "options.html.j2"
    scripts = ("options.js",)

    def __init__(self, session: Session, county: str | None = None, others: str = "") -> None:
        self._session, self.published, self.others = session, session.published, others
        super().__init__(session.run, session.counties, county)

    @property
    def own(self) -> Grid:
        """The run's options."""
        return self._session.own

    @property
    def note(self) -> str:
        """The note on all figures."""
        if not self.published:
            return super().note
        return (
            f"People and convictions are counted in groups of {GROUP} that are most alike, so every figure is "
            f"a multiple of {GROUP} and near the true one, not equal to it; 0 means few or none"
        )

    @property
    def group(self) -> int:
        """How many people are counted together; 0 where each counts on their own."""
        return GROUP if self.published else 0

    def read(self, given: Mapping[str, str]) -> Grid:
        """Return the setting that an address states."""
        return read(given, self._session.own)

    def answer(self, chosen: Grid, place: str | None) -> Answer:
        """Count what a setting does in a county, or in the state."""
        return answer(self._session, chosen, place)

    def curves(self, chosen: Grid, place: str | None) -> Curves:
        """Count it over each threshold."""
        return Curves(curves(self._session, chosen, place))

    def compared(self, kept: Grid, chosen: Grid, place: str | None) -> Listing:
        """Put two settings side by side."""
        return compared(self._session.figures(kept, place), self._session.figures(chosen, place))

    def shown(self) -> dict[str, Any]:
        """Return what the controls show."""
        return options_shown(self.own)


def options_shown(grid: Grid) -> dict[str, Any]:
    """Return what `options.html.j2` shows of a grid of one policy."""
    setting = address(grid)
    chosen = {section: relief_of(grid, section) for section in SECTION_WORDS if section != "related"}
    moved = []
    for name, control in thresholds(grid).items():
        words, unit = THRESHOLD_WORDS[name]
        moved.append(Moved(name, name, words, unit, control.first, control.last, control.place))
    return {
        "sections": [(section, SECTION_WORDS[section], kind) for section, kind in chosen.items()],
        "moved": moved,
        "switches": [(name, words, setting[name] == "true") for name, words in SWITCH_WORDS.items()],
    }


def relief_of(grid: Grid, section: str) -> str:
    """Return what all convictions of a section get in a grid of one policy, as controls show it."""
    setting = address(grid)
    return next((kind for kind in ("dismiss", "reduce") if section in setting[kind].split(",")), "neither")
