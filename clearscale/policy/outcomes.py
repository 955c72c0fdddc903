"""Outcomes: determination and reason of each decision, where a reason may hold the code section it is given for."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from clearscale.encoding import to_bytes
from clearscale.law import state
from clearscale.law.offense_texts import OTHER_SECTION, Offenses
from clearscale_kernels.arrays import Int64s

from .by_county import PolicyMap
from .model import CODE_SECTION, Policy

AnyPolicy = Policy | PolicyMap
"""What a run takes."""


@dataclass(frozen=True)
class Outcomes:
    """texts: determination and reason as one text, a zero character between, sorted and each once.

    of_rule: shape (rules + 1,), the place of each rule's text, last that of an undecided conviction. of_offense: of
    rules whose reason holds the code section, the place by offense code, shape (offenses,).
    """

    texts: tuple[str, ...]
    of_rule: Int64s
    of_offense: Mapping[int, Int64s]

    def at(self, rules: np.ndarray, offenses: np.ndarray | None = None) -> Int64s:
        """Find each decision's text. rules (-1 is undecided), offenses (codes): shape (n,). Shape (n,)."""
        result: Int64s = self.of_rule[rules]
        for rule, places in self.of_offense.items():
            chosen = np.flatnonzero(rules == rule)
            if offenses is not None and places.size:
                result[chosen] = places[offenses[chosen]]
        return result

    @cached_property
    def determinations(self) -> list[str]:
        """The determination of each text."""
        return [text.partition("\0")[0] for text in self.texts]

    @cached_property
    def reasons(self) -> list[str]:
        """The reason of each text."""
        return [text.partition("\0")[2] for text in self.texts]


@lru_cache(maxsize=16)
def outcomes(policy: AnyPolicy, offenses: Offenses | None = None) -> Outcomes:
    """Find the outcomes of a policy's rules over the code sections of a store.

    Without `offenses` a reason's CODE_SECTION stays as it is.
    """
    plain = [*(f"{rule.determination}\0{rule.reason}" for rule in policy.rules), "\0"]
    shown = offenses.shown if offenses is not None else []
    filled = {
        number: [f"{rule.determination}\0{filled_in(rule.reason, text)}" for text in shown]
        for number, rule in enumerate(policy.rules)
        if offenses is not None and CODE_SECTION in rule.reason
    }
    texts = tuple(sorted({*plain, *(text for of_rule in filled.values() for text in of_rule)}))
    place = {text: number for number, text in enumerate(texts)}
    return Outcomes(
        texts,
        np.array([place[text] for text in plain], np.int64),
        {number: np.array([place[text] for text in of_rule], np.int64) for number, of_rule in filled.items()},
    )


def filled_in(reason: str, code_section: str) -> str:
    """Write the reason with the code section in place of CODE_SECTION."""
    return reason.replace(CODE_SECTION, code_section)


def reason_for_figures(reason: str, forms: Sequence[str]) -> str:
    """A reason as figures have it, where it holds what does not look like a code section.

    Parameters
    ----------
    reason
        As decisions have it.
    forms
        Reasons of the policy that hold CODE_SECTION.

    Returns
    -------
    str
        With `OTHER_SECTION` in place of such a text.
    """
    for form in forms:
        first, *others = map(re.escape, form.split(CODE_SECTION))
        found = re.fullmatch(f"{first}(.*)" + r"\1".join(others), reason, re.DOTALL)
        if found and not state().format.looks_like_section(to_bytes(found[1])):
            return filled_in(form, OTHER_SECTION)
    return reason


def reasons_with_code_section(policy: AnyPolicy) -> list[str]:
    """List reasons of a policy or policy map that hold CODE_SECTION, each once."""
    return list(dict.fromkeys(rule.reason for rule in policy.rules if CODE_SECTION in rule.reason))
