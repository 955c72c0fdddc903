"""Kinds of files by their first bytes."""

import bz2
import gzip
import lzma

import pytest

from clearscale.io.magic import kind_of

SKIPPED = range(0x50, 0x60)


@pytest.mark.parametrize(
    ("begin", "what", "compression"),
    [
        (gzip.compress(b"x"), "compressed with gzip", "gzip"),
        (bz2.compress(b"x"), "compressed with bzip2", "bz2"),
        (lzma.compress(b"x"), "compressed with xz", "xz"),
        *((bytes([first]) + b"\x2a\x4d\x18" + bytes(4), "compressed with zstd", "zstd") for first in SKIPPED),
        (b"PK\x03\x04" + bytes(30), "a ZIP archive", "zip"),
        (b"PK\x03\x04" + bytes(26) + b"[Content_Types].xml", "an Excel workbook (.xlsx)", None),
        (b"PK\x05\x06" + bytes(18), "an empty ZIP archive", None),
        (b"PAR1" + bytes(9), "a Parquet file", None),
        (bytes(257) + b"ustar\x0000", "a tar archive", None),
    ],
    ids=[
        "gzip",
        "bzip2",
        "xz",
        *(f"zstd {first:x}" for first in SKIPPED),
        "zip",
        "xlsx",
        "empty zip",
        "parquet",
        "tar",
    ],
)
def test_a_kind_is_known_by_its_mark(begin: bytes, what: str, compression: str | None) -> None:
    kind = kind_of(begin)
    assert kind is not None
    assert (kind.what, kind.compression) == (what, compression)
    assert kind.do.endswith(".")


@pytest.mark.parametrize(
    "begin", [b"", b"R", b"RECORD_ID,", b"\xef\xbb\xbfRECORD_ID", b"PARIS,TEXAS", b"PK,1", b"P*M,1"]
)
def test_text_is_no_kind(begin: bytes) -> None:
    assert kind_of(begin) is None
