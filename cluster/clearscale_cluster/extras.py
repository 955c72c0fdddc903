"""How to install what an extra of clearscale brings, for messages: as clearscale itself was installed."""

import json
import shlex
import sys
from pathlib import Path
from urllib.parse import unquote, urlsplit

_NAME = "clearscale"


def missing(purpose: str, package: str, extra: str) -> str:
    """Say that a package is not installed, which extra brings it, and the command that installs it here."""
    return f"{purpose} the package {package}, which the extra `{extra}` brings: {command(extra)}"


def command(
    extra: str, *, record: str | None = None, prefix: str = sys.prefix, python: str = sys.executable
) -> str:
    """Return the command that adds an extra to this installation.

    Parameters
    ----------
    extra : str
        Its name.
    record : str, optional
        Where clearscale was installed from, as `direct_url.json` of the installed package has it; read if left out.
    prefix : str
        The environment; uv and pipx leave a file in those that they manage.
    python : str
        The interpreter of the environment.

    Returns
    -------
    str
        For a shell.
    """
    wanted = _origin(extra, _record() if record is None else record)
    if Path(prefix, "uv-receipt.toml").exists():
        return shlex.join(["uv", "tool", "install", "--force", wanted])
    if Path(prefix, "pipx_metadata.json").exists():
        return shlex.join(["pipx", "install", "--force", wanted])
    return shlex.join([python, "-m", "pip", "install", wanted])


def _record() -> str:
    from importlib import metadata  # which takes long, and is needed for messages only

    try:
        return metadata.distribution(_NAME).read_text("direct_url.json") or ""
    except metadata.PackageNotFoundError:
        return ""


def _origin(extra: str, record: str) -> str:
    """What an installer is given: a path or URL of what clearscale was installed from, or its name."""
    try:
        url = str(json.loads(record)["url"])
    except (ValueError, KeyError, TypeError):
        return f"{_NAME}[{extra}]"
    parts = urlsplit(url)
    return f"{unquote(parts.path)}[{extra}]" if parts.scheme == "file" else f"{_NAME}[{extra}] @ {url}"
