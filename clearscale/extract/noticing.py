"""What is odd about the values of a block's records, looked for while they are at hand as codes."""

import numpy as np

from clearscale.law import state

from .coding import Coding
from .noticed import Noticed

_ROLES = state().format.roles

_ORDER_BYTES = state().format.order_bytes


def notice(coding: Coding, header_lines: int) -> Noticed:
    """Look at a block's usable records. header_lines: of its file, to name lines as a person counts them."""
    block = coding.block
    noticed = Noticed()
    noticed.of["records"] = block.rows.size
    codes, texts = coding.coded(_ROLES.count_order)
    odd = np.array([not (len(text) == _ORDER_BYTES and text.isdigit()) for text in texts], np.bool_)
    if odd.any():
        places = np.flatnonzero(odd[codes])
        noticed.note("unusual-count-orders", places.size, block.lines[places[:5]] + header_lines)
    return noticed
