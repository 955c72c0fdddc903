"""A policy compiled: its rules as rows of numbers, for a kernel that never knows which policy it runs."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from clearscale_kernels.arrays import Int16s, Int32s
from clearscale_kernels.policy import decide
from clearscale_kernels.policy.decide import FLAGS_A_NUMBER, FactMatrices

from .facts import Evidence, Kind, find, known
from .model import Condition, Policy

_INT16, _INT32 = np.iinfo(np.int16), np.iinfo(np.int32)


@dataclass(frozen=True)
class Program:
    """Rules as the decide kernel takes them.

    bounds: shape (rules + 1,), the first condition of each rule. conditions: shape (c, 5); see `decide.Rules`.
    narrow, wide: names of the facts in the kernel's two matrices. flags: names of the yes-or-no facts, which stand
    together as bits in further rows of the narrow matrix. rests_on: shape (rules + 1,), the dates that each rule
    looks at (bits of `clearscale_kernels.flag`); the last is of no rule, 0.
    """

    bounds: Int32s
    conditions: Int32s
    narrow: tuple[str, ...]
    flags: tuple[tuple[str, ...], ...]
    wide: tuple[str, ...]
    rests_on: Int32s

    @property
    def rules(self) -> decide.Rules:
        """The rules as the kernel's argument."""
        return decide.Rules(self.bounds, self.conditions)

    @property
    def facts(self) -> tuple[str, ...]:
        """Names of all facts that the rules look at."""
        return (*self.narrow, *(name for names in self.flags for name in names), *self.wide)

    def matrices(self, evidence: Evidence, places: np.ndarray | None = None) -> FactMatrices:
        """Find the facts that the rules look at. places: only of these candidates."""
        size = evidence.caseload.section.size if places is None else places.size
        narrow = np.empty((len(self.narrow) + len(self.flags), size), np.int16)
        wide = np.empty((len(self.wide), size), np.int32)

        def found(name: str) -> np.ndarray:
            if places is None:
                return _kept(name, evidence) if evidence.keeping else find(name, evidence)
            kept: np.ndarray = _kept(name, evidence)[places]
            return kept

        for matrix, names in ((narrow, self.narrow), (wide, self.wide)):
            for row, name in enumerate(names):
                matrix[row] = found(name)
        for row, names in enumerate(self.flags, start=len(self.narrow)):
            answers = np.empty((len(names), size), np.bool_)
            for place, name in enumerate(names):
                answers[place] = found(name)
            decide.pack(answers, narrow[row])
        return FactMatrices(narrow, wide)

    def values(self, narrow: Int16s, wide: Int32s, at: int) -> dict[str, int]:
        """Read the value of each fact for one candidate from the matrices."""
        numbers = dict(zip(self.narrow, narrow[: len(self.narrow), at].tolist(), strict=True))
        for row, names in enumerate(self.flags, start=len(self.narrow)):
            numbers |= {name: int(narrow[row, at]) >> bit & 1 for bit, name in enumerate(names)}
        return numbers | dict(zip(self.wide, wide[:, at].tolist(), strict=True))


def _kept(name: str, evidence: Evidence) -> np.ndarray:
    if name not in evidence.found:
        evidence.found[name] = find(name, evidence)
    return evidence.found[name]


def _form(condition: Condition, narrow: bool) -> tuple[int, int, int]:
    """Return (form, low, high) of a condition in the decide kernel."""
    value, limits = condition.value, _INT16 if narrow else _INT32
    least, most = int(limits.min), int(limits.max)
    if condition.operator in ("has", "lacks"):
        return (decide.HAS if condition.operator == "has" else decide.LACKS), value, 0
    low, high = {
        "==": (value, value),
        "!=": (value, value),
        "<": (least, value - 1),
        "<=": (least, value),
        ">": (value + 1, most),
        ">=": (value, most),
    }[condition.operator]
    form = decide.OUTSIDE if condition.operator == "!=" else decide.WITHIN
    if low > most or high < least:
        return form, most, least  # no number of the matrix lies there
    return form, max(low, least), min(high, most)


def _of_flag(condition: Condition, bit: int) -> tuple[int, int, int]:
    """Return (form, low, high) of a condition on a flag that is one bit among others."""
    of_no, of_yes = (_holds(condition, value) for value in (0, 1))
    if of_no == of_yes:
        return (decide.WITHIN, _INT16.min, _INT16.max) if of_no else (decide.WITHIN, _INT16.max, _INT16.min)
    return (decide.HAS if of_yes else decide.LACKS), 1 << bit, 0


def _holds(condition: Condition, value: int) -> bool:
    form, low, high = _form(condition, narrow=True)
    if form in (decide.HAS, decide.LACKS):
        return (value & low != 0) == (form == decide.HAS)
    return (low <= value <= high) == (form == decide.WITHIN)


@lru_cache(maxsize=64)
def compiled(policy: Policy) -> Program:
    """Compile the policy's program. Raises PolicyError if a rule names a fact that does not exist."""
    used = list(dict.fromkeys(condition.fact for rule in policy.rules for condition in rule.conditions))
    for name in used:
        known(name)
    wide = tuple(name for name in used if known(name).wide)
    yes_or_no = tuple(name for name in used if known(name).kind == Kind.FLAG)
    flags = tuple(yes_or_no[first : first + FLAGS_A_NUMBER] for first in range(0, len(yes_or_no), FLAGS_A_NUMBER))
    narrow = tuple(name for name in used if name not in (*wide, *yes_or_no))
    bounds, conditions, rests_on = [0], [], []
    for rule in policy.rules:
        for condition in rule.conditions:
            if condition.fact in yes_or_no:
                word, bit = divmod(yes_or_no.index(condition.fact), FLAGS_A_NUMBER)
                conditions.append((decide.NARROW, len(narrow) + word, *_of_flag(condition, bit)))
                continue
            is_narrow = condition.fact in narrow
            row = (narrow if is_narrow else wide).index(condition.fact)
            where = decide.NARROW if is_narrow else decide.WIDE
            conditions.append((where, row, *_form(condition, is_narrow)))
        bounds.append(len(conditions))
        rests_on.append(
            int(np.bitwise_or.reduce([0, *(known(condition.fact).rests_on for condition in rule.conditions)]))
        )
    return Program(
        np.array(bounds, np.int32),
        np.array(conditions, np.int32).reshape(-1, 5),
        narrow,
        flags,
        wide,
        np.array([*rests_on, 0], np.int32),
    )
