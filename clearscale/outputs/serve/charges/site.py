"""The page with controls for any policy over charges."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from clearscale.errors import RunError, nearest
from clearscale.outputs.disclosure.charges import STATE
from clearscale.outputs.report.charges.page import file_of
from clearscale.outputs.report.charges.view import Place
from clearscale.outputs.report.words import county_words
from clearscale.outputs.serve.answers import Answer, Listing
from clearscale.outputs.serve.controls import COUNTY, Controls, Heading, tiles_of
from clearscale.outputs.serve.curves import Curves
from clearscale.outputs.serve.parameters import policies_shown

from .answers import CAPTIONS, COUNTIES, COURTS, WAITING, answer
from .choices import AS_OF, DatedSetting
from .keys import compared, curves_of
from .session import ChargeSession

COURT = "court"
"""Name of a court in addresses."""


class ChargeSite(Controls[DatedSetting, Place]):
    """What a browser can ask of a run over charges; see `Controls`. county: the one picked at first."""

    template = "policies.html.j2"
    scripts = ("parameters.js",)
    place_keys = (COUNTY, COURT)

    def __init__(self, session: ChargeSession, county: str | None = None) -> None:
        self._session = session
        state = session.state
        tiles = None if state is None or not state.lists_counties else tiles_of(state, "no charges")
        heading = Heading(
            title=f"What if: clearing old records{f' in {state.title}' if state is not None else ''}",
            everywhere=session.everywhere,
            tiles=tiles,
        )
        super().__init__(session.run, heading, {COUNTY: county or ""})

    @property
    def own(self) -> DatedSetting:
        """The run's setting."""
        return self._session.own

    def read(self, given: Mapping[str, str]) -> DatedSetting:
        """Return the setting that an address states."""
        return self._session.choices.read(given)

    def placed(self, given: Mapping[str, str]) -> Place:
        """Return the place of an address."""
        county, court = given.get(COUNTY, ""), given.get(COURT, "")
        if not county:
            if court:
                raise RunError("choose the county of the court, too")
            return STATE
        counties = self._session.counties
        if county not in counties:
            raise RunError(f"the run has no county '{county}'; {nearest(county, counties)}")
        if not court:
            return county
        if (county, court) not in self._session.courts:
            # Where a record is out of place, a court's name may be anybody's: none is named.
            raise RunError("the county has no such court")
        return county, court

    def place_words(self, place: Place) -> str:
        """Name a place."""
        return self._session.place_words(place)

    def file_of(self, place: Place) -> str:
        """Return how names of files about a place begin."""
        return file_of(self._session.settled(self.own).view(place))

    def places_shown(self) -> dict[str, Any]:
        """Return the places that can be picked."""
        courts: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for county, name in self._session.courts:
            courts[county].append((name, county_words(name)))
        return {"counties": [(name, county_words(name)) for name in self._session.counties], "courts": courts}

    def answer(self, chosen: DatedSetting, place: Place) -> Answer:
        """Count what a setting does in the state, a county, or a court."""
        return answer(self._session, chosen, place)

    def curves(self, chosen: DatedSetting, place: Place) -> Curves:
        """Count it over each number."""
        return curves_of(self._session.curves(chosen, place), self._session.policies_of(chosen), place)

    def compared(self, kept: DatedSetting, chosen: DatedSetting, place: Place) -> Listing:
        """Put two settings side by side."""
        return compared(self._session.settled(kept), self._session.settled(chosen), place)

    def listings(self) -> tuple[Listing, ...]:
        """Return every listing that an answer may have."""
        absent = {*self._session.untold, *(() if self._session.courts else (COURTS,))}
        return tuple(
            Listing(id_, caption, ("", ""), (), folded=id_ in _FOLDED)
            for id_, caption in CAPTIONS.items()
            if id_ not in absent
        )

    def shown(self) -> dict[str, Any]:
        """Return what the controls show."""
        choices = self._session.choices.policies.by_key
        return {**policies_shown(choices, self.own.setting.choice.key), AS_OF: self.own.as_of}


_FOLDED = (COUNTIES, COURTS, WAITING)
"""Listings whose table is folded away below its bars: it is long."""
