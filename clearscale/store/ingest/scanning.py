"""Before an ingest: each extract is read once for its checksum and its blocks.

Blocks are found by counting quotes and line feeds, which is right for extracts without malformed records. Reading
the blocks shows whether there are any; such an extract is scanned again, exactly.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from clearscale.errors import ExtractError
from clearscale.extract import Block, BlockReader, BlockSpan, Cut, MalformedError
from clearscale.io.files import Source


@dataclass(frozen=True)
class Scan:
    """What an extract is.

    block_bytes: about how long its blocks are. digest: SHA-256 of the decompressed bytes. records: without the
    header, bad ones included. bad: how many are malformed. first_bad: (line in the file, what is wrong) of the
    first. exact: whether records were parsed; if not, all but the digest only holds where none is malformed.
    """

    source: Source
    block_bytes: int
    digest: str
    header_lines: int
    records: int
    spans: tuple[BlockSpan, ...]
    bad: int
    first_bad: tuple[int, str] | None
    exact: bool

    @property
    def id(self) -> str:
        """Name of the extract's folders: its file name without endings, and the begin of its checksum."""
        stem = self.source.name.partition(".")[0]
        safe = "".join(character if character.isalnum() else "-" for character in stem).strip("-").lower()
        return f"{safe or 'extract'}-{self.digest[:12]}"


def scan_extract(task: tuple[Source, int]) -> Scan:
    """Scan one extract in blocks of about the given bytes, exactly only if it is seen to have malformed records.

    Raises ExtractError if it cannot be opened or decompressed.
    """
    source, block_bytes = task
    reader = BlockReader(source, block_bytes, checksum=True)
    try:
        spans = tuple(cut.span for cut in _reading(source, reader.cuts()))
    except MalformedError:
        return scan_exactly(task)
    return Scan(source, block_bytes, reader.digest, reader.header_lines, reader.rows, spans, 0, None, False)


def scan_exactly(task: tuple[Source, int]) -> Scan:
    """Like `scan_extract`, but every record is parsed."""
    source, block_bytes = task
    reader = BlockReader(source, block_bytes, checksum=True)
    spans, bad, first_bad = [], 0, None
    for block in _reading(source, reader):
        spans.append(block.span)
        bad += len(block.bad)
        if block.bad and first_bad is None:
            first_bad = (block.bad[0].line, block.bad[0].what)
    if first_bad is not None:
        first_bad = (first_bad[0] + reader.header_lines, first_bad[1])
    return Scan(
        source, block_bytes, reader.digest, reader.header_lines, reader.rows, tuple(spans), bad, first_bad, True
    )


Piece = TypeVar("Piece", Block, Cut)


def _reading(source: Source, pieces: Iterable[Piece]) -> Iterator[Piece]:
    """Yield the pieces of an extract; raise errors of the file system as ExtractError."""
    try:
        yield from pieces
    except FileNotFoundError:
        raise ExtractError(f"{source.url}: there is no such file") from None
    except OSError as error:
        raise ExtractError(f"{source.url}: cannot be read ({error.strerror or type(error).__name__})") from None
