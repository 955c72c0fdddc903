"""What kind of storage a path or URL is of."""

import inspect
import re

from clearscale.errors import StorageError
from clearscale_cluster.shown import shown_url

_S3 = re.compile(r"s3a?://", re.IGNORECASE)

_KIND = re.compile(r"([A-Za-z0-9.+-]+)(?:://|$)")

_BENEATH = {"fo", "target_protocol"}
"""What file systems that read from others are made with."""


def is_local(url: str) -> bool:
    """Whether a path or URL is on this machine's own file system."""
    # Nothing is read through a path: `::` is a part of its name.
    return "://" not in url or url.startswith(("file://", "local://"))


def is_s3(url: str) -> bool:
    """Whether a URL is of S3 itself, and no chain that reads from there."""
    return _S3.match(url) is not None


def names_s3(url: str) -> bool:
    """Whether a URL is of S3, or of a chain that reads from there."""
    return any(_S3.match(part) for part in url.split("::"))


def require_chain(url: str) -> None:
    """Raise StorageError for a URL with `::` of a storage that reads from no other.

    fsspec passes over what stands behind: `gs://bucket/st::1` would be the store `gs://bucket/st`. Raises
    ImportError and ValueError as `fsspec.get_filesystem_class`.
    """
    import fsspec

    for part in url.split("::")[:-1]:
        kind = _KIND.match(part)
        classes = fsspec.get_filesystem_class(kind[1]).__mro__ if kind else ()
        if not any(_BENEATH & set(inspect.signature(base.__init__).parameters) for base in classes[:-1]):
            raise StorageError(
                f"{shown_url(url)}: has `::`, which joins what is read from another file, as in "
                "zip://a.csv::https://host/a.zip; choose another name"
            )
