"""The libraries whose errors are told by class still name these classes so."""

import importlib

import pytest

from clearscale.io.reasons import _BY_CLASS, _LIBRARIES, reason

HOMES = {
    "NoCredentialsError": ("botocore.exceptions",),
    "PartialCredentialsError": ("botocore.exceptions",),
    "CredentialRetrievalError": ("botocore.exceptions",),
    "ProfileNotFound": ("botocore.exceptions",),
    "ParamValidationError": ("botocore.exceptions",),
    "InvalidRegionError": ("botocore.exceptions",),
    "FileExpired": ("s3fs.utils",),
    "ReadTimeoutError": ("botocore.exceptions", "urllib3.exceptions"),
    "TimeoutError": ("builtins",),
    "ConnectTimeoutError": ("botocore.exceptions", "urllib3.exceptions"),
    "EndpointConnectionError": ("botocore.exceptions",),
    "SSLError": ("botocore.exceptions", "urllib3.exceptions"),
    "ConnectionClosedError": ("botocore.exceptions",),
    "ResponseStreamingError": ("botocore.exceptions",),
    "ResponseParserError": ("botocore.parsers",),
    "ClientPayloadError": ("aiohttp",),
    "IncompleteRead": ("urllib3.exceptions",),
    "IncompleteReadError": ("botocore.exceptions",),
    "ConnectionError": ("builtins",),
    "ClientConnectionError": ("aiohttp",),
    "PermissionError": ("builtins",),
    "FileNotFoundError": ("builtins",),
    "gaierror": ("socket",),
    "error_perm": ("ftplib",),
    "BadZipFile": ("zipfile",),
    "ReadError": ("tarfile",),
}
"""Modules that define each class, of those that reading and writing stores goes through."""


def test_every_class_that_is_told_has_a_home() -> None:
    assert HOMES.keys() == _BY_CLASS.keys()


@pytest.mark.parametrize("library", sorted(_LIBRARIES))
def test_every_library_exists(library: str) -> None:
    importlib.import_module(library)


@pytest.mark.parametrize(("name", "home"), [(name, home) for name, homes in HOMES.items() for home in homes])
def test_every_class_exists_and_is_told(name: str, home: str) -> None:
    found = getattr(importlib.import_module(home), name)
    assert isinstance(found, type)
    assert issubclass(found, Exception)
    assert found.__name__ == name
    # Made without what its own constructor asks for: its class alone decides.
    assert reason(found.__new__(found)) == _BY_CLASS[name]
