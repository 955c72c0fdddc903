"""White space around texts of records, as the counties' program took it away."""

from clearscale.encoding import to_bytes, to_text
from clearscale_kernels.text.quoting import WHITE_SPACE

_SPACE = "".join(map(chr, WHITE_SPACE))


def trimmed(value: bytes) -> bytes:
    """`value` without leading and trailing Unicode white space; bytes that are not valid UTF-8 are no space."""
    return to_bytes(to_text(value).strip(_SPACE))
