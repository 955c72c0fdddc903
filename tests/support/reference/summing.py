"""The counts of gogen.json."""

from collections import Counter
from collections.abc import Callable
from typing import Any

from . import calendar
from .deciding import DISMISS, MISDEMEANOR, REDUCE, Decision, Policy
from .records import Conviction, Subject

Decisions = dict[int, Decision]


def summarize(
    policy: Policy,
    county: str,
    as_of: calendar.Date,
    subjects: list[Subject],
    decisions: Decisions,
    line_count: int,
) -> dict[str, Any]:
    """Everything but the processing time."""
    decided = [
        conviction for subject in subjects for conviction in subject.convictions if conviction.row in decisions
    ]
    outcomes = Counter(decisions.values())
    reasons_to_dismiss = Counter(
        {decision.reason: n for decision, n in outcomes.items() if decision.determination == DISMISS}
    )
    reasons_to_reduce = Counter(
        {decision.reason: n for decision, n in outcomes.items() if decision.determination == REDUCE}
    )
    all_dismissed = dict.fromkeys(decisions, Decision(DISMISS, "Dismiss all Prop 64 charges"))
    return {
        "county": county,
        "lineCount": line_count,
        "earliestConviction": calendar.in_json(min(conviction.date for conviction in decided)) if decided else None,
        "prop64ConvictionsCountInCountyByCodeSection": dict(Counter(conviction.prop64 for conviction in decided)),
        "prop64FelonyConvictionsCountInCounty": sum(conviction.felony for conviction in decided),
        "prop64NonFelonyConvictionsCountInCounty": sum(not conviction.felony for conviction in decided),
        "subjectsWithProp64ConvictionCountInCounty": sum(
            any(conviction.row in decisions for conviction in subject.convictions) for subject in subjects
        ),
        "subjectsWithSomeReliefCount": sum(
            any(_is(conviction, decisions, DISMISS, REDUCE) for conviction in subject.convictions)
            for subject in subjects
        ),
        "convictionDismissalCountByCodeSection": {
            section: reasons_to_dismiss[f"Dismiss all HS {section} convictions"] for section in policy.dismiss
        },
        "convictionReductionCountByCodeSection": {
            section: reasons_to_reduce[f"Reduce all HS {section} convictions"] for section in policy.reduce
        },
        "convictionDismissalCountByAdditionalRelief": {
            reason: n
            for reason, n in reasons_to_dismiss.items()
            if reason != MISDEMEANOR and not reason.startswith("Dismiss all HS")
        },
        "reliefWithCurrentEligibilityChoices": _relief(subjects, decisions, as_of),
        "reliefWithDismissAllProp64": _relief(subjects, all_dismissed, as_of),
    }


def _relief(subjects: list[Subject], decisions: Decisions, as_of: calendar.Date) -> dict[str, int]:
    """How many subjects are relieved of every conviction of a kind, out of those that have one of that kind."""

    def relieved(kind: Callable[[Conviction], bool], *determinations: str) -> int:
        count = 0
        for subject in subjects:
            of_kind = [conviction for conviction in subject.convictions if kind(conviction)]
            if of_kind and all(_is(conviction, decisions, *determinations) for conviction in of_kind):
                count += 1
        return count

    seven_years_ago = calendar.add_years(as_of, -7)
    return {
        "CountSubjectsNoFelony": relieved(lambda conviction: conviction.felony, DISMISS, REDUCE),
        "CountSubjectsNoConviction": relieved(lambda conviction: True, DISMISS),
        "CountSubjectsNoConvictionLast7Years": relieved(
            lambda conviction: conviction.date > seven_years_ago, DISMISS
        ),
    }


def _is(conviction: Conviction, decisions: Decisions, *determinations: str) -> bool:
    return conviction.row in decisions and decisions[conviction.row].determination in determinations
