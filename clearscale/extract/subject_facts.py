"""What the records of a subject say of who it is, and whether they contradict one another."""

import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from clearscale.law import state
from clearscale_kernels.arrays import Int32s, Int64s

from .looking import Look
from .missing import names_nobody
from .odd_dates import dates_of

_ROLES, _PLACES, _VALUES = state().format.roles, state().format.places, state().values

_NOT_A_NAME = re.compile(rb"[^A-Z0-9\x80-\xff]+")
"""What does not count in a name: white space, commas, hyphens."""

KINDS: tuple[str, ...] = ("number", "name", "birth", "sex")
"""What records say of a subject."""

FACTS: tuple[str, ...] = ("values", "lines", "others")
"""What is known of each; see `Facts`."""


@dataclass(frozen=True)
class Facts:
    """What is said of each subject of a block in one respect, by place. Shapes (subjects,).

    values: what the first record says that says anything, as a number that is the same for the same fact; 0 if none
    does. lines: of that record in the file. others: of the first record that says something else, 0 if none does.
    """

    values: Int64s
    lines: Int64s
    others: Int64s


SubjectFacts = dict[str, Facts]
"""Facts by kind."""


def digest(text: bytes) -> int:
    """A number that is the same for the same text, and never 0."""
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "little", signed=True) or 1


@lru_cache(2**16)
def number_digest(text: bytes) -> int:
    """A number that is the same for all forms of a person's number; 0 for one that names nobody."""
    return 0 if not text.strip() or names_nobody(text) else digest(_VALUES.full_number(text))


@lru_cache(2**16)
def _of_name(text: bytes) -> int:
    name = _NOT_A_NAME.sub(b"", text.upper())
    return 0 if not name or names_nobody(text) else digest(name)


@lru_cache(2**10)
def _of_sex(text: bytes) -> int:
    sex = text.strip().upper()
    return 0 if not sex or _VALUES.no_sex.fullmatch(sex) else digest(sex[:1])


def subject_facts(look: Look) -> SubjectFacts:
    """The facts of a block's subjects.

    Parameters
    ----------
    look
        At the block.

    Returns
    -------
    dict of str to Facts
        By kind, each in the order of `Encoded.subjects`.
    """
    subjects, _ = look.coding.coded(_ROLES.subject)
    said = {}
    for kind, name, number in (
        ("number", _ROLES.person, number_digest),
        ("name", _ROLES.name, _of_name),
        ("sex", _ROLES.sex, _of_sex),
    ):
        codes, texts = look.column(name)
        said[kind] = np.array([number(text) for text in texts], np.int64).take(codes)
    days, read = dates_of(look, _ROLES.birth_date).days()
    said["birth"] = np.where(read, days.astype(np.int64) | _IS_DATE, 0)
    lines = look.coding.block.lines + look.header_lines
    begins = look.coding.first_rows(_PLACES[_ROLES.subject])
    return {kind: _facts(said[kind], subjects, lines, begins) for kind in KINDS}


def _facts(said: Int64s, subjects: Int32s, lines: Int64s, begins: Int32s) -> Facts:
    """What the first record of each subject says that says anything, and which one says something else.

    begins: the first record of each subject.
    """
    values = said[begins]
    if values.all() and np.array_equal(values[subjects], said):  # as nearly always
        return Facts(values, lines[begins], np.zeros(begins.size, np.int64))
    values, first, others = (np.zeros(begins.size, np.int64) for _ in range(3))
    places = np.flatnonzero(said)[::-1]
    values[subjects[places]] = said[places]  # backwards: the first stays
    first[subjects[places]] = lines[places]
    differing = places[said[places] != values[subjects[places]]]
    others[subjects[differing]] = lines[differing]
    return Facts(values, first, others)


_IS_DATE = 2**40
"""A bit above all days, so that no date is 0."""


def first_told(values: Int64s, subjects: Int32s | Int64s, count: int) -> Int64s:
    """What is told first of each subject.

    Parameters
    ----------
    values
        Facts in order, 0 where nothing is told.
    subjects
        Of each, places below `count`.
    count
        How many subjects there are.

    Returns
    -------
    array of int
        By subject, 0 where nothing is told. Shape (count,).
    """
    places = np.flatnonzero(values)[::-1]
    told = np.zeros(count, np.int64)
    told[subjects[places]] = values[places]  # backwards: the first stays
    return told


def contradicting(facts: Facts, subjects: Int32s | Int64s, count: int) -> tuple[Int32s | Int64s, Int64s]:
    """The records that say something else than the first of their subject that says anything.

    Parameters
    ----------
    facts
        What blocks say, one after the other.
    subjects
        Of each fact, places below `count`.
    count
        How many subjects there are.

    Returns
    -------
    tuple of arrays
        Subjects and lines, a subject perhaps several times.
    """
    same = facts.values == first_told(facts.values, subjects, count)[subjects]
    within = np.flatnonzero(same & (facts.others > 0))
    between = np.flatnonzero(~same & (facts.values != 0))
    lines = np.concatenate([facts.others[within], facts.lines[between]])
    return subjects[np.concatenate([within, between])], lines
