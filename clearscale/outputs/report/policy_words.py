"""A run's policy in plain words: rules with their conditions, reasons and law, and whom it decides."""

from clearscale.policy import AnyPolicy, Policy, PolicyMap
from clearscale.policy.model import CODE_SECTION, NONE
from clearscale.policy.outcomes import filled_in, reasons_with_code_section
from clearscale.policy.wording import sentence

from .words import county_words, listed, outcome

CODE_SECTION_WORDS = "code section of the charge"
"""What summaries write for the code section in a reason."""


NOT_ELIGIBLE = frozenset({"Not eligible", ""})
"""Determinations about which nobody has to do anything."""


def policies(policy: AnyPolicy) -> list[tuple[Policy, str]]:
    """Return the policy, or those of a policy map, each with the counties that it decides in words."""
    if isinstance(policy, Policy):
        return [(policy, "")]
    return [(own, _decided_by(own, policy)) for own in policy.policies]


def _decided_by(policy: Policy, chosen: PolicyMap) -> str:
    rest = "every county without a policy of its own" if policy == chosen.default else ""
    named = listed([county_words(county) for county, own in chosen.counties if own == policy])
    return "; ".join(filter(None, [rest, named]))


def worth(policy: Policy, determination: str, reason: str) -> str:
    """Return what a decision of a policy is worth to a person: DISMISSAL, REDUCTION or NONE.

    The same determination may be worth more for one reason than for another.
    """
    rules = [rule for rule in policy.rules if rule.determination == determination]
    found = [rule for rule in rules if rule.reason == reason] or [
        rule for rule in rules if _is_reason(rule.reason, reason)
    ]
    return found[0].is_worth if found else NONE


def left_to_people(policy: Policy) -> tuple[str, ...]:
    """Return the determinations of a policy that give nothing by themselves, and ask somebody to look."""
    found = dict.fromkeys(rule.determination for rule in policy.rules if rule.is_worth == NONE)
    return tuple(determination for determination in found if determination not in NOT_ELIGIBLE)


def plain_reason(policy: AnyPolicy, reason: str) -> str:
    """Return a decision's reason without its code section, which may come from a comment on a person.

    A reason that the policy has in these words is itself: one that is nothing but a code section can be any text.
    """
    if CODE_SECTION not in reason and any(rule.reason == reason for rule in policy.rules):
        return reason
    for form in reasons_with_code_section(policy):
        if _is_reason(form, reason):
            return form.replace(CODE_SECTION, "(code section)")
    return reason


def summary_reason(policy: AnyPolicy, reason: str) -> str:
    """Return a reason of a summary without its code section."""
    for form in reasons_with_code_section(policy):
        if filled_in(form, CODE_SECTION_WORDS) == reason:
            return plain_reason(policy, form)
    return reason


def _is_reason(form: str, reason: str) -> bool:
    before, found, after = form.partition(CODE_SECTION)
    return reason == form if not found else reason.startswith(before) and reason.endswith(after)


def rules(policy: Policy) -> tuple[tuple[str, ...], ...]:
    """Return a row for each rule: number, when it holds, outcome, reason, law."""
    return tuple(
        (
            str(place),
            sentence(rule.conditions),
            outcome(rule.determination),
            rule.reason.replace(CODE_SECTION, "(code section)"),
            rule.law or "-",
        )
        for place, rule in enumerate(policy.rules, start=1)
    )
