"""How to install what an extra of clearscale brings, for messages: as clearscale itself was installed."""

import json
import re
import shlex
import sys
from pathlib import Path
from urllib.parse import unquote, urlsplit

_NAME = "clearscale"

_TOOLS = {
    "uv-receipt.toml": ("uv", "tool", "install", "--force"),
    "pipx_metadata.json": ("pipx", "install", "--force"),
}
"""Tools that keep an environment for a program: the file that each leaves in it, and how each installs."""


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
    found = _record() if record is None else record
    for file, words in _TOOLS.items():
        kept = Path(prefix, file)
        if kept.exists():
            # They make the environment anew, and with it what it had already.
            return shlex.join([*words, _origin([*_extras_in(kept), extra], found)])
    return shlex.join([python, "-m", "pip", "install", _origin([extra], found)])


def _extras_in(kept: Path) -> list[str]:
    """The extras of clearscale that a tool's file names, in its requirement."""
    text = kept.read_text("utf-8", "replace")
    listed = re.search(rf'name = "{_NAME}", extras = \[([^\]]*)\]|"package_or_url": "[^"\[]*\[([^\]]*)\]', text)
    return re.findall(r"[a-z0-9_-]+", (listed[1] or listed[2]) if listed else "")


def _record() -> str:
    from importlib import metadata  # which takes long, and is needed for messages only

    try:
        return metadata.distribution(_NAME).read_text("direct_url.json") or ""
    except metadata.PackageNotFoundError:
        return ""


def _origin(extras: list[str], record: str) -> str:
    """What an installer is given: a path or URL of what clearscale was installed from, or its name."""
    wanted = ",".join(dict.fromkeys(extras))
    try:
        url = str(json.loads(record)["url"])
    except (ValueError, KeyError, TypeError):
        return f"{_NAME}[{wanted}]"
    parts = urlsplit(url)
    return f"{unquote(parts.path)}[{wanted}]" if parts.scheme == "file" else f"{_NAME}[{wanted}] @ {url}"
