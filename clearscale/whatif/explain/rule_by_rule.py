"""What became of a charge at each rule of a policy over charges."""

from clearscale.relief import ChargePolicy
from clearscale.relief.deciding import Course
from clearscale.relief.evidence import Evidence
from clearscale.relief.language import Rule
from clearscale.relief.outcomes import UNDECIDED
from clearscale.relief.questions import all_hold
from clearscale_kernels.relief import settling
from clearscale_kernels.relief.groups import NO

DECIDES, WAITS, LACKS = "decides", "waits", "cannot be told"
PASSED, UNKNOWN, CAPPED = "does not hold", "not known, and so passed over", "no place is left under the cap"
LATER, NOTHING, NOT_REACHED = "is due no earlier than by a rule before", "gives nothing to who waits", "not reached"
"""What became of a rule."""


def states(policy: ChargePolicy, evidence: Evidence, row: int) -> list[str]:
    """Say of every rule what became of it, for one charge.

    Parameters
    ----------
    policy
        What is decided by.
    evidence
        Of the charges of the person.
    row
        Of the charge.

    Returns
    -------
    list of str
        In the order of the rules.
    """
    course = Course(policy.scope, evidence)
    found = []
    for place, rule in enumerate(policy.rules):
        if course.closed[row]:
            found.append(NOT_REACHED)
            continue
        before = int(course.rule[row])
        course.ask(place, rule)
        if course.closed[row]:
            found.append(LACKS if course.outcome[row] == UNDECIDED.code else DECIDES)
        elif course.rule[row] == place != before:
            found.append(WAITS)
        else:
            found.append(_passed(rule, course, row))
    return found


def _passed(rule: Rule, course: Course, row: int) -> str:
    """Why a rule left a charge as it was."""
    holds = int(all_hold(rule.conditions, course.evidence)[row])
    if holds == NO:
        return PASSED
    says = course.says(rule, row)
    if says not in (settling.NOW, settling.LATER):
        return UNKNOWN
    if course.waits(row) and not rule.outcome.relief:
        return NOTHING
    return LATER if course.waits(row) and says == settling.LATER else CAPPED
