"""Bytes of a record as text: lossless for the machine, escaped for people."""

from hypothesis import given
from hypothesis import strategies as st

from clearscale.encoding import readable, to_bytes, to_text


@given(st.binary())
def test_text_keeps_every_byte(value: bytes) -> None:
    assert to_bytes(to_text(value)) == value


@given(st.binary())
def test_what_people_read_is_the_same_of_bytes_and_of_their_text(value: bytes) -> None:
    assert readable(to_text(value)) == readable(value)
    readable(value).encode("utf-8")


def test_what_is_not_utf8_is_escaped_for_people() -> None:
    assert readable("CAÑADA".encode()) == "CAÑADA"
    assert readable(b"CA\xd1ADA") == "CA\\xd1ADA"
    assert to_text(b"CA\xd1ADA") == "CA\udcd1ADA"
