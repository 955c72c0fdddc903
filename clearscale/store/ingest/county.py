"""Whose extract is it? The county in which every subject of it has a conviction that extracts are made for."""

import os
from collections.abc import Mapping, Sequence

from clearscale.encoding import to_bytes
from clearscale.errors import ClearscaleError, ExtractError, closest
from clearscale.law import state
from clearscale.law.findings import Finding

from .subjects import Subjects

_NEAR = 3
"""So many counties that come near are named at most."""


def named_county(given: str) -> str:
    """The state's county of that name, in any case and padding, as records write it.

    Raises
    ------
    ClearscaleError
        If there is none, with the nearest name.
    """
    wanted = " ".join(given.upper().replace("-", " ").split())
    names = state().counties.names
    if wanted in names:
        return wanted
    near = closest(wanted, names)
    hint = f"did you mean '{near}'?" if near else f"they are: {', '.join(names)}"
    raise ClearscaleError(f"there is no county '{given}'; {hint}")


def named_counties(given: str | Mapping[str, str] | None, names: Sequence[str]) -> dict[str, str]:
    """The county of each file that has one given.

    Parameters
    ----------
    given
        One county for all, or counties by path or file name.
    names
        File names of the extracts.

    Returns
    -------
    dict of str to str
        Counties as records write them, by file name.

    Raises
    ------
    ClearscaleError
        If a county is none of the state's, or a file is none of the extracts.
    """
    if given is None:
        return {}
    if isinstance(given, str):
        return dict.fromkeys(names, named_county(given))
    counties = {os.fspath(path).rpartition("/")[2]: named_county(county) for path, county in given.items()}
    for name in counties:
        if name not in names:
            near = closest(name, names)
            raise ClearscaleError(
                f"a county is given for {name}, which is none of the extracts"
                + (f"; did you mean {near}?" if near else "")
            )
    return counties


def told_county(name: str, subjects: Subjects) -> str:
    """The county of an extract, from its subjects.

    Raises
    ------
    ExtractError
        If they do not tell: in no county all of them have a conviction, or in several.
    """
    found = [county for county in state().counties.names if subjects.with_all_of(to_bytes(county))]
    if len(found) == 1:
        return found[0]
    asked = f"{name}: its records do not tell which county it is of; name it with --county"
    if not len(subjects):
        raise ExtractError(asked)
    if found:
        each = f"{len(subjects):,} subject{'s have' if len(subjects) > 1 else ' has'}"
        raise ExtractError(f"{asked}. Its {each} Prop 64 convictions in each of {', '.join(found)}.")
    counts = {county: _with(subjects, county) for county in state().counties.names}
    nearest = sorted((county for county in counts if counts[county]), key=lambda county: -counts[county])[:_NEAR]
    near = ", ".join(f"{county} ({len(subjects) - counts[county]:,} have none there)" for county in nearest)
    raise ExtractError(
        f"{asked}. In no county do all of its {len(subjects):,} subjects have a Prop 64 conviction"
        + (f"; nearest is {near}." if near else ".")
    )


def _with(subjects: Subjects, county: str) -> int:
    return len(subjects) - len(subjects.without(to_bytes(county)))


def of_county(county: str, stored: int, subjects: Subjects) -> tuple[Finding, ...]:
    """What is doubtful about an extract of the county. stored: its usable records."""
    kinds = state().findings
    found = (
        kinds["nothing-usable"].judge(int(not stored), 1),
        kinds["convicted-elsewhere"].judge(len(subjects) - _with(subjects, county), len(subjects)),
    )
    return tuple(finding for finding in found if finding is not None)
