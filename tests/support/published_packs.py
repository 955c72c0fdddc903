"""What the pages of a report under any policy give away: whoever reads them knows its rules, too."""

from collections.abc import Iterator
from functools import cached_property
from itertools import pairwise, product

import numpy as np

from clearscale.outputs.report.policy_words import plain_reason
from clearscale.policy import Policy
from clearscale.policy.model import DISMISS, REDUCE
from clearscale.policy.possible import ConvictionKind, possible_rules

from .published import SECTIONS, STANDINGS, UNDATED, WORTH, Cell, Pages, Reader
from .samples import AS_OF

WORDS = {DISMISS: "Dismiss", REDUCE: "Reduce to a misdemeanor", "": "No determination"}
"""Determinations, as pages have them; others as they are."""

WORTHS = dict(zip(("dismissal", "reduction", "none"), WORTH.values(), strict=True))
"""What a decision is worth, by the words of a page's first figures."""

BROADER = ("With all Prop 64 dismissed", "With all Prop 64 and related charges dismissed")

Outcome = tuple[str, str, str, str, str]
"""Section, severity, decision, reason, and worth."""


class ReaderOfPolicy(Reader):
    """Somebody who reads all pages and the run's policy."""

    def __init__(self, shown: Pages, exact: Pages, policy: Policy) -> None:
        self.policy = policy
        if policy.related:
            # Who was not convicted under Prop 64 may have relief for a related charge.
            self.standings = (*STANDINGS, *(standing[1:] for standing in STANDINGS[1:]))
        super().__init__(shown, exact, {})

    @cached_property
    def outcomes(self) -> dict[Outcome, frozenset[str]]:
        """What can become of a conviction, each with the years in which it can."""
        years = sorted({year for of_page in self.years.values() for year in of_page})
        cells = list(product(enumerate(SECTIONS), ("felony", "other"), years))
        kinds = [
            ConvictionKind(place, severity == "felony", None if year == UNDATED else int(year))
            for (place, _), severity, year in cells
        ]
        found: dict[Outcome, set[str]] = {}
        for ((_, section), severity, year), rules in zip(
            cells, possible_rules(self.policy, kinds, AS_OF), strict=True
        ):
            for number in rules:
                determination, reason, worth = "", "no rule holds", "none"
                if number < len(self.policy.rules):
                    rule = self.policy.rules[number]
                    determination, worth = rule.determination, rule.is_worth
                    reason = plain_reason(self.policy, rule.reason)
                outcome = section, severity, WORDS.get(determination, determination), reason, WORTHS[worth]
                if outcome[2:4] in self.reasons:
                    found.setdefault(outcome, set()).add(year)
        return {outcome: frozenset(when) for outcome, when in found.items()}

    def _atoms(self, place: str, outcomes: Iterator[Outcome]) -> dict[int, float]:
        return {self.program.atom((place, *outcome)): 1 for outcome in outcomes}

    def form(self, place: str, what: Cell) -> dict[int, float]:
        kind, *rest = what
        if kind == "convictions":
            *wanted, decision, reason = rest
            if decision in WORTHS.values() and not any((*wanted, reason)):
                return self._atoms(place, (outcome for outcome in self.outcomes if outcome[4] == decision))
            return self._atoms(
                place,
                (
                    outcome
                    for outcome in self.outcomes
                    if all(one in ("", other) for one, other in zip(rest, outcome, strict=False))
                ),
            )
        if self.policy.related and what == ("decisions",):
            related = {self.program.atom((place, "related")): 1.0}
            return {**self.form(place, ("convictions", "", "", "", "")), **related}
        if self.policy.related and kind == "flag":
            return {self.program.atom((place, *what)): 1}
        return super().form(place, what)

    def _add_people(self, place: str) -> None:
        if not self.policy.related:
            super()._add_people(place)
            return
        for standing, by in product(self.standings, ("sex", "age")):
            sides = [
                {self.program.atom((place, side, group, standing)): 1.0 for group in self.groups[side]}
                for side in ("race", by)
            ]
            self.program.row(0, 0, (1, sides[0]), (-1, sides[1]))
        relief, recent = (self.form(place, ("people", name, "", ())) for name in ("relief", "recent"))
        self.program.row(0, np.inf, (1, relief), (-1, recent))
        for measure in ("felony", "conviction", "recent"):
            wider = [
                ("broader", measure, policy)
                for policy in BROADER
                if (place, ("broader", measure, policy)) in self.exact
            ]
            for one, other in pairwise(wider):
                self.program.row(0, np.inf, (1, self.form(place, other)), (-1, self.form(place, one)))
            for widest in wider[1:]:
                own = self.form(place, ("people", measure, "", ()))
                self.program.row(0, np.inf, (1, self.form(place, widest)), (-1, own))

    def secrets(self) -> dict[tuple[str, Cell], tuple[int, dict[int, float]]]:
        """Of a policy of related charges, only the widest one relieves more in every case."""
        return {
            (place, what): found
            for (place, what), found in super().secrets().items()
            if not (self.policy.related and what[0] == "broader" and what[-1] == "more" and what[2] == BROADER[0])
        }

    def _add_convictions(self, place: str) -> None:
        every, years = self.form(place, ("convictions", "", "", "", "")), self._known_years(place)
        decisions = self.form(place, ("decisions",))
        self.program.row(0, 0, (1, every), (-1, self.form(place, ("years", tuple(sorted(years))))))
        for _, flag in {what for at, what in self.exact if at == place and what[0] == "flag"}:
            self.program.row(0, np.inf, (1, decisions), (-1, self.form(place, ("flag", flag))))
        for when in set(self.outcomes.values()):
            # What can only be of some years is no more than these have.
            of_them = self._atoms(place, (outcome for outcome, then in self.outcomes.items() if then <= when))
            of_years = self.form(place, ("years", tuple(sorted(when))))
            self.program.row(0, np.inf, (1, of_years), (-1, of_them))
