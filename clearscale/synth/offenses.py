"""Offense texts: Prop 64 charges, charges that often accompany them, and many others, with weights."""

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from clearscale.law import state

from .arrays import Ints, Texts, fields, quoted, texts, urn

SECTIONS = state().charges.sections
_SAYS = state().format.says
LEVELS = ("F", "M", "I", "")  # OFFENSE_TOC; the empty one is a level that was not reported
FELONY, MISDEMEANOR, INFRACTION, UNREPORTED = range(4)
PLAIN, PADDED, SEE_COMMENT, BLANK = range(4)  # how OFFENSE_DESCR is written
_STYLES = 4


@dataclass(frozen=True)
class FabricatedOffenses:
    """All offense texts, by code. An urn (see `arrays.urn`) holds codes.

    felony_odds: float64 [n], how often a conviction is a felony; infraction: bool [n]; section: int64 [n], into
    SECTIONS, the leftmost one that the text's code section names, -1 for none.
    """

    descriptions: list[str]
    felony_odds: npt.NDArray[np.float64]
    infraction: npt.NDArray[np.bool_]
    section: Ints
    prop64_felony: Ints
    prop64_other: Ints
    beside_prop64: Ints
    general: Ints
    registrations: Ints
    sex_registrations: Ints
    columns: Texts
    comments: Texts

    @property
    def no_columns(self) -> int:
        """The code in `columns` of four empty fields."""
        return len(self.columns) - 1


def column_codes(offense: Ints, level: Ints, style: Ints) -> Ints:
    """Codes into `FabricatedOffenses.columns`, the four fields CODE, DESCR, TOC and QUAL_LST of an offense."""
    return (offense * len(LEVELS) + level) * _STYLES + style


def _section(description: str) -> int:
    """Place in SECTIONS of the leftmost that the text's code section names, -1 for none."""
    return state().charges.section(state().format.code_section(description.encode()))


def _columns(code: int, description: str) -> list[bytes]:
    stated = state().fabricated
    qualifier = "ATT" if description.startswith(stated["attempt"]) else ("PRIOR" if code % 9 == 4 else "")
    number = f"{10_003 + code * 283 % 79_999:05d}"
    written = (description, f"{description:<60}", stated["see_comment"], "")
    return [fields(number, text, level, qualifier) for level in LEVELS for text in written]


@cache
def offenses() -> FabricatedOffenses:
    """Build the table of offenses, once."""
    stated = state().fabricated
    prop64 = stated["relief"]
    groups = [stated[name] for name in ("related", "others", "registrations")]
    lines = [line[1:] for line in prop64] + [line for group in groups for line in group]
    marked = np.repeat(np.arange(4), [len(prop64), *map(len, groups)])
    weight = np.array([float(line[0]) for line in lines])
    levels = np.array([line[1] for line in lines])
    descriptions = [line[2] for line in lines]
    odds = np.select([levels == "F", levels == "W"], [0.93, 0.5], 0.0)

    def bag(related: float, others: float) -> Ints:
        return urn(weight * np.select([marked == 1, marked == 2], [related, others], 0.0))

    register = weight * (marked == 3)
    sex = np.array([_SAYS.registrable(text.encode()) for text in descriptions])
    columns = [field for code, text in enumerate(descriptions) for field in _columns(code, text)]
    return FabricatedOffenses(
        descriptions=descriptions,
        felony_odds=odds,
        infraction=levels == "I",
        section=np.array([_section(text) for text in descriptions]),
        prop64_felony=urn([float(line[0]) for line in prop64]),
        prop64_other=urn([float(line[1]) for line in prop64]),
        beside_prop64=bag(4.0, 1.0),
        general=bag(1.0, 1.0),
        registrations=urn(register * ~sex),
        sex_registrations=urn(register * sex),
        columns=texts([*columns, b",,,,"]),
        comments=texts(quoted(text) for text in descriptions),
    )
