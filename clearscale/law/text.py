"""White space around texts of records, as the counties' program took it away."""

from clearscale.encoding import to_bytes, to_text

SPACE = "\t\n\v\f\r \x85\xa0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u2028\u2029\u202f\u205f\u3000"
"""White space as Unicode had it when the counties' program was built (Go's unicode.IsSpace)."""


def trimmed(value: bytes) -> bytes:
    """`value` without leading and trailing Unicode white space; bytes that are not valid UTF-8 are no space."""
    return to_bytes(to_text(value).strip(SPACE))
