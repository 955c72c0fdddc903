"""What a page of charges shows of one setting: the report's tables, in its words and order."""

from collections.abc import Iterator
from dataclasses import replace

from clearscale.outputs.disclosure.charges import DUE, LACKING
from clearscale.outputs.report.charges import sections
from clearscale.outputs.report.charges.counting import DIMENSIONS
from clearscale.outputs.report.charges.page import lead
from clearscale.outputs.report.charges.view import Place, View
from clearscale.outputs.report.model import Chart, Section, Table
from clearscale.outputs.serve.answers import Answer, Listing
from clearscale.relief import OUTCOMES

from .choices import DatedSetting, saved
from .keys import key_of, strip_of
from .session import ChargeSession

OUTCOME, REASON, COUNTIES, COURTS, MISSING, WAITING = (
    *("by-outcome", "by-reason", "counties", "courts", "missing", "due"),
)
"""Ids of listings; those of people are the names of groups."""

CAPTIONS = {
    OUTCOME: "Charges by outcome, and their people",
    REASON: "Charges by outcome and reason",
    COUNTIES: "Charges by county and outcome, and people",
    COURTS: "Charges by court and outcome",
    **{dimension: f"People by {dimension}" for dimension in DIMENSIONS},
    MISSING: "Undecided charges by what is missing",
    WAITING: "Charges that become due, by year",
}
"""Every listing that a page may have, in its order."""

_SHARES = (2, 4)
"""Of people, each group's share of those with charges that are decided, and of those with relief."""


def answer(session: ChargeSession, chosen: DatedSetting, place: Place) -> Answer:
    """Count what a policy does in the state, a county, or a court."""
    found, own = session.settled(chosen), session.settled(session.own)
    view = found.view(place)
    return Answer(
        session.place_words(place),
        chosen.address,
        saved(chosen),
        lead(view),
        key_of(found, own, place),
        tuple(listings(view)),
        strip_of(found, place),
    )


def listings(view: View) -> Iterator[Listing]:
    """Yield the tables of a place, as its report has them."""
    yield _outcomes(view)
    if not view.is_court:
        yield replace(_listing(REASON, sections.reasons(view)), bars=())
    if view.is_state and len(view.source.counties) > 1:
        yield _counties(view)
    if view.courts and not view.is_court:
        for table in _tables(sections.courts(view)):
            last = len(table.columns) - 1
            yield replace(_listing(COURTS, table), bars=(last,))
    if view.is_state and (who := sections.people(view)) is not None:
        for table in _tables(who):
            dimension = table.columns[0].lower()
            yield replace(_listing(dimension, table), bars=_SHARES)
    if view.names(LACKING):
        for table in _tables(sections.missing(view)):
            yield _listing(MISSING, table)
    if view.names(DUE):
        for table in _tables(sections.due(view)):
            yield _listing(WAITING, table)


def _outcomes(view: View) -> Listing:
    """Charges by outcome and, but of a court, the people of these."""
    court = view.is_court
    rows: list[tuple[str | int, ...]] = [(OUTCOMES[name].text, *_pair(view, name)) for name in view.outcomes]
    return Listing(
        OUTCOME,
        CAPTIONS[OUTCOME],
        ("Outcome", "Charges") if court else ("Outcome", "Charges", "People"),
        (*rows, ("All", *_pair(view))),
        total=True,
        notes=() if court else ("Somebody with charges of two outcomes is one of the people of both.",),
    )


def _pair(view: View, *of: str) -> tuple[int, ...]:
    counts = (view.charges(*of),) if view.is_court else (view.charges(*of), view.people(*of))
    return tuple(count or 0 for count in counts)


def _counties(view: View) -> Listing:
    """Counties, of which first those charges are drawn that get the first kind of relief."""
    [table] = _tables(sections.counties(view))
    found = _listing(COUNTIES, table)
    relief = [at for at, name in enumerate(view.outcomes, start=1) if OUTCOMES[name].relief]
    return replace(found, bars=(next(iter(relief), 1),))


def _tables(section: Section) -> list[Table]:
    """The tables of a section."""
    tables = [block.table if isinstance(block, Chart) else block for block in section.blocks]
    return [block for block in tables if isinstance(block, Table)]


def _listing(id_: str, table: Table) -> Listing:
    """A table of the report, its figures as numbers; shares stay texts."""
    rows = tuple(
        tuple(_figure(cell) if place in table.numbers else cell for place, cell in enumerate(row))
        for row in table.rows
    )
    return Listing(
        id_, CAPTIONS[id_], table.columns, rows, total=table.total, numbers=table.numbers, notes=table.notes
    )


def _figure(text: str) -> str | int:
    plain = text.replace(",", "")
    return int(plain) if plain.isdigit() else text
