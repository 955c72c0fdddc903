"""A state is a folder beside this file: here it is found, and each part of it is read when first asked for."""

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import resources
from importlib.resources.abc import Traversable
from typing import TYPE_CHECKING, Any

from .catalog import Catalog, ChargeList
from .extract_format import Format

if TYPE_CHECKING:
    from .counties import Counties
    from .findings import Kinds
    from .papers import Papers
    from .people import People
    from .places import Places
    from .statutes import Statutes
    from .values import Values

IN_USE = "california"
"""The state whose extracts, law and policies are in use."""

_PAPERS = "papers.toml"


@dataclass(frozen=True, eq=False, repr=False)
class Policies:
    """The policies of a state, by the names of their files."""

    folder: Traversable

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Their names, sorted."""
        files = (file.name for file in self.folder.iterdir())
        return tuple(sorted(name.removesuffix(".toml") for name in files if name.endswith(".toml")))

    def read(self, name: str) -> bytes:
        """The file of a policy."""
        return self.folder.joinpath(f"{name}.toml").read_bytes()


@dataclass(frozen=True, eq=False, repr=False)
class State:
    """What a state says.

    Parameters
    ----------
    name
        Name of its folder.
    folder
        Where the files lie.
    """

    name: str
    folder: Traversable

    @cached_property
    def charges(self) -> Catalog:
        """The lists of code sections, compiled."""
        files = sorted(self.folder.joinpath("charges").iterdir(), key=lambda file: file.name)
        return Catalog(
            {
                file.name.removesuffix(".toml"): ChargeList.read(file.name.removesuffix(".toml"), _toml(file))
                for file in files
            }
        )

    @property
    def title(self) -> str:
        """The state's name as people write it."""
        return self.name.replace("_", " ").title()

    @cached_property
    def format(self) -> Format:
        """The format of its extracts."""
        return Format.read(_toml(self.folder.joinpath("format.toml")))

    @property
    def lists_counties(self) -> bool:
        """Whether `counties` can be read: with letters and tiles of a map."""
        return self.folder.joinpath("counties.toml").is_file()

    @cached_property
    def counties(self) -> "Counties":
        """Its counties."""
        # Most commands ask for no county and no race: these two are not even imported for them.
        from .counties import Counties

        return Counties.read(_toml(self.folder.joinpath("counties.toml")))

    @cached_property
    def shapes(self) -> dict[str, Any] | None:
        """The shapes of its counties as TopoJSON, ids as records write them; None if there is no such file."""
        file = self.folder.joinpath("counties.topojson")
        found: dict[str, Any] | None = json.loads(file.read_text("utf-8")) if file.is_file() else None
        return found

    @cached_property
    def places(self) -> "Places":
        """Its counties and courts, by what records call them."""
        from .places import Places

        file = self.folder.joinpath("places.toml")
        return Places.read(_toml(file)) if file.is_file() else Places.of(self.counties)

    @cached_property
    def statutes(self) -> "Statutes":
        """How its statutes are spelled."""
        from .statutes import Statutes

        return Statutes.read(_toml(self.folder.joinpath("statutes.toml")))

    @cached_property
    def maps(self) -> Mapping[str, Traversable]:
        """Its column maps, files by name."""
        folder = self.folder.joinpath("formats")
        files = sorted(folder.iterdir(), key=lambda file: file.name) if folder.is_dir() else []
        return {file.name.removesuffix(".toml"): file for file in files if file.name.endswith(".toml")}

    @cached_property
    def people(self) -> "People":
        """Races and sexes, and how they are grouped."""
        from .people import People

        return People.read(_toml(self.folder.joinpath("people.toml")))

    @cached_property
    def findings(self) -> "Kinds":
        """What its extracts are looked at for before they are stored."""
        from .findings import Kinds

        return Kinds.read(_toml(self.folder.joinpath("findings.toml")))

    @cached_property
    def values(self) -> "Values":
        """What values of its extracts look like."""
        from .values import Values

        return Values.read(_toml(self.folder.joinpath("values.toml")))

    @cached_property
    def papers(self) -> "Papers":
        """What papers for its courts say."""
        return _papers(self.folder.joinpath(_PAPERS))

    @cached_property
    def fabricated(self) -> Mapping[str, Any]:
        """Texts of fabricated records, and how often each is met; the file says what its tables are."""
        return _toml(self.folder.joinpath("fabricated.toml"))

    @cached_property
    def policies(self) -> Policies:
        """The policies that need no file of the user's."""
        return Policies(self.folder.joinpath("policies"))


def _toml(file: Traversable) -> dict[str, Any]:
    return tomllib.loads(file.read_text("utf-8"))


def _papers(own: Traversable | None) -> "Papers":
    from .papers import Papers

    general = _toml(resources.files(__package__).joinpath(_PAPERS))
    return Papers.read(general, _toml(own) if own is not None and own.is_file() else {})


def papers_of(name: str) -> "Papers":
    """What papers say in a state of that name; those of no state in particular where none has it."""
    return state(name).papers if name in state_names() else _papers(None)


@cache
def state_names() -> tuple[str, ...]:
    """Names of all states' folders, sorted."""
    folders = (folder for folder in resources.files(__package__).iterdir() if folder.is_dir())
    return tuple(sorted(folder.name for folder in folders if folder.joinpath("statutes.toml").is_file()))


def state(name: str = IN_USE) -> State:
    """The state whose folder has that name.

    Parameters
    ----------
    name
        Name of the folder; by default that of the state in use.

    Returns
    -------
    State
        Its parts, each read when it is first asked for.

    Raises
    ------
    ValueError
        If there is no such folder.
    """
    return _read_once(name)


@cache
def _read_once(name: str) -> State:
    folder = resources.files(__package__).joinpath(name)
    if not name.isidentifier() or not folder.is_dir():
        raise ValueError(f"there is no state '{name}' in {__package__}")
    return State(name, folder)
