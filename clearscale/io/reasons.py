"""Why a storage failed, in plain words, and what to do.

Object storages fail in ways that disks do not, with errors of libraries that nobody should have to know. A message
says what could not be done, where, and why; never what the storage's or its library's own message says, which may
name accounts or have parts of a password.
"""

import contextlib
import errno
import os
import re
from collections.abc import Iterator

from clearscale.errors import StorageError
from clearscale_cluster.shown import has_secrets, shown_url

from .kinds import is_local, names_s3
from .options import unknown_option

_LIBRARIES = {
    "botocore",
    "aiobotocore",
    "aiohttp",
    "s3fs",
    "fsspec",
    "urllib3",
    "requests",
    "ftplib",
    "zipfile",
    "tarfile",
}
"""Whose errors come from a storage, whatever their class."""

_AGAIN = "run the same command again"

_CHECK_ACCESS = "check the credentials and what they may do"
_NO_CREDENTIALS = (
    "no credentials were found; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE for those of a file"
)
_UNREACHABLE = f"it cannot be reached; check the network and AWS_ENDPOINT_URL, then {_AGAIN}"
_NOT_TRUSTED = "the endpoint's certificate is not trusted; check AWS_ENDPOINT_URL and AWS_CA_BUNDLE"
_NOT_THERE = "there is no such bucket or object"
_LATE = f"it did not answer in time; {_AGAIN}"
_CUT = f"its answer was cut short; {_AGAIN}"

_NO_ARCHIVE = "it is no archive of this kind, or is damaged; look at the file"

_BY_CLASS = {
    "NoCredentialsError": _NO_CREDENTIALS,
    "PartialCredentialsError": _NO_CREDENTIALS,
    "CredentialRetrievalError": _NO_CREDENTIALS,
    "ProfileNotFound": "AWS_PROFILE names no profile of the configuration",
    "ParamValidationError": "its name is none that a bucket or object can have",
    "InvalidRegionError": "AWS_DEFAULT_REGION is no region",
    "FileExpired": f"it changed while it was being read; {_AGAIN}",
    "ReadTimeoutError": _LATE,
    "TimeoutError": _LATE,
    "ConnectTimeoutError": _UNREACHABLE,
    "EndpointConnectionError": _UNREACHABLE,
    "SSLError": _NOT_TRUSTED,
    "ConnectionClosedError": _CUT,
    "ResponseStreamingError": _CUT,
    "ResponseParserError": _CUT,
    "ClientPayloadError": _CUT,
    "IncompleteRead": _CUT,
    "IncompleteReadError": _CUT,
    "ConnectionError": _UNREACHABLE,
    "ClientConnectionError": _UNREACHABLE,
    "PermissionError": f"access is refused; {_CHECK_ACCESS}",
    "FileNotFoundError": _NOT_THERE,
    "gaierror": _UNREACHABLE,
    "error_perm": "its server refuses; check the path, the credentials and what they may do",
    "BadZipFile": _NO_ARCHIVE,
    "ReadError": _NO_ARCHIVE,
}
"""Why something failed, by the name of the error's class or of one that it derives from."""

_ELSEWHERE = {
    _UNREACHABLE: f"it cannot be reached; check the network and the URL, then {_AGAIN}",
    _NOT_TRUSTED: "its server's certificate is not trusted; check the URL and SSL_CERT_FILE",
    _NOT_THERE: "there is no such file or folder",
}
"""What is said of storages that are not S3 in place of what is said of S3."""

_WEB = re.compile(r"(?:^|::)https?://", re.IGNORECASE)

_NOT_KNOWN = re.compile(r"Protocol not known: [A-Za-z0-9.+-]{1,20}")

_MISUSED = (ValueError, TypeError, LookupError, AttributeError, NotImplementedError, IsADirectoryError)
"""What libraries raise for URLs that they do not understand."""


def code_of(error: BaseException) -> str:
    """The code with which a storage refused, such as SlowDown; empty if it did not answer."""
    response = getattr(error.__cause__ or error, "response", None)
    code = str(response.get("Error", {}).get("Code", "")) if isinstance(response, dict) else ""
    return code if re.fullmatch(r"[A-Za-z0-9.]{1,60}", code) else ""


def reason(error: BaseException, url: str = "s3://") -> str | None:
    """Why a storage failed, and what to do; None for errors that are no storage's. url: of what, if it is known."""
    why = _why(error)
    return why if why is None or names_s3(url) else _ELSEWHERE.get(why, why)


def _why(error: BaseException) -> str | None:
    classes = type(error).__mro__
    if not isinstance(error, OSError) and not any(kind.__module__.split(".")[0] in _LIBRARIES for kind in classes):
        return None
    code = code_of(error)
    if code and isinstance(error, PermissionError):
        return f"access is refused ({code}); {_CHECK_ACCESS}"
    for kind in classes:
        if kind.__name__ in _BY_CLASS:
            return _BY_CLASS[kind.__name__]
    if code:
        return f"the storage answered {code}; {_AGAIN}"
    # Words of the system's own, such as "Connection reset by peer", never a storage's.
    system = isinstance(error, OSError) and type(error).__module__ == "builtins" and error.__cause__ is None
    number = error.errno if isinstance(error, OSError) and system else None
    return f"{os.strerror(number) if number else type(error).__name__}; {_AGAIN}"


@contextlib.contextmanager
def explained(url: str, what: str) -> Iterator[None]:
    """Turn a storage's errors into StorageError: "`url`: cannot be `what` (why)".

    A file that is not there stays FileNotFoundError where one is read. Errors of local files stay as they are.
    """
    if is_local(url):
        yield
        return
    place = shown_url(url)
    try:
        yield
    except StorageError:
        raise
    except FileNotFoundError as error:
        if what == "written":
            raise StorageError(f"{place}: cannot be written ({reason(error, url)})") from None
        raise FileNotFoundError(errno.ENOENT, "there is no such file", place) from None
    except Exception as error:
        why = reason(error, url)
        if why is None and what == "read" and isinstance(error, ValueError) and _WEB.search(url):
            why = "its server gives no parts of files; copy the file to this machine"
        if (option := unknown_option(url, error)) is not None:
            raise _unknown(place, option) from None
        # What is written comes from somewhere else, with errors of its own.
        if why is None and (what == "written" or names_s3(url) or not isinstance(error, _MISUSED)):
            raise
        raise (_no_url(url) if why is None else StorageError(f"{place}: cannot be {what} ({why})")) from None


@contextlib.contextmanager
def made(url: str) -> Iterator[None]:
    """Turn errors of making a URL's file system, for which some storages are reached already, into StorageError.

    A file that is not there, and is read through, stays FileNotFoundError.
    """
    place = shown_url(url)
    try:
        yield
    except StorageError:
        raise
    except FileNotFoundError:
        raise FileNotFoundError(errno.ENOENT, "there is no such file", place) from None
    except Exception as error:
        raise _unmade(url, place, error) from None


def _unmade(url: str, place: str, error: Exception) -> StorageError:
    """Say why a URL's file system cannot be made."""
    if (option := unknown_option(url, error)) is not None:
        return _unknown(place, option)
    if isinstance(error, ImportError):
        return StorageError(f"{place}: URLs of this kind cannot be used ({error})")
    if (kind := _NOT_KNOWN.fullmatch(str(error))) is not None:
        # Of a password with colons a part may be taken for a kind.
        told = kind[0] if not has_secrets(url) else "it is not known"
        return StorageError(f"{place}: URLs of this kind cannot be used ({told})")
    if isinstance(error, _MISUSED):
        return _no_url(url)
    why = _CUT if isinstance(error, EOFError) else reason(error, url)
    return StorageError(f"{place}: cannot be opened ({why})") if why is not None else _no_url(url)


def _unknown(place: str, option: str) -> StorageError:
    return StorageError(
        f"{place}: '{option}' of storage_options is no option of this kind of storage; look for the names in the "
        "documentation of its package for fsspec"
    )


def _no_url(url: str) -> StorageError:
    secret = (
        "; passwords with characters that mean something in URLs, such as #, ? or /, belong into fsspec's "
        "configuration instead, such as FSSPEC_FTP_PASSWORD"
    )
    return StorageError(
        f"{shown_url(url)}: is no URL that a storage of its kind takes; look at its documentation for fsspec"
        f"{secret if has_secrets(url) else ''}"
    )
