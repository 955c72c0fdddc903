"""What is said of a file that cannot be read because it is damaged."""

import codecs
import contextlib
import gzip
import zlib
from collections.abc import Iterator

import pyarrow as pa

from clearscale.errors import ExtractError
from clearscale.io.compressed import DecompressionError
from clearscale.io.source import Source

_DAMAGED = (EOFError, zlib.error, gzip.BadGzipFile, DecompressionError)


@contextlib.contextmanager
def explained(source: Source) -> Iterator[None]:
    """Raise ExtractError, in plain words, where a compressed or a Parquet file is damaged."""
    try:
        yield
    except _DAMAGED as error:
        raise ExtractError(
            f"{source.name}: cannot be decompressed ({error}); copy the file again or check its ending"
        ) from None
    except pa.ArrowException:
        # Its words may hold what stands in the file.
        raise ExtractError(f"{source.name}: is damaged Parquet; copy the file again") from None
    except OSError as error:
        if error.errno is not None or error.__cause__ is not None:
            raise
        raise ExtractError(f"{source.name}: is damaged; copy the file again") from None


def require_bytes_of_text(begin: bytes, name: str) -> None:
    """Raise ExtractError where a file's first bytes are none of a text that can be read. name: of the file."""
    if begin[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) or begin[:4096].count(0) > len(begin[:4096]) // 4:
        raise ExtractError(
            f"{name} is encoded as UTF-16, or is no text. Save it as UTF-8: iconv -f UTF-16 -t UTF-8 OLD > NEW"
        )
