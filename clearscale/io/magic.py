"""What a file is by its first bytes, whatever its name says."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """A kind of file that is no text.

    Parameters
    ----------
    what
        Its name, to stand behind "it is".
    do
        What a person does about one that was handed in as an extract.
    compression
        Its name among compressions that are read, None for other kinds.
    ending
        Of names of files of a compression.
    """

    what: str
    do: str
    compression: str | None = None
    ending: str = ""


def _compressed(what: str, ending: str, compression: str) -> Kind:
    return Kind(what, f"Give its name the ending {ending}, by which it is decompressed.", compression, ending)


_EXPORT = (
    "Save its sheet or table as CSV; a spreadsheet changes numbers and dates, so the file as it was sent is better."
)
_UNPACK = "Take the extract out of it."
_ANOTHER = "Name the extract itself."

_ZIP = _compressed("a ZIP archive", ".zip", "zip")
_WORKBOOK = Kind("an Excel workbook (.xlsx)", _EXPORT)
_TAR = Kind("a tar archive", _UNPACK)
_ZSTD = _compressed("compressed with zstd", ".zst", "zstd")

_SKIPPED = range(0x50, 0x60)
"""First bytes of frames of zstd without content. Every file of `pzstd` begins with one."""

_BY_BEGIN: dict[bytes, Kind] = {
    b"\x1f\x8b": _compressed("compressed with gzip", ".gz", "gzip"),
    b"\x28\xb5\x2f\xfd": _ZSTD,
    **{bytes([first]) + b"\x2a\x4d\x18": _ZSTD for first in _SKIPPED},
    b"BZh": _compressed("compressed with bzip2", ".bz2", "bz2"),
    b"\xfd7zXZ\0": _compressed("compressed with xz", ".xz", "xz"),
    b"PK\x03\x04": _ZIP,
    b"PK\x05\x06": Kind("an empty ZIP archive", "Ask for the file again."),
    b"7z\xbc\xaf\x27\x1c": Kind("a 7z archive", _UNPACK),
    b"Rar!\x1a\x07": Kind("a RAR archive", _UNPACK),
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": Kind("an old Office file, such as an Excel workbook (.xls)", _EXPORT),
    b"PAR1": Kind("a Parquet file", "Extracts are CSV; write the table as CSV in the columns of the format."),
    b"ARROW1": Kind("an Arrow file", "Extracts are CSV; write the table as CSV in the columns of the format."),
    b"SQLite format 3\0": Kind("an SQLite database", "Extracts are CSV; write the table as CSV."),
    b"%PDF-": Kind("a PDF file", _ANOTHER),
    b"\x7fELF": Kind("a program", _ANOTHER),
}

_TAR_MARK, _TAR_AT = b"ustar", 257


def kind_of(begin: bytes) -> Kind | None:
    """The kind of file that begins with these bytes, None for text and what is not known.

    Parameters
    ----------
    begin
        Its first bytes, a thousand or more where there are so many.

    Returns
    -------
    Kind or None
    """
    if begin[_TAR_AT : _TAR_AT + len(_TAR_MARK)] == _TAR_MARK:
        return _TAR
    kind = next((kind for mark, kind in _BY_BEGIN.items() if begin.startswith(mark)), None)
    if kind is _ZIP and (b"[Content_Types].xml" in begin or b"xl/" in begin):
        return _WORKBOOK
    return kind
