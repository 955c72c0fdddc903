"""The configurable policy: what becomes of each Prop 64 conviction of a county."""

from dataclasses import dataclass
from typing import Any

from . import calendar
from .charges import PROP_64_SECTIONS
from .errors import GogenError
from .records import Conviction, Subject

DISMISS = "Eligible for Dismissal"
REDUCE = "Eligible for Reduction"
MISDEMEANOR = "Misdemeanor or Infraction"


@dataclass(frozen=True)
class Decision:
    """Both texts are empty when no rule applies."""

    determination: str
    reason: str


UNDECIDED = Decision("", "")


@dataclass(frozen=True)
class Policy:
    """The options of a policy.json, checked; 0 turns a threshold off."""

    dismiss: tuple[str, ...]
    reduce: tuple[str, ...]
    under_21: bool
    only_prop64: bool
    deceased: bool
    age: int
    years_since_conviction: int
    years_crime_free: int


def read_policy(options: dict[str, Any]) -> Policy:
    baseline = options.get("baselineEligibility") or {}
    relief = options.get("additionalRelief") or {}
    policy = Policy(
        dismiss=tuple(baseline.get("dismiss") or ()),
        reduce=tuple(baseline.get("reduce") or ()),
        under_21=relief.get("subjectUnder21AtConviction", False),
        only_prop64=relief.get("subjectHasOnlyProp64Charges", False),
        deceased=relief.get("subjectIsDeceased", False),
        age=relief.get("subjectAgeThreshold", 0),
        years_since_conviction=relief.get("yearsSinceConvictionThreshold", 0),
        years_crime_free=relief.get("yearsCrimeFreeThreshold", 0),
    )
    for name, value, least, most in (
        ("SubjectAgeThreshold", policy.age, 40, 65),
        ("YearsSinceConvictionThreshold", policy.years_since_conviction, 1, 15),
        ("YearsCrimeFreeThreshold", policy.years_crime_free, 1, 15),
    ):
        if value != 0 and not least <= value <= most:
            raise GogenError(f"{name} should be between {least} and {most}, or 0")
    for section in (*policy.dismiss, *policy.reduce):
        if section not in PROP_64_SECTIONS:
            raise GogenError(f"unknown code section in the policy: {section}")
    return policy


def decide(policy: Policy, conviction: Conviction, subject: Subject, as_of: calendar.Date) -> Decision:  # noqa: PLR0911 - one line a rule
    """The first rule that applies, in gogen's order."""
    if not conviction.felony:
        return Decision(DISMISS, MISDEMEANOR)

    for section in policy.dismiss:
        if section.encode() in conviction.code_section:
            return Decision(DISMISS, f"Dismiss all HS {section} convictions")

    if policy.under_21 and calendar.add_years(subject.birth_date, 21) > conviction.date:
        return Decision(DISMISS, "21 years or younger")

    if policy.age and calendar.add_years(subject.birth_date, policy.age) <= as_of:
        return Decision(DISMISS, f"{policy.age} years or older")

    years = policy.years_since_conviction
    if years and conviction.date <= calendar.add_years(as_of, -years):
        return Decision(DISMISS, f"Conviction occurred {years} or more years ago")

    years = policy.years_crime_free
    if years and subject.latest_conviction < calendar.add_years(as_of, -years):
        return Decision(DISMISS, f"No convictions in the past {years} years")

    if policy.only_prop64 and all(one.prop64 for one in subject.convictions):
        return Decision(DISMISS, "Only has 11357-60 charges")

    if policy.deceased and subject.deceased:
        return Decision(DISMISS, "Individual is deceased")

    for section in policy.reduce:
        if section.encode() in conviction.code_section:
            return Decision(REDUCE, f"Reduce all HS {section} convictions")

    return UNDECIDED
