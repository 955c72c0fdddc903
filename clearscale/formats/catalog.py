"""Column maps by name: those of the states, that of no state, and files of a user's own."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

from clearscale.errors import ExtractError, closest
from clearscale.io.files import Folder
from clearscale.io.urls import file_name
from clearscale.law import Format, state, state_names
from clearscale.law.extract_format import DATES
from clearscale_cluster.shown import shown_url

from .column_map import ColumnMap

_LONGEST = 2**20
"""Bytes of a map at most."""


@cache
def maps() -> Mapping[str, Traversable]:
    """Files of the maps that need no file of the user's, by name."""
    own = [file for file in resources.files(__package__).joinpath("maps").iterdir() if file.name.endswith(".toml")]
    of_states = [file for name in state_names() for file in state(name).maps.values()]
    return {
        file.name.removesuffix(".toml"): file for file in sorted([*own, *of_states], key=lambda file: file.name)
    }


def load_map(name: str) -> ColumnMap:
    """The map of a name, or in a file.

    Parameters
    ----------
    name
        One of `maps()`, or a path or URL that ends in .toml.

    Returns
    -------
    ColumnMap

    Raises
    ------
    ExtractError
        If there is none, or it is wrong, with a line for each thing that is.
    """
    if name in maps():
        return _own(name)
    if not name.endswith(".toml"):
        near = closest(name, maps())
        hint = f"; did you mean '{near}'?" if near else f"; they are {', '.join(maps())}"
        raise ExtractError(f"there is no format '{name}'{hint} (a map of your own ends in .toml)")
    folder, _, file = name.rpartition("/")
    try:
        content = Folder(folder or ".").read(file)
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        raise ExtractError(f"{shown_url(name)}: there is no such file") from None
    return ColumnMap.read(file_name(name).removesuffix(".toml"), _parsed(content, name), shown_url(name))


@cache
def _own(name: str) -> ColumnMap:
    file = maps()[name]
    # Tests hold them to the schema; what reads one takes as long as all else that a command does.
    return ColumnMap.of(name, completed(tomllib.loads(file.read_text("utf-8"))))


def _parsed(content: bytes, name: str) -> dict[str, Any]:
    where = shown_url(name)
    if len(content) > _LONGEST:
        raise ExtractError(f"{where}: is too long for a column map; allowed is {_LONGEST:,} bytes")
    try:
        return completed(tomllib.loads(content.decode("utf-8")))
    except UnicodeDecodeError:
        raise ExtractError(f"{where}: is not UTF-8; save it as UTF-8") from None
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ExtractError(f"{where}: is no TOML: {error}") from None


def completed(document: dict[str, Any]) -> dict[str, Any]:
    """A map's document; one for a state's own extract with what the extract's format says."""
    if document.get("extract") is not True or document.get("state") not in state_names():
        return document
    return document | of_extract(state(document["state"]).format, document)


def of_extract(form: Format, document: Mapping[str, Any]) -> dict[str, Any]:
    """What the format of a state's extract says of a map: columns, roles, dates, rows, and some words.

    Parameters
    ----------
    form
        The extract's format.
    document
        The rest of the map.

    Returns
    -------
    dict
        Tables of a map.
    """
    roles, says = form.roles, form.says
    words = dict(document.get("values", {}))
    stated = dict(words.get("disposition", {}))
    for kind, saying in (("convicted", says.convicted), ("set aside", says.set_aside)):
        stated[kind] = [f"{text.decode()}*" for text in saying.texts]
    return {
        "columns": list(form.columns),
        "charge": {
            "person": [roles.person, roles.subject],
            "case": roles.case_number,
            "sequence": roles.count_order,
            "birth_date": roles.birth_date,
            "sex": roles.sex,
            "race": roles.race,
            "disposition_date": roles.event_date,
            "statute": roles.offense,
            "level": [roles.conviction_status, roles.charge_level],
            "disposition": roles.disposition,
            **({"revoked": roles.disposition} if "revoked" in words else {}),
        },
        "rows": {"column": says.court_action.column, "is": [text.decode() for text in says.court_action.texts]},
        "county": {"column": roles.county},
        "dates": {"formats": [DATES]},
        "values": {**words, "disposition": {kind: stated[kind] for kind in ("set aside", "convicted", *stated)}},
    }
