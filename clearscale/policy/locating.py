"""Where a policy's text is found: among the packs, which need no file, or in a file at a path or URL."""

from collections.abc import Iterable, Mapping
from typing import Any

from clearscale.errors import ClearscaleError, closest
from clearscale.io.source import Source
from clearscale.law import state
from clearscale.law.charge_policies import charge_policies
from clearscale_cluster.shown import shown_url

from .findings import Finding, FoundError
from .texts import toml

PACKS = state().policies.names
"""Policies that need no file."""

OF_CHARGES = ("state", "cannot_know", "lists", "groups", "caps", "scope")
"""Keys that only policies over charges have."""

LONGEST = 4 * 2**20
"""Bytes of a policy at most, a hundred times the longest pack."""


def read_content(reference: str, packs: Iterable[str] = PACKS) -> bytes:
    """Read the text of a pack, or of the file at a path or URL. Raises FoundError if there is none.

    packs: those that the message lists where no name is near, of one kind of policies.
    """
    if reference in PACKS:
        return state().policies.read(reference)
    try:
        with Source(reference).open() as file:
            content = file.read(LONGEST + 1)
    except (FileNotFoundError, IsADirectoryError):
        if reference in charge_policies():
            text = f"'{reference}' is a policy over charges; `clearscale run` decides a store of charges by it"
            raise FoundError([Finding("no-policy", text)]) from None
        near = closest(reference, (*PACKS, *charge_policies()))
        hint = f"a pack; did you mean '{near}'?" if near else f"one of {', '.join(packs)}"
        text = f"there is no policy '{shown_url(reference)}': it is neither a file nor {hint}"
        raise FoundError([Finding("no-policy", text)]) from None
    except (ClearscaleError, PermissionError):
        raise
    except Exception as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        # Of what decompresses it, each with errors of its own.
        text = f"cannot be read as its ending says ({type(error).__name__}); give the plain file"
        raise FoundError([Finding("no-policy", text, reference)]) from None
    if len(content) > LONGEST:
        raise FoundError([Finding("length", f"has more than {LONGEST:,} bytes; it is no policy", reference)])
    return content


def is_map(tables: Mapping[str, Any]) -> bool:
    """Tell whether TOML tables are a policy map's: they have a default or tables of counties, and no rules."""
    return "rule" not in tables and any(isinstance(tables.get(key), dict) for key in ("default", "counties"))


def is_over_charges(reference: str) -> bool:
    """Tell whether a policy is one over charges: a pack of that kind, or a TOML file with their keys."""
    if reference in PACKS or not (reference in charge_policies() or reference.endswith(".toml")):
        return False
    return reference in charge_policies() or bool({*OF_CHARGES} & {*toml(read_content(reference), reference)})


def beside(reference: str, where: str) -> str:
    """Find a file that another names: beside it, unless its path or URL is whole."""
    if reference in PACKS or "://" in reference or reference.startswith("/"):
        return reference
    folder = where.rpartition("/")[0]
    return f"{folder}/{reference}" if folder else reference
