"""Before an ingest: each extract is read once for its checksum, its blocks and malformed records."""

from dataclasses import dataclass

from ..errors import ExtractError
from ..extract import BlockReader, BlockSpan
from ..files import Source


@dataclass(frozen=True)
class Scan:
    """What an extract is.

    digest: SHA-256 of the decompressed bytes. records: without the header, bad ones included. bad: how many are
    malformed, first_bad: (line in the file, what is wrong) of the first.
    """

    source: Source
    digest: str
    header_lines: int
    records: int
    spans: tuple[BlockSpan, ...]
    bad: int
    first_bad: tuple[int, str] | None

    @property
    def id(self) -> str:
        """Name of the extract's folders: its file name without endings, and the begin of its checksum."""
        stem = self.source.name.partition(".")[0]
        safe = "".join(character if character.isalnum() else "-" for character in stem).strip("-").lower()
        return f"{safe or 'extract'}-{self.digest[:12]}"


def scan(task: tuple[Source, int]) -> Scan:
    """Scan one extract in blocks of about the given bytes.

    Raises ExtractError if it cannot be opened or decompressed.
    """
    source, block_bytes = task
    reader = BlockReader(source, block_bytes, checksum=True)
    spans, bad, first_bad = [], 0, None
    try:
        for block in reader:
            spans.append(block.span)
            bad += len(block.bad)
            if block.bad and first_bad is None:
                first_bad = (block.bad[0].line, block.bad[0].what)
    except FileNotFoundError:
        raise ExtractError(f"{source.url}: there is no such file") from None
    except OSError as error:
        raise ExtractError(f"{source.url}: cannot be read ({error.strerror or type(error).__name__})") from None
    if first_bad is not None:
        first_bad = (first_bad[0] + reader.header_lines, first_bad[1])
    return Scan(source, reader.digest, reader.header_lines, reader.rows, tuple(spans), bad, first_bad)
