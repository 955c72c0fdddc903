"""One extract from end to end."""

import datetime
from dataclasses import dataclass
from typing import Any

from . import calendar, writing
from .deciding import Decision, decide, read_policy
from .reading import COLUMNS, read
from .records import gather
from .summing import summarize
from .writing import CONDENSED_COLUMNS


@dataclass(frozen=True)
class Result:
    """What gogen writes for one extract.

    `decisions` has (0-based data record, determination, reason) of every Prop 64 conviction of the county, in file
    order; determination and reason are empty where no rule applied.
    """

    all_results: bytes
    condensed: bytes
    prop64: bytes
    summary: dict[str, Any]
    decisions: list[tuple[int, str, str]]


def run(extract: bytes, county: str, options: dict[str, Any], as_of: datetime.date) -> Result:
    """Decide an extract; raises GogenError when the policy or the extract is refused."""
    policy = read_policy(options)
    today = calendar.from_python(as_of)
    records = read(extract)
    subjects = gather(records)

    decisions: dict[int, Decision] = {}
    added: dict[int, list[bytes]] = {}
    for subject in subjects:
        for conviction in subject.convictions:
            if conviction.county == county.encode() and conviction.prop64:
                row = conviction.row
                decisions[row] = decide(policy, conviction, subject, today)
                added[row] = writing.decided_columns(records[row], conviction, subject, decisions[row], today)

    all_results = [writing.header(COLUMNS)]
    condensed = [writing.header(CONDENSED_COLUMNS)]
    prop64 = [writing.header(COLUMNS)]
    for row, record in enumerate(records):
        columns = added[row] if row in added else writing.undecided_columns(record)
        all_results.append(writing.row(record, COLUMNS, columns))
        condensed.append(writing.row(record, CONDENSED_COLUMNS, columns))
        if row in decisions:
            prop64.append(writing.row(record, COLUMNS, columns))

    return Result(
        all_results=b"".join(all_results),
        condensed=b"".join(condensed),
        prop64=b"".join(prop64),
        summary=summarize(policy, county, today, subjects, decisions, line_count=len(records)),
        decisions=[(row, decision.determination, decision.reason) for row, decision in sorted(decisions.items())],
    )
