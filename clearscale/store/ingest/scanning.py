"""Before an ingest: what an extract is, its checksum, and where its blocks lie.

Blocks are found by counting quotes and line feeds, which is right for extracts without malformed records. Reading
the blocks shows whether there are any; such an extract is scanned again, exactly.
"""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from clearscale.errors import ExtractError
from clearscale.extract import BlockReader, BlockSpan, Cut, Form, MalformedError, by_names, changed
from clearscale.io.source import Source

from .aside import SetAside
from .unpacking import Unpacked


@dataclass(frozen=True)
class Scan:
    """What an extract is.

    block_bytes: about how long its blocks are. digest: of the decompressed bytes (see `digest_of`). form: how its
    records stand in them. records: without the header, bad ones included. length: in bytes. aside: of an exact
    scan, for which records were parsed, what was malformed; otherwise all but digest and length only hold where
    nothing is. stamp: that of the file. purges: how often records of the file were destroyed in the store.
    unpacked: where its blocks wait, if it is long and can only be read from its beginning. waiting: its folder in
    staging, if its id was not known when it was read.
    """

    source: Source
    block_bytes: int
    digest: str
    form: Form
    records: int
    length: int
    spans: tuple[BlockSpan, ...]
    aside: SetAside | None
    stamp: str
    purges: int = 0
    unpacked: Unpacked | None = None
    waiting: str = ""

    @property
    def exact(self) -> bool:
        """Whether records were parsed to find the blocks."""
        return self.aside is not None

    @property
    def blocks(self) -> int:
        """How many blocks it has."""
        return len(self.spans)

    @property
    def staged(self) -> str:
        """Name of its folder in staging."""
        return self.waiting or self.id

    @property
    def folders(self) -> tuple[str, ...]:
        """Names of all folders with something of it."""
        return tuple(dict.fromkeys((self.id, self.staged)))

    @cached_property
    def id(self) -> str:
        """Name of the extract's folders: its file name without endings, and the begin of its checksum.

        A file of which records were destroyed has another one: that name is of what is left of it.
        """
        again = f"-{self.purges}" if self.purges else ""
        return f"{folder_name(self.source.name, self.digest)}{again}"


def folder_name(name: str, digest: str) -> str:
    """Name of the folders of a file: its name without endings, and the begin of its checksum."""
    stem = name.partition(".")[0]
    safe = "".join(character if character.isalnum() else "-" for character in stem).strip("-").lower()
    return f"{safe or 'extract'}-{digest[:12]}"


def scan_extract(task: tuple[Source, int], found: Callable[[Cut], None] | None = None) -> Scan:
    """Read one extract as a whole, in blocks of about the given bytes, exactly only if malformed records are seen.

    found: called with each block. Raises ExtractError if it cannot be opened or decompressed.
    """
    source, block_bytes = task
    spans: list[BlockSpan] = []
    try:
        with unchanged(source) as (held, stamp, _):
            source = replace(source, version=held.version)
            reader = BlockReader(held, block_bytes, find_form=by_names, checksum=True)
            for cut in reader.cuts():
                spans.append(cut.span)
                if found is not None:
                    found(cut)
    except MalformedError:
        return scan_exactly(task)
    return Scan(
        source, block_bytes, reader.digest, reader.form, reader.rows, reader.length, tuple(spans), None, stamp
    )


def scan_exactly(task: tuple[Source, int]) -> Scan:
    """Like `scan_extract`, but every record is parsed."""
    source, block_bytes = task
    spans, aside = [], SetAside()
    with unchanged(source) as (held, stamp, _):
        source = replace(source, version=held.version)
        reader = BlockReader(held, block_bytes, find_form=by_names, checksum=True)
        for block in reader:
            spans.append(block.span)
            aside.add(block, reader.form.header_lines)
    return Scan(
        source, block_bytes, reader.digest, reader.form, reader.rows, reader.length, tuple(spans), aside, stamp
    )


@contextlib.contextmanager
def unchanged(source: Source) -> Iterator[tuple[Source, str, int | None]]:
    """Give the file to read, its stamp, the same before and after, unless only one version is read, and its length.

    Raises ExtractError where it changed or cannot be read.
    """
    try:
        with source.held() as held:
            stamp, length = held.stamp_and_length()
            yield held, stamp, length
        if not source.is_pinned and source.stamp() != stamp:
            raise changed(source)
    except FileNotFoundError:
        raise ExtractError(f"{source.shown}: there is no such file") from None
    except OSError as error:
        raise ExtractError(f"{source.shown}: cannot be read ({error.strerror or type(error).__name__})") from None
