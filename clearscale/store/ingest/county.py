"""Whose extract is it? The county in which every subject of it has a conviction that extracts are made for."""

import os
from collections.abc import Mapping, Sequence, Set

from clearscale.encoding import to_bytes
from clearscale.errors import ClearscaleError, ExtractError, closest
from clearscale.law import state
from clearscale.law.findings import Finding

from .refusals import Refusals
from .subjects import Subjects

_NEAR = 3
"""So many counties that come near are named at most."""


def named_county(given: str) -> str:
    """The state's county of that name, in any case and padding, with or without "County", as records write it.

    Raises
    ------
    ClearscaleError
        If there is none, with the nearest name.
    """
    wanted = " ".join(given.upper().replace("-", " ").split())
    names = state().counties.names
    if wanted in names:
        return wanted
    if (short := wanted.removesuffix(" COUNTY").removeprefix("COUNTY OF ")) in names:
        return short
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
    if not isinstance(given, str | Mapping):
        raise ClearscaleError(f"county is {given!r}; give a county's name, or a dict of names by file")
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


def told_counties(files: Sequence[tuple[str, Subjects]]) -> list[str]:
    """The counties of files, from their subjects.

    A file whose subjects do not tell may be a part of an extract, where a subject has its conviction in another
    part. So it is of a county if all its subjects have one there with the other files that may be of that county; a
    subject is the same in two of them if the person's number is.

    Parameters
    ----------
    files
        Name and subjects of each.

    Returns
    -------
    list of str
        The county of each, as records write it.

    Raises
    ------
    ExtractError
        If one does not tell: it can be of no county so, or of several.
    """
    names = state().counties.names
    alone = [[county for county in names if subjects.with_all_of(to_bytes(county))] for _, subjects in files]
    told = [found[0] if len(found) == 1 else None for found in alone]
    asking = [place for place, county in enumerate(told) if county is None]
    possible: dict[int, list[str]] = {place: [] for place in asking}
    if len(files) > 1:
        for county in names if asking else ():
            sure = [place for place, found in enumerate(told) if found == county]
            for place in _together(files, sure, asking, to_bytes(county)):
                possible[place].append(county)
    untold = Refusals()
    for place in asking:
        if len(possible[place]) != 1:
            untold.add(_untold(*files[place], alone[place]))
        else:
            told[place] = possible[place][0]
    untold.require_none()
    return [county for county in told if county is not None]


def _together(
    files: Sequence[tuple[str, Subjects]], sure: Sequence[int], asking: Sequence[int], county: bytes
) -> list[int]:
    """Those that ask whose subjects all have a conviction in the county, in these files or in one that is sure."""
    chosen = [place for place in asking if files[place][1].convicted.get(county) is not None]
    while chosen:
        known = set().union(*(files[place][1].known_in(county) for place in (*sure, *chosen)))
        staying = [place for place in chosen if files[place][1].unknown_in(county) <= known]
        if staying == chosen:
            break
        chosen = staying
    return chosen


def _untold(name: str, subjects: Subjects, found: Sequence[str]) -> ExtractError:
    """The error for a file that does not tell its county. found: counties in which all subjects have one."""
    asked = f"{name}: its records do not tell which county it is of; name it with --county"
    if not len(subjects):
        return ExtractError(asked)
    if found:
        who = f"{len(subjects):,} subject{'s have' if len(subjects) > 1 else ' has'}"
        return ExtractError(f"{asked}. Its {who} Prop 64 convictions in each of {', '.join(found)}.")
    counts = {county: _with(subjects, county) for county in state().counties.names}
    nearest = sorted((county for county in counts if counts[county]), key=lambda county: -counts[county])[:_NEAR]
    near = ", ".join(f"{county} ({len(subjects) - counts[county]:,} have none there)" for county in nearest)
    return ExtractError(
        f"{asked}. In no county do all of its {len(subjects):,} subjects have a Prop 64 conviction"
        + (f"; nearest is {near}. If the file is of the whole state, give it with --statewide." if near else ".")
    )


def _with(subjects: Subjects, county: str) -> int:
    return len(subjects) - len(subjects.without(to_bytes(county)))


def of_county(county: str, subjects: Subjects, held: Set[bytes] = frozenset()) -> Finding | None:
    """The finding that subjects of an extract have no conviction in its county.

    held: subjects of the extract that it is added to, who may have theirs there.
    """
    lacking = subjects.without(to_bytes(county)).to_pylist()
    return (
        state()
        .findings["convicted-elsewhere"]
        .judge(sum(subject not in held for subject in lacking), len(subjects))
    )
