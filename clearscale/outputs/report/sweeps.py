"""The pages of sweeps that are published with a report, judged together with all of its pages."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product

import numpy as np
import pyarrow.compute as pc

from clearscale.errors import RunError
from clearscale.law import state
from clearscale.outputs.disclosure import MEASURES_PUBLISHED, Outcome, SweptCounts, SweptFigure, shown_beside
from clearscale.policy import Policy
from clearscale.policy.model import DISMISSAL, NONE, REDUCTION
from clearscale.policy.possible import ConvictionKind
from clearscale.policy.together import possible_together
from clearscale.runs.crosstabs import SCOPES
from clearscale.store.manifest import CHARGES, HOLDS
from clearscale.whatif.sweep import Sweep
from clearscale.whatif.sweep.charted import Charted
from clearscale.whatif.sweep.hiding import FIGURES_SHOWN, visible
from clearscale.whatif.sweep.page import chart
from clearscale_kernels.arrays import Bools, Int64s

from .counting import SEVERITIES, outcomes_of
from .figures import ReportedRun

_WORTHS = (NONE, REDUCTION, DISMISSAL)
"""What a decision is worth to a person, the least first."""

_NAMES = dict(zip(FIGURES_SHOWN, (DISMISSAL, REDUCTION, *MEASURES_PUBLISHED[1:]), strict=True))
"""Figures of a sweep's page, as the judge has them."""

NOTHING_HIDDEN = "Not for publication: nothing is hidden."

_MOST_OUTCOMES = 20_000
"""So many things that can become of a conviction under all policies are judged; more take too long."""


@dataclass(frozen=True)
class PublishedSweep:
    """A sweep whose page is published with a report.

    first: number of its first policy among those of all such sweeps.
    """

    sweep: Sweep
    first: int

    @property
    def charted(self) -> Charted:
        """What its page is about."""
        return self.sweep.charted[0]

    @cached_property
    def policies(self) -> list[Policy]:
        """The policies of its page, in order."""
        chosen = self.sweep.charted[1]
        return [chosen[place] for place in self.charted.policies]

    @cached_property
    def statewide(self) -> dict[str, Int64s]:
        """FIGURES_SHOWN of all policies of the sweep. Shapes (policies,)."""
        table = self.sweep.table()
        rows = table.filter(pc.equal(table.column("scope").cast("string"), SCOPES[1]))
        return {name: rows.column(name).to_numpy() for name in FIGURES_SHOWN}

    def figures(self) -> Iterator[tuple[SweptFigure, tuple[str, int]]]:
        """Yield the page's figures as the judge has them, the most important first, and as the page has them."""
        for number, place in enumerate(self.charted.policies, self.first):
            for name in FIGURES_SHOWN:
                yield (number, _NAMES[name]), (name, place)


def pages(source: ReportedRun, sweeps: Sequence[Sweep]) -> list[str]:
    """Write the pages of sweeps that are published with a run's report, as HTML.

    Raises RunError for a sweep of other records or of another date than the run's, and where a policy of the run or
    of a sweep cannot be judged with others.
    """
    published: list[PublishedSweep] = []
    for sweep in sweeps:
        _require_same_records(source, sweep)
        published.append(PublishedSweep(sweep, sum(len(before.policies) for before in published)))
    if source.below is None:
        everything = [
            {name: np.ones(len(values), np.bool_) for name, values in one.statewide.items()} for one in published
        ]
        return [
            chart(one.charted, one.statewide, told, NOTHING_HIDDEN, None)
            for one, told in zip(published, everything, strict=True)
        ]
    told = _told(source, published, source.below)
    info = source.run.info
    beside = (
        f"Judged together with the report of snapshot {info['snapshot']}, policy {info['policy_digest'][:12]}, "
        f"which hides counts below {source.below}: publish both, and no other figures of the same records."
    )
    return [
        chart(one.charted, one.statewide, shown, beside, source.below)
        for one, shown in zip(published, told, strict=True)
    ]


def _require_same_records(source: ReportedRun, sweep: Sweep) -> None:
    if sweep.info.get(HOLDS) == CHARGES:
        _ = sweep.charted  # says that it cannot be judged with any report
    for what, name in (("snapshot", "snapshot"), ("as-of date", "as_of")):
        if sweep.info[name] != source.run.info[name]:
            raise RunError(
                f"{sweep.folder.url}: is of {what} {sweep.info[name]}, and the run of {source.run.info[name]}: "
                "they cannot be published together; make the sweep again"
            )


def _told(source: ReportedRun, sweeps: Sequence[PublishedSweep], below: int) -> list[dict[str, Bools]]:
    """Choose what each page shows. Shapes (policies,)."""
    figures = {figure: int(one.statewide[name][place]) for one in sweeps for figure, (name, place) in one.figures()}
    alone = [visible(one.statewide, one.charted.policies, below) for one in sweeps]
    wanted = [
        figure
        for one, shown in zip(sweeps, alone, strict=True)
        for figure, (name, place) in one.figures()
        if shown[name][place]
    ]
    possible, worths = _possible(source, [policy for one in sweeps for policy in one.policies])
    kept = shown_beside(source.publication, SweptCounts(figures, possible, worths), wanted, below)
    for one, shown in zip(sweeps, alone, strict=True):
        for figure, (name, place) in one.figures():
            shown[name][place] &= figure in kept
    return alone


def _possible(source: ReportedRun, policies: Sequence[Policy]) -> tuple[Mapping[Outcome, frozenset[str]], Int64s]:
    """Return what can become of the state's convictions under all policies, and what it is worth under each.

    The second has shape (m, policies + 1), each row once, the run's own policy last.
    """
    own = source.policy
    if not isinstance(own, Policy):
        raise RunError("a policy map cannot be judged with a sweep: publish the report alone")
    if own.related or any(policy.related for policy in policies):
        raise RunError("policies of related charges cannot be judged with a sweep: publish the report alone")
    counts = source.of_state().counts
    sections, years = state().charges.sections, sorted({year for when in counts.possible.values() for year in when})
    outcomes = outcomes_of(own, own)
    labels = [
        [*range(len(outcomes))],
        *([*(_WORTHS.index(rule.is_worth) for rule in policy.rules), 0] for policy in policies),
    ]
    cells = list(product(range(len(sections)), SEVERITIES, years))
    kinds = [
        ConvictionKind(section, SEVERITIES[severity], int(year) if year else None)
        for section, severity, year in cells
    ]
    together: list[Int64s] = []
    ruled = [Outcome("", "", *outcome) for outcome in outcomes]
    worths = np.array([_WORTHS.index(worth) for _, _, worth in outcomes])
    found: dict[Outcome, set[str]] = {}
    of_kind: dict[tuple[str, str], dict[tuple[str, ...], None]] = {}
    seen: set[int] = set()
    for (section, severity, year), rows in zip(
        cells, possible_together([own, *policies], labels, kinds, source.run.info["as_of"]), strict=True
    ):
        if id(rows) not in seen:  # kinds that can do the same share their rows
            seen.add(id(rows))
            together.append(np.column_stack([rows[:, 1:], worths[rows[:, 0]]]))
        for row in rows.tolist():
            swept = tuple(_WORTHS[worth] for worth in row[1:])
            of_kind.setdefault((sections[section], severity), {})[swept] = None
            found.setdefault(
                replace(ruled[row[0]], section=sections[section], severity=severity, swept=swept), set()
            ).add(year)
        if len(found) > _MOST_OUTCOMES:
            raise RunError(
                f"the {len(policies)} policies of the sweeps are too many to judge with a report; vary fewer "
                "settings or parameters"
            )
    _add_what_is_left(found, counts.possible, of_kind)
    return {outcome: frozenset(when) for outcome, when in found.items()}, np.unique(
        np.concatenate(together), axis=0
    )


def _add_what_is_left(
    found: dict[Outcome, set[str]],
    known: Mapping[Outcome, frozenset[str]],
    of_kind: Mapping[tuple[str, str], Iterable[tuple[str, ...]]],
) -> None:
    """Add what the report takes for possible and was not found, as in years in which ages and dates say otherwise.

    Policies make of it what they do in other years. Where it was found in none, they may make anything of it.
    """
    covered: dict[Outcome, set[str]] = {}
    together: dict[Outcome, dict[tuple[str, ...], None]] = {}
    for outcome, years in found.items():
        plain = replace(outcome, swept=())
        covered.setdefault(plain, set()).update(years)
        together.setdefault(plain, {})[outcome.swept] = None
    for outcome, when in known.items():
        left = when - frozenset(covered.get(outcome, ()))
        if left:
            for swept in together.get(outcome, of_kind.get((outcome.section, outcome.severity), ())):
                found.setdefault(replace(outcome, swept=swept), set()).update(left)
