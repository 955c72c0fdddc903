"""What is odd about the values of a block's records, looked for while they are at hand as codes."""

import re

import numpy as np

from clearscale.law import state
from clearscale.law.findings import EXAMPLES

from .coding import Coding
from .noticed import Noticed

_ROLES = state().format.roles

_ORDER_BYTES = state().format.order_bytes

_SCIENTIFIC = re.compile(rb"\s*[0-9](\.[0-9]+)?[Ee]\+?[0-9]+\s*")
"""A number as spreadsheets write long ones."""


def notice(coding: Coding, header_lines: int) -> Noticed:
    """Look at a block's usable records. header_lines: of its file, to name lines as a person counts them."""
    block = coding.block
    noticed = Noticed()
    noticed.of["records"] = block.rows.size
    orders, texts = coding.coded(_ROLES.count_order)
    odd = [text for text in texts if not (len(text) == _ORDER_BYTES and text.isdigit())]
    if odd:
        saved = {text for text in odd if _SCIENTIFIC.fullmatch(text)}
        for name, among in (("numbers-of-a-spreadsheet", saved), ("unusual-count-orders", {*odd} - saved)):
            places = np.flatnonzero(np.array([text in among for text in texts], np.bool_)[orders])
            noticed.note(name, places.size, block.lines[places[:EXAMPLES]] + header_lines)
    return noticed
