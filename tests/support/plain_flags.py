"""What is doubtful about decisions, found in plain Python from an extract's records."""

from .plain_candidates import (
    contradictory_people,
    has_implausible_date,
    histories,
    is_unreadable,
    subject_contradicts,
)
from .reference import calendar

DOUBTS = frozenset({"implausible-date", "unreadable-date", "contradictory-subject", "contradictory-person"})


def doubts(content: bytes, county: str, as_of: calendar.Date) -> dict[int, frozenset[str]]:
    """The flags of DOUBTS on the decision of each Prop 64 conviction of an extract, by row."""
    everyone = histories({county: content})
    people = contradictory_people(everyone)
    found = {}
    for history in everyone:
        for conviction in history.candidates:
            record = history.record(conviction)
            later = max(conviction.date, history.subject.birth_date) > as_of
            said = {
                "implausible-date": later or has_implausible_date(history, record, conviction),
                "unreadable-date": any(map(is_unreadable, (record["STP_EVENT_DATE"], history.first["PRI_DOB"]))),
                "contradictory-subject": subject_contradicts(history),
                "contradictory-person": history.person in people,
            }
            if conviction.prop64:
                found[conviction.row] = frozenset(name for name, holds in said.items() if holds)
    return found
