"""The page of a run over charges: what becomes of them, what is missing, and when more is due."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from clearscale.outputs.disclosure import ChargeCounts
from clearscale.outputs.disclosure.charges import CHARGES, DUE, LACKING, PEOPLE, STATE, Key
from clearscale.outputs.report import charts
from clearscale.outputs.report.lead import spoken_date
from clearscale.outputs.report.model import Block, Chart, Commands, KeyFigures, Page, Points, Section, Table, Texts
from clearscale.outputs.report.sources import what_it_was
from clearscale.outputs.report.words import HIDDEN, county_words, listed, number
from clearscale.relief import OUTCOMES
from clearscale.relief.outcomes import NOT_YET, UNDECIDED
from clearscale.runs.charges import ChargeRun

from .counting import NO_COUNTY, counts_of, reasons_of
from .policy import policy_section
from .words import WOULD, what_to_do

_REASON = {UNDECIDED.name: "it cannot be told: {}", NOT_YET.name: "in time: {}"}
"""How the reason of a rule is said that could not be asked, or for which the charge waits."""


@dataclass(frozen=True)
class View:
    """A run as its page shows it. below: small counts under it are hidden; None hides none."""

    run: ChargeRun
    below: int | None

    @cached_property
    def counts(self) -> ChargeCounts:
        """All counts."""
        return counts_of(self.run)

    @cached_property
    def shown(self) -> Mapping[Key, int | None]:
        """Figures that may be shown."""
        return self.counts.shown(self.below)

    def figure(self, *key: Any) -> int | None:
        """Return a figure, 0 for what does not occur, None if it is hidden."""
        return self.shown.get(key, 0)

    @cached_property
    def outcomes(self) -> list[str]:
        """The outcomes that occur, in their order."""
        occurring = {outcome for _, outcome, _ in self.counts.cells}
        return [name for name in OUTCOMES if name in occurring]

    @cached_property
    def counties(self) -> list[str]:
        """The counties of charges that the policy decides, those of which nobody knows it last."""
        return sorted({county for county, _, _ in self.counts.cells}, key=lambda name: (name == NO_COUNTY, name))


def page(view: View, *, footer: str, warning: str, note: str, command: str, version: str) -> Page:
    """Return the page of a run."""
    summary = view.run.summary
    sections = [_headline(view), _outcomes(view)]
    if len(view.counties) > 1:
        sections.append(_counties(view))
    if view.counts.lacking:
        sections.append(_missing(view))
    if view.counts.due:
        sections.append(_due(view))
    return Page(
        file="charges",
        title=summary["policyTitle"],
        subtitle=f"As of {spoken_date(summary['asOf'])}",
        lead=_lead(view),
        sections=(*sections, policy_section(view.run), _reading(view), _reproduce(view, command, version)),
        footer=footer,
        warning=warning,
        note=note,
    )


def _lead(view: View) -> tuple[str, ...]:
    total, everybody = view.figure(CHARGES, STATE), view.figure(PEOPLE)
    if total is None:
        return ("Figures are so small that most of them are hidden.",)
    charges = f"{total:,} charge{'s' if total != 1 else ''}"
    found = [f"The policy decides {charges} of {number(everybody)} people."]
    parts = [
        f"{count:,} {WOULD[name]}"
        for name in view.outcomes
        if OUTCOMES[name].relief and (count := view.figure(CHARGES, STATE, name))
    ]
    if parts:
        found.append(f"{listed(parts).capitalize()}.")
    rest = [
        f"{count:,} {WOULD[name]}"
        for name in view.outcomes
        if not OUTCOMES[name].relief and (count := view.figure(CHARGES, STATE, name))
    ]
    if rest:
        found.append(f"{listed(rest).capitalize()}.")
    return tuple(found)


def _headline(view: View) -> Section:
    summary = view.run.summary
    charges = [(number(view.figure(CHARGES, STATE)), "charges that the policy decides")]
    charges += [(number(view.figure(CHARGES, STATE, name)), WOULD[name]) for name in view.outcomes]
    relief = [name for name in view.outcomes if OUTCOMES[name].relief]
    people = [(number(view.figure(PEOPLE)), "people with such charges")]
    people += [(number(view.figure(PEOPLE, name)), f"people with charges that {WOULD[name]}") for name in relief]
    words = f"Counted from {summary['charges']:,} charges of {summary['people']:,} people."
    if summary["unsure"]:
        words += (
            f" Of {_bounded(summary['unsure'], view.below)} charges nobody knows whether the policy is about them, "
            "since their records do not tell what it asks first, such as a statute that can be read or how they "
            "ended; they are in no figure."
        )
    return Section(
        "headline", "At a glance", (KeyFigures(tuple(charges)), KeyFigures(tuple(people)), Texts((words,)))
    )


def _bounded(count: int, below: int | None) -> str:
    return f"fewer than {below}" if below is not None and 0 < count < below else f"{count:,}"


def _outcomes(view: View) -> Section:
    reasons = reasons_of(view.run)
    cells = sorted({(outcome, rule) for _, outcome, rule in view.counts.cells}, key=_order)
    rows = [
        (
            OUTCOMES[outcome].text,
            _REASON.get(outcome, "{}").format(reasons[outcome, rule]),
            number(view.figure(CHARGES, STATE, outcome, rule)),
        )
        for outcome, rule in cells
    ]
    total = ("All", "", number(view.figure(CHARGES, STATE)))
    table = Table(
        "Charges by outcome and reason",
        ("Outcome", "Reason", "Charges"),
        (*rows, total),
        _hidden(view, rows),
        (2,),
        True,
    )
    alt, svg = _bars(
        "Charges by outcome", {OUTCOMES[name].text: view.figure(CHARGES, STATE, name) for name in view.outcomes}
    )
    of_people = [(OUTCOMES[name].text, number(view.figure(PEOPLE, name))) for name in view.outcomes]
    people = Table(
        "People by outcome of their charges",
        ("Outcome", "People"),
        tuple(of_people),
        ("Somebody with charges of two outcomes is in both rows.", *_hidden(view, of_people)),
        (1,),
    )
    return Section(
        "outcomes",
        "What becomes of the charges",
        (Chart("outcomes", "Charges by outcome", alt, svg, table), people),
    )


def _bars(title: str, counts: Mapping[str, int | None]) -> tuple[str, str]:
    """Draw a bar a count; return (what it shows in words, SVG)."""
    bars = [{"name": name, "part": "Charges", "count": count, "place": 0} for name, count in counts.items()]
    said = "; ".join(f"{name} {number(count)}" for name, count in counts.items())
    return f"{title}: {said}.", charts.stacked(bars, [*counts], ["Charges"], "charges")


def _order(cell: tuple[str, int]) -> tuple[int, int]:
    return OUTCOMES[cell[0]].code, cell[1]


def _counties(view: View) -> Section:
    rows = [
        (
            county if county == NO_COUNTY else county_words(county),
            *(number(view.figure(CHARGES, county, name)) for name in view.outcomes),
            number(view.figure(CHARGES, county)),
        )
        for county in view.counties
    ]
    total = (
        "All",
        *(number(view.figure(CHARGES, STATE, name)) for name in view.outcomes),
        number(view.figure(CHARGES, STATE)),
    )
    columns = ("County", *(OUTCOMES[name].text for name in view.outcomes), "All")
    numbers = tuple(range(1, len(columns)))
    table = Table("Charges by county and outcome", columns, (*rows, total), _hidden(view, rows), numbers, True)
    return Section("counties", "Counties", (table,))


def _missing(view: View) -> Section:
    order = sorted(view.counts.lacking, key=lambda name: (-view.counts.lacking[name], name))
    rows = [(name.capitalize(), number(view.figure(LACKING, name)), what_to_do(name)) for name in order]
    texts = Texts(
        (
            "A charge is undecided where what its record does not say could change what becomes of it. It is never "
            "counted as eligible, nor as not eligible. A charge that lacks two things is in two rows.",
        )
    )
    table = Table(
        "Undecided charges by what is missing",
        ("Missing", "Charges", "What helps"),
        tuple(rows),
        _hidden(view, rows),
        (1,),
    )
    return Section("missing", "What is missing", (texts, table))


def _due(view: View) -> Section:
    years = sorted(view.counts.due)
    rows = [(str(year), number(view.figure(DUE, year))) for year in years]
    table = Table("Charges that become due, by year", ("Year", "Charges"), tuple(rows), _hidden(view, rows), (1,))
    alt, svg = _bars("Charges that become due", {str(year): view.figure(DUE, year) for year in years})
    text = Texts(("If nothing changes but the date: no new charge, no new law. Each day stands in the decisions.",))
    blocks: tuple[Block, ...] = (
        text,
        Chart("due", "Charges that become due, by year", alt, svg, table, len(rows) > 12),
    )
    return Section("due", "When more is due", blocks)


def _hidden(view: View, rows: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """Say what the word means, where it is in a table."""
    if not any(HIDDEN in row for row in rows):
        return ()
    return (f"“hidden”: fewer than {view.below}, or a figure from which such a small number could be computed.",)


def _reading(view: View) -> Section:
    items = [
        "A charge is one line of the files, with the disposition that it has. Where a charge was amended, the "
        "amended one counts.",
        "Expunged, vacated and so on are what the policy says; a court, a board or an agency still has to act.",
        "A person is known by the key that the files have. Charges without one are nobody's, and each case of them "
        "stands for itself.",
    ]
    if view.below is not None:
        items.append(
            f"Small numbers could point to a person. Counts from 1 to {view.below - 1} are hidden, and further "
            "ones wherever a hidden count could be computed from the rest of this page."
        )
    return Section("reading", "How to read these figures", (Points(tuple(items)),))


def _reproduce(view: View, command: str, version: str) -> Section:
    info = view.run.info
    text = (
        "The same files, format, policy and date give the same figures on any machine. STORE is the folder or "
        "address of the store, RUN a new folder; FORMAT and POLICY are names or files of the column map and the "
        "policy."
    )
    lines = (
        "clearscale ingest --format FORMAT --store STORE FILES",
        f"clearscale run --store STORE --policy POLICY --as-of {info['as_of']} --out RUN",
        command,
    )
    return Section(
        "reproduce",
        "How to get these figures again",
        (Texts((text,)), Commands(lines), what_it_was(info, version)),
    )
