"""A run over charges as its pages show it: the state's, a county's, or a court's."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from clearscale.errors import RunError, closest
from clearscale.outputs.disclosure import ChargeCounts
from clearscale.outputs.disclosure.charges import CHARGES, GROUPS, PEOPLE, STATE, Key
from clearscale.outputs.report.shell import quoted
from clearscale.outputs.report.words import county_title, county_words
from clearscale.relief import OUTCOMES
from clearscale.runs.ages import AGE_BANDS
from clearscale.runs.charges import ChargeRun
from clearscale.runs.charges.counted import Counted

from .counting import NO_COUNTY, NO_GROUP, OTHER_COURTS, by_name, counts_of, reasons_of

Place = str | tuple[str, str]
"""The state, a county by its name, a court by (county, name)."""


@dataclass(frozen=True)
class ReportedRun:
    """A run whose counts are read, and judged, once for all of its pages.

    run: a finished one, or what one would count. below: small counts under it are hidden; None hides none.
    """

    run: ChargeRun | Counted
    below: int | None

    @property
    def finished(self) -> ChargeRun:
        """The run, which says more than what it counts."""
        assert isinstance(self.run, ChargeRun)
        return self.run

    @cached_property
    def counts(self) -> ChargeCounts:
        """All counts."""
        return counts_of(self.run, self.below)

    @cached_property
    def shown(self) -> Mapping[Key, int | None]:
        """Figures that may be shown, of all pages."""
        return self.counts.shown(self.below)

    @cached_property
    def reasons(self) -> Mapping[tuple[str, int], str]:
        """The reason of each outcome and rule."""
        return reasons_of(self.run)

    @cached_property
    def counties(self) -> list[str]:
        """The counties of charges that the policy decides, those of which nobody knows it last."""
        return sorted(self.counts.counties, key=by_name)

    @cached_property
    def courts(self) -> list[tuple[str, str]]:
        """(county, court) of such charges; empty if no record names a court."""
        found = {(county, court) for county, court, _ in self.counts.courts}
        return sorted(found, key=lambda place: (by_name(place[0]), by_name(place[1])))

    def county(self, name: str) -> str:
        """The county of a name, in any case. Raises RunError if the run has none."""
        known = {county.upper(): county for county in self.counties if county != NO_COUNTY}
        found = known.get(name.upper())
        if found is None:
            near = closest(name.upper(), list(known))
            hint = (
                f"; did you mean '{known[near]}'?" if near else f"; there are {', '.join(known.values()) or 'none'}"
            )
            raise RunError(f"the run has no charges of a county '{name}'{hint}")
        return found

    def courts_named(self, name: str, counties: list[str]) -> list[tuple[str, str]]:
        """The courts of a name, in any case, of some counties or of any. Raises RunError if there is none."""
        found = [
            place
            for place in self.courts
            if place[1].upper() == name.upper() and (not counties or place[0] in counties)
        ]
        if not found:
            known = sorted({court for _, court in self.courts if not court.startswith("(")})
            near = closest(name, known)
            hint = f"; did you mean '{near}'?" if near else f"; there are {', '.join(known) or 'none'}"
            few = " (courts of few charges are counted together)" if self.below is not None else ""
            raise RunError(f"the run has no charges of a court '{name}'{few}{hint}")
        return found


@dataclass(frozen=True)
class View:
    """A page's part of a run."""

    source: ReportedRun
    place: Place = STATE

    @property
    def below(self) -> int | None:
        """Counts under it are hidden."""
        return self.source.below

    @property
    def is_state(self) -> bool:
        """Whether it is the state's page."""
        return self.place == STATE

    @property
    def is_court(self) -> bool:
        """Whether it is a court's page."""
        return isinstance(self.place, tuple)

    @property
    def name(self) -> str:
        """The place in words, empty for the state."""
        if isinstance(self.place, tuple):
            return f"{county_words(self.place[1])}, {self.county_name(self.place[0])}"
        return self.county_name(self.place) if self.place else ""

    @property
    def option(self) -> str:
        """The options of commands that name the place."""
        if self.is_state:
            return ""
        county, *court = [self.place] if isinstance(self.place, str) else self.place
        named = f" --county {quoted(county)}" if county != NO_COUNTY else ""
        return named + "".join(f" --court {quoted(name)}" for name in court)

    @staticmethod
    def county_name(county: str) -> str:
        """A county in words, as a title."""
        return "county not known" if county == NO_COUNTY else county_title(county)

    def figure(self, *key: Any) -> int | None:
        """Return a figure, 0 for what does not occur, None if it is hidden."""
        return self.source.shown.get(key, 0)

    def charges(self, *of: Any) -> int | None:
        """Charges of the place: all, of an outcome, or of an outcome and a rule."""
        return self.figure(CHARGES, self.place, *of)

    def people(self, *of: Any) -> int | None:
        """People of the place: all, or of an outcome."""
        return self.figure(PEOPLE, self.place, *of)

    @cached_property
    def outcomes(self) -> list[str]:
        """The outcomes that occur at the place, in their order."""
        occurring = {key[2] for key in self.source.shown if key[:2] == (CHARGES, self.place) and len(key) > 2}
        return [name for name in OUTCOMES if name in occurring]

    @cached_property
    def courts(self) -> list[tuple[str, str]]:
        """The courts of the place."""
        return [place for place in self.source.courts if self.is_state or place[0] == self.place]

    def names(self, kind: str) -> list[Any]:
        """What figures of a kind are of at the place: what is missing, or years."""
        return sorted(key[2] for key in self.source.shown if key[:2] == (kind, self.place))

    def groups(self, dimension: str) -> list[str]:
        """The groups of people of a dimension that the state's page shows, those of whom nobody knows it last."""
        found = {key[3] for key in self.source.shown if key[:3] == (GROUPS, self.place, dimension)}
        order = {name: place for place, name in enumerate(AGE_BANDS)} if dimension == "age" else {}
        return sorted(found, key=lambda name: (name == NO_GROUP, order.get(name, 0), name))


__all__ = ["OTHER_COURTS", "Place", "ReportedRun", "View"]
