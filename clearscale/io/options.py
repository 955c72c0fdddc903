"""Options of storages, such as a profile or an endpoint, as fsspec and those who use it call them."""

import re
from collections.abc import Mapping
from typing import Any

from clearscale.errors import StorageError
from clearscale_cluster.shown import shown_url

_UNEXPECTED = re.compile(r"unexpected keyword argument '(\w+)'")

StorageOptions = Mapping[str, Any]
"""What a storage's file system is made with, such as `{"profile": "research"}` of s3fs."""


def use_options(url: str, options: StorageOptions | None) -> None:
    """Have this process reach all storages of a URL's kind with these options, from now on.

    They stand in fsspec's own configuration: they are written nowhere, and other processes do not have them.

    Raises StorageError for options of a path of this machine, which has none, and for what are no options.
    """
    if not options:
        return
    if not isinstance(options, Mapping):
        raise StorageError('storage_options are options by their names, such as {"profile": "research"}')
    kind = re.match(r"([a-z0-9]+)://", url)
    if kind is None:
        raise StorageError(f"{shown_url(url)}: is on this machine; storage_options are of URLs, such as s3://")
    import fsspec

    fsspec.config.conf.setdefault(kind[1], {}).update(options)


def unknown_option(url: str, error: Exception) -> str | None:
    """Return the option that a storage's library does not know, by the error that it raised; None for others.

    This process then does without that option.
    """
    kind, named = re.match(r"([a-z0-9]+)://", url), _UNEXPECTED.search(str(error))
    if not isinstance(error, TypeError) or kind is None or named is None:
        return None
    import fsspec

    given = fsspec.config.conf.get(kind[1], {})
    for options in (given, *(value for value in given.values() if isinstance(value, dict))):
        if named[1] in options:
            del options[named[1]]
            return named[1]
    return None
