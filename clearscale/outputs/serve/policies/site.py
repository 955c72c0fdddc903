"""The page with controls for any policy over convictions."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from clearscale.outputs.serve.answers import Answer, Listing
from clearscale.outputs.serve.choosing import PREFIX
from clearscale.outputs.serve.comparing import compared
from clearscale.outputs.serve.curves import Curves
from clearscale.outputs.serve.of_counties import CountyControls
from clearscale.outputs.serve.parameters import policies_shown

from .answers import answer
from .choices import PolicySetting
from .session import PolicySession


class PolicySite(CountyControls[PolicySetting]):
    """What a browser can ask of a run, whatever its policy; see `Controls`."""

    template = "policies.html.j2"
    scripts = ("parameters.js",)

    def __init__(self, session: PolicySession, county: str | None = None) -> None:
        self._session = session
        super().__init__(session.run, session.counties, county)

    @property
    def own(self) -> PolicySetting:
        """The run's setting."""
        return self._session.own

    def read(self, given: Mapping[str, str]) -> PolicySetting:
        """Return the setting that an address states."""
        return self._session.choices.read(given)

    def answer(self, chosen: PolicySetting, place: str | None) -> Answer:
        """Count what a setting does in a county, or in the state."""
        return answer(self._session, chosen, place)

    def curves(self, chosen: PolicySetting, place: str | None) -> Curves:
        """Count it over each number."""
        found = self._session.curves(chosen, place)
        return Curves(tuple(replace(curve, name=f"{PREFIX}{curve.name}") for curve in found))

    def compared(self, kept: PolicySetting, chosen: PolicySetting, place: str | None) -> Listing:
        """Put two settings side by side."""
        return compared(self._session.figures(kept, place), self._session.figures(chosen, place))

    def shown(self) -> dict[str, Any]:
        """Return what the controls show."""
        return policies_shown(self._session.choices.by_key, self.own.choice.key)
