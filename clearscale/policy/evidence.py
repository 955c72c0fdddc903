"""Evidence: what the facts of a caseload are made from, on an as-of date."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import cast

import numpy as np

from clearscale.errors import PolicyError
from clearscale.law.offense_texts import Offenses
from clearscale_kernels import flag
from clearscale_kernels.arrays import Int32s

from .caseload import Caseload


@dataclass(frozen=True)
class Evidence:
    """What facts are made from. as_of: day number. found: facts that several policies ask for, by name.

    keeping: whether all facts that are found are kept there, for the next policy to ask for.
    """

    caseload: Caseload
    as_of: int
    found: dict[str, np.ndarray] = field(default_factory=dict, compare=False, repr=False)
    keeping: bool = False

    def of_candidate(self, column: str) -> np.ndarray:
        """Return a column of `candidates`. Shape (n,)."""
        return self.caseload.candidates[column]

    def subject(self, column: str) -> np.ndarray:
        """Return a column of `subjects`. Shape (h,). Raises PolicyError if the store was folded without it."""
        if column not in self.caseload.subjects:
            raise PolicyError(
                f"the store was made by an earlier version and lacks '{column}', which the policy asks for; "
                "ingest its extracts into a new store"
            )
        return self.caseload.subjects[column]

    def of_person(self, column: str) -> np.ndarray:
        """Bring a column of `subjects` to the candidates. Shape (n,)."""
        return self.to_candidates(self.subject(column))

    def to_candidates(self, values: np.ndarray) -> np.ndarray:
        """Bring a fact of each subject, shape (h,), to the candidates. Shape (n,)."""
        return cast(np.ndarray, values[self.caseload.candidates["history"]])

    def by_offense(self, ask: Callable[[Offenses], np.ndarray]) -> np.ndarray:
        """Ask each offense's text, and bring the answers to the candidates. Shape (n,)."""
        offenses = self.caseload.offenses
        if offenses is None:
            raise PolicyError("the policy asks for the text of code sections, and the caseload has none")
        found = ask(offenses)
        codes = self.of_candidate("offense")
        return found[codes] if found.size else np.zeros(codes.size, found.dtype)

    @cached_property
    def missing(self) -> Int32s:
        """Which dates each candidate's facts lack: bits of `clearscale_kernels.flag`. Shape (n,)."""
        own = self.of_candidate("flags") & flag.NO_EVENT_DATE
        subject = self.caseload.subjects["flags"] & (flag.NO_BIRTH_DATE | flag.ANY_NO_EVENT_DATE)
        result: Int32s = (own | self.to_candidates(subject)).astype(np.int32)
        return result
