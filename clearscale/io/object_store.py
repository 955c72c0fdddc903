"""File systems behind URLs, configured for clearscale, with their errors in plain words."""

import io
from collections.abc import Mapping
from typing import Any, BinaryIO, cast

from clearscale.errors import StorageError
from clearscale_cluster.extras import missing
from clearscale_cluster.shown import has_secrets, shown_url
from clearscale_cluster.watching.process import count_read

from .kinds import is_local, is_s3, require_chain
from .local import THIS_MACHINE
from .reasons import code_of, explained, made

_CONNECTIONS = 64
"""Requests to S3 that a process waits for at a time."""

_NO_S3_SECRETS = "credentials do not belong into URLs; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"

_NOT_AS_EXPECTED = {"PreconditionFailed", "ConditionalRequestConflict"}
"""Codes with which S3 says that an object is another than the one to be replaced."""


def located(url: str) -> tuple[Any, str]:
    """(file system, path in it) of a path or URL.

    S3 is asked anew each time, since other processes write while this one reads. Raises StorageError for a URL of
    an unknown kind, of a kind whose package is not installed, of a storage that cannot be reached, or with
    credentials in it; and FileNotFoundError for one within a file that is not there.
    """
    if is_local(url):
        return THIS_MACHINE, THIS_MACHINE.path_of(url)
    import fsspec

    if not is_s3(url):
        with made(url):
            require_chain(url)
            return cast(tuple[Any, str], fsspec.core.url_to_fs(url))
    if has_secrets(url.partition("?")[0]):
        raise StorageError(_NO_S3_SECRETS)
    try:
        from clearscale.version import VERSION as CLEARSCALE  # which is looked up among all packages

        # Listings are not kept. One stream for a file: its reading is tried again as a whole if it is cut short,
        # and files are small and read by many tasks at the same time, over more connections than botocore's ten.
        # The usual name of a client costs a tenth of a request: it is put together anew for each.
        asked: dict[str, Any] = {"max_pool_connections": _CONNECTIONS, "user_agent": f"clearscale/{CLEARSCALE}"}
        for scheme in ("s3", "s3a"):
            asked |= fsspec.config.conf.get(scheme, {}).get("config_kwargs", {})
        # Files whose version is known are opened without asking for it; each answer says whether it is that one.
        how = {
            "use_listings_cache": False,
            "max_concurrency": 1,
            "local_expiry_check": True,
            "config_kwargs": asked,
        }
        begin, colons, _ = url.partition("::")
        system, path = fsspec.core.url_to_fs(begin, **how)
        # Nothing is read through S3, so that colons belong to the key, where fsspec would part a chain.
        return system, url.partition("://")[2].rstrip("/") if colons else path
    except ImportError:
        raise StorageError(f"{shown_url(url)}: {missing('S3 needs', 's3fs', 's3')}") from None


def require_no_secrets(url: str) -> None:
    """Raise StorageError for the URL of a folder that has a user's name, a password, a key or a query in it.

    What is made from the folder names it, and tasks carry it to other machines.
    """
    if not is_local(url) and has_secrets(url):
        if is_s3(url):
            raise StorageError(_NO_S3_SECRETS)
        raise StorageError(
            f"{shown_url(url)}: names of users, passwords, keys and queries do not belong into a folder's URL, "
            "which stands in what is made from it; leave them out, and set them in the environment or in fsspec's "
            "configuration, such as FSSPEC_SFTP_USERNAME"
        )


def open_stored(
    url: str, block_bytes: int, length: int | None = None, version: Mapping[str, Any] | None = None
) -> BinaryIO:
    """A file that is not local, open for reading at any place; reads ahead by so many bytes.

    length: if it is known, at least of what is read, in long pieces, each of which is asked for by itself. Without
    a version none is pinned then, and nothing is asked for before.
    version: what the storage has said of the version to read (see VERSION); then nothing is asked for, either.
    """
    system, path = located(url)
    told = dict(version) if version is not None else {"size": length} if length is not None else {}
    known: dict[str, Any] = {"size": told["size"]} if told else {}
    if length is not None:  # what is read ahead would be held beside the piece
        known["cache_type"] = "none"
    with explained(url, "read"):
        file = system.open(path, "rb", block_size=block_bytes, **known)
        if told:  # or it would be asked for, all the same
            file.details = {"name": path, **told}
        return cast(BinaryIO, _StoredFile(file, url, system))


VERSION = ("size", "ETag")
"""What S3 says of a version of an object, in listings too."""


def version_in(details: Mapping[str, Any]) -> dict[str, Any] | None:
    """The version of an object, of what S3 said of it; None if that does not tell it."""
    return {name: details[name] for name in VERSION} if all(name in details for name in VERSION) else None


def details_of(file: BinaryIO) -> dict[str, Any]:
    """What a storage said of a file that `open_stored` opened."""
    assert isinstance(file, _StoredFile)
    return cast(dict[str, Any], file.beneath.details)  # type: ignore[attr-defined]


class _StoredFile(io.RawIOBase):
    """An open file of an object store, whose errors are raised in plain words.

    system: its file system, which is held: an archive closes its files when nobody does.
    """

    def __init__(self, file: BinaryIO, url: str, system: Any) -> None:
        self.beneath = file
        self._system = system
        self._url = url

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        with explained(self._url, "read"):
            piece = self.beneath.read(size)
        count_read(len(piece))
        return piece

    def readinto(self, buffer: Any) -> int:
        piece = self.read(len(buffer))
        buffer[: len(piece)] = piece
        return len(piece)

    def readall(self) -> bytes:
        return self.read()

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        with explained(self._url, "read"):
            return self.beneath.seek(offset, whence)

    def tell(self) -> int:
        return self.beneath.tell()

    def close(self) -> None:
        self.beneath.close()
        super().close()


def is_this_machine(system: Any) -> bool:
    """Whether a file system is this machine's own."""
    return system is THIS_MACHINE


def pins_versions(url: str) -> bool:
    """Whether a storage reads an open file only as it was when it was opened, as S3 does by its ETag."""
    return is_s3(url)


def version_of(url: str) -> str | None:
    """What names the content of a file that is not local, such as an ETag; None if there is no such file."""
    system, path = located(url)
    system.invalidate_cache()
    try:
        with explained(url, "looked for"):
            about = system.info(path)
            return str(about.get("ETag") or system.checksum(path))
    except FileNotFoundError:
        return None


def put_if(url: str, content: bytes, version: str | None) -> bool:
    """Write a file that is not local if it has still this version; None: if there is none. Returns whether it did.

    S3 compares and writes in one step, and any storage makes a file in one that is to be new. Other storages are
    asked for the version right before.
    """
    system, path = located(url)
    condition: dict[str, Any] = {"mode": "create"}
    if version is not None:
        condition = {"IfMatch": version} if is_s3(url) else {}
        if not condition and version_of(url) != version:
            return False
    with explained(url, "written"):
        try:
            system.pipe_file(path, content, **condition)
        except FileExistsError:
            return False
        except OSError as error:
            gone = version is not None and isinstance(error, FileNotFoundError)
            if gone or code_of(error) in _NOT_AS_EXPECTED:
                return False
            raise
    return True
