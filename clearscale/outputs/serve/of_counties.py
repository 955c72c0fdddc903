"""What pages of runs over convictions have in common: their places are the state and its counties."""

from collections.abc import Mapping
from typing import Any, TypeVar

from clearscale.errors import RunError, nearest
from clearscale.law import state
from clearscale.outputs.county_files import file_name
from clearscale.outputs.report.words import county_words
from clearscale.runs import Run

from .answers import place_words
from .controls import COUNTY, Controls, Heading, tiles_of

Chosen = TypeVar("Chosen")


class CountyControls(Controls[Chosen, str | None]):
    """What a browser can ask of a run over convictions. county: the one picked at first, None for the state.

    Raises RunError for a county that the run does not have, ClearscaleError without the extra `report`.
    """

    place_keys = (COUNTY,)

    def __init__(self, run: Run, counties: tuple[str, ...], county: str | None = None) -> None:
        self._counties = counties
        title = state().title
        heading = Heading(
            title=f"What if: clearing old marijuana convictions in {title}",
            everywhere=f"All of {title}",
            tiles=tiles_of(state(), "no extract"),
        )
        super().__init__(run, heading, {COUNTY: county or ""})

    def placed(self, given: Mapping[str, str]) -> str | None:
        """Return the county of an address."""
        county = given.get(COUNTY, "")
        if not county:
            return None
        if county not in self._counties:
            raise RunError(f"the run has no county '{county}'; {nearest(county, self._counties)}")
        return county

    def place_words(self, place: str | None) -> str:
        """Name a county, or the state."""
        return place_words(place)

    def file_of(self, place: str | None) -> str:
        """Return how names of files begin."""
        return file_name(place) if place else "statewide"

    def places_shown(self) -> dict[str, Any]:
        """Return the places that can be picked."""
        return {"counties": [(name, county_words(name)) for name in self._counties]}
