"""How a folder's files are encrypted, as the file `encryption.json` in it says."""

import base64
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from clearscale.errors import StorageError

from .cipher import KEY_BYTES, Cipher
from .keys import unwrapped_by, wrapped_by

ENCRYPTION = "encryption.json"
"""The file in a folder that says how all others are encrypted. Nothing in it is secret."""

ELSEWHERE = "CLEARSCALE_KEY"
"""The environment variable that says where a key is that is not where it was."""

_VERSION = 1


@dataclass(frozen=True)
class Encryption:
    """A folder's key, wrapped by the key of a source. Small and picklable: no key is in it.

    source: as of `key_of`.
    """

    source: str
    wrapped: bytes = field(repr=False)

    @classmethod
    def new(cls, source: str) -> "Encryption":
        """With a new random key. Raises StorageError if the source's cannot be had."""
        return cls(source, wrapped_by(source, os.urandom(KEY_BYTES)))

    def by(self, source: str) -> "Encryption":
        """The same key, wrapped by that of another source. Raises StorageError if either cannot be had."""
        return Encryption(source, wrapped_by(source, _cipher(self).key))

    @property
    def cipher(self) -> Cipher:
        """What encrypts and decrypts its files. Raises StorageError if the key cannot be had."""
        return _cipher(self)

    def document(self) -> dict[str, Any]:
        """As it is written."""
        wrapped = base64.b64encode(self.wrapped).decode("ascii")
        return {"encryption": _VERSION, "cipher": "AES-256-GCM", "key": self.source, "wrapped": wrapped}

    @classmethod
    def read(cls, document: Any, url: str) -> "Encryption":
        """What `document` made. Raises StorageError if it is damaged, or of another version."""
        try:
            if not isinstance(document, Mapping) or document["encryption"] != _VERSION:
                raise ValueError
            return cls(str(document["key"]), base64.b64decode(document["wrapped"], validate=True))
        except (KeyError, TypeError, ValueError):
            raise StorageError(
                f"{url}: is damaged, or of another version; restore it from a copy, without which nothing here can "
                "be read"
            ) from None


@lru_cache(maxsize=64)
def _cipher(encryption: Encryption) -> Cipher:
    """Asked once a process: a service may take a while, or count."""
    return Cipher(unwrapped_by(os.environ.get(ELSEWHERE) or encryption.source, encryption.wrapped))
