"""The findings of a bucket. A bucket holds people with all their histories, so buckets are checked on their own."""

import re
from collections import Counter
from dataclasses import dataclass

import numpy as np

from clearscale.encoding import readable
from clearscale.law import states
from clearscale.runs.decisions import SYNTHETIC
from clearscale_kernels import flag
from clearscale_kernels.arrays import Bools, Int64s

from .bucket import Bucket, ScopedRows, scoped_rows
from .copies import copy_findings
from .counts import FindingCounts, counted
from .vocabulary import KNOWN

_SECTIONS = states.state().charges.sections

CONVICTION_FLAGS = (
    (flag.NO_EVENT_DATE, "no-conviction-date"),
    (flag.SET_ASIDE, "set-aside"),
    (flag.REDUCED, "reduced"),
    (flag.FROM_COMMENT, "charge-in-comment"),
    (flag.CLEARED, "cleared-earlier"),
    (flag.OTHER_OFFENSE, "another-offense-charged"),
)

_ALONE = re.compile("|".join(rf"(?<![0-9]){section}(?![0-9])" for section in _SECTIONS).encode())


@dataclass(frozen=True)
class CheckInputs:
    """What the findings of a bucket rest on.

    bucket: its convictions (with `count_order`) and people. persons: shape (h,), a number for each CII_NUMBER of
    the bucket, -1 without one. texts: of the dictionaries county, race and sex, by code. inside: shape (offenses,),
    whether a code section has Prop 64 numbers only inside longer ones.
    """

    bucket: Bucket
    persons: Int64s
    texts: dict[str, list[bytes]]
    inside: Bools


def inside_longer_number(code_section: bytes) -> bool:
    """Return whether every Prop 64 number in the text has a digit before or after it, as in `011359`."""
    return _ALONE.search(code_section) is None


def find(inputs: CheckInputs) -> FindingCounts:
    """Count all findings of a bucket."""
    bucket = inputs.bucket
    result = copy_findings(bucket, inputs.persons)
    county, state = scoped_rows(bucket)
    for view in (county, state):
        result += _of_prop64(inputs, view)
        result += _of_people(inputs, view)
    # Every conviction that an extract holds: those of an unknown county are no county's own.
    every = np.ones(county.convictions.size, np.bool_)
    for mask, scopes in (
        (every, county.conviction_scope),
        (state.convictions, state.conviction_scope),
    ):
        result += _of_texts(inputs, "county", bucket.convictions["county"][mask], scopes[mask])
    return result


def _of_prop64(inputs: CheckInputs, view: ScopedRows) -> FindingCounts:
    """Count findings among the Prop 64 convictions that the view's scopes decide."""
    bucket = inputs.bucket
    chosen = np.flatnonzero(view.convictions & (bucket.sections[bucket.convictions["offense"]] >= 0))
    scopes = view.conviction_scope[chosen]
    offenses, flags = bucket.convictions["offense"][chosen], bucket.convictions["flags"][chosen]
    result = counted("prop64-convictions", scopes)
    for bit, finding in CONVICTION_FLAGS:
        result += counted(finding, scopes[(flags & bit) != 0])
    result += counted(SYNTHETIC, scopes[(bucket.charge_flags[offenses] & flag.SYNTHETIC) != 0])
    inside = inputs.inside[offenses]
    result += counted("inside-longer-number", scopes[inside], bucket.sections[offenses[inside]], _SECTIONS)
    history = bucket.convictions["history"][chosen]
    undated = (np.bincount(history, minlength=view.people.size) > 0) & view.people
    undated &= (bucket.people["flags"] & flag.NO_BIRTH_DATE) != 0
    return result + counted("no-birth-date", view.people_scope[undated])


def _of_people(inputs: CheckInputs, view: ScopedRows) -> FindingCounts:
    """Count findings among the texts that describe the view's people."""
    scopes = view.people_scope[view.people]
    result: FindingCounts = Counter()
    for name in ("race", "sex"):
        result += _of_texts(inputs, name, inputs.bucket.people[name][view.people], scopes)
    return result


def _of_texts(inputs: CheckInputs, name: str, codes: np.ndarray, scopes: Int64s) -> FindingCounts:
    """Count blank and unknown texts of a dictionary. codes, scopes: shape (k,)."""
    texts = inputs.texts[name]
    blank = np.array([not text.strip() for text in texts], np.bool_)
    unknown = np.array([text not in KNOWN[name] for text in texts], np.bool_) & ~blank
    if not codes.size:
        return Counter()
    shown = [readable(text) for text in texts]
    among = unknown[codes]
    return counted(f"blank-{name}", scopes[blank[codes]]) + counted(
        f"unknown-{name}", scopes[among], codes[among], shown
    )
