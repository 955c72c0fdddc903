"""The tables of a page of charges: outcomes, counties, courts, what is missing, and what is due when."""

from collections import Counter
from collections.abc import Mapping, Sequence

from clearscale.outputs.disclosure.charges import (
    CHARGES,
    DECIDED,
    DUE,
    GROUPS,
    LACKING,
    PEOPLE,
    RELIEF,
    STATE,
    Key,
)
from clearscale.outputs.report import charts
from clearscale.outputs.report.lead import with_parts
from clearscale.outputs.report.model import Block, Chart, Section, Table, Texts
from clearscale.outputs.report.words import HIDDEN, county_words, number, share
from clearscale.relief import OUTCOMES
from clearscale.relief.outcomes import NOT_YET, UNDECIDED

from .counting import DIMENSIONS, NO_COUNTY, NO_COURT, NO_GROUP, OTHER_COURTS
from .view import View
from .words import (
    DECIDED_WORDS,
    PEOPLE_WORDS,
    RELIEF_WORDS,
    WOULD,
    group_words,
    people_words,
    what_to_do,
)

_REASON = {UNDECIDED.name: "it cannot be told: {}", NOT_YET.name: "in time: {}"}
"""How the reason of a rule is said that could not be asked, or for which the charge waits."""

_MOST_COURTS = 60
"""Courts that the state's page lists at most; of more, each county's page has its own."""

_FOLDED = 12
"""Rows of a table that is beside its chart; a longer one is folded away."""


def headline(view: View) -> Section:
    """Return the key figures: charges, people, and what they were counted from."""
    charges = [(view.charges(), DECIDED_WORDS)]
    charges += [(view.charges(name), WOULD[name]) for name in view.outcomes]
    blocks: list[Block] = [with_parts(charges, "of these charges")]
    if not view.is_court:
        relief = [name for name in view.outcomes if OUTCOMES[name].relief]
        people = [(view.people(), PEOPLE_WORDS)]
        if view.is_state and len(relief) > 1:
            people.append((view.people(RELIEF), RELIEF_WORDS))
        people += [(view.people(name), people_words(name)) for name in relief]
        blocks.append(with_parts(people, "of these people"))
    if view.is_state:
        blocks.append(Texts((_counted_from(view),)))
    return Section("headline", "At a glance", tuple(blocks))


def _counted_from(view: View) -> str:
    charges, people, unsure = (view.figure("store", name) for name in ("charges", "people", "unsure"))
    words = f"Counted from {number(charges)} charges of {number(people)} people."
    if unsure == 0:
        return words
    many = f"fewer than {view.below}, or hidden," if unsure is None else f"{unsure:,}"
    return (
        f"{words} Of {many} charges nobody knows whether the policy is about them, since their records do not tell "
        "what it asks first, such as a statute that can be read or how they ended; they are in no other figure."
    )


def outcomes(view: View) -> Section:
    """Return what becomes of the charges, and why; a court's page does not say why."""
    if view.is_court:
        rows = [(OUTCOMES[name].text, number(view.charges(name))) for name in view.outcomes]
        total = ("All", number(view.charges()))
        table = Table(
            "Charges by outcome",
            ("Outcome", "Charges"),
            (*rows, total),
            hidden_note(view, [*rows, total]),
            (1,),
            True,
        )
    else:
        table = reasons(view)
    counts = {OUTCOMES[name].text: view.charges(name) for name in view.outcomes}
    alt, svg = bars("Charges by outcome", counts)
    blocks: list[Block] = [Chart("outcomes", "Charges by outcome", alt, svg, table)]
    if not view.is_court:
        people = [(OUTCOMES[name].text, number(view.people(name))) for name in view.outcomes]
        notes = ("Somebody with charges of two outcomes is in both rows.", *hidden_note(view, people))
        blocks.append(
            Table("People by outcome of their charges", ("Outcome", "People"), tuple(people), notes, (1,))
        )
    return Section("outcomes", "What becomes of the charges", tuple(blocks))


def reasons(view: View) -> Table:
    """Return charges by outcome and reason."""
    cells = sorted((key[2:] for key in view.source.shown if _is_cell(key, view)), key=_order)
    given = view.source.reasons
    # Two rules may give one outcome for one reason; everywhere their numbers tell them apart.
    often = Counter((outcome, reason) for (outcome, _), reason in given.items())
    rows = [
        (
            OUTCOMES[outcome].text,
            _REASON.get(outcome, "{}").format(given[outcome, rule])
            + (f" (rule {rule})" if often[outcome, given[outcome, rule]] > 1 else ""),
            number(view.charges(outcome, rule)),
        )
        for outcome, rule in cells
    ]
    total = ("All", "", number(view.charges()))
    title, columns = "Charges by outcome and reason", ("Outcome", "Reason", "Charges")
    return Table(title, columns, (*rows, total), hidden_note(view, [*rows, total]), (2,), True)


def _is_cell(key: Key, view: View) -> bool:
    return key[:2] == (CHARGES, view.place) and len(key) == 4


def _order(cell: tuple[str, int]) -> tuple[int, int]:
    return OUTCOMES[cell[0]].code, cell[1]


def bars(title: str, counts: Mapping[str, int | None]) -> tuple[str, str]:
    """Draw a bar a count; return (what it shows in words, SVG)."""
    drawn = [{"name": name, "part": "Charges", "count": count, "place": 0} for name, count in counts.items()]
    said = "; ".join(f"{name} {number(count)}" for name, count in counts.items())
    return f"{title}: {said}.", charts.stacked(drawn, [*counts], ["Charges"], "charges")


def counties(view: View) -> Section:
    """Return charges and people of each county."""
    rows = [
        (
            county if county == NO_COUNTY else county_words(county),
            *(number(view.figure(CHARGES, county, name)) for name in view.outcomes),
            number(view.figure(CHARGES, county)),
            number(view.figure(PEOPLE, county)),
        )
        for county in view.source.counties
    ]
    total = ("All", *_outcomes_of(view, STATE), number(view.people()))
    columns = ("County", *(OUTCOMES[name].text for name in view.outcomes), "All", "People")
    notes = ["A person with charges in two counties is one of the people of both."]
    if NO_COUNTY in view.source.counties:
        notes.append(f"“{NO_COUNTY}”: the record names no county of the state.")
    table = Table(
        "Charges by county and outcome, and people",
        columns,
        (*rows, total),
        (*notes, *hidden_note(view, [*rows, total])),
        tuple(range(1, len(columns))),
        True,
    )
    return Section("counties", "Counties", (table,))


def _outcomes_of(view: View, place: object) -> tuple[str, ...]:
    """Figures of a row: each outcome, then all."""
    keys = [*((name,) for name in view.outcomes), ()]
    return tuple(number(view.figure(CHARGES, place, *key)) for key in keys)


def courts(view: View) -> Section:
    """Return charges of each court, or say where they stand."""
    found, where = view.courts, len({county for county, _ in view.courts}) > 1
    if view.is_state and len(found) > _MOST_COURTS:
        text = (
            f"Charges are of {len(found)} courts. The page of each county has those of its own: clearscale report "
            '--run "$RUN" --out "$REPORT" --all-counties.'
        )
        return Section("courts", "Courts", (Texts((text,)),))
    rows = [
        (
            court if court in (NO_COURT, OTHER_COURTS) else county_words(court),
            *((county if county == NO_COUNTY else county_words(county),) if where else ()),
            *_outcomes_of(view, (county, court)),
        )
        for county, court in found
    ]
    total = ("All", *(("",) if where else ()), *_outcomes_of(view, view.place))
    columns = ("Court", *(("County",) if where else ()), *(OUTCOMES[name].text for name in view.outcomes), "All")
    numbers = tuple(range(1 + where, len(columns)))
    notes = (*_court_notes(view), *hidden_note(view, [*rows, total]))
    table = Table("Charges by court and outcome", columns, (*rows, total), notes, numbers, True)
    return Section("courts", "Courts", (table,))


def _court_notes(view: View) -> list[str]:
    names, notes = {court for _, court in view.courts}, []
    if NO_COURT in names:
        notes.append(f"“{NO_COURT}”: the record does not say which court.")
    if OTHER_COURTS in names:
        notes.append(f"“{OTHER_COURTS}”: courts of fewer than {view.below} such charges each, counted together.")
    return notes


def people(view: View) -> Section | None:
    """Return who the people are, as far as records say so; None where they do not."""
    blocks: list[Block] = []
    every, relieved = view.people(), view.people(RELIEF)
    for dimension in DIMENSIONS:
        groups = view.groups(dimension)
        cells = [[view.figure(GROUPS, STATE, dimension, group, of) for of in (DECIDED, RELIEF)] for group in groups]
        rows = [
            (group_words(dimension, group), number(whole), share(whole, every), number(part), share(part, relieved))
            for group, (whole, part) in zip(groups, cells, strict=True)
        ]
        if rows:
            total = ("All", number(every), share(every, every), number(relieved), share(relieved, relieved))
            columns = (dimension.capitalize(), "With such charges", "Share", "With relief", "Share of these")
            notes = (*_group_notes(dimension, groups), *hidden_note(view, [*rows, total]))
            title = f"People by {dimension}"
            blocks.append(Table(title, columns, (*rows, total), notes, tuple(range(1, len(columns))), True))
    return Section("people", "Who the people are", tuple(blocks)) if blocks else None


def _group_notes(dimension: str, groups: Sequence[str]) -> list[str]:
    notes = ["On the as-of date."] if dimension == "age" else []
    if NO_GROUP in groups:
        notes.append(f"“{NO_GROUP}”: no record of the person says it, or in words that nobody knows.")
    return notes


def missing(view: View) -> Section:
    """Return what undecided charges lack, and what helps."""
    found: dict[str, int | None] = {name: view.figure(LACKING, view.place, name) for name in view.names(LACKING)}
    # Those whose figures are hidden last, by name: an order by what they are would tell of it.
    order = sorted(found, key=lambda name: (-(found[name] or 0), name))
    rows = [(name.capitalize(), number(found[name]), what_to_do(name)) for name in order]
    texts = Texts(
        (
            "A charge is undecided where what its record does not say could change what becomes of it. It is never "
            "counted as eligible, nor as not eligible. A charge that lacks two things is in two rows.",
        )
    )
    title, columns = "Undecided charges by what is missing", ("Missing", "Charges", "What helps")
    return Section(
        "missing", "What is missing", (texts, Table(title, columns, tuple(rows), hidden_note(view, rows), (1,)))
    )


def due(view: View) -> Section:
    """Return when charges become due that are not yet."""
    counts = {str(year): view.figure(DUE, view.place, year) for year in view.names(DUE)}
    rows = [(year, number(count)) for year, count in counts.items()]
    title = "Charges that become due, by year"
    table = Table(title, ("Year", "Charges"), tuple(rows), hidden_note(view, rows), (1,))
    alt, svg = bars("Charges that become due", counts)
    text = Texts(("If nothing changes but the date: no new charge, no new law. Each day stands in the decisions.",))
    return Section("due", "When more is due", (text, Chart("due", title, alt, svg, table, len(rows) > _FOLDED)))


def hidden_note(view: View, rows: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """Say what the word means, where it is in a table."""
    if not any(HIDDEN in row for row in rows):
        return ()
    return (f"“hidden”: fewer than {view.below}, or a figure from which such a small number could be computed.",)
