"""Keys that open folders' keys: in a file, in an environment variable, or of a service that a package asks.

A folder's own key is random and lies beside its files, wrapped by such a key. Thus a key can be changed without
writing a store anew, and a service needs to be asked once a process.
"""

import base64
import binascii
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Protocol, runtime_checkable

from clearscale.errors import StorageError

from .cipher import KEY_BYTES

HOOKS = "clearscale.keys"
"""The group of entry points in which packages name objects with `wrap` and `unwrap`."""

_FORMS = "file:PATH, env:NAME or hook:NAME"


@runtime_checkable
class Key(Protocol):
    """What wraps a folder's key, such as a key management service."""

    def wrap(self, key: bytes) -> bytes:
        """Encrypt a folder's key of 32 bytes."""
        ...

    def unwrap(self, wrapped: bytes) -> bytes:
        """Decrypt what `wrap` returned. Raises any Exception if that cannot be done."""
        ...


class _Wrapping:
    """A key of 32 bytes that is at hand; wraps as RFC 3394 says."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def wrap(self, key: bytes) -> bytes:
        from cryptography.hazmat.primitives.keywrap import aes_key_wrap

        return aes_key_wrap(self._key, key)

    def unwrap(self, wrapped: bytes) -> bytes:
        from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap

        try:
            return aes_key_unwrap(self._key, wrapped)
        except InvalidUnwrap:
            raise StorageError(
                "this was encrypted with another key than the one that was found; set CLEARSCALE_KEY to where the "
                f"right one is ({_FORMS})"
            ) from None


def key_of(source: str) -> Key:
    """Return the key that a source names.

    Parameters
    ----------
    source
        `file:PATH` or `env:NAME` of 32 bytes in base64, or `hook:NAME` of an entry point in the group
        `clearscale.keys`: an object that wraps and unwraps keys by itself.

    Raises
    ------
    StorageError
        If it is none of these, or the key cannot be had from there.
    """
    kind, _, name = source.partition(":")
    if not name or kind not in _KINDS:
        raise StorageError(f"a key is named as {_FORMS}, not in another way")
    return _KINDS[kind](name, source)


def wrapped_by(source: str, key: bytes) -> bytes:
    """Wrap a folder's key by the key that a source names. Raises StorageError."""
    return _asked(source, lambda: key_of(source).wrap(key))


def unwrapped_by(source: str, wrapped: bytes) -> bytes:
    """Unwrap a folder's key by the key that a source names. Raises StorageError, for another key, too."""
    key = _asked(source, lambda: key_of(source).unwrap(wrapped))
    if len(key) != KEY_BYTES:
        raise StorageError(f"the key {source} gave a key of {len(key)} bytes where {KEY_BYTES} are needed")
    return key


def new_key() -> str:
    """A new key as it stands in a file: 32 random bytes in base64."""
    return base64.b64encode(os.urandom(KEY_BYTES)).decode("ascii")


def _asked(source: str, ask: Callable[[], bytes]) -> bytes:
    try:
        return bytes(ask())
    except StorageError:
        raise
    except Exception as error:  # of a package of somebody's; its words may name what is secret
        raise StorageError(f"the key {source} cannot be used ({type(error).__name__})") from None


def _in_file(name: str, source: str) -> Key:
    path = Path(name).expanduser()
    try:
        mode = path.stat().st_mode
        text = path.read_bytes()
    except OSError as error:
        raise StorageError(
            f"the key {source} cannot be read ({error.strerror}); put it there, or set CLEARSCALE_KEY to where it "
            f"is ({_FORMS})"
        ) from None
    if mode & (stat.S_IRWXO | stat.S_IWGRP):
        raise StorageError(f"the key {source} can be read by others, or changed by its group; chmod it to 600")
    return _decoded(text, source)


def _in_environment(name: str, source: str) -> Key:
    text = os.environ.get(name)
    if text is None:
        raise StorageError(f"the key {source} is not set")
    return _decoded(text.encode("utf-8", "surrogateescape"), source)


def _decoded(text: bytes, source: str) -> Key:
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except (ValueError, binascii.Error):
        key = b""
    if len(key) != KEY_BYTES:
        raise StorageError(
            f"the key {source} is not {KEY_BYTES} bytes in base64; `clearscale encryption key` makes one"
        )
    return _Wrapping(key)


def _of_package(name: str, source: str) -> Key:
    from importlib.metadata import entry_points  # a third of what else this package takes to import

    found = entry_points(group=HOOKS, name=name)
    if not found:
        known = ", ".join(sorted(point.name for point in entry_points(group=HOOKS))) or "none"
        raise StorageError(f"the key {source}: no installed package has it (there are: {known})")
    try:
        hook = next(iter(found)).load()
    except Exception as error:
        raise StorageError(f"the key {source}: its package cannot be loaded ({type(error).__name__})") from None
    if not isinstance(hook, Key):
        raise StorageError(f"the key {source}: its package has no `wrap` and `unwrap` there")
    return hook


_KINDS: dict[str, Callable[[str, str], Key]] = {"file": _in_file, "env": _in_environment, "hook": _of_package}
