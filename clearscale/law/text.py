"""Code sections as they stand in a record's text."""

from clearscale.encoding import to_bytes, to_text

SEE_COMMENT = "SEE COMMENT FOR CHARGE"

SPACE = "\t\n\v\f\r \x85\xa0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u2028\u2029\u202f\u205f\u3000"
"""White space as Unicode had it when the counties' program was built (Go's unicode.IsSpace)."""


def trimmed(value: bytes) -> bytes:
    """`value` without leading and trailing Unicode white space; bytes that are not valid UTF-8 are no space."""
    return to_bytes(to_text(value).strip(SPACE))


def charge_is_in_comment(offense_description: bytes) -> bool:
    """Whether OFFENSE_DESCR leaves the charge to COMMENT_TEXT: it is blank or says so."""
    return trimmed(offense_description) in (b"", SEE_COMMENT.encode())


def code_section(text: bytes) -> bytes:
    """The text up to its first hyphen, not trimmed, in the case it has."""
    return text.partition(b"-")[0]
