"""Options of storages, such as a profile or an endpoint, as fsspec and those who use it call them."""

import re
from collections.abc import Mapping
from typing import Any

from clearscale.errors import StorageError
from clearscale_cluster.shown import shown_url

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
