"""Bytes of a file, encrypted in frames: AES-256-GCM under a key of the file's own.

A file begins with a mark and a random salt; its key is derived from the folder's key and the salt (HKDF with
SHA-256). Each frame of a mebibyte is encrypted by itself, so that a part of a file can be read without the rest.
Its nonce is its number and whether it is the last: frames that were changed, reordered, taken from another file or
cut off at the end do not decrypt (the STREAM construction of Hoang, Reyhanitabar, Rogaway and Vizár, 2015).
"""

import errno
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

MARK = b"CLRSCL\x00\x01"
KEY_BYTES = 32

_SALT_BYTES = 16
BEGIN = len(MARK) + _SALT_BYTES
"""Length of what stands before the first frame."""

_FRAME = 2**20
_TAG = 16
_STORED = _FRAME + _TAG
_NUMBER_BYTES = 11
_LAST = {False: b"\x00", True: b"\x01"}


def encrypted_length(length: int) -> int:
    """How many bytes a file of so many has when it is encrypted."""
    return BEGIN + length + _TAG * _frames(length)


def frames_of(start: int, end: int, length: int) -> tuple[int, int]:
    """Where the frames lie in an encrypted file that hold the bytes from start to before end.

    length: of the file before it was encrypted. What stands before the first frame is read with it.
    """
    first, after = start // _FRAME, max(-(-end // _FRAME), start // _FRAME + 1)
    return (BEGIN + first * _STORED if first else 0), min(BEGIN + after * _STORED, encrypted_length(length))


def _frames(length: int) -> int:
    return max(1, -(-length // _FRAME))


def _plain_length(encrypted: int) -> int:
    inside = encrypted - BEGIN
    length = inside - _TAG * max(1, -(-inside // _STORED))
    if length < 0:
        raise _undecipherable()
    return length


def _undecipherable() -> OSError:
    return OSError(errno.EIO, "it is not what was encrypted, or was encrypted with another key")


@dataclass(frozen=True)
class Cipher:
    """A key of 32 bytes, and what it encrypts."""

    key: bytes = field(repr=False)

    def encrypted(self, content: Any) -> bytearray:
        """Return bytes, or anything that has a buffer of them, encrypted under a key that no other file has."""
        plain = memoryview(content).cast("B")
        begin = MARK + os.urandom(_SALT_BYTES)
        result = bytearray(encrypted_length(plain.nbytes))
        result[:BEGIN] = begin
        frames, target = self._of(begin), memoryview(result)
        for number, last in _numbered(plain.nbytes):
            piece = plain[number * _FRAME : (number + 1) * _FRAME]
            at = BEGIN + number * _STORED
            frames.encrypt_into(number, last, piece, target[at : at + piece.nbytes + _TAG])
        return result

    def decrypted(self, content: Any) -> bytearray:
        """Return what was encrypted. Raises OSError if it is something else, or was encrypted with another key."""
        stored = memoryview(content).cast("B")
        result = bytearray(_plain_length(stored.nbytes))
        frames, target = self._of(bytes(stored[:BEGIN])), memoryview(result)
        for number, last in _numbered(len(result)):
            piece = stored[BEGIN + number * _STORED : BEGIN + (number + 1) * _STORED]
            at = number * _FRAME
            frames.decrypt_into(number, last, piece, target[at : at + piece.nbytes - _TAG])
        return result

    def decrypted_part(self, begin: Any, stored: Any, start: int, end: int, length: int) -> memoryview:
        """Return the bytes from start to before end of a file of so many. Raises OSError as `decrypted`.

        begin: its first bytes, at least BEGIN of them. stored: what lies where `frames_of` says.
        """
        found, number = memoryview(stored).cast("B"), start // _FRAME
        offset = number * _FRAME
        first, after = frames_of(start, end, length)
        if found.nbytes != after - first:
            raise _undecipherable()
        if not number:
            found = found[BEGIN:]
        frames, count = self._of(bytes(memoryview(begin).cast("B")[:BEGIN])), _frames(length)
        result = memoryview(bytearray(max(0, found.nbytes - _TAG * -(-found.nbytes // _STORED))))
        for place in range(-(-found.nbytes // _STORED)):
            piece = found[place * _STORED : (place + 1) * _STORED]
            target = result[place * _FRAME : place * _FRAME + piece.nbytes - _TAG]
            frames.decrypt_into(number + place, number + place + 1 == count, piece, target)
        return result[start - offset : end - offset]

    def _of(self, begin: bytes) -> "_Frames":
        if len(begin) != BEGIN or not begin.startswith(MARK):
            raise _undecipherable()
        # Late: most commands encrypt nothing.
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM
        from cryptography.hazmat.primitives.hashes import SHA256
        from cryptography.hazmat.primitives.kdf.hkdf import HKDF

        derived = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=begin, info=MARK).derive(self.key)
        return _Frames(AESGCM(derived), begin)


def _numbered(length: int) -> Iterator[tuple[int, bool]]:
    """The frames of a file of so many bytes: number, and whether it is the last."""
    count = _frames(length)
    return ((number, number + 1 == count) for number in range(count))


def _nonce(number: int, last: bool) -> bytes:
    return number.to_bytes(_NUMBER_BYTES, "big") + _LAST[last]


@dataclass(frozen=True)
class _Frames:
    """The frames of one file. begin: its first bytes, which are authenticated with each frame."""

    cipher: "AESGCM" = field(repr=False)
    begin: bytes

    def encrypt_into(self, number: int, last: bool, piece: memoryview, target: memoryview) -> None:
        self.cipher.encrypt_into(_nonce(number, last), piece, self.begin, target)

    def decrypt_into(self, number: int, last: bool, piece: memoryview, target: memoryview) -> None:
        from cryptography.exceptions import InvalidTag

        try:
            self.cipher.decrypt_into(_nonce(number, last), piece, self.begin, target)
        except (InvalidTag, ValueError):
            raise _undecipherable() from None
