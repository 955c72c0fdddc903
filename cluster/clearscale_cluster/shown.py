"""What may be shown or stored: the one function for texts, and the one for URLs.

Names of files, counties and policies, and the messages of libraries, are other people's texts. On a terminal they
could move the cursor, hide or reverse what stands beside them, or pretend to be another line; and URLs may carry
what opens an account. So every text passes `shown` before a terminal, a message or a log, and every URL `shown_url`
before it is kept.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TextIO

HIDDEN = "***"
"""What stands for a part of a URL that nobody is to read."""

_INVISIBLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
"""Characters that count as printable, and show nothing."""

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*(?=://)")
_URL = re.compile(r"""[A-Za-z][A-Za-z0-9+.-]*://[^\s"'`<>]*""")
_CHAINED = re.compile(r"::(?![^\[\]]*\])")
"""What joins the parts of a chain; in brackets it belongs to an address of IPv6."""

_HOST = re.compile(r"(?:[\w.~*?-]*|\[[0-9A-Fa-f:.]+\])(?::\d+)?")
_CONTAINER = re.compile(rf"[\w-]+@{_HOST.pattern}")
_CONTAINERS = {"abfs", "abfss", "wasb", "wasbs"}
"""Schemes in which a container stands before the host, as a user's name does in others."""

_WEB = {"http", "https"}
"""Schemes in which a number sign ends a path; in others it belongs to a name."""

_LOCAL = {"file", "local"}
"""Schemes in which no character of a path has a meaning."""

_USER = re.compile(r"(?<![^\s'\"(=])[^\s@/'\"]+:[^\s@/'\"]+@(?=[\w\[])")
"""A user's name and password before a host, without a scheme."""

_NAMED = re.compile(
    r"""(?ix)(?<![a-z0-9]) (
        (?: x-(?:amz|goog|ms)-[\w-]+ | awsaccesskeyid | (?:access|account|api|shared|secret)[_-]?key\w* | secret\w*
        | sig | signature | passw(?:or)?d | pwd | [\w-]*token | credentials? )
    = )[^\s&;,'")\]]+"""
)
"""A secret that is told by its name, in a query or in a message of a library."""


def shown_url(url: str) -> str:
    """A path or URL as it may be printed and stored: without names of users, passwords, keys and queries.

    Parameters
    ----------
    url : str
        In any scheme, and any chain of them.

    Returns
    -------
    str
        The same place, `***` for what is left out. What is no URL comes back as it is.

    Examples
    --------
    >>> shown_url("s3://KEY:SECRET@bucket/extract.csv")
    's3://***@bucket/extract.csv'
    >>> shown_url("zip://x.csv::https://doj.example/x.zip?X-Amz-Signature=5e3d")
    'zip://x.csv::https://doj.example/x.zip?***'
    """
    if "://" not in url:
        return url
    parts: list[str] = []
    in_query = False
    for place, part in enumerate(_rejoined(_CHAINED.split(url))):
        if "://" in part:
            parts.append(_part(part))
        elif in_query or (place and "@" in part):
            # A piece of a query or a password that has colons of its own.
            parts.append(HIDDEN)
        else:
            parts.append(part)
        in_query = (in_query and "://" not in part) or ("?" in part and "://" in part)
    return "::".join(parts)


def _rejoined(parts: list[str]) -> list[str]:
    """Parts of a chain; a URL whose user is not ended goes on to the next @, but not into another URL.

    A password may have colons as a chain has them, or begin with them: `s3://KEY:se/c::ret@bucket`.
    """
    found: list[str] = []
    rest = list(parts)
    while rest:
        part = rest.pop(0)
        authority = part.partition("://")[2].partition("/")[0]
        begun = (":" in authority and not _HOST.fullmatch(authority)) or part.partition("://")[2] == authority != ""
        if begun and "@" not in part:
            until = next((place for place, other in enumerate(rest) if "@" in other or "://" in other), None)
            if until is not None and "://" not in rest[until]:
                part, rest = "::".join([part, *rest[: until + 1]]), rest[until + 1 :]
        found.append(part)
    return found


def _part(url: str) -> str:
    """One URL of a chain."""
    scheme, _, rest = url.partition("://")
    kind = scheme.lower()
    query = "" if kind in _LOCAL else "?#" if kind in _WEB else "?"
    at = min((found for mark in query if (found := rest.find(mark)) >= 0), default=len(rest))
    rest, hidden = rest[:at], (f"{rest[at]}{HIDDEN}" if at < len(rest) else "")
    authority, slash, path = rest.partition("/")
    plain = _HOST.fullmatch(authority) and not (":" in authority and "@" in path)
    if not plain and not (kind in _CONTAINERS and _CONTAINER.fullmatch(authority)):
        authority, slash, path = _without_user(authority, slash, path)
    path = _NAMED.sub(rf"\1{HIDDEN}", _URL.sub(lambda inner: _part(inner[0]), path))
    return f"{scheme}://{authority}{slash}{path}{hidden}"


def _without_user(authority: str, slash: str, path: str) -> tuple[str, str, str]:
    """What stands between `//` and a path, the slash, and the path, without a user's name and password."""
    if "@" not in f"{authority}{path}":
        return HIDDEN, slash, path
    if ":" in authority or "@" not in authority:
        # A password may have slashes, so that only the last @ is sure to end it.
        authority, slash, path = f"{authority}{slash}{path}".rpartition("@")[2].partition("/")
    host = authority.rpartition("@")[2]
    return f"{HIDDEN}@{host if _HOST.fullmatch(host) else HIDDEN}", slash, path


def has_secrets(url: str) -> bool:
    """Whether a path or URL has parts that are not shown."""
    return shown_url(url) != url


def without_query(url: str) -> str:
    """A URL or a chain of them up to its first query, for the name of a file; a path as it is."""
    schemes = {found.lower() for found in _SCHEME.findall(url)}
    if schemes <= _LOCAL:
        return url
    return re.split(r"[?#]" if schemes & _WEB else r"\?", url, maxsplit=1)[0]


def shown(text: str) -> str:
    r"""A text as it may be shown, in one line.

    Parameters
    ----------
    text : str
        Of anyone.

    Returns
    -------
    str
        What has no shape of its own is escaped (`\x1b`, `\n`, `\u202e`): control characters and with them the
        escapes of terminals, line ends, what reverses or hides text; and URLs are as `shown_url` leaves them.

    Examples
    --------
    >>> shown("los\x1b[31m angeles\n.csv")
    'los\\x1b[31m angeles\\n.csv'
    """
    plain = text
    if "://" in text or "=" in text or "@" in text:
        plain = _USER.sub(f"{HIDDEN}@", _NAMED.sub(rf"\1{HIDDEN}", _URL.sub(_within, text)))
    return plain if plain.isascii() and plain.isprintable() else "".join(map(_visible, plain))


def has_shape(text: str) -> bool:
    """Whether every character of a text is one that people see, or a space."""
    return text.isprintable() and not _INVISIBLE.search(text) if text.isascii() else all(map(_is_seen, text))


def _is_seen(character: str) -> bool:
    seen = character.isprintable() or unicodedata.category(character) == "Zs"
    return seen and not _INVISIBLE.match(character)


def say(*lines: str, to: TextIO | None = None) -> None:
    """Print lines, each as `shown` makes it: the one way to a terminal for what is no table.

    Parameters
    ----------
    lines : str
        What to print, without line ends.
    to : TextIO, optional
        Where; standard output without it.
    """
    for line in lines:
        print(shown(line), file=to, flush=to is not None)


def _within(found: re.Match[str]) -> str:
    """A URL in a sentence, whose punctuation is not the URL's."""
    url = found[0].rstrip(").,:;")
    return shown_url(url) + found[0][len(url) :]


def _visible(character: str) -> str:
    if character.isprintable() and not _INVISIBLE.match(character):
        return character
    return character.encode("unicode_escape").decode("ascii")
