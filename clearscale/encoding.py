"""The bytes of a record as text: extracts are read as UTF-8, but nothing promises that they are."""

import contextlib


def to_text(value: bytes) -> str:
    """A record's bytes as text that `to_bytes` turns back into the same bytes."""
    return value.decode("utf-8", "surrogateescape")


def to_bytes(text: str) -> bytes:
    """The bytes that `to_text` read, or those of any other text."""
    return text.encode("utf-8", "surrogateescape")


def readable(value: bytes | str) -> str:
    r"""A record's bytes, or what `to_text` made of them, for people: what is not UTF-8 is escaped (`\xe9`)."""
    return (to_bytes(value) if isinstance(value, str) else value).decode("utf-8", "backslashreplace")


def legible(value: bytes) -> str:
    """A record's bytes as an office reads them: what is not UTF-8 is taken for the bytes that Windows writes.

    For lists and workbooks. Where several texts must stay several, `readable` escapes.
    """
    for encoding in ("utf-8", "cp1252"):
        with contextlib.suppress(UnicodeDecodeError):
            return value.decode(encoding)
    return value.decode("latin-1")
