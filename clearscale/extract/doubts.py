"""What no rule can know, as bits of a block's rows and counts of findings.

Prop 64 court actions without a disposition, convictions of another offense than charged, convictions that an
earlier proceeding cleared, and charges that nearly name a Prop 64 section. No decision changes by them: policies
may ask for them, and decisions are flagged.
"""

from collections import Counter
from functools import lru_cache

import numpy as np
import pyarrow as pa

from clearscale.law import state
from clearscale.law.findings import EXAMPLES
from clearscale_kernels import flag
from clearscale_kernels.arrays import Bools, Int32s

from .coding import Coding
from .encoding import Encoded
from .noticed import Noticed

_FORMAT, _CHARGES = state().format, state().charges
_ROLES, _SAYS = _FORMAT.roles, _FORMAT.says

_MOST_KNOWN = 2**15


@lru_cache(_MOST_KNOWN)
def _near(text: bytes) -> bytes:
    return _CHARGES.near(text)


@lru_cache(_MOST_KNOWN)
def _named(text: bytes) -> bytes:
    """The code section in an offense's text without white space around it."""
    return _FORMAT.code_section(text).strip()


def doubt(coding: Coding, encoded: Encoded, header_lines: int) -> Noticed:
    """Look for what no rule can know in a block's rows, and set their bits.

    Parameters
    ----------
    coding
        All columns of the block.
    encoded
        Its rows. Their flags are changed.
    header_lines
        Of its file, to name lines as a person counts them.

    Returns
    -------
    Noticed
        The counts, among Prop 64 records and all convictions.
    """
    flags, noticed = encoded.rows["flags"], Noticed()
    sections = np.array([_CHARGES.section(text) >= 0 for text in encoded.texts["offense"]], np.bool_)
    prop64: Bools = sections[encoded.rows["offense"]] if sections.size else np.zeros(flags.size, np.bool_)
    convicted: Bools = flags & flag.CONVICTED != 0
    near, fragments = _nearly_prop64(coding, convicted & ~prop64)
    found = (
        ("prop64-without-disposition", flag.NO_DISPOSITION, _undecided(coding, prop64)),
        ("another-offense-charged", flag.OTHER_OFFENSE, _of_another_offense(coding, encoded, convicted)),
        ("near-prop64", flag.NEAR_PROP64, near),
    )
    for name, bit, rows in found:
        places = np.flatnonzero(rows)
        if places.size:
            flags[places] |= np.int16(bit)
            noticed.note(name, places.size, coding.block.lines[places[:EXAMPLES]] + header_lines)
    noticed.looks("near-prop64", fragments)
    # Only the fold knows whether there was a conviction to clear, so these are counted there.
    cleared = _cleared(coding, prop64, flags & flag.SET_ASIDE != 0)
    flags |= np.where(cleared, flag.CLEARED, 0).astype(np.int16)
    return noticed


def _undecided(coding: Coding, prop64: Bools) -> Bools:
    return prop64 & _says(coding, "court_action") & _says(coding, "no_disposition")


def _says(coding: Coding, name: str) -> Bools:
    saying = getattr(_SAYS, name)
    codes, texts = coding.coded(saying.column)
    result: Bools = np.array([saying(text) for text in texts], np.bool_)[codes]
    return result


def _cleared(coding: Coding, prop64: Bools, set_aside: Bools) -> Bools:
    """Rows of Prop 64 charges that say so; what was set aside has a bit of its own."""
    return prop64 & _says(coding, "cleared") & ~set_aside


def _of_another_offense(coding: Coding, encoded: Encoded, convicted: Bools) -> Bools:
    """Convictions of another code section than charged, where one of the two is a Prop 64 section."""
    # The charge may stand in the comment: its code section is where the row has it.
    charged_codes, charged = encoded.rows["offense"], encoded.texts["offense"]
    result = np.zeros(convicted.size, np.bool_)
    for role in (_ROLES.disposed_offense, _ROLES.convicted_offense):
        codes, texts = _repeating(coding, role)
        stated = np.array([bool(text.strip()) for text in texts], np.bool_)
        if not stated.any():
            continue
        places = np.flatnonzero(stated[codes] & convicted)
        width = len(charged)
        pairs, inverse = np.unique(
            codes[places].astype(np.int64) * width + charged_codes[places], return_inverse=True
        )
        differing = [
            _differs(_named(texts[pair // width]), charged[pair % width].strip()) for pair in pairs.tolist()
        ]
        result[places] |= np.array(differing, np.bool_)[inverse]
    return result


@lru_cache(_MOST_KNOWN)
def _differs(stated: bytes, charged: bytes) -> bool:
    """Whether two code sections are different, one of them a Prop 64 section."""
    return stated != charged and max(_CHARGES.section(stated), _CHARGES.section(charged)) >= 0


def _repeating(coding: Coding, name: str) -> tuple[Int32s, list[bytes]]:
    """(code of each row, distinct values) of a column that need not be coded."""
    array = coding.array(_FORMAT.places[name])
    coded = array if pa.types.is_dictionary(array.type) else array.dictionary_encode()
    return coded.indices.to_numpy(zero_copy_only=False), coded.dictionary.to_pylist()


def _nearly_prop64(coding: Coding, candidates: Bools) -> tuple[Bools, Counter[str]]:
    """(Rows whose offense nearly names a Prop 64 section, how often which texts do). candidates: rows that may."""
    offenses, texts = coding.coded(_ROLES.offense)
    comments, comment_texts = coding.coded(_ROLES.comment)
    of_offense = [_near(text) for text in texts]
    told_elsewhere = np.array([_SAYS.perhaps_in_comment(text) for text in texts], np.bool_)
    result = np.array([bool(text) for text in of_offense], np.bool_)[offenses] & candidates
    elsewhere = told_elsewhere[offenses] & candidates
    named = Counter(of_offense[code] for code in offenses[result].tolist())
    if elsewhere.any():
        of_comment = [_near(text) for text in comment_texts]
        elsewhere &= np.array([bool(text) for text in of_comment], np.bool_)[comments]
        named.update(of_comment[code] for code in comments[elsewhere & ~result].tolist())
        result |= elsewhere
    return result, Counter({text.decode("ascii", "backslashreplace"): count for text, count in named.items()})
