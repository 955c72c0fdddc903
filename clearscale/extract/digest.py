"""The checksum of an extract, made of those of its pieces, so that many can take it at the same time."""

import hashlib
from collections.abc import Sequence

from clearscale_kernels.arrays import Bytes

PIECE_BYTES = 8 * 2**20
"""Length of a piece, but for the last. Checksums depend on it: it must not change."""


def digest_of(pieces: Sequence[bytes]) -> str:
    """The digest of an extract.

    Parameters
    ----------
    pieces
        The SHA-256 of each piece of `PIECE_BYTES` of its decompressed bytes, in order, at least one.

    Returns
    -------
    str
        In hexadecimal, that of the only piece; else the SHA-256 of those of the pieces, one a line, a hyphen and
        their number.
    """
    if len(pieces) == 1:
        return pieces[0].hex()
    lines = "".join(f"{piece.hex()}\n" for piece in pieces)
    return f"{hashlib.sha256(lines.encode()).hexdigest()}-{len(pieces)}"


def is_of_pieces(digest: str) -> bool:
    """Whether it is of an extract of several pieces, or was taken before there were any, of all bytes together."""
    return "-" in digest


class Digesting:
    """Takes the digest of an extract as its bytes come."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._piece = hashlib.sha256()
        self._room = PIECE_BYTES

    def update(self, data: Bytes) -> None:
        """Add the next bytes."""
        view = data.data
        while len(view):
            if not self._room:
                self._end_piece()
            part = view[: self._room]
            self._piece.update(part)
            self._room -= len(part)
            view = view[len(part) :]

    def digest(self) -> str:
        """The digest of all that was added; see `digest_of`."""
        return digest_of([*self._pieces, self._piece.digest()])

    def _end_piece(self) -> None:
        self._pieces.append(self._piece.digest())
        self._piece = hashlib.sha256()
        self._room = PIECE_BYTES
